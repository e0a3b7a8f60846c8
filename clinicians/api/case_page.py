"""The forms on the case page, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.forms import BaseForm
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicians.api import composer, ownership, screenings, serializers, workspace
from clinicians.api.composer import Tools, clinic_day
from clinicians.api.escalations import escalations_shown
from clinicians.api.forms.cases import AssignForm, CloseForm, TriageForm
from clinicians.api.forms.followups import PERIODS, CloseFollowUpForm, PlanForm
from clinicians.api.forms.prescriptions import HoldForm, PrescribeForm, StopForm
from clinicians.api.forms.red_flags import ReviewFlagForm
from clinicians.api.forms.replies import ReplyForm
from clinicians.api.forms.results import ReleaseForm, known_units
from clinicians.api.workspace import Workspace
from clinicians.models import Claim
from clinicians.models.staff import clinicians_of
from clinicians.rules.findings import Code, Tier
from clinicians.rules.medicines import find, formulary
from patients.models import Case, Prescription
from patients.models.cases import Status, Urgency
from patients.models.diary import summary
from patients.models.followups import FollowUpStatus
from patients.models.prescriptions import Origin, PrescriptionStatus
from patients.models.results import ResultStatus
from portal.access import Permission
from portal.models import Department, User
from portal.rules.local_time import local_day
from portal.rules.provenance import Status as Provenance

LOUD = {Tier.HARD_STOP, Tier.INTERRUPT, Tier.WARN}
# Which form the post that came back belongs to: its name, and the row's key for those that repeat.
Bound = Mapping[tuple[str, str], BaseForm]
OFFERED = {
    "triage": Permission.CASE_TRIAGE,
    "assign": Permission.CASE_ASSIGN,
    "reply": Permission.CASE_REPLY,
    "close": Permission.CASE_CLOSE,
    "record": Permission.RESULT_RECORD,
    "release": Permission.RESULT_RELEASE,
    "see_results": Permission.RESULT_READ,
    "see_medicines": Permission.PRESCRIPTION_READ,
    "see_followups": Permission.FOLLOWUP_READ,
    "prescribe": Permission.PRESCRIPTION_PRESCRIBE,
    "stop": Permission.PRESCRIPTION_STOP,
    "plan": Permission.FOLLOWUP_PLAN,
    "close_followup": Permission.FOLLOWUP_CLOSE,
    "suggest": Permission.CONSENT_ASK,
    "review_flag": Permission.REDFLAG_REVIEW,
}
SOURCES = {
    Provenance.CHECKED: gettext_lazy("checked by a clinician of this clinic"),
    Provenance.STORED: gettext_lazy("seen in a copy of the source"),
    Provenance.STORED_SECONDARY: gettext_lazy("seen in a copy of something that quotes the source"),
    Provenance.STORED_PAIRS: gettext_lazy("the pair seen in a copy of the source, its effect not verified"),
    Provenance.COMPUTED: gettext_lazy("computed"),
    Provenance.RECORD: gettext_lazy("from this order"),
    Provenance.JUDGEMENT: gettext_lazy("a rule of ours"),
    Provenance.MEMORY_VERIFY: gettext_lazy("not verified"),
    Provenance.INFERENCE: gettext_lazy("inferred, not verified"),
    Provenance.MISSING: gettext_lazy("no source"),
}


def data_of(space: Workspace) -> dict[str, Any]:
    """The case as a program reads it; the page is drawn from the same."""
    results = workspace.with_readings(space.results, space.patient)
    return {
        "case": serializers.CaseSerializer(space.case).data,
        "seen": space.seen,
        "patient": serializers.PatientSerializer(space.patient).data,
        "screening": screenings.ScreeningSerializer(space.screening).data if space.screening else None,
        "red_flags": screenings.RedFlagSerializer(space.red_flags, many=True).data,
        "diary": screenings.DiaryEntrySerializer(space.diary, many=True).data,
        "stops": serializers.PrescriptionSerializer(space.stops, many=True).data,
        "questions": serializers.CaseQuestionSerializer(space.questions, many=True).data,
        "messages": serializers.MessageSerializer(space.messages, many=True).data,
        "results": serializers.ResultSerializer(results, many=True).data,
        "medicines": serializers.PrescriptionSerializer(space.medicines, many=True).data,
        "followups": serializers.FollowUpSerializer(space.followups, many=True).data,
        "escalations": escalations_shown(space.escalations),
        "attachments": serializers.AttachmentSerializer(space.attachments, many=True).data,
        **ownership.data_of(space.ownership, space.case),
    }


def page_of(
    space: Workspace,
    data: Mapping[str, Any],
    *,
    by: User,
    bound: Bound,
    kind: str = "",
    tools: Tools | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What only the page needs. `bound` are forms that came back; `kind` is what of the timeline is asked for."""
    case = space.case
    may = {name: workspace.may(by, permission, case) for name, permission in OFFERED.items()}
    shown = Shown(space, by, bound)
    forms = shown.forms(may)
    facts = composer.facts_of(case, space.messages, space.results, space.stops)
    return {
        "may": may,
        "forms": forms,
        "composer": composer.parts(case, cast("ReplyForm | None", forms["reply"]), facts, by=by, tools=tools),
        "results_shown": shown.rows(data["results"], "release", shown.release if may["release"] else None),
        "medicines_shown": shown.rows(data["medicines"], "stop", shown.stop if may["stop"] else None),
        "flags_shown": shown.flags(data["red_flags"], may_review=may["review_flag"]),
        "flags_dealt_with": [row for row in data["red_flags"] if row["reviewed_at"]],
        # The fortnight up to today, where the patient lives.
        "diary_shown": summary(space.diary, local_day(timezone.now(), space.patient.time_zone)),
        "stops_shown": [stop_shown(row, data["stops"][i]) for i, row in enumerate(space.stops)],
        "followups_shown": shown.rows(
            data["followups"], "close-followup", shown.close_followup if may["close_followup"] else None
        ),
        "timeline": workspace.timeline(space, kind),
        "timeline_kinds": kinds_shown(space, kind),
        "presets": presets(case.department),
        "medicines_known": sorted({medicine.generic for medicine in formulary()}),
        "units_known": known_units(),
        "today": timezone.localdate(),
        "mine": case.owner_id == by.pk,
        "can_take": may["assign"] and ownership.can_take(case, by=by),
        **answering(space.ownership.claim, by, bound),
        "blocked": any(row.status != FollowUpStatus.CLOSED for row in space.followups),
        "unreleased": sum(row.status == ResultStatus.PRELIMINARY for row in space.results),
        **more,
    }


