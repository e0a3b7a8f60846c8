"""The second wall as it stands in the database: every table, every policy, every role, and what no actor may do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from clinicians.actions import emergencies
from clinicians.models import SavedView
from clinicians.tasks import climb_all
from patients.actions import attachments
from patients.models import (
    Appointment,
    Attachment,
    BrokenGlass,
    CalendarFeed,
    CallAttempt,
    Case,
    Message,
    Patient,
    ReminderCheck,
    Telling,
    WaitingListEntry,
)
from patients.models.results import ResultKind
from patients.tasks import check_reminders, offer_all
from patients.tasks import climb_all as climb_followups
from portal import masonry
from portal.access import SYSTEM, VISITOR
from portal.acting import acting_as, handing_over
from portal.actions import deliveries, seals
from portal.database.base import STRONGER, DatabaseWrapper, TooStrong
from portal.models import (
    Attempt,
    Clinic,
    ContactPoint,
    ContactPreference,
    Delivery,
    Department,
    KeptForm,
    Notification,
    Outbox,
    Suppression,
    User,
)
from portal.models.deliveries import Channel, Purpose, State
from portal.scanner import Scan, Verdict
from portal.tasks import let_go
from tests import files, make
from tests.access.matrix import World
from tests.faq import make as library
from tests.journeys.test_crawl import world_with_everything

pytestmark = pytest.mark.django_db


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def one(statement: str, *values: Any) -> Any:
    return ask(statement, *values)[0][0]


# The catalogue.

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"


def test_every_table_is_forced_or_open_for_a_reason() -> None:
    forced = {name for (name,) in ask(f"{TABLES} AND relrowsecurity AND relforcerowsecurity")}
    there = {name for (name,) in ask(TABLES)}
    unwalled = {name for name in there - forced if not masonry.is_open(name)}
    assert unwalled == set()
    assert {name for name in forced if masonry.is_open(name)} == set()
    assert set(masonry.OPEN) - there == set(), "a reason for a table that is not there"
    assert all(len(reason) > 5 for reason in masonry.OPEN.values())


def test_every_table_that_points_to_a_patient_is_walled() -> None:
    """By foreign keys, followed as far as they lead: what hangs on a person is a person's."""
    links = ask("SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'")
    of_people = {"patients_patient"}
    while more := {child for child, parent in links if parent in of_people} - of_people:
        of_people |= more
    forced = {name for (name,) in ask(f"{TABLES} AND relforcerowsecurity")}
    assert of_people - forced == set()
    assert len(of_people) >= 15


def test_the_wall_is_that_of_the_rules() -> None:
    """What stands in the database, condition by condition, is what the rules say: nobody changed it by hand."""
    for table in masonry.tables():
        stands = {name for (name,) in ask("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", table.name)}
        extra = {name for part in masonry.parts() for on, name, _for, _if in part.policies if on == table.name}
        assert stands == {name for name, _scope, _condition in table.policies} | extra


def test_laying_the_wall_again_changes_nothing_and_a_policy_lost_comes_back() -> None:
    before = ask("SELECT polrelid, polname, xmin::text FROM pg_policy ORDER BY 1, 2")
    masonry.lay(connection)
    assert ask("SELECT polrelid, polname, xmin::text FROM pg_policy ORDER BY 1, 2") == before
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE patients_case DISABLE ROW LEVEL SECURITY")
        cursor.execute("COMMENT ON TABLE patients_message IS 'something else'")
        cursor.execute("DROP POLICY wall_read ON patients_message")
    masonry.lay(connection)
    assert one("SELECT relrowsecurity FROM pg_class WHERE relname = 'patients_case'")
    assert one("SELECT count(*) FROM pg_policy WHERE polname = 'wall_read' AND polrelid = 'patients_message'::regclass")


def test_no_view_looks_past_the_wall() -> None:
    views = ask("SELECT relname, reloptions, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('v', 'm')")  # fmt: skip
    assert [row for row in views if row[2] == "m" or "security_invoker=true" not in (row[1] or [])] == []


ROLES = ("fascicle_app", "fascicle_sender")


@pytest.mark.parametrize("role", ROLES)
def test_what_works_is_weak(role: str) -> None:
    attributes = ask(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        role,
    )
    assert attributes == [(False, False, False, False, False)]
    owned = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)"
    assert one(owned, role) == 0
    assert one("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", role) == 0
    for table in (name for (name,) in ask(TABLES)):
        for deed in ("TRUNCATE", "REFERENCES", "TRIGGER"):
            assert not one("SELECT has_table_privilege(%s, %s, %s)", role, table, deed), (table, deed)


