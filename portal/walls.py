"""Two walls from one rule: `visible_to` of a QuerySet, and the row-level-security policy of its table.

A protected model's QuerySet names its `Rule`. `Rule.q` makes of it the rows an actor may see (wall one, Python);
`Rule.ways` the condition that PostgreSQL adds to every statement (wall two). `portal.masonry` puts that up.

The form of a policy is what makes it cheap: `column = ANY ((SELECT function())::uuid[])` is asked once a statement,
and the array is short (the departments one works in, the records that are one's own).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from portal import access
from portal.access import Actor, Permission, Reach, Role
from portal.roles import ROLES, SYSTEM
from portal.sending import STEP


@dataclass(frozen=True, slots=True)
class Rule:
    """Who sees the rows of one model: here, the account it is addressed to. What the record adds: patients/walls.py.

    `is_watched`: seen by who keeps watch over the whole clinic, in a role that carries `reading`.
    `for_system`: the clock sees them, by a permission of its own; `system_if` limits it to these values of a column
    (none named: where the column is empty).
    `writes_for_others`: anybody may add a row for somebody else, and not read it back (a notification).
    `is_held`: whom it is for sees it from its `visible_at` on, and no more once it was undone.
    """

    reading: Permission
    account: str = ""
    is_watched: bool = False
    writes_for_others: bool = False
    for_system: bool = False
    is_held: bool = False
    system_if: tuple[str, tuple[str, ...]] | None = None

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        """The rows on which `by` may do `to` (by default: read)."""
        reach = access.reach(by, to or self.reading)
        return self._of_system() if reach.everything else self.reached(reach)

    def reached(self, reach: Reach) -> Q:
        if self.is_watched and reach.whole_clinic:
            # Not Q(): joined by "or" to something narrower, an empty one would vanish.
            return ~Q(pk__in=[])
        if self.account and reach.account:
            return Q(**{self.account: reach.account}) & (shown() if self.is_held else Q())
        return Q(pk__in=[])

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        """The same as conditions on a row of `table`, one of which must hold, for who the database is told acts."""
        ways = []
        if self.for_system or self.reading in SYSTEM.permissions:
            ways.append(f"((SELECT fascicle_actor()) = 'system'{self._of_system_sql(table)})")
        if self.is_watched:
            ways.append(f"(SELECT fascicle_watches({array(staff_roles(self.reading))}))")
        if self.account and self.reading in ROLES[Role.PATIENT]:
            held = f" AND {shown_sql(table)}" if self.is_held else ""
            ways.append(f"({column(table, self.account)} = (SELECT fascicle_account()){held})")
        return ways

    def _of_system(self) -> Q:
        if self.system_if is None:
            return Q()
        name, values = self.system_if
        return Q(**{f"{name}__in": values}) if values else Q(**{f"{name}__isnull": True})

    def _of_system_sql(self, table: str) -> str:
        if self.system_if is None:
            return ""
        name, values = self.system_if
        return f" AND {table}.{name} = ANY ({array(values)})" if values else f" AND {table}.{name} IS NULL"

    def sql(self, table: str, *, writing: bool = False) -> str:
        return "\n    OR ".join(self.ways(table, writing=writing)) or "false"


def shown(path: str = "") -> Q:
    """Its moment has come, if it waits for one, and it was not undone. `path` leads to the row that says so."""
    has_come = Q(**{f"{path}visible_at": None}) | Q(**{f"{path}visible_at__lte": timezone.now()})
    return has_come & Q(**{f"{path}undone_at": None})


def shown_sql(table: str) -> str:
    return f"(coalesce({table}.visible_at, '-infinity') <= now() AND {table}.undone_at IS NULL)"


def column(table: str, name: str) -> str:
    """Of a key: `pk` is `id`, a foreign key ends in `_id`."""
    return f"{table}.id" if name == "pk" else f"{table}.{name}_id"


def staff_array(reading: Permission) -> str:
    """The departments in which who acts holds a role that carries this permission; empty where none does."""
    roles = staff_roles(reading)
    return f"(SELECT fascicle_departments({array(roles)}))::uuid[]" if roles else ""


def staff_roles(reading: Permission) -> list[str]:
    return sorted(role.value for role, held in ROLES.items() if reading in held and role is not Role.PATIENT)


def addressed(table: str) -> str:
    """Sent to an address that who acts has confirmed."""
    return f"lower({table}.email) = ANY ((SELECT fascicle_addresses())::text[])"


def mail_of(table: str) -> str:
    """Mail to a bare address: its words name the invitation that its link opens."""
    return (
        "portal_delivery.recipient_id IS NULL AND EXISTS (SELECT FROM"
        f" {table} AS invited WHERE invited.id = (portal_delivery.words ->> 'invitation')::uuid)"
    )


def array(values: Iterable[str]) -> str:
    return "'{" + ",".join(values) + "}'::text[]"


@dataclass(frozen=True, slots=True)
class Part:
    """What one package adds to the wall: functions that the policies ask, and policies besides those of the rules."""

    functions: tuple[str, ...] = ()
    # (table, name, FOR …, condition): one more way to a row.
    policies: tuple[tuple[str, str, str, str], ...] = ()
    # What the keeper of the wall, whose functions see behind it, may read.
    asked: tuple[str, ...] = ()
    # Tables that its functions keep, and nobody else writes; (table, name, when …) the triggers that ask them to;
    # and what makes those tables anew when one of the functions has changed.
    kept: tuple[str, ...] = ()
    triggers: tuple[tuple[str, str, str], ...] = ()
    rebuild: str = ""


# Who is acting is a setting of the transaction (portal/acting.py). Nobody: an error, never an empty page.
WHO = """
CREATE OR REPLACE FUNCTION fascicle_actor() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE actor text := current_setting('fascicle.actor', true);
BEGIN
    IF coalesce(actor, '') = '' THEN
        RAISE EXCEPTION 'nobody is acting: a protected table was asked outside acting_as' USING ERRCODE = 'FA001';
    END IF;
    RETURN actor;
