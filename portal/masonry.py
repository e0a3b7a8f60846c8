"""Putting up the second wall: functions, policies, grants. Run by who owns the tables, at the end of each migration.

Derived, not stored: what stands in the database is compared with what the rules say now, and put right. A table
without a rule that is not on `OPEN` gets no grant at all, so whoever forgets the rule cannot use the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.module_loading import import_string

from portal.models.record import RecordQuerySet
from portal.walls import Part, Rule

APPLICATION = "fascicle_app"
# Celery: what is due, and to whom; no clinical text.
SENDER = "fascicle_sender"
# Owns the functions that see behind the wall, and nothing else; nobody signs in as it.
KEEPER = "fascicle_keeper"

# Tables without a policy, each with its reason.
OPEN: dict[str, str] = {
    "django_migrations": "names of migrations",
    "django_content_type": "names of models",
    "django_session": "found by a key that only its browser has; read before anybody is known",
    "auth_permission": "Django's own permissions, which nobody is given",
    "auth_group": "the same",
    "auth_group_permissions": "the same",
    "patients_schedule": "when clinicians are there; speaks of no patient",
    "patients_leave": "when they are away; speaks of no patient",
    "mfa_authenticator": "shown at sign-in, before anybody is known; speaks of no patient",
    "usersessions_usersession": "which browsers an account is signed in with; written at sign-in",
    "portal_apitoken": "found by a digest that only its holder's program can give; read before anybody is known",
    "pghistory_context": "Fascicle keeps no context there",
    "account_emailaddress": "sign-in looks an address up before anybody is known",
    "account_emailconfirmation": "found by a key that only its mail has",
    "portal_user": "sign-in looks an account up before anybody is known; no clinical word",
    "portal_membership": "who works where: asked for every request, before its actor is named",
    "portal_auditmark": "a number, and transactions: speaks of nobody",
    "portal_clinic": "that there is a clinic is public",
    "portal_department": "public",
    "portal_openinghours": "public",
    "portal_holiday": "public",
    "clinicians_worktally": "numbers of work by department and owner: speaks of no patient",
    "clinicians_oncall": "asked while a patient acts, so that the right person is told; speaks of no patient",
}
# The library is for everybody: no policy, or its word index could not be used (docs/architecture.md).
LIBRARY = "faq_"
# Never changed, by anybody: what they hold is added.
ADDED_ONLY = frozenset(
    {
        "portal_auditevent",
        "portal_auditseal",
        "patients_brokenglass",
        "patients_glassreview",
        "clinicians_handover",
        "patients_screening",
        "clinicians_savedreplyversion",
        "clinicians_escalation",
        "portal_attempt",
        "patients_callattempt",
        "patients_remindercheck",
    }
)
# What may be deleted again: sessions, addresses, the clinic's timetable, the library's links.
PASSING = (
    "django_session",
    "account_",
    "portal_keptform",
    "clinicians_replydraft",
    "portal_keptanswer",
    "clinicians_occurrence",
    "clinicians_webhookdelivery",
    "portal_openinghours",
    "portal_holiday",
    "faq_",
    "mfa_",
    "usersessions_",
    "clinicians_savedview",
)
SENDS: dict[str, str] = {
    "portal_delivery": "SELECT, INSERT, UPDATE",
    "portal_attempt": "SELECT, INSERT",
    "portal_outbox": "SELECT, INSERT, UPDATE",
    # That a browser took its leave.
    "portal_contactpoint": "SELECT, UPDATE (removed_at)",
    "portal_contactpreference": "SELECT",
    "portal_suppression": "SELECT, INSERT, UPDATE",
    "portal_user": "SELECT (id, name, email, is_active, time_zone)",
    "portal_membership": "SELECT",
    "portal_auditevent": "SELECT, INSERT",
    "portal_auditseal": "SELECT, INSERT",
    "portal_auditmark": "SELECT, INSERT, UPDATE",
    # Files that wait for the scanner, and what is nobody's.
    "patients_attachment": "SELECT, UPDATE",
    "patients_attachmentevent": "INSERT",
    "portal_clinic": "SELECT, INSERT, UPDATE",
    # That something happened to a case, and whom to tell: no word of what.
    "clinicians_occurrence": "SELECT, UPDATE, DELETE",
    "clinicians_webhook": "SELECT",
    "clinicians_webhookdelivery": "SELECT, INSERT, UPDATE, DELETE",
    # Promises that run out: whose, where and by when; and whom that is told.
    "clinicians_workitem": "SELECT (case_id, patient_id, department_id, owner_id, lane, due_at)",
    "clinicians_escalation": "SELECT, INSERT",
    # Follow-ups whose day has passed: dates, and no word of what for.
    "patients_followup": "SELECT (id, created_at, patient_id, case_id, department_id, owner_id, kind, earliest_on,"
    " due_on, latest_on, status, is_high_risk, misses, missed_at, desk_at, call_at, call_reason, sequence, visible_at,"
    " undone_at, closed_at), UPDATE (misses, missed_at, desk_at, call_at, call_reason)",
    "patients_followupevent": "INSERT",
    "patients_callattempt": "SELECT (id, followup_id, outcome, created_at)",
    # Times that nobody came to, and who waits for an earlier one.
    "patients_appointment": "SELECT (id, followup_id, span, starts_at, status), UPDATE (status)",
    "patients_appointmentevent": "INSERT",
    "patients_schedule": "SELECT",
    "patients_leave": "SELECT",
    "patients_waitinglistentry": "SELECT, UPDATE (offered, offered_until, passed_over)",
    "patients_remindercheck": "SELECT, INSERT",
    "patients_reminder": "SELECT, INSERT, UPDATE",
    "patients_telling": "SELECT, INSERT",
    "portal_department": "SELECT",
    "portal_openinghours": "SELECT",
    "portal_holiday": "SELECT",
    "portal_notification": "INSERT",
    # What is let go of after its time, unread.
    "portal_keptform": "SELECT (id, created_at), DELETE",
    "portal_keptanswer": "SELECT (id, created_at), DELETE",
    "django_session": "SELECT (expire_date), DELETE",
}


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    rule: Rule | None
    is_history: bool = False

    @property
    def policies(self) -> Iterator[tuple[str, str, str]]:
        """(name, what it is for and to whom, condition)."""
        if self.rule is None:
            return
        condition, changed = self.rule.sql(self.name), self.rule.sql(self.name, writing=True)
        written = "(SELECT fascicle_actor()) <> ''" if self.rule.writes_for_others else changed
        yield "wall_read", f"FOR SELECT TO {APPLICATION}", f"USING ({condition})"
        yield "wall_add", f"FOR INSERT TO {APPLICATION}", f"WITH CHECK ({written})"
        yield "wall_change", f"FOR UPDATE TO {APPLICATION}", f"USING ({changed}) WITH CHECK ({changed})"
        yield "wall_remove", f"FOR DELETE TO {APPLICATION}", f"USING ({changed})"
        yield "wall_send", f"FOR ALL TO {SENDER}", "USING ((SELECT fascicle_actor()) = 'system')"

    @property
    def grants(self) -> str:
        if self.is_history or self.name in ADDED_ONLY:
            return "SELECT, INSERT"
        if self.name == "django_migrations" or self.name in kept():
            return "SELECT"
        return "SELECT, INSERT, UPDATE" + (", DELETE" if self.name.startswith(PASSING) else "")


def tables() -> list[Table]:
    """Every table of ours with the rule of its model; a history table has that of what it is the history of."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        tracked = getattr(model, "pgh_tracked_model", None)
        rule = rule_of(tracked or model)
        found[model._meta.db_table] = Table(model._meta.db_table, rule, tracked is not None)
    found["django_migrations"] = Table("django_migrations", None)
    return [found[name] for name in sorted(found)]


