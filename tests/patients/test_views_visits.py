"""Who opened my record, by visits; and a way to ask about one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import AccessQuestion, Case, Patient
from patients.views import visit_words
from portal.models import AuditEvent, Delivery, Notification, User
from portal.models.deliveries import Purpose
from portal.visits import STRETCH, VisitPager
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | Patient], Client]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(patient: Patient, by: User | UUID | None, minutes: float, name: str, kind: str = "read") -> AuditEvent:
    return AuditEvent.objects.create(
        kind=kind,
        name=name,
        actor_id=by.pk if isinstance(by, User) else by,
        actor_name="account" if by else "system",
        people=[patient.pk],
        created_at=NOON + timedelta(minutes=minutes),
    )


def lines(answer: object) -> list[str]:
    """Each visit as a reader hears it: the time, then the sentence."""
    page = unescape(answer.content.decode())  # type: ignore[attr-defined]
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)<p class=\"fc-log__ask\"", page, re.S)
    return [" ".join(re.sub("<[^>]+>", " ", f"{time} {said}").split()) for time, said in found]


@pytest.fixture
def mine(alice: Patient, as_user: SignIn) -> Client:
    return as_user(alice)


def test_one_stretch_is_one_visit_in_words(alice: Patient, mine: Client, nadia: User) -> None:
    User.objects.filter(pk=nadia.pk).update(title="neurologist")
    for minutes, name in ((0, "read patients.result"), (5, "read patients.prescription"), (6, "read patients.result")):
        event(alice, nadia, minutes, name)
    event(alice, nadia, 17, "cases.reply", "verb")
    assert lines(mine.get("/my/access-log/")) == [
        "12:00–12:17 Nadia North, neurologist looked at your results and medicines, and answered you."
    ]


def test_a_pause_ends_a_visit_and_others_between_do_not(alice: Patient, mine: Client, nadia: User, tessa: User) -> None:
    event(alice, nadia, 0, "read patients.case")
    event(alice, tessa, 10, "cases.triage", "verb")
    event(alice, nadia, 30, "read patients.result")
    event(alice, nadia, 60.1, "read patients.message")
    assert lines(mine.get("/my/access-log/")) == [
        "13:00 Nadia North, Clinician looked at your messages.",
        "12:00–12:30 Nadia North, Clinician looked at your case and results.",
        "12:10 Tessa Thorn, Triage decided how soon and by whom your case is read.",
    ]


def test_a_refusal_is_said_as_one(alice: Patient, mine: Client, karl: User) -> None:
    event(alice, karl, 0, "read patients.case", "refusal")
    event(alice, karl, 1, "cases.reply", "refusal")
    event(alice, uuid4(), 2, "read patients.case", "refusal")
    event(alice, None, 3, "read patients.case")
    event(alice, None, 4, "cases.reply", "refusal")
    assert lines(mine.get("/my/access-log/")) == [
        "12:03–12:04 The clinic's system looked at your case. Tried, and was refused: answered you.",
        "12:02 An account that no longer exists tried, and was refused: looked at your case.",
        "12:00–12:01 Karl Kern, Clinician tried, and was refused: looked at your case, and answered you.",
    ]


def test_access_past_the_walls_is_marked(alice: Patient, mine: Client, karl: User) -> None:
    event(alice, karl, 0, "emergencies.break_glass", "verb")
    event(alice, karl, 1, "read patients.case")
    [line] = lines(mine.get("/my/access-log/"))
    assert "Emergency access" in line
    assert "opened your record in an emergency" in line


def test_a_deed_without_words_keeps_its_name(alice: Patient, mine: Client, karl: User) -> None:
    event(alice, karl, 0, "wonders.do", "verb")
    event(alice, karl, 0, "read wonders.wonder")
    event(alice, karl, 60, "read wonders.wonder")
    event(alice, karl, 60, "read patients.case")
    assert lines(mine.get("/my/access-log/")) == [
        "13:00 Karl Kern, Clinician looked at your case and more.",
        "12:00 Karl Kern, Clinician looked at something in your record, and did something in your record (wonders.do).",
    ]


def test_a_visit_over_midnight_says_both_days(alice: Patient, mine: Client, nadia: User) -> None:
    event(alice, nadia, 12 * 60 - 5, "read patients.case")
    event(alice, nadia, 12 * 60 + 5, "read patients.result")
    [line] = lines(mine.get("/my/access-log/"))
    assert line.startswith("2 Mar, 23:55–00:05 ")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), max_size=40), st.integers(1, 4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_pages_cut_no_visit_and_lose_none(alice: Patient, moments: list[tuple[int, int]], size: int) -> None:
    """Whatever the order of people and times: all pages forwards, and back, are the visits counted by hand."""
    actors = [uuid4() for _number in range(4)]
    person = uuid4()
    for who, minute in moments:
        AuditEvent.objects.create(
            kind="read", name="read x", actor_id=actors[who], actor_name="account", people=[person],
            created_at=NOON + timedelta(minutes=minute),
        )  # fmt: skip
    expected = by_hand([(actors[who], NOON + timedelta(minutes=minute)) for who, minute in moments])
    rows = AuditEvent.objects.about(person)
    forwards, pages, asked = [], 0, QueryDict("")
    while True:
        pager = VisitPager(asked, size=size)
        pager(rows)
        forwards += [(visit.event.actor_id, visit.began, visit.ended) for visit in pager.visits]
        pages += 1
        if not pager.older:
            break
        asked = QueryDict(pager.older[1:])
    assert sorted(forwards, key=str) == sorted(expected, key=str)
    assert [ended for _who, _began, ended in forwards] == sorted((e for _w, _b, e in expected), reverse=True)
    back = [(visit.event.actor_id, visit.began, visit.ended) for visit in pager.visits]
    while pager.newer:
        pager = VisitPager(QueryDict(pager.newer[1:]), size=size)
        pager(rows)
        back = [(visit.event.actor_id, visit.began, visit.ended) for visit in pager.visits] + back
    assert back == forwards


def by_hand(moments: list[tuple[UUID, datetime]]) -> list[tuple[UUID, datetime, datetime]]:
    found: list[tuple[UUID, datetime, datetime]] = []
    for actor in {actor for actor, _at in moments}:
        times = sorted(at for who, at in moments if who == actor)
        start = times[0]
        for at, after in zip(times, [*times[1:], None], strict=True):
            if after is None or after - at > STRETCH:
                found.append((actor, start, at))
                start = after or at
    return found


def test_however_many_visits_the_page_costs_the_same(alice: Patient, mine: Client, nadia: User, tessa: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert mine.get("/my/access-log/").status_code == 200
        return len(asked)

    event(alice, nadia, 0, "read patients.case")
    few = cost()
    for number in range(80):
        event(alice, tessa if number % 2 else nadia, number * 40, "read patients.case")
    assert cost() == few
    assert len(lines(mine.get("/my/access-log/"))) == 15


@pytest.mark.parametrize("cursor", ["x", "_", "2026-01-01_x", f"2026-01-01T00:00:00_{UUID(int=7)}", "9999-99-99_x"])
def test_a_cursor_that_is_none_shows_the_first_page(alice: Patient, mine: Client, nadia: User, cursor: str) -> None:
    event(alice, nadia, 0, "read patients.case")
    assert len(lines(mine.get("/my/access-log/", {"before": cursor}))) == 1


def test_words_are_joined_as_people_do() -> None:
    assert visit_words.listed([]) == ""
    assert visit_words.listed(["a"]) == "a"
    assert visit_words.listed(["a", "b", "c"]) == "a, b and c"


@pytest.fixture
def seen(alice: Patient, nadia: User) -> list[AuditEvent]:
    return [event(alice, nadia, minutes, "read patients.case") for minutes in (0, 10)]


def ask_at(first: AuditEvent, last: AuditEvent) -> str:
    return f"/my/access-log/ask/{first.pk}/{last.pk}/"


def test_a_visit_is_asked_about_and_answered(
    mine: Client, seen: list[AuditEvent], percy: User, as_user: SignIn, alice: Patient
) -> None:
    page = mine.get("/my/access-log/").content.decode()
    assert ask_at(*seen) in page
    assert "looked at your case" in mine.get(ask_at(*seen)).content.decode()
    sent = mine.post(ask_at(*seen), {"text": "Why, Canary-ask?"}, follow=True).content.decode()
    assert "The privacy officer answers it here" in sent
    asked = AccessQuestion.objects.get()
    assert (asked.began_at, asked.ended_at, asked.actor_id) == (NOON, NOON + timedelta(minutes=10), seen[0].actor_id)
    [told] = Notification.objects.filter(user=percy)
    assert told.path == f"/manage/access-questions/{asked.pk}/"
    officer = as_user(percy)
    assert "Canary-ask" in officer.get("/manage/access-questions/").content.decode()
    shown = officer.get(told.path).content.decode()
    assert "Nadia North" in shown
    assert alice.record_number in shown
    assert "Alice" not in shown
    assert "Ash" not in shown
    officer.post(told.path, {"text": "She answered your question, Canary-answer."})
    [back] = Notification.objects.filter(user=alice.user, purpose=Purpose.ACCESS_ANSWER)
    answer = mine.get(back.path).content.decode()
    assert "Canary-answer" in answer
    assert "Percy Penn" in answer
    assert "I have read this" in answer
    assert officer.post(told.path, {"text": "Another"}).status_code == 409
    assert "Canary-ask" not in officer.get("/manage/access-questions/").content.decode()
    assert "Canary-ask" in officer.get("/manage/access-questions/?answered=1").content.decode()
    assert AccessQuestion.objects.get().answer == "She answered your question, Canary-answer."
    for mail in Delivery.objects.all():
        assert "Canary" not in str(mail.words)


def test_that_the_officer_read_it_is_on_my_record(
    mine: Client, seen: list[AuditEvent], percy: User, as_user: SignIn, alice: Patient
) -> None:
    asked = make.make_access_question(alice)
    as_user(percy).get(f"/manage/access-questions/{asked.pk}/")
    assert any(
        "Percy Penn" in line and "questions about who looked" in line for line in lines(mine.get("/my/access-log/"))
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_a_question_that_is_none_comes_back(mine: Client, seen: list[AuditEvent], text: str) -> None:
    answer = mine.post(ask_at(*seen), {"text": text})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not AccessQuestion.objects.exists()


def test_the_same_visit_is_asked_about_once_until_answered(mine: Client, seen: list[AuditEvent], percy: User) -> None:
    assert mine.post(ask_at(*seen), {"text": "Why?"}).status_code == 302
    again = mine.post(ask_at(*seen), {"text": "Why, again?"})
    assert again.status_code == 409
    assert "wait for an answer" in again.content.decode()


def test_only_visits_to_my_own_record_can_be_asked_about(
    mine: Client, seen: list[AuditEvent], bob: Patient, nadia: User, tessa: User, alice: Patient, as_user: SignIn
) -> None:
    his, hers = event(bob, nadia, 0, "read patients.case"), event(alice, tessa, 5, "read patients.case")
    for first, last in ((his, his), (seen[0], his), (seen[0], hers)):
        assert mine.get(ask_at(first, last)).status_code == 404
        assert mine.post(ask_at(first, last), {"text": "Why?"}).status_code == 404
    assert mine.get(f"/my/access-log/ask/{uuid4()}/{uuid4()}/").status_code == 404
    assert not AccessQuestion.objects.exists()
    asked = make.make_access_question(alice)
    assert as_user(bob).get(f"/my/access-log/questions/{asked.pk}/").status_code == 404


def test_questions_are_for_the_officer_alone(
    alice: Patient, bob: Patient, nadia: User, ada: User, curt: User, percy: User, as_user: SignIn, case: Case
) -> None:
    asked = make.make_access_question(alice, "Canary-ask")
    for who in (alice, bob, nadia, ada, curt):
        for path in ("/manage/access-questions/", f"/manage/access-questions/{asked.pk}/"):
            answer = as_user(who).get(path)
            assert answer.status_code == 403
            assert b"Canary" not in answer.content


def test_an_officer_does_not_answer_their_own_question(percy: User, as_user: SignIn) -> None:
    make.make_user("Petra Pine")
    own = make.make_patient("Percy Penn", user=percy)
    event(own, uuid4(), 0, "read patients.case")
    asked = make.make_access_question(own)
    client = as_user(percy)
    assert client.get(f"/manage/access-questions/{asked.pk}/").status_code == 404
    assert client.post(f"/manage/access-questions/{asked.pk}/", {"text": "All is well."}).status_code == 404
    assert client.get(f"/my/access-log/questions/{asked.pk}/").status_code == 200
    assert not Notification.objects.filter(user=percy, purpose=Purpose.ACCESS_QUESTION).exists()