END $$
"""
# NULL for the clock and for visitors, and for an account that was closed.
ACCOUNT = """
CREATE OR REPLACE FUNCTION fascicle_account() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE actor text := public.fascicle_actor(); account uuid;
BEGIN
    IF actor IN ('system', 'visitor') THEN RETURN NULL; END IF;
    SELECT id INTO account FROM public.portal_user WHERE id = actor::uuid AND is_active;
    RETURN account;
END $$
"""
# Where who acts holds one of these roles today; a role in the whole clinic is one in every department.
DEPARTMENTS = """
CREATE OR REPLACE FUNCTION fascicle_departments(roles text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE account uuid := public.fascicle_account(); places uuid[]; everywhere boolean;
BEGIN
    IF account IS NULL THEN RETURN '{}'; END IF;
    SELECT array_agg(department_id) FILTER (WHERE department_id IS NOT NULL), bool_or(department_id IS NULL)
      INTO places, everywhere FROM public.portal_membership
     WHERE user_id = account AND role = ANY (roles)
       AND (ends_on IS NULL OR ends_on >= (now() AT TIME ZONE '%(zone)s')::date);
    IF everywhere THEN SELECT array_agg(id) INTO places FROM public.portal_department; END IF;
    RETURN coalesce(places, '{}');
END $$
"""
# Whether who acts holds one of these roles in the whole clinic.
WATCHES = """
CREATE OR REPLACE FUNCTION fascicle_watches(roles text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.portal_membership
         WHERE user_id = public.fascicle_account() AND role = ANY (roles) AND department_id IS NULL
           AND (ends_on IS NULL OR ends_on >= (now() AT TIME ZONE '%(zone)s')::date)
    );
END $$
"""
# The addresses that who acts has confirmed, in small letters.
ADDRESSES = """
CREATE OR REPLACE FUNCTION fascicle_addresses() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN ARRAY(
        SELECT lower(email) FROM public.account_emailaddress
         WHERE user_id = public.fascicle_account() AND verified
    );
END $$
"""


def ground() -> Part:
    zone = {"zone": settings.TIME_ZONE}
    # Whoever may see an invitation may call its mail back.
    invited = mail_of("portal_invitation")
    return Part(
        functions=(WHO, ACCOUNT, DEPARTMENTS % zone, WATCHES % zone, ADDRESSES, STEP),
        policies=(
            ("portal_delivery", "wall_of_invitation", "SELECT", invited),
            ("portal_delivery", "wall_of_invitation_change", "UPDATE", invited),
        ),
        asked=("portal_user", "portal_membership", "portal_department", "account_emailaddress"),
    )
