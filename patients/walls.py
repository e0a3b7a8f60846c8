"""The rules of the record: by person, by the department of a case, by whom one treats; and what the database asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from portal.access import EMERGENCY, ROLES, Permission, Reach, Role
from portal.roles import TRUST
from portal.walls import Part, Rule, array, column, mail_of, shown, shown_sql, staff_array, staff_roles

CASE = "patients_case"


@dataclass(frozen=True, slots=True)
class RecordRule(Rule):
    """Who sees a row of somebody's record. Each field names a key of the row, or is empty where that way is closed.

    `own_if` limits what people see of their own: ("status", "final"), or of a row this one hangs on,
    ("result__status", "final"). Whoever works in a department never reaches their own record through it.
    """

    person: str = "patient"  # the patient: seen by them, by whom they trust with it, and with the glass broken
    department: str = ""  # seen by staff of this department
    case: str = ""  # seen by staff of the department of this case
    carries_department: bool = False  # its table has the department of its case
    treats: str = ""  # the patient: seen by staff of any department in which they have a case
    own_if: tuple[str, str] | None = None
    # People see it from `visible_at` on, and no more once it was undone: columns of its own where `is_held`, else of
    # the row of this name that it hangs on.
    held_with: str = ""
    # A row on its way to where its giver doesn't reach is theirs for that one statement: `acting.handing_over`.
    can_be_handed_over: bool = False

    def reached(self, reach: Reach) -> Q:
        found = super(RecordRule, self).reached(reach)
        if reach.people:
            own_if = Q(**dict([self.own_if])) if self.own_if else Q()
            found |= Q(**{f"{self.person}__in": sorted(reach.people)}) & own_if & self._shown()
        if reach.emergency:
            found |= Q(**{f"{self.person}__in": sorted(reach.emergency)})
        return found | self.as_staff(reach) if reach.as_staff else found

    def as_staff(self, reach: Reach) -> Q:
        found = Q(pk__in=[])
        if self.department:
            found |= reach.in_departments(self.department, self.person)
        if self.case:
            found |= reach.in_departments(f"{self.case}__department", self.person)
        if self.treats:
            cases = apps.get_model("patients", "Case")._default_manager
            theirs = cases.filter(reach.in_departments("department", "patient"), patient=OuterRef(self.treats))
            found |= Q(Exists(theirs))
        return found

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        person = column(table, self.person)
        ways = super(RecordRule, self).ways(table, writing=writing)
        scopes = [scope.value for scope, held in TRUST.items() if self.reading in held]
        as_patient = "true" if self.reading in ROLES[Role.PATIENT] else "false"
        ways.append(
            f"({person} = ANY ((SELECT fascicle_people({as_patient}, {array(scopes)}))::uuid[])"
            f"{self._own_if(table)}{self._shown_sql(table)})"
        )
        # With the glass broken one reads, and writes nothing.
        if self.reading in EMERGENCY and not writing:
            ways.append(f"{person} = ANY ((SELECT fascicle_emergency())::uuid[])")
        if self.can_be_handed_over:
            ways.append(f"{column(table, 'pk')} = (SELECT fascicle_handed())")
        # Staff look at the most rows, so theirs is asked first.
        return self.staff_ways(table, self.reading) + ways

    def _shown(self) -> Q:
        if self.is_held:
            return shown()
        return shown(f"{self.held_with}__") if self.held_with else Q()

    def _shown_sql(self, table: str) -> str:
        if self.is_held:
            return f" AND {shown_sql(table)}"
        if not self.held_with:
            return ""
        return (
            f" AND EXISTS (SELECT FROM patients_{self.held_with} AS held"
            f" WHERE held.id = {column(table, self.held_with)} AND {shown_sql('held')})"
        )

    def _own_if(self, table: str) -> str:
        if not self.own_if:
            return ""
        path, value = self.own_if
        if "__" not in path:
            return f" AND {table}.{path} = '{value}'"
        parent, path = path.split("__")
        return (
            f" AND EXISTS (SELECT FROM patients_{parent} AS parent"
            f" WHERE parent.id = {column(table, parent)} AND parent.{path} = '{value}')"
        )

    def staff_ways(self, table: str, reading: Permission) -> list[str]:
        not_own = f"{column(table, self.person)} <> ALL ((SELECT fascicle_own())::uuid[])"
        return [f"({way} AND {not_own})" for way in self._places(table, staff_array(reading))]

    def _places(self, table: str, places: str) -> list[str]:
        """The row's own department first: where that is reached, nothing is looked up."""
        if not places:
            return []
        # A row of a case carries its department (migration 0009); its history does not.
        carries = self.carries_department and not table.endswith("event")
        ways = [f"{table}.department_id = ANY ({places})"] if carries else []
        if self.department:
            ways.append(f"{column(table, self.department)} = ANY ({places})")
        looked_up = [("id", self.case)] if not carries else []
        for name, key in (*looked_up, ("patient_id", self.treats)):
            if key:
                ways.append(
                    f"EXISTS (SELECT FROM {CASE} AS treated WHERE treated.{name} = {column(table, key)}"
                    f" AND treated.department_id = ANY ({places}))"
                )
        return ways


def of_case(
    reading: Permission,
    *,
    for_system: bool = False,
    system_if: tuple[str, tuple[str, ...]] | None = None,
    is_held: bool = False,
    held_with: str = "",
) -> RecordRule:
    """Rows of a case: seen by whoever sees the case."""
    return RecordRule(
        reading,
        case="case",
        carries_department=True,
        for_system=for_system,
        system_if=system_if,
        is_held=is_held,
        held_with=held_with,
    )


