"""One case, end to end, through the pages: asked, triaged, read beside its results, stopped at a dose that can't be,
answered, promised again, reminded, and told to all with consent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from faq.actions import questions, topics
from faq.models import Question
from patients.models import Case, Consent, FollowUp, Reminder
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import Delivery, Department, User
from tests import make
from tests.sink import Sink, smtp_sink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Calves and eyelids that twitch for weeks"
SignIn = Callable[..., Page]
# What no mail may say.
CLINICAL = re.compile(
    r"twitch|nerve|neurolog|eeg|thyroid|pramipexole|ropinirole|muscle|doctor|result|medicine|diagnos", re.IGNORECASE
)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


def press(button: Locator) -> None:
    """Press it, and wait for the page that it leads to."""
    with button.page.expect_navigation():
        button.click()


def button(page: Page, name: str) -> None:
    press(page.get_by_role("button", name=re.compile(name)).first)


def test_a_case_from_question_to_kept_follow_up(sign_in: SignIn, open_browser: Callable[..., Page], sink: Sink) -> None:
    neurology = make.make_department("Neurology", description="Twitching, numbness, headache")
    general = make.make_department("General practice")
    mira = make.make_patient("Mira Moss")
    hana = make.make_user("Hana Holm", role=Role.CLINICIAN, department=neurology)
    tess = make.make_user("Tess Thorn", role=Role.TRIAGE)
    curt, carla = (make.make_user(name, role=Role.CURATOR) for name in ("Curt Crane", "Carla Cray"))

    ref = ask(sign_in(mira))
    triage(sign_in(tess), ref, general, neurology)
    desk = sign_in(hana)
    see_it_on_the_work_list(desk, ref)
    record_and_release(desk, ref)
    meet_the_hard_stop(desk, ref)
    answer(desk, ref)
    promise(desk, ref)
    be_reminded(ref, sink)
    read_it(sign_in(mira), ref)
    suggest(desk, ref)
    agree(sign_in(mira))
    publish_another(neurology, curt, carla)
    publish(sign_in(curt), sign_in(carla))
    find_it(open_browser())


def ask(page: Page) -> str:
    page.goto("/ask/")
    button(page, "Send my question")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("What is it about?").fill("Twitching calves and eyelids")
    page.get_by_label("What happened?").fill("For two months my calves and eyelids have twitched.")
    page.get_by_label("Question 1").fill("Could a nerve be inflamed?")
    page.get_by_label("Question 2").fill("Have you seen this before?")
    for position, (name, dose) in enumerate([("ropinirole", "0.5"), ("pramipexole", "50")]):
        if position:
            button(page, "Add another medicine")
        page.locator(f"[name=medicine-{position}-medicine]").fill(name)
        page.locator(f"[name=medicine-{position}-dose]").fill(dose)
        page.locator(f"[name=medicine-{position}-dose_unit]").select_option("mg")
    # What was typed is still there after the row was added.
    expect(page.locator("[name=medicine-0-medicine]")).to_have_value("ropinirole")
    press(page.get_by_role("button", name="Send my question").last)
    page.wait_for_url("**/ask/sent/**")
    expect(page.get_by_role("main")).to_contain_text("pramipexole", ignore_case=True)
    expect(page.get_by_role("main")).to_contain_text(re.compile("don.t take", re.IGNORECASE))
    return str(re.findall(r"F-\d+", page.url)[-1])


def triage(page: Page, ref: str, first: Department, neurology: Department) -> None:
    assert Case.objects.get(number=Case.number_of(ref)).department == first
    page.goto("/clinic/triage/")
    page.get_by_role("link", name="Mira Moss", exact=True).click()
    page.wait_for_url(f"**/cases/{ref}/**")
    form = page.locator("form[action*='/triage/']")
    form.get_by_label("Department").select_option(label=neurology.name)
    press(form.get_by_role("button"))
    # No answer is given for one: how soon must be said, and what was chosen is kept.
    expect(page.get_by_role("alert").first).to_be_visible()
    form.get_by_label("Soon", exact=True).check()
    expect(form.get_by_label("Department")).to_have_value(str(neurology.pk))
    press(form.get_by_role("button"))
    assert Case.objects.get(number=Case.number_of(ref)).department == neurology


def see_it_on_the_work_list(page: Page, ref: str) -> None:
    page.goto("/clinic/")
    row = page.get_by_role("row").filter(has_text="Mira Moss")
    expect(row).to_contain_text("Resolve medicine stop")
    expect(row).to_contain_text(ref)
    told = page.request.get("/api/v1/clinic/").json()
    assert [each["ref"] for each in told["rows"]] == [ref]
    row.get_by_role("link", name="Mira Moss", exact=True).click()
    page.wait_for_url(f"**/cases/{ref}/**")


def record_and_release(page: Page, ref: str) -> None:
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()

    def begin(kind: str, title: str) -> None:
        page.goto(f"/cases/{ref}/results/record/?kind={kind}")
        page.get_by_label("Name of the test").fill(title)
        page.get_by_label("Date of the test").fill(yesterday)
        page.get_by_label("Sample data").check()

    def row(position: int, values: dict[str, str]) -> None:
        for name, value in values.items():
            field = page.locator(f"[name=measurements-{position}-{name}]")
            field.select_option(value) if name in {"study_type", "side"} else field.fill(value)

    begin("nerve_conduction", "Nerve conduction, left arm")
    place = {"study_type": "motor", "nerve": "ulnar", "side": "left", "recording_site": "abductor digiti minimi (ADM)"}
    row(0, {**place, "stimulation_site": "wrist", "latency_ms": "2.8", "amplitude": "9.8"})
    far = {"stimulation_site": "below elbow", "latency_ms": "6.5", "amplitude": "9.5", "distance_mm": "215"}
    row(1, {**place, **far, "velocity_m_s": "85.1"})
    button(page, "Record")
    # 215 mm in 3.7 ms is 58.1 m/s: a typing error, named, and nothing typed is lost.
    expect(page.get_by_role("main")).to_contain_text("58.1")
    expect(page.locator("[name=measurements-1-nerve]")).to_have_value("ulnar")
    page.locator("[name=measurements-1-velocity_m_s]").fill("58.1")
    button(page, "Record")
    page.wait_for_url(f"**/cases/{ref}/**")

    begin("eeg", "EEG")
    page.get_by_label("Length, minutes").fill("30")
    page.get_by_label("Channels").fill("21")
    page.get_by_label("Background activity").fill("10 Hz posterior rhythm, symmetrical.")
    page.get_by_label(re.compile("significance", re.IGNORECASE)).select_option("normal")
    button(page, "Record")
    page.wait_for_url(f"**/cases/{ref}/**")

    begin("laboratory", "Thyroid panel")
    page.locator("[name=observations-0-loinc]").select_option("3016-3")
    for name, value in {"value": "4.3", "unit": "m[IU]/L", "low": "0.4", "high": "4.0"}.items():
        page.locator(f"[name=observations-0-{name}]").fill(value)
    button(page, "Record")
    page.wait_for_url(f"**/cases/{ref}/**")

    for number in range(3):
        page.goto(f"/cases/{ref}/")
        page.get_by_text("Say it in plain words, and release").first.click()
        page.locator("textarea[name=comment]").first.fill("We go through this with you at the visit.")
        if number == 2:
            promise_the_repeat(page.locator("form[action*='/release/']").first)
        press(page.locator("form[action*='/release/'] button").first)
    case = Case.objects.get(number=Case.number_of(ref))
    assert case.results.released().count() == 3
    page.goto(f"/cases/{ref}/")
    expect(page.locator(".fc-abn").filter(has_text="4.3")).to_be_visible()


def promise_the_repeat(form: Locator) -> None:
    form.get_by_text("Plan the follow-up with it").click()
    form.locator("[name=followup-period][value='3m']").check(force=True)
    form.locator("[name=followup-kind]").select_option("test_repeat")
    form.locator("[name=followup-reason]").fill("Measure the thyroid again")


def meet_the_hard_stop(page: Page, ref: str) -> None:
    page.goto(f"/cases/{ref}/")
    expect(page.get_by_role("main")).to_contain_text("33 times")
    expect(page.get_by_role("main")).to_contain_text("11 times")
    page.get_by_text("Prescribe a medicine").click()
    form = page.locator("form[action*='/medicines/prescribe/']")
    form.locator("[name=medicine]").fill("pramipexole")
    form.locator("[name=dose]").fill("50")
    form.locator("[name=dose_unit]").select_option("mg")
    form.locator("[name=route]").select_option("oral")
    form.locator("[name=times_a_day]").fill("1")
    press(form.locator("button").last)
    expect(page.get_by_role("main")).to_contain_text("33 times")
    expect(page.get_by_role("main")).to_contain_text(re.compile("dopamine agonist", re.IGNORECASE))
    expect(page.locator("form[action*='/medicines/prescribe/'] [name=medicine]")).to_have_value("pramipexole")
    assert Case.objects.get(number=Case.number_of(ref)).prescriptions.filter(origin="prescribed").count() == 0
    page.goto(f"/cases/{ref}/")
    button(page, "Tell patient not to take it")
    held = Case.objects.get(number=Case.number_of(ref)).prescriptions.get(medicine="pramipexole")
    assert held.status == "on_hold"


def answer(page: Page, ref: str) -> None:
    page.goto(f"/cases/{ref}/")
    form = page.locator("form[action*='/reply/']")
    form.locator("[name=body]").fill("Please leave the second tablet until we have seen its box.")
    form.locator("[name=safety_net]").fill("Call us the same day if a hand or foot becomes weak.")
    button(page, "Send the reply")
    # Both questions want an outcome first; the text is kept.
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(form.locator("[name=body]")).to_have_value(re.compile("second tablet"))
    for position in range(2):
        question = form.locator("fieldset fieldset.fc-presets").nth(position)
        question.get_by_label("Answered", exact=True).check(force=True)
    button(page, "Send the reply")
    assert Case.objects.get(number=Case.number_of(ref)).status == "answered"


def promise(page: Page, ref: str) -> None:
    page.goto(f"/cases/{ref}/")
    form = page.locator("form[action*='/follow-ups/plan/']")
    form.locator("[name=period][value='1m']").check(force=True)
    form.locator("[name=reason]").fill("See how it goes, and look at the boxes together")
    press(form.get_by_role("button"))
    followup = FollowUp.objects.get(case__number=Case.number_of(ref), kind="visit")
    assert followup.due_on.weekday() < 5
    assert Reminder.objects.filter(followup=followup).count() == 3


def be_reminded(ref: str, sink: Sink) -> None:
    """The rows go out by SMTP at their time, and say nothing clinical."""
    deliveries.deliver_due()
    for reminder in Reminder.objects.filter(case__number=Case.number_of(ref)).order_by("due_at"):
        with time_machine.travel(reminder.due_at + timedelta(seconds=1), tick=False):
            deliveries.deliver_due()
        assert set(reminder.tellings.values_list("delivery__state", flat=True)) == {"sent"}
    with acting_as(SYSTEM):
        assert not Delivery.objects.exclude(state="sent").exists()
    assert len(sink.mails) >= 5
    for mail in sink.mails:
        said = " ".join((mail["Subject"], mail["From"], mail["Message-ID"], mail.get_content()))
        assert not CLINICAL.search(said), said


def read_it(page: Page, ref: str) -> None:
    page.goto(f"/my/cases/{ref}/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("second tablet")
    expect(main).to_contain_text("a hand or foot becomes weak")
    expect(main).to_contain_text(re.compile("don.t take", re.IGNORECASE))
    page.goto("/my/results/")
    page.get_by_role("link", name="Thyroid panel").click()
    expect(main).to_contain_text("We go through this with you at the visit.")
    expect(main).to_contain_text("4.3")
    expect(main).not_to_contain_text(re.compile("abnormal", re.IGNORECASE))
    followup = FollowUp.objects.get(case__number=Case.number_of(ref), kind="visit")
    page.goto(f"/my/follow-ups/{followup.pk}/")
    press(page.locator("form[action*='/confirm/'] button"))
    followup.refresh_from_db()
    assert followup.status == "confirmed"


def suggest(page: Page, ref: str) -> None:
    page.goto(f"/cases/{ref}/publish/")
    form = page.locator("form[action*='/publish/suggest/']")
    form.locator("[name=title]").fill(TITLE)
    form.locator("[name=body]").fill(
        "Small muscles have twitched for weeks, in the calves and the eyelids. Could a nerve be inflamed?"
    )
    form.locator("[name=answer]").fill("Twitching alone is common. Weakness is the sign to watch for.")
    press(form.get_by_role("button").last)


def agree(page: Page) -> None:
    page.goto("/my/consents/")
    page.get_by_role("main").get_by_role("link").filter(has_text=re.compile("twitch", re.IGNORECASE)).first.click()
    expect(page.get_by_role("main")).to_contain_text("Weakness is the sign to watch for.")
    form = page.locator("form[action*='/answer/']")
    form.get_by_role("radio").first.check(force=True)
    press(form.get_by_role("button"))
    assert Consent.objects.get().status == "active"


def publish(writer: Page, approver: Page) -> None:
    """One curator gives it a topic and an article; another approves both."""
    writer.goto("/curate/topics/new/")
    writer.get_by_label("Name").fill("Muscle twitching")
    writer.get_by_label("Department").select_option(label="Neurology")
    writer.get_by_label("Other words for it").fill("jumping muscles")
    button(writer, "Add the topic")

    writer.goto("/curate/articles/new/")
    writer.get_by_label("Title").fill("Why muscles twitch")
    writer.get_by_label("Department").select_option(label="Neurology")
    writer.get_by_label("Text").fill("## What it is\n\nSmall twitches come and go in most people.")
    button(writer, "Save the draft")
    writer.wait_for_url("**/curate/articles/**")
    article = writer.url
    press(writer.locator("form[action*='/submit/'] button").first)
    approver.goto(article)
    press(approver.locator("form[action*='/approve/'] button").first)

    writer.goto("/curate/")
    writer.get_by_role("link", name=TITLE).click()
    writer.wait_for_url("**/curate/questions/**")
    question = writer.url
    writer.get_by_label("Topics").fill("Muscle twitching")
    writer.get_by_label("Article that explains more").select_option(label="Why muscles twitch")
    button(writer, "Save a new version")
    writer.goto(question)
    press(writer.locator("form[action*='/submit/'] button").first)
    approver.goto(question)
    press(approver.locator("form[action*='/publish/'] button").first)
    assert Question.objects.get(title=TITLE).status == "published"


def find_it(page: Page) -> None:
    """A reader without an account, who can't spell: the answer, its article, a similar question and its topic."""
    page.goto("/")
    page.get_by_role("searchbox").first.fill("eyelids twiching")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    page.get_by_role("link", name=TITLE).click()
    page.wait_for_url("**/neurology/**")
    expect(page.locator("body")).to_contain_text("Weakness is the sign to watch for.")
    expect(page.locator("body")).to_contain_text("Small twitches come and go in most people.")
    expect(page.get_by_role("link", name="Eyelid that twitches at the screen").first).to_be_visible()
    expect(page.get_by_role("link", name="Muscle twitching").first).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Mira")


def publish_another(department: Department, writer: User, approver: User) -> None:
    """What was in the library already."""
    with acting_as(SYSTEM):
        hana = make.make_user("Olga Older", role=Role.CLINICIAN, department=department)
    with acting_as(hana):
        row = questions.suggest(
            department,
            by=hana,
            title="Eyelid that twitches at the screen",
            body="One eyelid has twitched for weeks, mostly in the evening.",
            answer="That is common, and mostly passes with rest.",
            answered_by=hana,
            needs_consent=False,
        )
    with acting_as(writer):
        row = questions.edit(
            row, by=writer, version=row.version, topics=[topics.add(department, by=writer, name="Eyelids")]
        )
        row = questions.submit(row, by=writer)
    with acting_as(approver):
        questions.publish(row, by=approver)


def test_the_cast_is_told_apart(sign_in: SignIn) -> None:
    """Another patient's case, by its address: as if it weren't there."""
    case = make.make_case(make.make_patient("Alice Ash"), make.make_department("Neurology"))
    page = sign_in(make.make_patient("Bob Birch"))
    answer = page.goto(f"/my/cases/{case.ref}/")
    assert answer
    assert answer.status == 404
