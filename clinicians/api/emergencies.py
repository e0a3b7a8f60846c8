"""Breaking the glass: a record outside one's departments, opened for an hour, for reading only, and told at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import emergencies
from clinicians.api import serializers, workspace
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.answers import EmergencyAnswer, OpenRecordSerializer
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.emergencies import BreakGlassForm
from clinicians.api.forms.of_patient import flat
from patients.models import BrokenGlass, Case, Patient
from portal import access, limits
from portal.access import IllegalMove, Permission, Refused
from portal.models import User

# So many tries of one account in so many seconds: enough for a shaking hand, too few to guess a record.
MOST, SECONDS = 10, 15 * 60


class Emergency(Desk):
    template_name = "clinicians/emergency.html"
    nav = "emergency"
    needs = Permission.GLASS_BREAK, "emergencies.break_glass"
    answers = {"get": EmergencyAnswer, "post": {200: OpenRecordSerializer, 201: OpenRecordSerializer}}
    form_class = BreakGlassForm

    def get(self, request: Request) -> Response:
        return self.shown(BreakGlassForm())

    def post(self, request: Request) -> Answered:
        form = BreakGlassForm(flat(request.data))
        if not form.is_valid():
            return self.come_back(form, 422)
        if not limits.within(
            self.asked, "break the glass", most=MOST, seconds=SECONDS, account=self.actor.pk, when_down=True
        ):
            self.asked.refusal = Refused("emergencies.break_glass", self.actor)  # type: ignore[attr-defined]
            form.add_error(
                None, _("You have tried too often. Wait a quarter of an hour, or ask who treats the patient.")
            )
            return self.come_back(form, 429)
        try:
            glass = emergencies.break_glass(self.actor, by=self.actor, **form.cleaned_data)
        except emergencies.AlreadyOpen as again:
            return self.opened(again.row, 200)
        except IllegalMove as refusal:
            self.asked.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, words_of(refusal))
            return self.come_back(form, 422)
        return self.opened(glass, 201)

    def opened(self, glass: BrokenGlass, status: int) -> Answered:
        if not self.wants_page:
            [shown] = open_records([glass], by=self.actor)
            return Response(shown, status=status)
        said = _("Open until %(time)s, for reading only. The patient and the privacy officer have been told.")
        messages.warning(self.asked, said % {"time": f"{timezone.localtime(glass.expires_at):%H:%M}"})
        return HttpResponseRedirect(f"{reverse('clinicians:emergency')}#open")

    def come_back(self, form: BreakGlassForm, status: int) -> Response:
        return self.shown(form, status) if self.wants_page else problem(status, errors=errors_of(form))

    def shown(self, form: BreakGlassForm, status: int = 200) -> Response:
        glasses = access.read_many(BrokenGlass.objects.filter(account=self.actor).open(), by=self.actor)
        return self.answer({"open": open_records(glasses, by=self.actor)}, status, form=form)


def open_records(glasses: Iterable[BrokenGlass], *, by: User) -> list[dict[str, Any]]:
    """Whose record each one opened, why and until when, and the cases in it."""
    by_person = {glass.patient_id: glass for glass in glasses}
    if not by_person:
        return []
    cases = _cases_of(by_person, by=by)
    people = access.read_many(Patient.objects.filter(pk__in=by_person), by=by)
    return [
        {
            "patient": serializers.PatientSerializer(person).data,
            "reason": by_person[person.pk].reason,
            "until": by_person[person.pk].expires_at,
            "cases": serializers.CaseSerializer(cases[person.pk], many=True).data,
        }
        for person in people
    ]


def _cases_of(people: Mapping[UUID, BrokenGlass], *, by: User) -> Mapping[UUID, list[Case]]:
    found: dict[UUID, list[Case]] = defaultdict(list)
    for case in access.read_many(Case.objects.with_people().filter(patient__in=people).order_by("-id"), by=by):
        found[case.patient_id].append(case)
    return found


def glass_on(case: Case, *, by: User) -> dict[str, Any] | None:
    """Why and until when this case is open to somebody who does not treat in its department; None for who does."""
    if case.patient_id not in access.reach(by, Permission.CASE_READ).emergency:
        return None
    [glass, *_older] = access.read_many(BrokenGlass.objects.filter(account=by, patient=case.patient_id).open(), by=by)
    return {"until": glass.expires_at, "reason": glass.reason, "is_reading_only": not workspace.treats(by, case)}