def of_patient(reading: Permission, own_if: tuple[str, str] | None = None) -> RecordRule:
    """Rows of a person, whichever case they came with: a medicine from one department matters in the next."""
    return RecordRule(reading, treats="patient", carries_department=True, own_if=own_if)


def of_result(reading: Permission, own_if: tuple[str, str]) -> RecordRule:
    """Values of a result: seen with it."""
    return RecordRule(reading, treats="patient", own_if=own_if)


# The records that are one's own. Asked by every policy of staff, of whom most have none: the account is looked up only
# where a record was found.
OWN = """
CREATE OR REPLACE FUNCTION fascicle_own() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE actor text := public.fascicle_actor();
BEGIN
    IF actor IN ('system', 'visitor') THEN RETURN '{}'; END IF;
    RETURN ARRAY(
        SELECT id FROM public.patients_patient AS patient WHERE user_id = actor::uuid
           AND (SELECT is_active FROM public.portal_user AS account WHERE account.id = patient.user_id)
    );
END $$
"""
# One's own where `as_patient`, and those of people who trust one with any of these scopes, today.
PEOPLE = """
CREATE OR REPLACE FUNCTION fascicle_people(as_patient boolean, scopes text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE account uuid := public.fascicle_account();
BEGIN
    IF account IS NULL THEN RETURN '{}'; END IF;
    RETURN ARRAY(
        SELECT id FROM public.patients_patient WHERE as_patient AND user_id = account
        UNION ALL
        SELECT trust.patient_id FROM public.patients_relatedperson AS trust
         WHERE trust.account_id = account AND trust.revoked_at IS NULL AND trust.expires_at > now()
           AND trust.scopes::text[] && $2
    );
END $$
"""
# Records whose glass who acts has broken, within its time.
GLASS = """
CREATE OR REPLACE FUNCTION fascicle_emergency() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN ARRAY(
        SELECT patient_id FROM public.patients_brokenglass
         WHERE account_id = public.fascicle_account() AND expires_at > now()
    );
END $$
"""
# For breaking the glass: one record, by what its owner could tell at a bedside.
IDENTIFY = """
CREATE OR REPLACE FUNCTION fascicle_identify(asked_number text, asked_birth date) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF cardinality(public.fascicle_departments(%(roles)s)) = 0 THEN RETURN NULL; END IF;
    RETURN (
        SELECT id FROM public.patients_patient WHERE record_number = asked_number AND born_on = asked_birth
    );
END $$
"""
# For who keeps watch: whom a record number means, and nothing else of them.
NUMBERED = """
CREATE OR REPLACE FUNCTION fascicle_numbered(asked_number text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT public.fascicle_watches(%(roles)s) THEN RETURN NULL; END IF;
    RETURN (SELECT id FROM public.patients_patient WHERE record_number = asked_number);
END $$
"""
# For the nightly comparison of reminders: to which accounts these people's go, and by which clock. Nothing else.
TOLD = """
CREATE OR REPLACE FUNCTION fascicle_told(people uuid[])
RETURNS TABLE (patient_id uuid, user_id uuid, time_zone text, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF public.fascicle_actor() <> 'system' THEN RETURN; END IF;
    RETURN QUERY SELECT p.id, p.user_id, p.time_zone::text, max(i.accepted_at)
      FROM public.patients_patient AS p
      LEFT JOIN public.patients_patientinvitation AS i ON i.patient_id = p.id
     WHERE p.id = ANY (people) GROUP BY p.id;
END $$
"""
# When these clinicians are taken in a span of time: which seats, and not by whom. For who signs in, and the clock.
TAKEN = """
CREATE OR REPLACE FUNCTION fascicle_taken(clinicians uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (clinician_id uuid, seat integer, starts timestamptz, ends timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF public.fascicle_actor() = 'visitor' THEN RETURN; END IF;
    RETURN QUERY SELECT a.clinician_id, a.seat::integer, a.starts_at, upper(a.span)
      FROM public.patients_appointment AS a
     WHERE a.clinician_id = ANY (clinicians) AND a.status = 'booked' AND a.span && tstzrange(since, until);
END $$
"""
HANDED = """
CREATE OR REPLACE FUNCTION fascicle_handed() RETURNS uuid LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT nullif(current_setting('fascicle.handed', true), '')::uuid
$$
"""


REACHED_BY = ("portal_contactpoint", "portal_contactpreference", "portal_suppression")
REACHED = "EXISTS (SELECT FROM patients_patient AS reached WHERE reached.user_id = TABLE.user_id)"


def record() -> Part:
    # Whoever sees a reminder may see, and cancel, how it is told.
    told = "EXISTS (SELECT FROM patients_telling AS told WHERE told.delivery_id = portal_delivery.id)"
    may_watch = {"roles": array(staff_roles(Permission.AUDIT_READ))}
    may_break = {"roles": array(staff_roles(Permission.GLASS_BREAK))}
    return Part(
        functions=(OWN, PEOPLE, GLASS, IDENTIFY % may_break, NUMBERED % may_watch, TOLD, TAKEN, HANDED),
        policies=(
            ("portal_delivery", "wall_of_reminder", "SELECT", told),
            ("portal_delivery", "wall_of_reminder_change", "UPDATE", told),
            # How somebody is reached: whoever sees their record and reminds them.
            *((table, "wall_of_followup", "SELECT", REACHED.replace("TABLE", table)) for table in REACHED_BY),
            ("portal_delivery", "wall_of_enrolment", "SELECT", mail_of("patients_patientinvitation")),
            ("portal_delivery", "wall_of_enrolment_change", "UPDATE", mail_of("patients_patientinvitation")),
        ),
        asked=(
            "patients_patient",
            "patients_relatedperson",
            "patients_brokenglass",
            "patients_patientinvitation",
            "patients_appointment",
        ),
    )
