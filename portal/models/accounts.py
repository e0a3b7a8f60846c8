"""Accounts, and what their memberships make of them."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, IllegalMove, Permission, Role
from portal.models.departments import Clinic, Department
from portal.models.record import Record, RecordQuerySet

# What one does with one's own account.
ON_ONESELF = frozenset(
    {
        Permission.PATIENT_REGISTER,
        Permission.GLASS_BREAK,
        Permission.ACCOUNT_SIGN_IN,
        Permission.SESSION_END,
        Permission.DRAFT_KEEP,
        Permission.CONTACT_KEEP,
        Permission.FEED_KEEP,
        Permission.VIEW_KEEP,
        Permission.TOKEN_MAKE,
        Permission.ANSWER_KEEP,
    }
)


class UserQuerySet(RecordQuerySet["User"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Oneself; and for who runs the clinic's accounts, all of them."""
        reach = access.reach(by, to or Permission.ACCOUNT_OPEN)
        if reach.everything or reach.whole_clinic:
            return self
        return self.filter(_oneself(by)) if to is None or (to in ON_ONESELF and access.has(by, to)) else self.none()

    def with_role(self, role: Role, department: Department) -> Self:
        """Who holds this role in the department, or in the whole clinic."""
        return self.filter(
            Q(memberships__department=department) | Q(memberships__department=None),
            MembershipQuerySet.current_q("memberships__"),
            memberships__role=role,
        ).distinct()

    def with_post(self) -> Self:
        """Who works here, or did; not who is only a patient."""
        return self.filter(Exists(Membership.objects.filter(user=OuterRef("pk"))))

    def privacy_officers(self) -> Self:
        """Who keeps watch for the whole clinic, now."""
        return self._for_the_whole_clinic(Role.PRIVACY_OFFICER)

    def administrators(self) -> Self:
        """Who runs the whole clinic, now."""
        return self._for_the_whole_clinic(Role.ADMINISTRATOR)

    def _for_the_whole_clinic(self, role: Role) -> Self:
        current = MembershipQuerySet.current_q("memberships__")
        return self.filter(current, memberships__role=role, memberships__department=None, is_active=True).distinct()


def _oneself(by: Actor) -> Q:
    return Q(pk__in=[]) if isinstance(by, access.Principal) else Q(pk=by.pk)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, Record):
    """Somebody who signs in: by e-mail address, never by telephone number."""

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title and post, as readers see it"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    # Django's own staff pages are not used; nobody bypasses access.py.
    is_staff = False

    objects = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_per_email"),)
        # Policies ask for the account of who acts, some of them for each part of a list. A tree of a million keys takes
        # three pages to walk down, this takes one.
        indexes = (HashIndex(fields=("id",), name="account_by_hash"),)

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def current_memberships(self) -> list[tuple[Role, UUID | None]]:
        rows = self.memberships.current().values_list("role", "department")
        return [(Role(role), department) for role, department in rows]


class MembershipQuerySet(RecordQuerySet["Membership"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        reach = access.reach(by, to or Permission.MEMBERSHIP_GRANT)
        return self if reach.everything or reach.whole_clinic else self.filter(reach.in_departments("department"))

    @staticmethod
    def current_q(path: str = "") -> Q:
        today = timezone.localdate()
        return Q(**{f"{path}ends_on__isnull": True}) | Q(**{f"{path}ends_on__gte": today})

    def current(self) -> Self:
        return self.filter(self.current_q())

    def of_administrators(self) -> Self:
        """Who runs the whole clinic today, and can sign in to do so."""
        return self.current().filter(role=Role.ADMINISTRATOR, department=None, user__is_active=True)


class Membership(Record):
    """What somebody is, and where: in one department, or (without one) in the whole clinic."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, ROLE) for role, ROLE in access.ROLE_LABELS.items()])
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="memberships")
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "department"), name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role if r is not Role.PATIENT]),
                name="membership_of_staff",
            ),
        )

    @classmethod
    def begin(cls, user: User, role: Role, department: Department | None) -> Membership:
        """From now on, until further notice; also for who was this before."""
        membership, _made = cls.objects.update_or_create(
            user=user, role=role, department=department, defaults={"ends_on": None}
        )
        return membership

    @property
    def runs_the_clinic(self) -> bool:
        return self.role == Role.ADMINISTRATOR and self.department_id is None

    def end(self) -> None:
        """Now, not tonight. `ends_on` is a last day, and asked by the clock of whoever looks: so it becomes
        the last day that is over everywhere on earth. The audit trail has the minute.
        """
        over = (timezone.now() - timedelta(hours=12)).astimezone(UTC).date() - timedelta(days=1)
        self.ends_on = min(self.ends_on or over, over)
        self.save(update_fields=["ends_on"])


def must_leave_an_administrator(user: User) -> None:
    """Raises IllegalMove when nobody but `user` runs the clinic. Two who take it from each other come one by one."""
    Clinic.objects.select_for_update().get(only=True)
    others = Membership.objects.of_administrators().exclude(user=user)
    if Membership.objects.of_administrators().filter(user=user).exists() and not others.exists():
        raise IllegalMove("accounts.keep", user, gettext("This is the last administrator: appoint another one first."))