def kinds_shown(space: Workspace, asked: str) -> list[dict[str, Any]]:
    """Each kind of the timeline of which there is something, as a link."""
    there = [name for name, events in workspace.events_of(space).items() if events]
    choices = [("", _("Everything")), *((name, workspace.KINDS[name]) for name in there)]
    current = asked if asked in there else ""
    return [{"label": label, "query": f"?show={name}", "current": name == current} for name, label in choices]


def answering(claim: Claim | None, by: User, bound: Bound) -> dict[str, bool]:
    """A reply is for reading while somebody else writes one; what was typed already can still be copied and sent."""
    is_own = claim is not None and claim.account_id == by.pk
    return {"answers_oneself": is_own, "is_reading": claim is not None and not is_own and ("reply", "") not in bound}


class Shown:
    """Fresh forms for a case, or the one that came back."""

    def __init__(self, space: Workspace, by: User, bound: Bound) -> None:
        self.space, self.by, self.bound = space, by, bound
        self.initial = {"patient": space.patient.pk, "seen": space.seen}

    def forms(self, may: Mapping[str, bool]) -> dict[str, BaseForm | None]:
        status = self.space.case.status
        fresh = {
            "triage": (self.triage, may["triage"] and status == Status.NEW),
            "assign": (self.assign, may["assign"] and status != Status.NEW),
            "reply": (self.reply, may["reply"] and status == Status.WAITING),
            "close": (self.close, may["close"] and status != Status.CLOSED),
            "prescribe": (self.prescribe, may["prescribe"]),
            "hold": (self.hold, may["stop"]),
            "plan": (self.plan, may["plan"]),
            **ownership.Forms(self.space.case, self.space.ownership, self.by, self.initial).offered(may),
        }
        return {
            name: self.bound.get((name, "")) or (make() if wanted else None) for name, (make, wanted) in fresh.items()
        }

    def rows(self, rows: Any, name: str, make: Any) -> list[dict[str, Any]]:
        """Each row with its form, where it takes one."""
        return [
            {"row": row, "form": self.bound.get((name, str(row["id"]))) or (make(row) if make else None)}
            for row in rows
        ]

    def flags(self, rows: Any, *, may_review: bool) -> list[dict[str, Any]]:
        """Those that wait; and one that somebody else has dealt with meanwhile, with the words that come back."""
        name = "review-red-flag"
        waiting = [row for row in rows if not row["reviewed_at"] or (name, str(row["id"])) in self.bound]
        return self.rows(waiting, name, self.review_flag if may_review else None)

    def triage(self) -> TriageForm:
        case = self.space.case
        initial = {**self.initial, "department": case.department_id}
        if case.urgency < Urgency.ROUTINE:
            initial["urgency"] = case.urgency
        return TriageForm(initial=initial, **choices(case, by=self.by))

    def assign(self) -> AssignForm:
        case = self.space.case
        return AssignForm(initial={**self.initial, "owner": case.owner_id}, people=clinicians_of(case.department))

    def reply(self) -> ReplyForm:
        space = self.space
        draft = composer.draft_of(space.case, by=self.by)
        return composer.reply_form(space.case, space.open_questions, space.seen, draft)

    def close(self) -> CloseForm:
        return CloseForm(initial=self.initial)

    def prescribe(self) -> PrescribeForm:
        return PrescribeForm(initial=self.initial)

    def hold(self) -> HoldForm:
        return HoldForm(initial=self.initial)

    def plan(self) -> PlanForm:
        return PlanForm(initial={**self.initial, "period": "1m"})

    def review_flag(self, row: Mapping[str, Any]) -> ReviewFlagForm:
        return ReviewFlagForm(initial=self.initial, auto_id=f"review-{row['id']}_%s")

    def release(self, row: Mapping[str, Any]) -> ReleaseForm | None:
        if row["status"] != ResultStatus.PRELIMINARY:
            return None
        return ReleaseForm(initial=self.initial, followups=self.space.followups, auto_id=f"release-{row['id']}_%s")

    def stop(self, row: Mapping[str, Any]) -> StopForm | None:
        if row["status"] == PrescriptionStatus.STOPPED:
            return None
        return StopForm(initial=self.initial, auto_id=f"stop-{row['id']}_%s")

    def close_followup(self, row: Mapping[str, Any]) -> CloseFollowUpForm | None:
        if row["status"] == FollowUpStatus.CLOSED:
            return None
        return CloseFollowUpForm(initial=self.initial, auto_id=f"close-followup-{row['id']}_%s")


