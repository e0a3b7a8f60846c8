"""One case, end to end: asked, triaged, tested, answered, promised, reminded, told to others, and taken back.

It is asked on 4 June 2020, as in tests/data/seed_case_expected.csv. Its stages are the fixtures of conftest.py.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from kombu.exceptions import OperationalError

from clinicians.actions import cases as desk
from clinicians.actions import followups, prescriptions
from clinicians.actions.prescriptions import HardStop
from faq.actions import questions
from faq.models import Question, Topic
from faq.models.questions import QuestionStatus
from patients.actions import consents
from patients.models import Case, CaseQuestion, Consent, FollowUp, Message, Patient, Prescription, Reminder, Result
from patients.models.cases import Status
from patients.models.followups import Evidence
from portal.access import IllegalMove
from portal.acting import acting_as
from portal.celery import app
from portal.models import AuditEvent, Delivery, User
from portal.models.deliveries import State
from portal.rules.provenance import read_table
from portal.tasks import deliver
from tests import make
from tests.journeys.conftest import PRAMIPEXOLE, PUBLIC, WHOLE, D
from tests.sink import Sink

pytestmark = pytest.mark.django_db

EXPECTED = {row["rule_id"]: row for row in read_table(Path(__file__).parents[1] / "data" / "seed_case_expected.csv")}

# What no mail may say: medicines, tests, departments, symptoms, and words that hint at them.
SAYS_MUCH = """
ropinirole pramipexole endep medicine tablet dose mg eeg nerve conduction thyroid tsh blood test result ultrasound
neurology neurologist department twitch twitching muscle eyelid calf calves foot arch hand weak tired diagnosis disease
patient case symptom treatment prescription fasciculation clinician
"""
CLINICAL = frozenset(SAYS_MUCH.split())


class TestAsking:
    def test_what_cannot_be_right_is_stopped(self, asked: Case) -> None:
        rows = {row.medicine: row for row in Prescription.objects.filter(case=asked)}
        assert {name for name, row in rows.items() if row.has_hard_stop} == {"pramipexole"}
        found = {finding["code"]: finding for finding in rows["pramipexole"].findings}
        assert "33 times" in found["DOSE_SINGLE"]["title"]
        assert D(found["DOSE_DAILY"]["numbers"]["ratio"]).quantize(D("0.1")) == D("11.1")
        assert found["DOSE_SINGLE"]["tier"] == found["STRENGTH_NOT_MARKETED"]["tier"] == "hard_stop"
        assert asked.questions.open().count() == 2

    def test_it_is_new_until_triage_reads_it(self, asked: Case, on_worklist: Case, nadia: User) -> None:
        assert asked.status == Status.NEW
        assert (on_worklist.status, on_worklist.owner) == (Status.WAITING, nadia)
        assert Case.objects.visible_to(nadia).waiting().get() == on_worklist


class TestTests:
    def test_nothing_is_seen_before_it_is_released(self, on_worklist: Case, mira: Patient, nadia: User) -> None:
        result = make.make_result(on_worklist, by=nadia, performed_on=date(2020, 6, 3))
        assert mira.user is not None
        assert not Result.objects.visible_to(mira.user).exists()
        make.make_released(result, by=nadia)
        assert Result.objects.visible_to(mira.user).get() == result

    def test_three_kinds_are_released(self, tested: list[Result], mira: Patient) -> None:
        assert mira.user is not None
        seen = Result.objects.visible_to(mira.user).with_values()
        assert {result.kind for result in seen} == {"eeg", "laboratory", "nerve_conduction"}


class TestPrescribing:
    def test_pramipexole_50_mg_is_refused_and_only_that_is_on_record(self, on_worklist: Case, nadia: User) -> None:
        before = AuditEvent.objects.count(), Prescription.objects.count(), Delivery.objects.count()
        order: dict[str, Any] = {**PRAMIPEXOLE, **WHOLE}
        with pytest.raises(HardStop) as stopped, acting_as(nadia):
            prescriptions.prescribe(on_worklist, by=nadia, override_reason="I am sure", **order)
        codes = {finding["code"]: finding for finding in stopped.value.findings}
        assert {"DOSE_SINGLE", "DOSE_DAILY", "STRENGTH_NOT_MARKETED", "DUPLICATE_ATC4"} <= set(codes)
        assert "ropinirole" in codes["DUPLICATE_ATC4"]["medicines"]
        after = AuditEvent.objects.count(), Prescription.objects.count(), Delivery.objects.count()
        assert after == (before[0] + 1, *before[1:])
        refusal = AuditEvent.objects.latest("id")
        assert (refusal.kind, refusal.name, refusal.outcome) == ("refusal", "prescriptions.prescribe", "hard_stop")
        assert refusal.people == [on_worklist.patient_id]

    def test_beside_ropinirole_a_duplicate_is_named(self, on_worklist: Case, nadia: User) -> None:
        order: dict[str, Any] = {**PRAMIPEXOLE, "dose": D("0.125"), **WHOLE}
        with acting_as(nadia):
            for row in Prescription.objects.filter(case=on_worklist, medicine="pramipexole"):
                prescriptions.stop(row, by=nadia, reason="not what was meant")
        with pytest.raises(prescriptions.NotPrescribed) as asked, acting_as(nadia):
            prescriptions.prescribe(on_worklist, by=nadia, **order)
        assert not isinstance(asked.value, HardStop)
        duplicate = next(finding for finding in asked.value.findings if finding["code"] == "DUPLICATE_ATC4")
        assert duplicate["reason_needed"]
        assert "ropinirole" in duplicate["medicines"]


class TestAnswering:
    def test_each_question_has_an_outcome_and_the_reply_a_safety_net(self, answered: Case) -> None:
        assert answered.status == Status.ANSWERED
        assert [row.outcome for row in answered.questions.all()] == ["answered", "needs_visit"]
        assert Message.objects.get(case=answered).safety_net

    def test_a_reply_that_leaves_one_open_is_refused(self, on_worklist: Case, nadia: User) -> None:
        first = on_worklist.questions.all()[0]
        with pytest.raises(IllegalMove), acting_as(nadia):
            desk.reply(
                on_worklist, by=nadia, body="…", safety_net="…", outcomes={first.pk: CaseQuestion.Outcome.ANSWERED}
            )
        assert not Message.objects.filter(case=on_worklist).exists()


def clinical_words(mail: EmailMessage) -> set[str]:
    """Those that somebody may see on a locked screen or in a log, in headers, subject or body."""
    text = " ".join([*(str(value) for value in mail.values()), mail.get_content()])
    said = set(re.findall(r"[a-z]+", text.lower()))
    return {word for word in CLINICAL if said & {word, f"{word}s"}}


class TestFollowingUp:
    def test_a_month_later_is_a_clinic_day(self, promised: FollowUp) -> None:
        """SEED-12: 4 July 2020 is a Saturday."""
        assert "2020-07-04" in EXPECTED["SEED-12"]["computed"]
        assert promised.due_on == date(2020, 7, 6)
        assert promised.due_on.weekday() < 5

    def test_reminders_are_rows_with_a_place_in_the_outbox(self, promised: FollowUp) -> None:
        told = {row.slot: row.local_date for row in promised.reminders.all()}
        assert told == {
            "booked": date(2020, 6, 4),
            "week_before": date(2020, 6, 29),
            "day_before": date(2020, 7, 5),
        }
        assert Delivery.objects.filter(telling__followup=promised, state=State.PENDING).count() == 6, (
            "by mail and in the portal"
        )

    def test_each_goes_at_its_time_without_a_clinical_word(
        self, promised: FollowUp, sink: Sink, clock: time_machine.Traveller
    ) -> None:
        deliver()
        sink.mails.clear()
        for reminder in promised.reminders.exclude(slot="booked"):
            clock.move_to(reminder.due_at - timedelta(seconds=1))
            assert deliver() == 0
            clock.move_to(reminder.due_at)
            assert deliver() == 2, "by mail and in the portal"
            mail = sink.mails.pop()
            assert mail["Message-ID"] == reminder.tellings.get(channel="email").delivery.message_id
            assert mail["To"] == promised.patient.user.email if promised.patient.user else False
            assert promised.path in mail.get_content()
            assert "6 July 2020" in mail["Subject"]
        assert not sink.mails

    def test_no_mail_of_the_whole_case_says_what_it_is_about(
        self, promised: FollowUp, sink: Sink, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(datetime(2020, 7, 6, tzinfo=UTC))
        deliver()
        # Of two reminders at once, the second would be one too many for the day.
        assert len(sink.mails) >= 6
        for mail in sink.mails:
            assert clinical_words(mail) == set(), mail["Subject"]
            assert "F-" not in str(mail["Subject"])

    def test_the_broker_may_be_down_while_it_is_planned(
        self, answered: Case, nadia: User, sink: Sink, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/1")
            with pytest.raises(OperationalError):
                app.connection_for_write().ensure_connection(max_retries=1, timeout=2)
            promised = make.make_followup(answered, by=nadia)
        reminders = Reminder.objects.filter(followup=promised)
        assert reminders.count() == 3
        for reminder in reminders.order_by("due_at"):
            clock.move_to(reminder.due_at)
            deliver()
        assert set(reminders.values_list("tellings__delivery__state", flat=True)) == {State.SENT}

    def test_a_promise_that_was_closed_reminds_nobody(
        self, promised: FollowUp, nadia: User, sink: Sink, clock: time_machine.Traveller
    ) -> None:
        deliver()
        sink.mails.clear()
        with acting_as(nadia):
            followups.close(promised, by=nadia, evidence=Evidence.ATTENDED)
        clock.move_to(datetime(2020, 7, 6, tzinfo=UTC))
        assert deliver() == 0
        assert sink.mails == []


class TestTellingOthers:
    def test_it_is_told_in_tens_of_years(self, published: Question, mira: Patient) -> None:
        assert (published.age_band, published.asked_in, published.status) == ("20–29", 2020, QuestionStatus.PUBLISHED)
        assert mira.name not in published.public_text
        assert published.edited_by != published.approved_by

    def test_without_consent_it_stays_unpublished(
        self, answered: Case, topic: Topic, nadia: User, curt: User, carla: User
    ) -> None:
        question = make.make_consent(answered, by=nadia, **PUBLIC).question
        with acting_as(curt):
            questions.edit(question, by=curt, topics=[topic])
            questions.submit(question, by=curt)
        with pytest.raises(IllegalMove), acting_as(carla):
            questions.publish(question, by=carla)

    def test_withdrawing_takes_it_down(self, published: Question, consent: Consent, mira: Patient) -> None:
        assert mira.user is not None
        with acting_as(mira.user):
            consents.withdraw(consent, by=mira.user)
        published.refresh_from_db()
        assert published.status == QuestionStatus.WITHDRAWN
