"""Opening the record of somebody without an account, and inviting them into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import patient_invitations, patients
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.answers import EnrolAnswer, EnrolledAnswer
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.enrolment import EnrolForm, InviteForm
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.serializers import EnrolledSerializer, PatientInvitationSerializer
from patients.models import Patient, PatientInvitation
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.models import Department
from portal.models.departments import DepartmentQuerySet

ALIKE_SHOWN = 5
INVITATIONS_SHOWN = 5


class Enrol(Desk):
    template_name = "clinicians/enrol.html"
    nav = "enrol"
    made = 201
    answers = {"get": EnrolAnswer, "post": EnrolledSerializer}

    def get(self, request: Request) -> Response:
        places = self.departments()
        if not places:
            raise Refused("patients.enrol")
        first = places[0]
        return self.answer(
            {"departments": [{"slug": place.slug, "name": place.name} for place in places]},
            form=self.form({}, initial={"department": first.slug, "time_zone": first.time_zone or settings.TIME_ZONE}),
        )

    def post(self, request: Request) -> Answered:
        form = self.form(flat(request.data))
        if not form.is_valid():
            return self.come_back(form)
        alike = [] if form.cleaned_data["is_another"] else self.alike(form)
        if alike:
            return self.come_back(form, alike)
        try:
            patient = patients.enrol(form.cleaned_data["department"], by=self.actor, **form.said)
        except ValidationError as wrong:
            form.take(wrong)
            return self.come_back(form)
        except patients.EnrolledAlready as already:
            self.asked.refusal = already  # type: ignore[attr-defined]
            return self.come_back(form, self.alike(form), 409)
        if not self.wants_page:
            return Response(EnrolledSerializer(patient).data, status=201)
        messages.success(self.asked, _("The record is open: %(number)s.") % {"number": patient.record_number})
        return HttpResponseRedirect(reverse("clinicians:enrolled", args=[patient.pk]))

    def departments(self) -> DepartmentQuerySet:
        rows: DepartmentQuerySet = Department.objects.visible_to(self.actor, Permission.PATIENT_ENROL).order_by("name")
        return rows

    def form(self, data: Mapping[str, Any], **about: Any) -> EnrolForm:
        return EnrolForm(data or None, departments=self.departments(), **about)

    def alike(self, form: EnrolForm) -> Sequence[Patient]:
        """Who is perhaps the same person, as far as this colleague may know of them."""
        said = form.said
        return access.read_many(
            Patient.objects.like(said["name"], said["born_on"]),
            by=self.actor,
            page=lambda found: list(found[:ALIKE_SHOWN]),
        )

    def come_back(self, form: EnrolForm, alike: Sequence[Patient] = (), status: int = 422) -> Answered:
        if alike:
            form.add_error(None, _("Somebody like this has a record already. Look whether it is the same person."))
        found = EnrolledSerializer(alike, many=True).data
        if not self.wants_page:
            return problem(status, errors=errors_of(form), alike=found)
        return self.answer({"alike": found}, status, form=form)


class Enrolled(Desk):
    """A patient whom one may invite, and how far the invitation is."""

    template_name = "clinicians/enrolled.html"
    nav = "enrol"
    answers = {"get": EnrolledAnswer}

    def get(self, request: Request, pk: UUID) -> Response:
        return self.show(self.patient(pk))

    def patient(self, pk: UUID) -> Patient:
        rows = Patient.objects.visible_to(self.actor, Permission.PATIENT_ENROL)
        return access.read_one(rows.select_related("enrolled_by_department"), by=self.actor, pk=pk)

    def show(self, patient: Patient, form: InviteForm | None = None, status: int = 200) -> Response:
        sent = access.read_many(
            PatientInvitation.objects.filter(patient=patient).order_by("-created_at"),
            by=self.actor,
            page=lambda found: list(found[:INVITATIONS_SHOWN]),
        )
        data = {
            "patient": EnrolledSerializer(patient).data,
            "invitations": PatientInvitationSerializer(sent, many=True).data,
        }
        may_invite = not patient.user_id and not any(row.accepted_at is row.revoked_at is None for row in sent)
        return self.answer(data, status, form=form or InviteForm(), may_invite=may_invite)


class InvitePatient(Enrolled):
    api_methods = ("post",)
    made = 201
    answers = {"post": PatientInvitationSerializer}
    form_class: ClassVar[type[PlainForm]] = InviteForm
    done: ClassVar[Any] = gettext_lazy("The invitation is on its way.")

    def get(self, request: Request, pk: UUID) -> Any:
        return self.onward(pk)

    def post(self, request: Request, pk: UUID) -> Answered:
        patient, form = self.patient(pk), InviteForm(flat(request.data))
        if not form.is_valid():
            return self.show(patient, form, 422) if self.wants_page else problem(422, errors=errors_of(form))
        try:
            row = patient_invitations.invite(patient, by=self.actor, email=form.cleaned_data["email"])
        except IllegalMove as move:
            if not self.wants_page:
                raise
            form.add_error("email", words_of(move))
            self.asked.refusal = move  # type: ignore[attr-defined]
            return self.show(patient, form, 409)
        return self.did(row, 201)

    def did(self, row: PatientInvitation, status: int = 200) -> Answered:
        if not self.wants_page:
            return Response(PatientInvitationSerializer(row).data, status=status)
        messages.success(self.asked, str(self.done))
        return self.onward(row.patient_id)

    def onward(self, pk: UUID) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("clinicians:enrolled", args=[pk]))


class ResendInvitation(InvitePatient):
    """`pk` is the invitation's, here and below."""

    made = 200
    form_class = PlainForm

    done = gettext_lazy("Sent again, and open for another seven days.")

    def get(self, request: Request, pk: UUID) -> Any:
        return self.onward(self.invitation(pk).patient_id)

    def post(self, request: Request, pk: UUID) -> Answered:
        return self.did(patient_invitations.resend(self.invitation(pk), by=self.actor))

    def invitation(self, pk: UUID) -> PatientInvitation:
        return access.read_one(PatientInvitation.objects.all(), by=self.actor, pk=pk)


class RevokeInvitation(ResendInvitation):
    done = gettext_lazy("Taken back: the link in the mail opens nothing now.")

    def post(self, request: Request, pk: UUID) -> Answered:
        return self.did(patient_invitations.revoke(self.invitation(pk), by=self.actor))
