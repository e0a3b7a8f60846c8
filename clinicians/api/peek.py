"""The pane beside the list: enough of a case to say whether it can wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api import case_page, workspace
from clinicians.api.answers import PeekAnswer
from clinicians.api.desk import Desk
from clinicians.api.serializers import CaseSerializer, PatientSerializer
from clinicians.api.workspace import Workspace
from patients.models import FollowUp, Result
from patients.models.followups import FollowUpStatus
from patients.models.results import ResultStatus
from portal.rules.local_time import local_day

QUOTED = 360
RESULTS_SHOWN = 3


class Peek(Desk):
    template_name = "clinicians/peek.html"
    answers = {"get": PeekAnswer}
    fragments: ClassVar[Mapping[str, str]] = {"peek": "clinicians/_peek.html"}

    def get(self, request: Request, ref: str) -> Response:
        case = workspace.read_case(ref, by=self.actor)
        space = workspace.open_workspace(case, by=self.actor)
        said = [message for message in space.messages if message.is_from_patient]
        data = {
            "case": CaseSerializer(case).data,
            "patient": PatientSerializer(case.patient).data,
            "says": (said[-1].body if said else case.story)[: QUOTED + 1],
            "facts": facts(space),
        }
        may = {name: workspace.may(self.actor, permission, case) for name, permission in case_page.OFFERED.items()}
        return self.answer(data, may=may)


def facts(space: Workspace) -> list[dict[str, str]]:
    """What would change how soon: stops, results, questions, promises. `kind` is no, watch or yes."""
    found = [{"kind": "no", "text": f"{row}: {_finding(row)}"} for row in space.stops]
    found += [_result(row) for row in space.results[:RESULTS_SHOWN]]
    if waiting := len(space.open_questions):
        text = ngettext("%(n)d question is not answered yet", "%(n)d questions are not answered yet", waiting)
        found.append({"kind": "watch", "text": text % {"n": waiting}})
    found += [_promise(row, space) for row in space.followups if row.status != FollowUpStatus.CLOSED]
    if not space.stops and space.medicines:
        found.append({"kind": "yes", "text": _("No medicine is stopped")})
    return found


def _finding(row: Any) -> str:
    return str(row.findings[0]["title"]) if row.findings else str(_("stopped by the medicine checks"))


def _result(row: Result) -> dict[str, str]:
    if row.status == ResultStatus.PRELIMINARY:
        return {"kind": "watch", "text": _("%(title)s: recorded, not released") % {"title": row.title}}
    return {"kind": "yes", "text": _("%(title)s: released") % {"title": row.title}}


def _promise(row: FollowUp, space: Workspace) -> dict[str, str]:
    late = row.days_late(local_day(timezone.now(), space.case.department.time_zone))
    kind = str(row.get_kind_display())
    if late:
        text = ngettext("%(kind)s: %(days)d day late", "%(kind)s: %(days)d days late", late)
        return {"kind": "no", "text": text % {"kind": kind, "days": late}}
    return {"kind": "yes", "text": _("%(kind)s: due %(day)s") % {"kind": kind, "day": date_format(row.due_on, "j M")}}
