"""Who is answering a case just now, so that two don't answer it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models.beside import BesideACase
from patients.models import Case, Patient
from patients.walls import of_case
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import RecordQuerySet

LASTS = timedelta(minutes=15)


class ClaimQuerySet(RecordQuerySet["Claim"]):
    rule = of_case(Permission.DESK_READ)

    def running(self, now: datetime) -> Self:
        """One whose time is over counts as none."""
        return self.filter(until__gt=now)

    def with_account(self) -> Self:
        return self.select_related("account")


class Claim(BesideACase):
    """One row a case, given to one after the other; who had it before stands in the trail."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.OneToOneField(Case, models.PROTECT, related_name="+")
    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="claim_in_order"),)

    @staticmethod
    def running_on(case: Case, now: datetime) -> Claim | None:
        return Claim.objects.filter(case=case).running(now).with_account().first()

    @staticmethod
    def on_these(cases: Sequence[UUID], now: datetime, *, by: User) -> dict[UUID, Claim]:
        """Those of these cases that somebody is answering."""
        rows = (
            Claim.objects.visible_to(by).running(now).filter(case__in=cases).with_account()
            if cases
            else Claim.objects.none()
        )
        return {claim.case_id: claim for claim in rows}

    @staticmethod
    def is_wanted(case: Case, by: User, now: datetime) -> bool:
        """Whether who writes should have it (again): nobody does, or theirs soon ends."""
        held = Claim.running_on(case, now)
        return held is None or (held.account_id == by.pk and held.until - now < LASTS / 2)

    @staticmethod
    def give(case: Case, to: User) -> Claim:
        """Fifteen minutes from now; who has it already keeps their beginning. Under the lock on the case."""
        now = timezone.now()
        held = Claim.running_on(case, now)
        since = held.since if held and held.account_id == to.pk else now
        claim, _made = Claim.objects.update_or_create(
            case=case, defaults={"patient_id": case.patient_id, "account": to, "since": since, "until": now + LASTS}
        )
        return claim

    @staticmethod
    def end(case: Case, *, of: UUID | None = None) -> None:
        """Whoever has it, or this person only."""
        now = timezone.now()
        rows = Claim.objects.filter(case=case).running(now)
        (rows.filter(account=of) if of else rows).update(until=now)

    @staticmethod
    def refuse_others(name: str, case: Case, by: User) -> None:
        """Raises IllegalMove while somebody else is answering: nothing is done to a case under their hands."""
        held = Claim.running_on(case, timezone.now())
        if held and held.account_id != by.pk:
            raise IllegalMove(name, case, held.words)

    @property
    def words(self) -> str:
        times = {name: f"{timezone.localtime(getattr(self, name)):%H:%M}" for name in ("since", "until")}
        return _("%(name)s is answering since %(since)s, until %(until)s.") % {"name": self.account.name, **times}