def test_the_trail_and_history_are_only_added_to() -> None:
    histories = {table.name for table in masonry.tables() if table.is_history}
    assert len(histories) >= 7
    for table in histories | masonry.ADDED_ONLY:
        for role in ROLES:
            for deed in ("UPDATE", "DELETE"):
                assert not one("SELECT has_table_privilege(%s, %s, %s)", role, table, deed), (table, deed)


def test_the_record_is_never_deleted_by_the_application() -> None:
    for table in masonry.tables():
        if table.name.startswith("patients_"):
            assert not one("SELECT has_table_privilege('fascicle_app', %s, 'DELETE')", table.name), table.name


def test_the_sender_reads_addresses_and_nothing_else() -> None:
    readable = {
        name for (name,) in ask(TABLES) if one("SELECT has_any_column_privilege('fascicle_sender', %s, 'SELECT')", name)
    }
    assert readable == {name for name, grants in masonry.SENDS.items() if "SELECT" in grants}
    # Of what patients write there are file names, for the scanner; no message, result, medicine or kept form.
    # Of follow-ups, their reminders and appointments it reads days and states.
    assert {name for name in readable if name.startswith("patients_")} == {
        "patients_leave", "patients_attachment",
        "patients_followup", "patients_reminder", "patients_telling", "patients_remindercheck",
        "patients_appointment", "patients_callattempt", "patients_schedule", "patients_waitinglistentry",
    }  # fmt: skip
    for words in ("reason", "patient_note", "closing_note", "evidence"):
        assert not one("SELECT has_column_privilege('fascicle_sender', 'patients_followup', %s, 'SELECT')", words)
    assert not one("SELECT has_column_privilege('fascicle_sender', 'portal_keptform', 'fields', 'SELECT')")
    assert not one("SELECT has_column_privilege('fascicle_sender', 'clinicians_workitem', 'reason', 'SELECT')")
    assert not one("SELECT has_column_privilege('fascicle_sender', 'portal_user', 'password', 'SELECT')")


def test_the_sender_can_do_all_that_the_clock_asks_for(everything: World, settings: Any, tmp_path: Path) -> None:
    """With the grants it has, as the worker runs: else a task would fail where nobody looks."""
    settings.AUDIT_TIP_FILE = tmp_path / "tips.txt"
    KeptForm.objects.update(created_at=timezone.now() - timedelta(days=8))
    make.make_message(everything.case)
    everything.in_line()
    settings.APPLICATION_ROLE = masonry.SENDER
    assert offer_all(timezone.now()) > 0
    deliveries.deliver_due()
    gone = Delivery.objects.filter(state=State.SENT).exclude(channel=Channel.IN_APP)
    assert not gone.exists(), "no mail server here: each is tried, and waits"
    assert Delivery.objects.filter(tries__gt=0).exists()
    assert seals.seal_and_tell() > 0
    assert settings.AUDIT_TIP_FILE.read_text()
    assert climb_all(timezone.now() + timedelta(days=90)) > 0
    assert Notification.objects.filter(purpose=Purpose.CASE_LONG_OVERDUE).exists()
    assert climb_followups(timezone.now() + timedelta(days=90)) > 0
    assert Telling.objects.filter(delivery__purpose=Purpose.MISSED_YOU).exists()
    check_reminders()
    let_go()
    assert not KeptForm.objects.exists()
    file = Attachment.objects.get()
    with acting_as(SYSTEM):
        attachments.judge(file, by=SYSTEM, verdict=Verdict(Scan.CLEAN, "ClamAV", timezone.now()))
        attachments.sweep(Clinic.the(), by=SYSTEM)
    assert Attachment.objects.get().scan == Scan.CLEAN
    assert one("SELECT count(*) FROM patients_attachmentevent WHERE scan = 'clean'") == 1


