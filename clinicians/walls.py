"""The rules of the desk: what is somebody's own there, and what they share with their department."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from patients.walls import RecordRule
from portal import access
from portal.access import Actor, Permission, Reach
from portal.models import User
from portal.walls import Part, Rule, staff_array


@dataclass(frozen=True, slots=True)
class DeskRule(RecordRule):
    """Rows of the desk about a case: seen by staff of its department, by nobody as a patient."""

    department: str = "department"

    def reached(self, reach: Reach) -> Q:
        return self.as_staff(reach) if reach.as_staff else Q(pk__in=[])

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        by_the_clock = ["(SELECT fascicle_actor()) = 'system'"] if self.for_system else []
        return self.staff_ways(table, self.reading) + by_the_clock


@dataclass(frozen=True, slots=True)
class OwnOfCase(RecordRule):
    """What one colleague wrote about a case: theirs alone, and only for as long as they reach the case as staff."""

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        if not isinstance(by, User):
            return Q(pk__in=[])
        return super(OwnOfCase, self).q(by, to) & Q(account=by.pk)

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        own = f"{table}.account_id = (SELECT fascicle_account())"
        return [f"({way} AND {own})" for way in self.staff_ways(table, self.reading)]


@dataclass(frozen=True, slots=True)
class TeamRule(Rule):
    """What somebody wrote for a department they work in: theirs; once shared, of all who work there in such a role.

    `within`: the row that says so, where this one only hangs on it.
    """

    within: str = ""

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        if not isinstance(by, User):
            return Q(pk__in=[])
        path = f"{self.within}__" if self.within else ""
        here = access.reach(by, to or self.reading).in_departments(f"{path}department")
        return here & (Q(**{f"{path}owner": by.pk}) | Q(**{f"{path}is_shared": True}))

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        if self.within:
            # The policy of the row it hangs on answers for it.
            return [f"EXISTS (SELECT FROM clinicians_savedreply AS held WHERE held.id = {table}.{self.within}_id)"]
        mine = f"({table}.owner_id = (SELECT fascicle_account()) OR {table}.is_shared)"
        return [f"({table}.department_id = ANY ({staff_array(self.reading)}) AND {mine})"]


def desk() -> Part:
    """Whoever sent a reply may call back, in its time, how its patient is told of it."""
    told = "EXISTS (SELECT FROM clinicians_sentreply AS sent WHERE sent.notification_id = portal_notification.id)"
    mail = "EXISTS (SELECT FROM clinicians_sentreply AS sent WHERE sent.delivery_id = portal_delivery.id)"
    return Part(
        functions=(),
        policies=(
            ("portal_notification", "wall_of_reply", "SELECT", told),
            ("portal_notification", "wall_of_reply_change", "UPDATE", told),
            ("portal_delivery", "wall_of_reply", "SELECT", mail),
            ("portal_delivery", "wall_of_reply_change", "UPDATE", mail),
        ),
    )
