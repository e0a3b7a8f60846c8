"""Ask the clinic: one form, and the page that says what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from patients.actions import attachments, cases
from patients.actions.examining import Examined
from patients.forms.cases import AskForm, MedicineFormSet, QuestionFormSet
from patients.forms.text import Together, quiet
from patients.models import Case, Patient, Prescription, RedFlag, Screening, complaints
from patients.models.complaints import SOMETHING_ELSE
from patients.views import screenings, sendings, visitors
from patients.views.medicines import on_paper
from patients.views.own import own_record, page
from portal import access
from portal.access import Refusal
from portal.asked import Asked, SignedIn
from portal.models import Department

ADDED = {"question": "question-TOTAL_FORMS", "medicine": "medicine-TOTAL_FORMS"}


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Asked) -> HttpResponseBase:
    """The story. The steps before it (patients.views.screenings) can be passed over; the desk sees that they were."""
    if request.user.is_authenticated:
        return asked(request)
    if request.method == "POST":
        return sendings.keep(request, request.path)
    return visitors.asked_in(request)


@own_record
def asked(request: SignedIn, patient: Patient) -> HttpResponse:
    departments = answering(request)
    if not departments:
        return form_page(request, patient, None)
    if request.method != "POST":
        return form_page(request, patient, Sheet.of(departments, sendings.kept(request, request.path)))
    if step := request.POST.get("step", ""):
        return form_page(request, patient, Sheet.of(departments, one_more(request.POST, step)), step)
    sheet = Sheet.sent(departments, request)
    return send(request, patient, sheet) if sheet.is_valid() else form_page(request, patient, sheet, status=422)


def answering(request: SignedIn) -> list[Department]:
    """Departments that have hours to promise an answer in."""
    found = access.read_many(Department.objects.with_hours(), by=request.actor)
    return [department for department in found if department.opening_hours.all()]


def send(request: SignedIn, patient: Patient, sheet: Sheet) -> HttpResponse:
    try:
        case = cases.open_case(
            patient,
            by=request.user,
            screening=screenings.answered_in(request),
            form_key=sendings.key_of(request),
            **sheet.told,
        )
    except cases.AlreadySent as again:
        return redirect("patients:sent", str(again.row))
    try:
        for upload in sheet.uploads:
            attachments.attach(case, by=request.user, upload=upload)
    except (attachments.Infected, attachments.NoRoom) as refusal:
        return not_sent(request, patient, sheet, refusal)
    sendings.done(request)
    screenings.forget(request)
    return redirect("patients:sent", case.ref)


def not_sent(request: SignedIn, patient: Patient, sheet: Sheet, refusal: Refusal) -> HttpResponse:
    """The form again with what was typed. The middleware takes back the case, and writes the refusal down."""
    request.refusal = refusal  # type: ignore[attr-defined]
    sheet.about.add_error("uploads", refusal.reason)
    return form_page(request, patient, sheet, status=422)


def one_more(typed: QueryDict, step: str) -> QueryDict:
    """The same text with one more empty row; how many there may be is the form's to say."""
    asked = typed.copy()
    name = ADDED.get(step, "")
    rows = typed.get(name, "")
    if rows.isascii() and rows.isdigit():
        asked[name] = str(int(rows[:4]) + 1)
    return asked


@dataclass
class Sheet:
    """The three parts of the form."""

    about: AskForm
    questions: Any
    medicines: Any

    @classmethod
    def of(cls, departments: list[Department], typed: QueryDict | None) -> Sheet:
        """To be filled in, or with what was typed and without complaints."""
        sheet = cls(
            AskForm(departments, typed),
            QuestionFormSet(typed, prefix="question"),
            MedicineFormSet(typed, prefix="medicine"),
        )
        if typed is not None:
            sheet.is_valid()
            quiet(*sheet.parts)
        return sheet

    @classmethod
    def sent(cls, departments: list[Department], request: SignedIn) -> Sheet:
        return cls(
            AskForm(departments, request.POST, request.FILES),
            QuestionFormSet(request.POST, prefix="question"),
            MedicineFormSet(request.POST, prefix="medicine"),
        )

    @property
    def parts(self) -> list[Any]:
        return [self.about, *self.questions.forms, *self.medicines.forms]

    @property
    def problems(self) -> Together:
        return Together(*self.parts)

    @property
    def stray(self) -> list[str]:
        """Complaints about the rows as a whole: only a form that was tampered with has them."""
        return [*self.questions.non_form_errors(), *self.medicines.non_form_errors()]

    def is_valid(self) -> bool:
        """Every part is looked at, so that all problems are said at once."""
        found = [part.is_valid() for part in (self.about, self.questions, self.medicines)]
        return all(found)

    @property
    def told(self) -> dict[str, Any]:
        return {
            "department": self.about.addressed_to,
            **self.about.told,
            "questions": self.questions.texts,
            "medicines": self.medicines.orders,
        }

    @property
    def uploads(self) -> list[Examined]:
        found: list[Examined] = self.about.cleaned_data["uploads"]
        return found


def form_page(
    request: SignedIn, patient: Patient, sheet: Sheet | None, step: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "sending": sendings.token_of(request),
        "similar": request.POST.get("title", "").strip()[:120] if step == "similar" else "",
        "step": step,
        "patient": patient,
        "nav": "ask",
        **screened(request, patient),
    }
    return render(request, "patients/ask.html", context, status=status)


def screened(request: SignedIn, patient: Patient) -> dict[str, Any]:
    """What was answered before, which goes with the question; or that nothing was."""
    typed = sendings.kept(request, request.path)
    answered = screenings.answered_in(request, typed)
    if answered is None:
        return {"is_screened": False, "skipped": request.session.get(screenings.ABOUT) == SOMETHING_ELSE}
    finding = answered.finding(patient)
    return {
        "is_screened": True,
        "screening": screenings.token_in(request, typed),
        "screened_about": complaints.COMPLAINTS[answered.complaint],
        "finding": finding,
        **screenings.act_on(finding),
    }


@own_record
@require_safe
def sent(request: SignedIn, patient: Patient, ref: str) -> HttpResponse:
    """What happens next, by when, and what to do if it gets worse."""
    case = access.read_one(
        Case.objects.filter(patient=patient).with_people(), by=request.actor, number=Case.number_of(ref)
    )
    medicines = on_paper(access.read_many(Prescription.objects.filter(case=case).current(), by=request.actor))
    flags = access.read_many(RedFlag.objects.filter(case=case).waiting(), by=request.actor)
    screening = access.read_many(Screening.objects.filter(case=case), by=request.actor)
    shown = {"case": case, "medicines": medicines, "flags": flags, "screening": screening[0] if screening else None}
    return page(request, patient, "sent", "home", shown)
