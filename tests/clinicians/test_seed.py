"""The sample clinic: believable, in order of time, whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction

from clinicians.seeding import clinic, people
from clinicians.seeding.clock import Calendar
from clinicians.seeding.library import pages
from faq.models import Article, Question, Topic
from faq.models.questions import QuestionStatus
from faq.rules.identifiers import find, find_case_talk
from patients.models import (
    Appointment,
    Case,
    Consent,
    DiaryEntry,
    FollowUp,
    Message,
    NerveMeasurement,
    Patient,
    Prescription,
    RedFlag,
    Result,
    Screening,
)
from patients.models.cases import Status
from patients.models.followups import FollowUpStatus
from patients.models.results import ResultKind, ResultStatus
from patients.rules.nerve_conduction import velocity
from portal.access import Role
from portal.models import AuditEvent, Delivery, Department, Notification, User
from portal.models.deliveries import State
from portal.rules.working_time import is_open

NOW = datetime(2026, 11, 25, 11, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def _seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Once for all tests of this file, and gone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        clinic.fill(NOW, "UTC")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def seeded(_seeded: None, db: None) -> None:
    """The sample clinic as it is on a Wednesday morning."""


def patients_case(name: str) -> Case:
    return Case.objects.filter(patient__user__email=f"{name}@example.org").latest("id")


@pytest.mark.usefixtures("seeded")
class TestTheClinic:
    def test_every_state_of_a_case_is_there(self) -> None:
        assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
        assert Case.objects.count() >= 18
        assert Case.objects.overdue(NOW).count() == 1
        soon = Case.objects.waiting().filter(answer_due_at__gt=NOW, answer_due_at__lt=NOW + timedelta(hours=3))
        assert soon.count() >= 2

    def test_every_state_of_a_follow_up_is_there(self) -> None:
        assert set(FollowUp.objects.values_list("status", flat=True)) == set(FollowUpStatus.values)
        assert FollowUp.objects.overdue(NOW.date()).count() == 1

    def test_times_are_booked_and_one_of_them_is_today(self) -> None:
        booked = {row.followup.kind: row for row in Appointment.objects.booked()}
        assert booked["call"].starts_at.date() == NOW.date()
        assert booked["visit"].followup.status == FollowUpStatus.CONFIRMED
        assert booked["visit"].starts_at.date() == booked["visit"].followup.due_on > NOW.date()
        assert Department.objects.filter(schedules__isnull=False).distinct().count() == 5

    def test_a_closed_case_was_opened_again(self) -> None:
        case = Case.objects.get(department__slug="pharmacy")
        assert case.status == Status.WAITING
        closed = AuditEvent.objects.get(name="cases.close", subject_id=case.pk)
        assert closed.created_at < case.waiting_since

    def test_a_red_flag_waits_and_somebody_is_on_call(self) -> None:
        flag = RedFlag.objects.get()
        assert (flag.case, flag.reviewed_at) == (patients_case("folarin"), None)
        told = Notification.objects.get(purpose="red_flag")
        assert told.user.email == "okafor@example.org"
        assert DiaryEntry.objects.filter(case=patients_case("lan")).count() >= 10
        assert Screening.objects.get(case=patients_case("mira")).outcome == "routine"

    def test_results_of_every_kind_released_and_not(self) -> None:
        told = set(Result.objects.values_list("kind", "status"))
        kinds = {ResultKind.NERVE_CONDUCTION, ResultKind.EEG, ResultKind.LABORATORY}
        assert told >= {(kind, status) for kind in kinds for status in ResultStatus.values}

    def test_everybody_is_marked_as_invented(self) -> None:
        assert Patient.objects.filter(is_sample=False).count() == 0
        assert Result.objects.filter(is_sample=False).count() == 0
        assert Patient.objects.count() >= 14
        assert User.objects.exclude(email__endswith="@example.org").count() == 0

    def test_every_role_can_be_tried(self) -> None:
        roles = set(User.objects.values_list("memberships__role", flat=True)) - {None}
        assert roles == {role.value for role in Role} - {Role.PATIENT}
        named = User.objects.filter(email__in=[email for _label, email in people.sign_ins()])
        assert named.count() == len(people.SIGN_INS)
        assert all(user.check_password(people.PASSWORD) for user in named[:1])
        assert set(named.values_list("emailaddress__verified", flat=True)) == {True}

    def test_departments_can_promise(self) -> None:
        for department in Department.objects.all():
            assert department.hours.week
            assert {day.year for day in department.closed_on} == {2025, 2026, 2027}
            assert department.description
            assert department.icon

    def test_keys_are_in_order_of_time(self) -> None:
        for model in (Case, Message, Result, FollowUp, Prescription, AuditEvent, Question):
            times = list(model.objects.order_by("id").values_list("created_at", flat=True))
            assert all(earlier <= later for earlier, later in pairwise(times)), model

    def test_it_ends_just_before_now(self) -> None:
        newest = AuditEvent.objects.latest("created_at").created_at
        assert NOW - timedelta(minutes=30) < newest < NOW
        assert not Message.objects.filter(created_at__gt=NOW).exists()

    def test_staff_work_in_opening_hours(self) -> None:
        for message in Message.objects.from_clinic().select_related("case__department"):
            department = message.case.department
            assert is_open(message.created_at, department.hours, department.closed_on, department.time_zone), (
                message.body
            )

    def test_only_what_is_new_or_to_come_is_still_to_be_sent(self) -> None:
        pending = Delivery.objects.filter(state=State.PENDING)
        assert set(Delivery.objects.values_list("state", flat=True)) <= {State.PENDING, State.SENT, State.CANCELLED}
        assert pending.filter(due_at__lt=NOW - timedelta(days=1)).count() == 0
        assert pending.filter(due_at__gt=NOW).exists()
        assert Notification.objects.unread().exists()

    def test_velocities_follow_from_distances(self) -> None:
        names = ("study_type", "distance_mm", "latency_ms", "velocity_m_s")
        rows = list(NerveMeasurement.objects.order_by("result", "position").values_list(*names))
        nothing = ("", None, Decimal(0), None)
        for (_study, _mm, before, _speed), (study, distance, latency, speed) in pairwise([nothing, *rows]):
            if speed is not None:
                assert velocity(distance, latency, before if study == "motor" else Decimal(0)) == speed
        assert {study for study, *_ in rows} == {"motor", "sensory", "f_wave"}


@pytest.mark.usefixtures("seeded")
class TestTheCase:
    def test_it_waits_for_a_visitor_of_the_demonstration(self) -> None:
        case = patients_case("mira")
        with time_machine.travel(NOW, tick=False):
            assert (case.department.slug, case.status, case.is_overdue) == ("neurology", Status.WAITING, False)
        assert NOW < case.answer_due_at < NOW + timedelta(hours=30)
        assert case.questions.open().count() == 2
        assert not case.followups.exists()
        released = {result.kind: result.status for result in case.results.all()}
        assert released == {"eeg": "final", "laboratory": "final", "nerve_conduction": "preliminary"}

    def test_its_medicines_are_checked_as_typed(self) -> None:
        medicines = {row.medicine: row for row in patients_case("mira").patient.prescriptions.all()}
        assert {name for name, row in medicines.items() if row.has_hard_stop} == {"pramipexole"}
        codes = {finding["code"]: finding for finding in medicines["pramipexole"].findings}
        assert codes["DOSE_SINGLE"]["numbers"]["ratio"].startswith("33.3")
        assert codes["DOSE_DAILY"]["numbers"]["ratio"].startswith("11.1")
        assert "DUPLICATE_ATC4" in codes
        assert medicines["Endep"].dose is None

    def test_its_twin_is_finished(self) -> None:
        case = patients_case("elif")
        assert case.status == Status.CLOSED
        assert [promise.evidence for promise in case.followups.all()] == ["attended"]
        consent = Consent.objects.get(case=case)
        assert consent.status == "active"
        assert consent.question.status == QuestionStatus.PUBLISHED
        assert consent.text == consent.question.public_text
        assert consent.question.edited_by != consent.question.approved_by


@pytest.mark.usefixtures("seeded")
class TestTheLibrary:
    def test_there_is_enough_to_compare(self) -> None:
        published = Question.objects.published()
        assert published.count() >= 12
        assert published.filter(topics__name="Muscle twitching").count() >= 7
        assert Topic.objects.filter(department__slug="neurology").count() >= 10
        assert set(Question.objects.values_list("status", flat=True)) >= {
            "suggested",
            "draft",
            "in_review",
            "published",
        }

    def test_articles_are_approved_by_a_clinician(self) -> None:
        for article in Article.objects.all():
            assert article.current is not None
            assert article.current.approver is not None
            assert article.current.approver != article.current.author
            assert article.current.sources
            assert article.current.body.startswith("> Sample article")
            assert 400 <= len(article.current.body.split()) <= 820


def test_texts_name_nobody_and_judge_nothing() -> None:
    for page in [*pages("articles"), *pages("questions")]:
        assert find(page.text) == []
        assert "abnormal" not in page.text
    assert [finding.text for page in pages("articles") for finding in find_case_talk(page.text)] == []


@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 1, 1, 0, 4, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 58, tzinfo=UTC),
        datetime(2026, 11, 22, 3, tzinfo=UTC),
    ],
    ids=["new year", "leap day", "sunday night"],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Taipei", "America/New_York"])
def test_the_calendar_holds_at_any_hour(now: datetime, zone: str) -> None:
    calendar = Calendar(now, zone)
    moments = [calendar.back(5, "09:00"), calendar.back(1, "17:00"), calendar.worked(0.5), calendar.ago(9)]
    assert max(moments) < now
    assert calendar.worked(20) < calendar.worked(4) < now
    assert calendar.worked(20).astimezone(UTC).weekday() < 7
    assert calendar.born(24, "02-28").year in (calendar.today.year - 24, calendar.today.year - 25)
