"""Whose case it is: claimed, given on, set aside, linked, merged. What the verbs do, refuse and leave behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinicians.actions import cases, claims, handovers, links, snoozes
from clinicians.models import CaseLink, Claim, Handover, Snooze
from clinicians.models.claims import LASTS
from patients.actions import cases as patient_cases
from patients.models import Case, CaseQuestion, Message, Patient
from patients.models.cases import Status, Urgency
from portal.access import IllegalMove, Refused, Role
from portal.acting import acting_as
from portal.models import Department, Notification, User
from tests import make
from tests.clinicians.test_actions import answered
from tests.clinicians.test_actions_at_once import at_once

STOPPED = {"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg"}


def held_by(case: Case) -> User | None:
    held = Claim.running_on(case, timezone.now())
    return held.account if held else None


@pytest.fixture
def nora(neurology: Department) -> User:
    """Another neurologist."""
    return make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)


@pytest.fixture
def second(alice: Patient, neurology: Department) -> Case:
    return make.make_case(alice, neurology, title="Twitching again", questions=["Is it the coffee?"])


def reply(case: Case, by: User) -> Message:
    with acting_as(by):
        return cases.reply(case, by=by, body="Yes.", safety_net="Call.", outcomes=answered(case))


def kinds(case: Case) -> list[tuple[str, Any, Any]]:
    rows = Handover.objects.filter(case=case).order_by("id")
    return [(row.kind, row.from_owner and row.from_owner.name, row.to_owner and row.to_owner.name) for row in rows]


def told(user: User) -> int:
    return Notification.objects.filter(user=user, purpose="case_handed").count()


# Claims.


def test_a_claim_keeps_others_from_answering_until_its_time_is_over(triaged: Case, nadia: User, nora: User) -> None:
    claim = make.make_claim(triaged, by=nora)
    with pytest.raises(IllegalMove, match="Nora Noon is answering since"):
        reply(triaged, nadia)
    with pytest.raises(IllegalMove, match="Nora Noon"):
        make.make_claim(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="Nora Noon"), acting_as(nadia):
        cases.close(triaged, by=nadia)
    with time_machine.travel(claim.until + timedelta(seconds=1)):
        assert held_by(triaged) is None
        reply(triaged, nadia)


def test_claiming_again_prolongs_it_and_keeps_its_beginning(triaged: Case, nadia: User) -> None:
    first = make.make_claim(triaged, by=nadia)
    with time_machine.travel(first.since + timedelta(minutes=10)):
        again = make.make_claim(triaged, by=nadia)
        assert held_by(triaged) == nadia
    assert again.pk == first.pk
    assert again.since == first.since
    assert again.until > first.until
    assert again.until - again.since < 2 * LASTS
    reply(triaged, nadia)
    assert held_by(triaged) is None, "a reply ends it"


def test_who_takes_over_has_the_case_and_the_first_is_told(
    triaged: Case, neurology: Department, nadia: User, nora: User
) -> None:
    otto = make.make_user("Otto Oak", role=Role.CLINICIAN, department=neurology)
    make.make_claim(triaged, by=nadia)
    with acting_as(nora):
        claims.take_over(triaged, by=nora, holder=nadia.pk)
    triaged.refresh_from_db()
    assert (held_by(triaged), triaged.owner) == (nora, nora)
    assert kinds(triaged)[-1] == ("taken", "Nadia North", "Nora Noon")
    assert told(nadia) == 1
    with pytest.raises(IllegalMove, match="Nora Noon is answering"), acting_as(otto):
        claims.take_over(triaged, by=otto, holder=nadia.pk)
    with acting_as(nadia):
        claims.let_go(triaged, by=nadia)
    assert held_by(triaged) == nora, "not hers to let go of any more"


@pytest.mark.django_db(transaction=True)
def test_of_six_who_claim_or_hand_over_at_once_one_wins(triaged: Case, neurology: Department, nadia: User) -> None:
    people = [make.make_user(f"Doc{n} Dee", role=Role.CLINICIAN, department=neurology) for n in range(6)]
    waiting = iter(people)

    def claim() -> object:
        mine = next(waiting)
        with acting_as(mine):
            return claims.claim(triaged, by=mine)

    assert at_once(claim, nadia) == {"won": 1, "told": 5}
    assert Claim.objects.count() == 1
    to, before = people[0], Handover.objects.count()
    assert at_once(lambda: handovers.hand_over(triaged, by=nadia, to=to, reason="On leave"), nadia) == {
        "won": 1, "told": 5,
    }  # fmt: skip
    assert Handover.objects.count() == before + 1


# Whose it was.


def test_every_change_of_owner_stands_in_the_history(case: Case, nadia: User, nora: User, tessa: User) -> None:
    make.make_triaged(case, by=tessa)
    assert kinds(case) == [], "the same pool, nobody's: nothing changed"
    reply(case, nadia)
    for owner in (nora, nora, nadia, None):
        with acting_as(nadia):
            cases.assign(case, by=nadia, owner=owner)
    with acting_as(nadia):
        handovers.hand_over(case, by=nadia, to=nora, reason="On leave from Friday")
    assert kinds(case) == [
        ("taken", None, "Nadia North"),
        ("assigned", "Nadia North", "Nora Noon"),
        ("taken", "Nora Noon", "Nadia North"),
        ("given_back", "Nadia North", None),
        ("handed_over", None, "Nora Noon"),
    ]
    assert told(nora) == 2
    assert told(nadia) == 0, "she did it herself"


def test_it_is_handed_over_to_who_treats_here_and_not_to_its_owner(triaged: Case, nadia: User, karl: User) -> None:
    for to, words in ((karl, "does not treat"), (nadia, "theirs already")):
        with pytest.raises(IllegalMove, match=words), acting_as(nadia):
            handovers.hand_over(triaged, by=nadia, to=to, reason="On leave")


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_referred_case_waits_in_the_other_pool_by_a_new_promise(
    triaged: Case, cardiology: Department, nadia: User, karl: User, is_answered: bool
) -> None:
    if is_answered:
        reply(triaged, nadia)
    make.make_snooze(triaged, by=nadia)
    Case.objects.filter(pk=triaged.pk).update(answer_due_at=timezone.now() - timedelta(days=3))
    with acting_as(nadia):
        handovers.refer(triaged, by=nadia, department=cardiology, reason="Palpitations, ECG wanted")
        assert not Case.objects.visible_to(nadia).exists()
    triaged.refresh_from_db()
    assert (triaged.department, triaged.owner, triaged.status) == (cardiology, None, Status.WAITING)
    assert triaged.answer_due_at > timezone.now()
    assert not Snooze.objects.running(timezone.now()).exists()
    with acting_as(karl):
        [row] = Handover.objects.visible_to(karl).filter(kind="referred")
        assert (row.reason, row.from_department.name) == ("Palpitations, ECG wanted", "Neurology")


def test_it_is_not_referred_under_the_hands_of_who_answers(
    triaged: Case, cardiology: Department, nadia: User, nora: User
) -> None:
    make.make_claim(triaged, by=nora)
    with pytest.raises(IllegalMove, match="Nora Noon is answering"), acting_as(nadia):
        handovers.refer(triaged, by=nadia, department=cardiology, reason="It is the heart")


def test_what_staff_keep_beside_a_case_is_for_its_staff(triaged: Case, alice: Patient, nadia: User, karl: User) -> None:
    make.make_claim(triaged, by=nadia)
    make.make_snooze(triaged, by=nadia)
    assert alice.user
    for who, sees in ((nadia, True), (karl, False), (alice.user, False)):
        with acting_as(who):
            for model in (Claim, Handover, Snooze):
                assert model.objects.visible_to(who).exists() is sees
                assert model.objects.exists() is sees, "the wall says the same"


# Set aside.


def test_a_snooze_ends_by_its_time_by_the_patient_by_a_reply_and_by_hand(triaged: Case, nadia: User) -> None:
    def is_running() -> bool:
        return Snooze.objects.filter(case=triaged).running(timezone.now()).exists()

    first = make.make_snooze(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="set aside already"):
        make.make_snooze(triaged, by=nadia)
    with time_machine.travel(first.until + timedelta(minutes=1)):
        assert not is_running()
    make.make_message(triaged)
    assert not is_running(), "the patient wrote"
    make.make_snooze(triaged, by=nadia)
    assert is_running(), "what was written before it does not end it"
    with acting_as(nadia):
        snoozes.wake(triaged, by=nadia)
    assert not is_running()
    make.make_snooze(triaged, by=nadia)
    reply(triaged, nadia)
    assert not is_running()
    make.make_snooze(triaged, by=nadia)
    with acting_as(nadia):
        cases.close(triaged, by=nadia)
    assert not Snooze.objects.open().exists()


def test_what_must_not_wait_is_not_set_aside(alice: Patient, neurology: Department, nadia: User) -> None:
    urgent = make.make_triaged(make.make_case(alice, neurology), by=nadia, urgency=Urgency.EMERGENCY)
    stopped = make.make_case(make.make_patient("Mira Marsh"), neurology, medicines=[STOPPED])
    make.make_triaged(stopped, by=nadia)
    new = make.make_case(alice, neurology)
    for case, words in ((urgent, "an emergency"), (stopped, "stopped by the checks"), (new, "was triaged")):
        with pytest.raises(IllegalMove, match=words):
            make.make_snooze(case, by=nadia)


@pytest.mark.parametrize("days", [-1, 0, 61])
def test_a_case_is_set_aside_for_sixty_days_at_most(triaged: Case, nadia: User, days: int) -> None:
    with pytest.raises(ValidationError, match="within 60 days"):
        make.make_snooze(triaged, by=nadia, days=days)


# Linked and merged.


def test_a_link_is_one_from_both_sides(triaged: Case, second: Case, bob: Patient, nadia: User) -> None:
    make.make_link(triaged, second, by=nadia)
    with pytest.raises(IllegalMove, match="linked already"):
        make.make_link(second, triaged, by=nadia)
    with pytest.raises(IllegalMove, match="another case of the same patient"):
        make.make_link(triaged, triaged, by=nadia)
    with pytest.raises(IllegalMove, match="another case of the same patient"):
        make.make_link(triaged, make.make_case(bob, triaged.department), by=nadia)
    with acting_as(nadia):
        links.unlink(second, by=nadia, other=triaged)
    assert not CaseLink.objects.standing().exists()
    make.make_link(second, triaged, by=nadia)


def test_nothing_is_linked_or_merged_with_a_case_out_of_reach(
    triaged: Case, alice: Patient, cardiology: Department, nadia: User
) -> None:
    elsewhere = make.make_case(alice, cardiology)
    with pytest.raises(Refused):
        make.make_link(triaged, elsewhere, by=nadia)
    with pytest.raises(Refused):
        make.make_merged(triaged, elsewhere, by=nadia)


def test_merging_loses_no_question_no_promise_and_no_urgency(triaged: Case, second: Case, nadia: User) -> None:
    reply(triaged, nadia)
    make.make_snooze(triaged, by=nadia)
    Case.objects.filter(pk=second.pk).update(urgency=Urgency.SAME_DAY)
    second.refresh_from_db()
    make.make_merged(second, triaged, by=nadia)
    second.refresh_from_db()
    triaged.refresh_from_db()
    assert (second.status, second.merged_into, second.closed_by) == (Status.CLOSED, triaged, nadia)
    assert (triaged.status, triaged.urgency) == (Status.WAITING, Urgency.SAME_DAY)
    assert triaged.answer_due_at == second.answer_due_at
    assert not Snooze.objects.open().exists()
    [asked] = triaged.questions.open()
    assert (asked.text, asked.position) == ("Is it the coffee?", 3)
    [deferred] = second.questions.all()
    assert deferred.outcome == CaseQuestion.Outcome.DEFERRED
    assert deferred.settled_by
    assert triaged.ref in deferred.settled_by.body


def test_what_was_merged_is_never_opened_again(triaged: Case, second: Case, alice: Patient, nadia: User) -> None:
    make.make_merged(second, triaged, by=nadia)
    second.refresh_from_db()
    with pytest.raises(patient_cases.GoesOnElsewhere), acting_as(alice.user):  # type: ignore[arg-type]
        patient_cases.send_message(second, by=alice.user, body="And now it hurts.")  # type: ignore[arg-type]
    for change in ({"status": "waiting", "closed_at": None, "closed_by": None}, {"merged_into": second.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=second.pk).update(**change)


def test_a_case_merges_into_another_patients_neither_by_the_verb_nor_past_it(
    triaged: Case, second: Case, bob: Patient, neurology: Department, nadia: User
) -> None:
    bobs = make.make_case(bob, neurology)
    with pytest.raises(IllegalMove, match="same patient"):
        make.make_merged(second, bobs, by=nadia)
    make.make_merged(second, triaged, by=nadia)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=second.pk).update(merged_into=bobs)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_open_follow_up_and_a_closed_target_stand_in_the_way(triaged: Case, second: Case, nadia: User) -> None:
    make.make_followup(triaged, by=nadia)
    with pytest.raises(IllegalMove, match="follow-up is still open"):
        make.make_merged(triaged, second, by=nadia)
    with acting_as(nadia):
        cases.close(second, by=nadia)
    other = make.make_case(second.patient, second.department)
    with pytest.raises(IllegalMove, match="is closed"):
        make.make_merged(other, second, by=nadia)


def test_what_is_snoozed_leaves_the_list_and_comes_back(triaged: Case, nadia: User, as_user: Any) -> None:
    client = as_user(nadia)

    def shown() -> tuple[list[str], list[str]]:
        told = [client.get(f"/api/v1/clinic/{queue}").json() for queue in ("", "snoozed/")]
        assert (told[0]["counts"]["all"], told[0]["counts"]["snoozed"]) == tuple(len(one["rows"]) for one in told)
        return [row["need"] for row in told[0]["rows"]], [row["why"] for row in told[1]["rows"]]

    make.make_snooze(triaged, by=nadia, reason="Waits for the MRI")
    assert shown() == ([], ["Waits for the MRI"])
    make.make_message(triaged)
    assert shown() == (["Reply to question"], [])