def test_the_keeper_owns_the_walls_functions_and_nothing_else() -> None:
    assert ask("SELECT rolcanlogin, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = 'fascicle_keeper'") == [
        (False, True, False)
    ]
    assert one("SELECT count(*) FROM pg_class WHERE relowner = 'fascicle_keeper'::regrole") == 0
    definers = ask(
        "SELECT proname, proowner::regrole::text, proconfig FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    assert len(definers) >= 7
    for name, owner, config in definers:
        assert owner == "fascicle_keeper", name
        assert any(setting.startswith("search_path=") for setting in config), name
    public = ask(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        " AND has_function_privilege('public', oid, 'EXECUTE')"
    )
    assert public == []


# What the database says when somebody forgets.


@pytest.fixture
def as_application() -> Iterator[None]:
    """The application's role, with nobody named: a query that somebody forgot to put in `acting_as`."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT set_config('role', %s, true)", [settings.APPLICATION_ROLE])
        yield
        if not connection.needs_rollback:
            cursor.execute("SELECT set_config('role', 'none', true)")


PROTECTED = sorted(table.name for table in masonry.tables() if table.rule)


def promise_everything(world: World) -> None:
    """One row of each table that hangs on a follow-up, and of each that says how somebody is reached."""
    user, now = world.alice.user, timezone.now()
    assert user
    telling = Telling.objects.select_related("followup", "delivery")[0]
    of = {"patient": telling.patient, "case": telling.case, "followup": telling.followup}
    span = (now + timedelta(days=5), now + timedelta(days=5, minutes=30))
    Appointment.objects.create(**of, clinician=world.nadia, span=span)
    WaitingListEntry.objects.create(**of)
    CallAttempt.objects.create(**of, called_by=world.nadia, outcome="no_answer")
    ReminderCheck.objects.create(ended_at=now, expected=1, found=1, differing=0)
    Attempt.objects.create(delivery=telling.delivery, outcome="not_now")
    Outbox.objects.get_or_create(only=True)
    ContactPoint.objects.create(user=user, system="sms", value="+4915112345678")
    ContactPreference.objects.create(user=user)
    Suppression.objects.create(user=user, channel="sms", address="+4915112345678", reason="stop")
    CalendarFeed.objects.create(user=user, key_digest="0" * 64)


@pytest.fixture
def everything() -> World:
    """A world in which no protected table is empty."""
    world = world_with_everything()
    make.make_result(
        world.case, by=world.nadia, kind=ResultKind.NERVE_CONDUCTION, observations=[], measurements=[make.ULNAR]
    )
    make.make_result(world.case, by=world.nadia, kind=ResultKind.EEG, observations=[], eeg=make.EEG)
    waiting = make.make_triaged(make.make_case(world.alice, world.neurology), by=world.nadia)
    article = library.make_published_article(world.neurology, by=world.eddie, approver=world.person("carla"))
    make.make_held_reply(waiting, by=world.nadia, articles=[article])
    make.make_reply_draft(world.case, by=world.nadia)
    with acting_as(world.nadia):
        attachments.attach(world.case, by=world.nadia, upload=SimpleUploadedFile("letter.pdf", files.pdf()))
    with acting_as(world.person("percy")):
        glass = BrokenGlass.objects.all()[0]
        emergencies.review(glass, by=world.person("percy"), note="It was needed.")
    world.kept()
    SavedView.keep(world.nadia, "Today", "all", "")
    make.make_claim(world.case, by=world.nadia)
    make.make_snooze(world.case, by=world.nadia)
    make.make_link(world.case, world.second_case(), by=world.nadia)
    world.kept_answer()
    world.told()
    promise_everything(world)
    seals.seal_due()
    assert [table for table in PROTECTED if not one(f"SELECT count(*) FROM {table}")] == []
    return world


def test_without_an_actor_a_protected_table_raises(everything: World, as_application: None) -> None:
    """An empty page would say that there is nothing."""
    for table in PROTECTED:
        with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic():
            ask(f"SELECT count(*) FROM {table}")


def test_who_is_nobody_sees_no_row_of_a_record(everything: World) -> None:
    for actor in (VISITOR, SYSTEM):
        with acting_as(actor):
            seen = {table for table in PROTECTED if one(f"SELECT count(*) FROM {table}")}
        # The clock sends what is due, seals, has files scanned, lets go of forms, opens what a key names.
        by_the_clock = {
            "portal_delivery", "portal_invitation", "patients_patientinvitation",
            "portal_auditevent", "portal_auditseal", "portal_keptform", "portal_keptanswer",
            "clinicians_occurrence", "clinicians_webhook", "clinicians_webhookdelivery",
            "clinicians_workitem", "clinicians_escalation",
            "patients_attachment", "patients_attachmentevent",
            "portal_attempt", "portal_outbox", "portal_contactpoint", "portal_contactpreference", "portal_suppression",
            "patients_calendarfeed", "patients_remindercheck",
            # It finds what was missed, and tells of it: the sender's role reads dates there, and no words.
            "patients_followup", "patients_followupevent", "patients_reminder", "patients_telling",
            "patients_appointment", "patients_appointmentevent", "patients_waitinglistentry",
        }  # fmt: skip
        assert seen == (by_the_clock if actor is SYSTEM else set())


def test_a_forgotten_filter_leaks_nothing(case: Case, bob: Patient, karl: User, nadia: User) -> None:
    assert bob.user
    for actor in (bob.user, karl):
        with acting_as(actor):
            assert not Case.objects.filter(pk=case.pk).exists()
            assert case.patient_id not in set(Patient.objects.values_list("pk", flat=True))
            assert Case.objects.filter(pk=case.pk).update(title="mine now") == 0
    with acting_as(nadia):
        assert Case.objects.filter(pk=case.pk).exists()


def test_a_row_cannot_be_written_into_somebody_elses_record(case: Case, bob: Patient) -> None:
    assert bob.user
    message = Message(patient=case.patient, case=case, author=bob.user, body="I was never here")
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(bob.user):
        message.save()
    # Nor as one's own on somebody else's case: the pair must name one case.
    with pytest.raises(DatabaseError), acting_as(bob.user):
        Message(patient=bob, case=case, author=bob.user, body="I was never here").save()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_case_handed_over_leaves_with_that_one_statement(
    case: Case, cardiology: Department, nadia: User, karl: User
) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(nadia):
        Case.objects.filter(pk=case.pk).update(department=cardiology)
    with acting_as(nadia):
        with handing_over(case.pk):
            Case.objects.filter(pk=case.pk).update(department=cardiology)
        assert not Case.objects.filter(pk=case.pk).exists()
    with acting_as(karl):
        assert Case.objects.filter(pk=case.pk).exists()


def test_an_account_that_was_closed_sees_nothing(case: Case, nadia: User) -> None:
    User.objects.filter(pk=nadia.pk).update(is_active=False)
    with acting_as(nadia):
        assert one("SELECT count(*) FROM patients_case") == 0


def test_nobody_reads_what_others_are_told(alice: Patient, nadia: User) -> None:
    assert alice.user
    with acting_as(nadia):
        Notification.queue(alice.user, Purpose.NEW_REPLY, path="/my/")
        assert not Notification.objects.exists()
        assert not Delivery.objects.exists()
    with acting_as(alice.user):
        assert Notification.objects.count() == 1


def test_the_actor_ends_with_the_work(case: Case, nadia: User) -> None:
    with acting_as(nadia):
        assert one("SELECT current_user") == settings.APPLICATION_ROLE
    assert one("SELECT coalesce(current_setting('fascicle.actor', true), '')") == ""
    assert one("SELECT current_user") != settings.APPLICATION_ROLE


def test_who_cannot_see_all_rows_cannot_take_a_copy_of_them(case: Case, nadia: User) -> None:
    """`pg_dump` asks with row security off: it stops, where it would silently leave rows out."""
    with pytest.raises(ProgrammingError, match="would be affected by row-level security"), acting_as(nadia):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL row_security = off")
        ask("SELECT count(*) FROM patients_case")


# The roles that sign in.


def wrapper(**changes: Any) -> DatabaseWrapper:
    made = DatabaseWrapper({**connection.settings_dict, **changes}, alias="default")
    made.inc_thread_sharing()
    return made


def test_the_application_refuses_to_work_as_an_owner(settings: Any) -> None:
    settings.APPLICATION_ROLE = ""
    strong = wrapper()
    try:
        with pytest.raises(TooStrong, match="OWNER_DATABASE_URL"):
            strong.connect()
    finally:
        strong.close()


def test_only_a_migration_works_as_the_owner(settings: Any) -> None:
    settings.APPLICATION_ROLE = ""
    strong = wrapper()
    strong.is_for_owner = True
    strong.connect()
    strong.close()


def test_a_role_that_may_empty_a_table_is_too_strong() -> None:
    """As the check itself asks it: the application's role passes, and with one right more it doesn't."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE fascicle_app")
        assert one(STRONGER) is False
        cursor.execute("RESET ROLE")
        cursor.execute("GRANT TRUNCATE ON patients_case TO fascicle_app")
        cursor.execute("SET LOCAL ROLE fascicle_app")
        assert one(STRONGER) is True
