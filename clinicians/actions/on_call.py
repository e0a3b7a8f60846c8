"""Who is told at once of what can't wait, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models import OnCall
from clinicians.models.staff import StandsAlready, clinicians_of
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.verbs import verb

LONGEST = timedelta(days=31)


@verb(Permission.ONCALL_SET)
def appoint(department: Department, *, by: User, clinician: User, starts_at: datetime, ends_at: datetime) -> OnCall:
    """Put somebody who treats in this department on call. Raises IllegalMove for what can't be."""
    if not clinicians_of(department).filter(pk=clinician.pk).exists():
        raise IllegalMove("on_call.appoint", department, _("That person does not treat patients in this department."))
    if not starts_at < ends_at or ends_at <= timezone.now():
        raise IllegalMove("on_call.appoint", department, _("The end must come after the beginning, and after now."))
    if ends_at - starts_at > LONGEST:
        raise IllegalMove("on_call.appoint", department, _("At most a month at a time."))
    standing = OnCall.objects.filter(department=department, clinician=clinician).standing()
    if standing.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise StandsAlready("on_call.appoint", department, _("This person is on call at that time already."))
    return OnCall.objects.create(
        department=department, clinician=clinician, starts_at=starts_at, ends_at=ends_at, set_by=by
    )


@verb(Permission.ONCALL_SET)
def end(duty: OnCall, *, by: User) -> OnCall:
    """Take somebody off call from now. Raises IllegalMove when it was ended before."""
    duty.end(by)
    return duty
