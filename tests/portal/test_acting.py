"""Every piece of work has an actor; refusals are recorded after the work has rolled back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from clinicians.actions import cases
from patients.models import Case, Patient
from portal import access
from portal.access import SYSTEM, VISITOR, IllegalMove, NoActor, Refused, Unseen
from portal.acting import ActingTask, acting_as
from portal.celery import app
from portal.models import AuditEvent, Notification, User
from portal.models.deliveries import Purpose
from portal.tasks import deliver

Ask = Callable[[], str]


def test_the_actor_is_named_to_the_database_and_forgotten_after(alice: Patient, actor_in_database: Ask) -> None:
    assert alice.user
    with acting_as(alice.user):
        assert actor_in_database() == str(alice.user.pk)
        with acting_as(SYSTEM):
            assert actor_in_database() == "system"
        assert actor_in_database() == str(alice.user.pk)


def test_without_an_actor_nothing_is_read_or_done(case: Case, nadia: User) -> None:
    with pytest.raises(NoActor):
        access.read_many(Case.objects.all(), by=nadia)
    with pytest.raises(NoActor):
        cases.close(case, by=nadia)


def test_nobody_acts_in_anothers_name(case: Case, nadia: User, karl: User) -> None:
    with acting_as(karl), pytest.raises(NoActor):
        cases.close(case, by=nadia)


def test_reads_are_written_down_once_with_everyone_shown(triaged: Case, nadia: User) -> None:
    before = AuditEvent.objects.filter(kind="read").count()
    with acting_as(nadia, request_id="r1"):
        access.read_many(Case.objects.all(), by=nadia)
        access.read_one(Case.objects.all(), by=nadia, pk=triaged.pk)
    [event] = AuditEvent.objects.filter(kind="read")[before:]
    assert (event.actor_id, event.name, event.request_id) == (nadia.pk, "read patients.case", "r1")
    assert event.people == [triaged.patient_id]


def test_a_verb_leaves_one_row_with_names_of_fields_only(case: Case, nadia: User) -> None:
    with acting_as(nadia):
        cases.assign(case, by=nadia, owner=nadia)
    event = AuditEvent.objects.get(name="cases.assign")
    assert (event.kind, event.subject_id, event.people, event.fields) == (
        "verb", case.pk, [case.patient_id], ["owner"],
    )  # fmt: skip


def test_a_refusal_undoes_the_work_and_is_recorded(case: Case, karl: User) -> None:
    with pytest.raises(Refused), acting_as(karl):
        Notification.queue(karl, Purpose.NEW_MESSAGE, path="/not/to/be/kept/")
        cases.close(case, by=karl)
    assert not Notification.objects.exists()
    event = AuditEvent.objects.get(kind="refusal")
    assert (event.actor_id, event.name, event.outcome, event.subject_id) == (
        karl.pk, "cases.close", "refused", case.pk,
    )  # fmt: skip


def test_an_illegal_move_is_recorded_under_the_verbs_name(triaged: Case, nadia: User) -> None:
    with pytest.raises(IllegalMove), acting_as(nadia):
        cases.triage(triaged, by=nadia, department=triaged.department, urgency=triaged.urgency)  # type: ignore[arg-type]
    assert AuditEvent.objects.get(kind="refusal").outcome == "illegal_move"
    assert AuditEvent.objects.get(kind="refusal").name == "cases.triage"


def test_a_row_out_of_sight_is_the_same_404_as_none(case: Case, bob: Patient) -> None:
    assert bob.user
    told = []
    for pk in (case.pk, uuid4()):
        with pytest.raises(Unseen) as unseen, acting_as(bob.user):
            access.read_one(Case.objects.all(), by=bob.user, pk=pk)
        told.append(str(unseen.value))
    assert told[0] == told[1]
    assert AuditEvent.objects.filter(outcome="unseen", actor_id=bob.user.pk).count() == 2


@pytest.mark.parametrize("statement", ["UPDATE {} SET name = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_trail_refuses_change(case: Case, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("portal_auditevent"))


@pytest.mark.django_db
def test_the_trails_triggers_fire_always() -> None:
    """Also in a session that plays a replica, which switches ordinary triggers off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid = 'portal_auditevent'::regclass AND NOT tgisinternal"
        )
        always = ("append_only_rows", "append_only_table", "number_rows")
        assert dict(cursor.fetchall()) == dict.fromkeys(always, "A")


def test_a_task_works_as_system(db: None, actor_in_database: Ask) -> None:
    asking = app.task(base=ActingTask, name="tests.asking")(actor_in_database)
    assert asking() == "system"
    assert deliver.in_steps


def test_an_inactive_account_may_nothing(case: Case, nadia: User) -> None:
    nadia.is_active = False
    nadia.save()
    with pytest.raises(Refused), acting_as(nadia):
        cases.close(case, by=nadia)


def test_a_membership_ends_with_its_last_day(case: Case, nadia: User) -> None:
    nadia.memberships.update(ends_on="2020-01-01")
    with acting_as(nadia):
        assert access.read_many(Case.objects.all(), by=nadia) == []


def test_a_permission_reaches_only_where_its_role_does(case: Case, cardiology: object, nadia: User, karl: User) -> None:
    """Triage in one department and clinician in another: the first doesn't lend its permission to the second."""
    with acting_as(karl):
        assert access.has(karl, access.Permission.CASE_CLOSE)
        assert not access.can(karl, access.Permission.CASE_CLOSE, case)


def test_a_visitor_has_no_record(case: Case) -> None:
    with acting_as(VISITOR):
        assert access.read_many(Case.objects.all(), by=VISITOR) == []


def test_a_signed_in_page_is_never_stored(alice: Patient, as_user: Callable[[Patient], Client]) -> None:
    assert as_user(alice).get("/my/settings/")["Cache-Control"] == "no-store"