def choices(case: Case, *, by: User) -> dict[str, Any]:
    """For TriageForm: the departments, and who treats in this one."""
    return {"departments": Department.objects.visible_to(by), "people": clinicians_of(case.department)}


def presets(department: Department) -> list[dict[str, Any]]:
    """Each period with the clinic day on which it would fall."""
    return [
        {"key": key, "label": label, "on": clinic_day(department, period)} for key, (period, label) in PERIODS.items()
    ]


def stop_shown(row: Prescription, data: Mapping[str, Any]) -> dict[str, Any]:
    """A stopped medicine as its box shows it."""
    return {
        "row": data,
        "title": _("Hard stop: %(medicine)s can’t stand as it is") % {"medicine": row},
        "found": findings_shown(row.findings, row.medicine),
        "is_reported": row.origin == Origin.REPORTED,
    }


def findings_shown(findings: list[dict[str, Any]], medicine: str) -> dict[str, Any]:
    """The heaviest tier one by one, what else warns in a line, and what to do and where it comes from once."""
    loud = [finding for finding in findings if finding["tier"] in LOUD]
    worst = [finding for finding in loud if finding["tier"] == loud[0]["tier"]]
    known = find(medicine)
    unit = known.dose_unit if known else ""
    return {
        "is_stop": bool(worst) and worst[0]["tier"] == Tier.HARD_STOP,
        "reasons": [reason_shown(finding, unit) for finding in worst],
        "also": [finding["title"] for finding in loud if finding not in worst],
        "actions": list(dict.fromkeys(finding["action"] for finding in worst if finding["action"])),
        "sources": list(dict.fromkeys((finding["source"], source_words(finding)) for finding in loud)),
    }


def reason_shown(finding: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """With a dose bar where a daily maximum is passed."""
    numbers = finding["numbers"] if finding["code"] == Code.DOSE_DAILY else {}
    bar = {name: Decimal(numbers[name]) for name in ("dose", "limit")} if "limit" in numbers else None
    return {"title": finding["title"], "text": finding["detail"], "bar": bar, "unit": unit}


def source_words(finding: Mapping[str, Any]) -> str:
    return str(SOURCES[Provenance(finding["source_status"])])
