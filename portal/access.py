"""Who sees which rows, and the gates of reading.

`reach` joins what a role may (`portal.roles`) with where it may; each model's `visible_to` turns the reach into
rows. The check of one object is that same query with a primary key, so a list and an object cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import Http404
from django.utils.module_loading import import_string

from portal.roles import EMERGENCY as EMERGENCY
from portal.roles import PUBLIC as PUBLIC
from portal.roles import ROLE_LABELS as ROLE_LABELS
from portal.roles import ROLES as ROLES
from portal.roles import SYSTEM as SYSTEM
from portal.roles import VISITOR as VISITOR
from portal.roles import Permission as Permission
from portal.roles import Principal as Principal
from portal.roles import Role as Role

if TYPE_CHECKING:
    from portal.models.accounts import User
    from portal.models.record import Record, RecordQuerySet

R = TypeVar("R", bound="Record")

Actor: TypeAlias = "User | Principal"


class Refusal(Exception):
    """Something that was asked for and not done; recorded after its transaction has rolled back."""

    code = "refused"

    def __init__(self, name: str, subject: Record | None = None, reason: str = "") -> None:
        super().__init__(reason or name)
        self.name, self.subject, self.reason = name, subject, reason


class Refused(Refusal):
    """This actor may not do this. Answered as 403."""


class IllegalMove(Refusal):
    """The thing is not in a state in which this can be done. Answered as 409."""

    code = "illegal_move"


class Overtaken(Refusal):
    """The database says that somebody else was first. Answered as 409."""

    code = "overtaken"


class Unseen(Refusal, Http404):
    """No such row, or one that this actor may not see: the answer is the same 404."""

    code = "unseen"


class NoActor(RuntimeError):
    """Work was begun without saying for whom. Wrap it in `acting_as(actor)`."""


@dataclass(frozen=True, slots=True)
class People:
    """Whose records an account reaches as a person, not through a department."""

    own: frozenset[UUID] = frozenset()
    trusted: Mapping[UUID, frozenset[Permission]] = field(default_factory=dict)
    emergency: frozenset[UUID] = frozenset()


@dataclass
class Acting:
    """One piece of work: for whom, in which request, and what was looked at so far."""

    actor: Actor
    request_id: str = ""
    # What an account acts through: itself, or a token of a program. The trail says it.
    through: str = "account"
    reads: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    memberships: dict[UUID, list[tuple[Role, UUID | None]]] = field(default_factory=dict)
    people: dict[UUID, People] = field(default_factory=dict)

    def forget(self) -> None:
        """Who may what is asked again: something was done that may have changed it."""
        self.memberships.clear()
        self.people.clear()


ACTING: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting(by: Actor | None = None) -> Acting:
    """The work under way. Raises NoActor outside `acting_as`, or when `by` is not who is acting."""
    now = ACTING.get()
    if now is None:
        raise NoActor("This needs `with acting_as(actor)` around it.")
    if by is not None and now.actor != by:
        raise NoActor(f"Acting as {now.actor!r}, asked by {by!r}.")
    return now


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission carries one actor. `portal.walls` says the same to the database."""

    everything: bool = False
    account: UUID | None = None  # whose own rows, where everybody who signs in holds the permission
    own: frozenset[UUID] = frozenset()  # one's own records, whatever the permission
    people: frozenset[UUID] = frozenset()  # records reached as the patient, or as somebody the patient trusts
    emergency: frozenset[UUID] = frozenset()  # records opened by breaking the glass
    departments: frozenset[UUID] = frozenset()
    whole_clinic: bool = False

    def in_departments(self, department: str, person: str = "") -> Q:
        """Rows of the departments one works in: `department` and `person` are paths to their keys.

        As staff nobody reaches their own record: no one treats themselves.
        """
        if self.everything:
            return Q()
        if self.whole_clinic:
            found = Q(**{f"{department}__isnull": False})
        else:
            found = Q(**{f"{department}__in": sorted(self.departments)})
        return found & ~Q(**{f"{person}__in": sorted(self.own)}) if person and self.own else found

    @property
    def as_staff(self) -> bool:
        return self.everything or self.whole_clinic or bool(self.departments)


def roles_of(by: Actor) -> list[tuple[Role, UUID | None]]:
    """Each role of this actor with its department (None: the whole clinic), asked once per piece of work."""
    if isinstance(by, Principal):
        return []
    now = ACTING.get()
    if now is not None and by.pk in now.memberships:
        return now.memberships[by.pk]
    found = [(Role.PATIENT, None), *by.current_memberships()] if by.is_active else []
    if now is not None:
        now.memberships[by.pk] = found
    return found


def people_of(by: User) -> People:
    """Whose records this account reaches as a person. The ground can't name them; the settings say who knows."""
    now = ACTING.get()
    if now is not None and by.pk in now.people:
        return now.people[by.pk]
    found: People = import_string(settings.PEOPLE_OF)(by.pk) if by.is_active else People()
    if now is not None:
        now.people[by.pk] = found
    return found


def reach(by: Actor, permission: Permission) -> Reach:
    """How far `permission` carries `by`: joined from every role that holds it."""
    if isinstance(by, Principal):
        return Reach(everything=by.reaches_everything and permission in by.permissions)
    holding = [(role, place) for role, place in roles_of(by) if permission in ROLES[role]]
    staff = [place for role, place in holding if role is not Role.PATIENT]
    people = people_of(by)
    is_own = any(role is Role.PATIENT for role, _place in holding)
    trusted = {person for person, permissions in people.trusted.items() if permission in permissions}
    return Reach(
        account=by.pk if is_own else None,
        own=people.own,
        people=frozenset(trusted | people.own) if is_own else frozenset(trusted),
        emergency=people.emergency if permission in EMERGENCY else frozenset(),
        departments=frozenset(place for place in staff if place is not None),
        whole_clinic=None in staff,
    )


def has(by: Actor, permission: Permission) -> bool:
    """Whether some role of `by` holds `permission`, wherever it reaches."""
    if isinstance(by, Principal):
        return permission in by.permissions
    return permission in PUBLIC or any(permission in ROLES[role] for role, _place in roles_of(by))


def can(by: Actor, permission: Permission, subject: Record) -> bool:
    """Whether `by` may do this to this row: `visible_to` with a primary key."""
    if not has(by, permission):
        return False
    rows = cast("RecordQuerySet[Record]", subject._meta.model._default_manager.all())
    return rows.visible_to(by, permission).filter(pk=subject.pk).exists()


def read_one(queryset: RecordQuerySet[R], *, by: Actor, **lookup: Any) -> R:
    """The row that `by` may see, or a 404 that says no more. Audited."""
    row = queryset.visible_to(by).filter(**lookup).first()
    if row is None:
        raise Unseen(f"read {queryset.model._meta.label_lower}")
    note([row], by=by)
    return row


def read_many(
    queryset: RecordQuerySet[R],
    *,
    by: Actor,
    page: Callable[[RecordQuerySet[R]], Sequence[R]] = list,
) -> Sequence[R]:
    """The rows that `by` may see and is shown. `page` takes the visible rows and returns those shown. Audited."""
    rows = page(queryset.visible_to(by))
    note(rows, by=by)
    return rows


def note(rows: Sequence[Record], *, by: Actor) -> None:
    """Remember whose rows are shown; `acting_as` writes them down before its transaction ends."""
    reads = acting(by).reads
    for row in rows:
        if row.person_id is not None:
            reads[row._meta.label_lower].add(row.person_id)
