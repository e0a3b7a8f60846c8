"""Recording a result and releasing it to the patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinicians.actions import followups
from clinicians.actions.followups import Planned
from patients.models import Case, EegReport, FollowUp, NerveMeasurement, Observation, Result
from patients.models.followups import Evidence
from patients.models.results import ResultKind
from portal.access import IllegalMove, Permission
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb

Row = Mapping[str, Any]
CLOSED_MEANWHILE = gettext_lazy(
    "Nothing was released: the repeat that this result was to keep has been closed meanwhile. Choose again."
)


class PromiseClosed(IllegalMove):
    """The result waits as before; what it was to keep is closed."""

    code = "promise_closed"


@verb(Permission.RESULT_RECORD)
def record(
    case: Case,
    /,
    *,
    by: User,
    kind: ResultKind,
    performed_on: date,
    measurements: Iterable[Row] = (),
    observations: Iterable[Row] = (),
    eeg: Row | None = None,
    **about: Any,
) -> Result:
    """Write a result down with its values; the patient sees nothing until it is released.

    `measurements` are rows of a nerve conduction study, `observations` of a laboratory panel.
    Raises ValidationError for what the models refuse, IllegalMove for a test in the future or one recorded already.
    """
    if performed_on > timezone.localdate():
        raise IllegalMove("results.record", case, "a test can't have been done in the future")
    if case.results.filter(kind=kind, performed_on=performed_on, title=about.get("title", "")).exists():
        raise IllegalMove("results.record", case, "a test of this name and day is recorded already")
    result = Result(patient=case.patient, case=case, kind=kind, performed_on=performed_on, recorded_by=by, **about)
    result.full_clean()
    result.save()
    values: list[NerveMeasurement | Observation | EegReport] = [
        *(NerveMeasurement(position=position, **row) for position, row in enumerate(measurements, start=1)),
        *(Observation(position=position, **row) for position, row in enumerate(observations, start=1)),
        *([EegReport(**eeg)] if eeg else []),
    ]
    for value in values:
        value.patient, value.result = case.patient, result
        value.full_clean()
        value.save()
    return result


@verb(Permission.RESULT_RELEASE)
def release(
    result: Result,
    *,
    by: User,
    comment: str,
    next_step: str = "",
    keeps: FollowUp | None = None,
    followup: Planned | None = None,
) -> Result:
    """Let the patient read it, with a sentence in plain words.

    `keeps` is the promise to repeat this test: reviewed, it is kept. `followup` is promised next. Raises IllegalMove
    when the result is released or that promise closed already, or when the follow-up can't be promised.
    """
    result.release(by=by, comment=comment, next_step=next_step)
    if keeps:
        _keep(keeps, result, by)
    if followup:
        followups.plan(result.case, by=by, result=result, **followup.about)
    if result.patient.user:
        Notification.queue(result.patient.user, Purpose.RESULT_RELEASED, path=f"/my/results/{result.pk}/")
    return result


def _keep(promised: FollowUp, result: Result, by: User) -> None:
    try:
        followups.close(promised, by=by, evidence=Evidence.RESULT_REVIEWED)
    except IllegalMove as closed:
        raise PromiseClosed("results.release", result, str(CLOSED_MEANWHILE)) from closed
