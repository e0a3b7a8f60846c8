"""Who may do what, and who sees which rows. Permission is decided here and nowhere else.

`ROLES` is the table to read first. A permission says *what*; a membership says *where* (one
department, or the whole clinic); `reach` joins the two, and each model's `visible_to` turns the
reach into rows. The check of one object is that same query with a primary key, so a list and an
object cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.models.accounts import User
    from portal.models.record import Record, RecordQuerySet

R = TypeVar("R", bound="Record")


class Permission(StrEnum):
    """NOUN_VERB. `*_READ` is what `visible_to` asks for when nothing else is named."""

    PATIENT_READ = "patient.read"
    PATIENT_REGISTER = "patient.register"
    PATIENT_AMEND = "patient.amend"
    CASE_READ = "case.read"
    CASE_OPEN = "case.open"
    CASE_TRIAGE = "case.triage"
    CASE_ASSIGN = "case.assign"
    CASE_REPLY = "case.reply"
    CASE_CLOSE = "case.close"
    MESSAGE_SEND = "message.send"
    ATTACHMENT_ADD = "attachment.add"
    RESULT_READ = "result.read"
    RESULT_RECORD = "result.record"
    RESULT_RELEASE = "result.release"
    PRESCRIPTION_READ = "prescription.read"
    PRESCRIPTION_REPORT = "prescription.report"
    PRESCRIPTION_PRESCRIBE = "prescription.prescribe"
    PRESCRIPTION_STOP = "prescription.stop"
    FOLLOWUP_READ = "followup.read"
    FOLLOWUP_PLAN = "followup.plan"
    FOLLOWUP_CONFIRM = "followup.confirm"
    FOLLOWUP_CLOSE = "followup.close"
    CONSENT_READ = "consent.read"
    CONSENT_ASK = "consent.ask"
    CONSENT_ANSWER = "consent.answer"
    NOTIFICATION_READ = "notification.read"
    DELIVERY_SEND = "delivery.send"
    LIBRARY_READ = "library.read"
    LIBRARY_RATE = "library.rate"
    LIBRARY_SUGGEST = "library.suggest"
    LIBRARY_EDIT = "library.edit"
    LIBRARY_APPROVE = "library.approve"
    LIBRARY_PUBLISH = "library.publish"
    LIBRARY_IMPORT = "library.import"
    DEPARTMENT_READ = "department.read"
    DEPARTMENT_MANAGE = "department.manage"
    ACCOUNT_OPEN = "account.open"
    ACCOUNT_CLOSE = "account.close"
    ACCOUNT_SIGN_IN = "account.sign_in"
    AUTHENTICATOR_GIVE = "authenticator.give"
    DRAFT_KEEP = "draft.keep"
    DRAFT_DISCARD = "draft.discard"
    SESSION_END = "session.end"
    MEMBERSHIP_GRANT = "membership.grant"
    AUDIT_READ = "audit.read"
    MAILBOX_READ = "mailbox.read"


P = Permission


class Role(StrEnum):
    """What a membership makes of a person. PATIENT needs no membership: all who sign in have it."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    TRIAGE = "triage"
    COORDINATOR = "coordinator"
    CURATOR = "curator"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return str(ROLE_LABELS[self])