def rule_of(model: type[models.Model]) -> Rule | None:
    rows = model._default_manager.none()
    return rows.rule if isinstance(rows, RecordQuerySet) else None


def is_open(name: str) -> bool:
    return name in OPEN or name.startswith(LIBRARY)


def kept() -> frozenset[str]:
    """Tables that functions of the wall write, and the application only reads."""
    return frozenset(name for part in parts() for name in part.kept)


def parts() -> list[Part]:
    return [import_string(path)() for path in settings.WALLS]


def lay(connection: BaseDatabaseWrapper) -> None:
    """Make the wall what the rules say. Nothing is locked where nothing changed."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fascicle wall'))")
        changed = _lay_functions(cursor)
        policies = {table.name: list(table.policies) for table in tables() if table.rule}
        for part in parts():
            for table, name, verb, condition in part.policies:
                clause = "WITH CHECK" if verb == "INSERT" else "USING"
                policies[table].append((name, f"FOR {verb} TO {APPLICATION}", f"{clause} ({condition})"))
        for table, wanted in policies.items():
            _lay_policies(cursor, table, wanted)
        _grant(cursor)
        for part in changed:
            if part.rebuild:
                cursor.execute(part.rebuild)


def _lay_functions(cursor: CursorWrapper) -> list[Part]:
    """The keeper owns them; it may create only while it is given them. The parts of which one changed."""
    changed = []
    cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {KEEPER}")
    for part in parts():
        for name in part.asked:
            cursor.execute(f"GRANT SELECT ON {name} TO {KEEPER}")
        for name in part.kept:
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {KEEPER}")
        # All of them, and not only the first that is another.
        if sum(_lay_function(cursor, text) for text in part.functions):
            changed.append(part)
        for trigger in part.triggers:
            _lay_trigger(cursor, *trigger)
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {KEEPER}")
    cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {KEEPER}")
    return changed


def _lay_trigger(cursor: CursorWrapper, table: str, name: str, when: str) -> None:
    cursor.execute(
        "SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s",
        [table, name],
    )
    stands, mark = cursor.fetchone(), digest(when)
    if stands is None or stands[0] != mark:
        cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {when.replace(' ON TABLE', f' ON {table}')}")
        cursor.execute(f"COMMENT ON TRIGGER {name} ON {table} IS '{mark}'")


def _lay_function(cursor: CursorWrapper, text: str) -> bool:
    """Whether it was another before."""
    name = text.split("FUNCTION ", 1)[1].split(")", 1)[0] + ")"
    mark = digest(text)
    cursor.execute("SELECT obj_description(to_regprocedure(%s), 'pg_proc')", [bare(name)])
    if cursor.fetchone()[0] == mark:
        return False
    cursor.execute(f"SET LOCAL ROLE {KEEPER}")
    cursor.execute(text)
    cursor.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    # To the owner of the tables as well, who hangs triggers on them.
    cursor.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {APPLICATION}, {SENDER}, SESSION_USER")
    cursor.execute(f"COMMENT ON FUNCTION {name} IS '{mark}'")
    cursor.execute("RESET ROLE")
    return True


def bare(signature: str) -> str:
    """name(type, …), without the names of the arguments."""
    name, _, arguments = signature.rstrip(")").partition("(")
    types = [argument.split()[-1] for argument in arguments.split(",") if argument.strip()]
    return f"{name}({', '.join(types)})"


def _lay_policies(cursor: CursorWrapper, table: str, wanted: list[tuple[str, str, str]]) -> None:
    cursor.execute(
        "SELECT relrowsecurity AND relforcerowsecurity, obj_description(%s::regclass, 'pg_class')"
        " FROM pg_class WHERE oid = %s::regclass",
        [table, table],
    )
    stands, mark = cursor.fetchone()
    now = digest(repr(wanted))
    if stands and mark == now:
        return
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP POLICY {name} ON {table}")
    for name, scope, condition in wanted:
        cursor.execute(f"CREATE POLICY {name} ON {table} {scope} {condition}".replace("%", "%%"))
    cursor.execute(f"COMMENT ON TABLE {table} IS '{now}'")


def _grant(cursor: CursorWrapper) -> None:
    cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION}, {SENDER}")
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {APPLICATION}, {SENDER}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}, {SENDER}")
    for table in tables():
        if table.rule or is_open(table.name):
            cursor.execute(f"GRANT {table.grants} ON {table.name} TO {APPLICATION}")
    for name, grants in SENDS.items():
        cursor.execute(f"GRANT {grants} ON {name} TO {SENDER}")


def digest(text: str) -> str:
    return "fascicle " + sha256(text.encode()).hexdigest()[:16]
