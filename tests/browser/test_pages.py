"""The pages themselves: axe finds nothing, nothing runs off the side, and keys and script-less browsers suffice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import FollowUp, answer_links
from patients.models.answer_links import Answer, Link
from portal import keys
from portal.channels import stopping
from tests import make
from tests.access.matrix import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHAPES: dict[str, dict[str, Any]] = {
    "a desk, light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "a phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
SignIn = Callable[..., Page]
OpenBrowser = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def pages_of(world: World) -> dict[str, list[str]]:
    """Who looks at what; the pages of Alice's case with one of everything on it."""
    case = world.triaged()
    result = make.make_released(world.result(), by=world.nadia)
    make.make_reply(case, by=world.nadia)
    make.make_message(case)
    promised = world.followup()
    FollowUp.objects.filter(pk=promised.pk).update(call_at=timezone.now(), call_reason="high_risk")
    world.dead_delivery()
    world.reported()
    world.consent()
    desk = f"/cases/{case.ref}/"
    answer, draft = world.published(), world.drafted()
    pending, enrolled = world.invitation(), world.enrolled()
    make.make_patient_invitation(enrolled, by=world.nadia)
    visit, question = make.visit_of(world.alice), world.access_question()
    world.number()
    world.stopped()
    asked = [
        "/my/access-log/",
        f"/my/access-log/ask/{visit['first']}/{visit['last']}/",
        f"/my/access-log/questions/{question.pk}/",
    ]
    assert world.alice.user
    link = Link(promised.pk, world.alice.user.pk, promised.sequence)
    from_mail = [answer_links.address(link, Answer.CANCEL), stopping.address(world.alice.user.pk)]
    return {
        "visitor": ["/", "/search/?q=tremor", answer.get_absolute_url(), "/help-now/", *from_mail],
        "alice": ["/my/", f"/my/cases/{case.ref}/", f"/my/results/{result.pk}/", "/ask/", "/my/contact/",
                  f"/my/follow-ups/{promised.pk}/", *asked],
        "nadia": ["/clinic/", "/clinic/calls/", desk, f"{desk}results/record/", f"{desk}publish/"],
        "cora": ["/clinic/enrol/", f"/clinic/enrol/{enrolled.pk}/"],
        "curt": ["/curate/", f"/curate/questions/{draft.pk}/"],
        "percy": [
            "/manage/audit/",
            f"/manage/audit/{visit['last']}/",
            "/manage/access-questions/",
            f"/manage/access-questions/{question.pk}/",
        ],
        "ada": [
            "/manage/deliveries/", "/manage/people/", "/manage/people/invite/", f"/manage/people/{world.nadia.pk}/",
        ],
        "bob": [f"/invite/{keys.key_to('portal.invitation', str(pending.pk))}/"],
    }  # fmt: skip


def test_no_page_has_a_fault_that_axe_knows_or_runs_off_the_side(
    sign_in: SignIn, open_browser: OpenBrowser, violations: Violations
) -> None:
    world = World()
    found: list[str] = []
    for who, addresses in pages_of(world).items():
        page = open_browser() if who == "visitor" else sign_in(world.person(who))
        for address in addresses:
            answer = page.goto(address)
            assert answer
            assert answer.status == 200, address
            found += in_each_shape(page, violations)
    assert found == []


def in_each_shape(page: Page, violations: Violations) -> list[str]:
    """Of the page as it stands: a browser is turned and its colours changed without loading it again."""
    found: list[str] = []
    for shape, options in SHAPES.items():
        page.set_viewport_size(options["viewport"])
        page.emulate_media(color_scheme=options["color_scheme"])
        found += [f"{shape}: {fault}" for fault in [*violations(page), *too_wide(page)]]
    return found


def too_wide(page: Page) -> list[str]:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{page.url} scrolls sideways"] if wide else []


def test_the_work_list_by_keyboard(sign_in: SignIn) -> None:
    world = World()
    for name in ("Bea Brook", "Cem Cole"):
        make.make_case(make.make_patient(name), world.neurology)
    page = sign_in(world.nadia)
    page.goto("/clinic/")
    links = page.locator("[data-row] [data-open]")
    expect(links).to_have_count(3)
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    name = links.nth(1).inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/F-*/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    # What is typed there is text, not a command.
    page.keyboard.type("jk/")
    expect(page.get_by_role("searchbox").first).to_have_value("jk/")


def test_a_question_is_asked_without_a_script(open_browser: OpenBrowser) -> None:
    make.make_department("General practice")
    alice = make.make_patient("Alice Ash")
    assert alice.user
    alice.user.set_password(make.PASSWORD)
    alice.user.save()
    page = open_browser(java_script_enabled=False)
    page.goto("/ask/")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(alice.user.email)
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/ask/")
    page.get_by_role("button", name="Send my question").last.click()
    expect(page.get_by_role("alert")).to_contain_text("What is it about?")
    page.get_by_label("What is it about?").fill("I wake at three")
    page.get_by_label("What happened?").fill("For a month I have woken at three and lain awake.")
    page.get_by_label("Question 1").fill("Is it my heart?")
    page.get_by_role("button", name="Add another medicine").click()
    expect(page.get_by_label("What is it about?")).to_have_value("I wake at three")
    page.get_by_role("button", name="Send my question").last.click()
    page.wait_for_url(re.compile(r"/ask/sent/F-\d+/"))
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"F-\d+"))