ROLE_LABELS = {
    Role.PATIENT: _("Patient"),
    Role.CLINICIAN: _("Clinician"),
    Role.TRIAGE: _("Triage"),
    Role.COORDINATOR: _("Coordinator"),
    Role.CURATOR: _("Curator"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
    Role.ADMINISTRATOR: _("Administrator"),
}

# What anyone may, signed in or not.
PUBLIC = frozenset({P.LIBRARY_READ, P.LIBRARY_RATE, P.DEPARTMENT_READ})

ROLES: dict[Role, frozenset[Permission]] = {
    # A patient reaches one record: their own.
    Role.PATIENT: frozenset(
        {
            P.PATIENT_READ,
            P.PATIENT_REGISTER,
            P.PATIENT_AMEND,
            P.CASE_READ,
            P.CASE_OPEN,
            P.MESSAGE_SEND,
            P.ATTACHMENT_ADD,
            P.RESULT_READ,
            P.PRESCRIPTION_READ,
            P.PRESCRIPTION_REPORT,
            P.FOLLOWUP_READ,
            P.FOLLOWUP_CONFIRM,
            P.CONSENT_READ,
            P.CONSENT_ANSWER,
            P.NOTIFICATION_READ,
            P.ACCOUNT_SIGN_IN,
            P.SESSION_END,
            P.DRAFT_KEEP,
            P.DRAFT_DISCARD,
        }
    ),
    # A clinician reaches the cases of their departments, and the patients in them.
    Role.CLINICIAN: frozenset(
        {
            P.PATIENT_READ,
            P.CASE_READ,
            P.CASE_TRIAGE,
            P.CASE_ASSIGN,
            P.CASE_REPLY,
            P.CASE_CLOSE,
            P.ATTACHMENT_ADD,
            P.RESULT_READ,
            P.RESULT_RECORD,
            P.RESULT_RELEASE,
            P.PRESCRIPTION_READ,
            P.PRESCRIPTION_PRESCRIBE,
            P.PRESCRIPTION_STOP,
            P.FOLLOWUP_READ,
            P.FOLLOWUP_PLAN,
            P.FOLLOWUP_CLOSE,
            P.CONSENT_READ,
            P.CONSENT_ASK,
            P.LIBRARY_SUGGEST,
            P.LIBRARY_APPROVE,
        }
    ),
    # Triage reads a new case, sets its urgency and department, and hands it to somebody.
    Role.TRIAGE: frozenset({P.PATIENT_READ, P.CASE_READ, P.CASE_TRIAGE, P.CASE_ASSIGN, P.PRESCRIPTION_READ}),
    # A coordinator keeps follow-ups: who is late, who was reached, a new date. No results, no medicines.
    Role.COORDINATOR: frozenset({P.PATIENT_READ, P.CASE_READ, P.FOLLOWUP_READ, P.FOLLOWUP_PLAN, P.FOLLOWUP_CLOSE}),
    # A curator writes the library. No clinical sight: what comes from a case comes de-identified.
    Role.CURATOR: frozenset({P.LIBRARY_EDIT, P.LIBRARY_APPROVE, P.LIBRARY_PUBLISH, P.LIBRARY_IMPORT}),
    # The privacy officer reads who looked at what, not what they saw.
    Role.PRIVACY_OFFICER: frozenset({P.AUDIT_READ}),
    # An administrator runs the clinic's accounts and settings. No clinical sight.
    Role.ADMINISTRATOR: frozenset(
        {
            P.ACCOUNT_OPEN,
            P.ACCOUNT_CLOSE,
            P.MEMBERSHIP_GRANT,
            P.DEPARTMENT_MANAGE,
            P.AUDIT_READ,
            P.MAILBOX_READ,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A named actor that is nobody's account, with a short permission list of its own."""

    name: str
    permissions: frozenset[Permission]
    reaches_everything: bool = False


# The clock and the feeds: sends what is due, imports what an operator gives it, sets the clinic up.
SYSTEM = Principal(
    "system",
    frozenset(
        {
            P.DELIVERY_SEND,
            P.LIBRARY_READ, P.LIBRARY_IMPORT,
            P.DEPARTMENT_READ, P.DEPARTMENT_MANAGE, P.ACCOUNT_OPEN, P.MEMBERSHIP_GRANT,
            P.AUTHENTICATOR_GIVE, P.DRAFT_DISCARD,
        }
    ),
    reaches_everything=True,
)  # fmt: skip
# Whoever is not signed in.
VISITOR = Principal("visitor", PUBLIC)

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


@dataclass
class Acting:
    """One piece of work: for whom, in which request, and what was looked at so far."""

    actor: Actor
    request_id: str = ""
    reads: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    memberships: dict[UUID, list[tuple[Role, UUID | None]]] = field(default_factory=dict)


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
    """How far one permission carries one actor."""

    everything: bool = False
    account: UUID | None = None  # who reaches
    own: UUID | None = None  # the same, where the permission reaches one's own record as a patient
    departments: frozenset[UUID] = frozenset()
    whole_clinic: bool = False

    def q(self, *, own: str = "", department: str = "") -> Q:
        """The rows in reach: `own` is the path to the account, `department` to the department.

        As staff nobody reaches their own record: no one treats themselves.
        """
        if self.everything:
            return Q()
        found = Q(pk__in=[])
        if own and self.own:
            found |= Q(**{own: self.own})
        not_own = ~Q(**{own: self.account}) if own and self.account else Q()
        if department and self.whole_clinic:
            found |= Q(**{f"{department}__isnull": False}) & not_own
        elif department and self.departments:
            found |= Q(**{f"{department}__in": sorted(self.departments)}) & not_own
        return found

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


def reach(by: Actor, permission: Permission) -> Reach:
    """How far `permission` carries `by`: joined from every role that holds it."""
    if isinstance(by, Principal):
        return Reach(everything=by.reaches_everything and permission in by.permissions)
    holding = [(role, place) for role, place in roles_of(by) if permission in ROLES[role]]
    staff = [place for role, place in holding if role is not Role.PATIENT]
    return Reach(
        account=by.pk,
        own=by.pk if any(role is Role.PATIENT for role, _place in holding) else None,
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
