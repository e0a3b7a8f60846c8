"""Times of follow-ups at the desk: who comes today, and a time for one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import followups
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.answers import query
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.of_patient import OfPatient, PlainForm, flat
from clinicians.api.forms.schedules import BookForm, NothingMore
from clinicians.api.serializers import Char, Day, Flag, When
from clinicians.api.times import midnight
from clinicians.api.workspace import read_row, treats
from patients.actions import appointments
from patients.models import Appointment, FollowUp, Leave, free_times
from patients.models.appointments import AppointmentQuerySet, AppointmentStatus
from patients.models.followups import Evidence, FollowUpStatus
from patients.rules.free_slots import FreeSlot
from portal import access
from portal.access import IllegalMove, Permission
from portal.models import Department, User

# More than a department sees in a day.
MOST = 300
FURTHEST = timedelta(days=731)
WITH = ("patient", "case", "clinician", "followup")


class AppointmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    starts_at = When()
    ends_at = When()
    patient = Char(source="patient.name")
    record_number = Char(source="patient.record_number")
    case = Char(source="case.ref")
    followup_id = serializers.UUIDField()
    clinician = Char(source="clinician.name")
    place = Char()
    status = Char()
    status_words = Char(source="get_status_display")


class TodayAnswer(serializers.Serializer[Any]):
    day = Day()
    before = Day(allow_null=True)
    after = Day(allow_null=True)
    away = serializers.ListField(child=Char())
    appointments = AppointmentSerializer(many=True)


class FreeSlotSerializer(serializers.Serializer[Any]):
    time = Char(source="slot.token")
    starts_at = When(source="slot.starts")
    ends_at = When(source="slot.ends")
    clinician = Char(source="name")
    place = Char(source="slot.place")


class TimesAnswer(serializers.Serializer[Any]):
    appointment = AppointmentSerializer(allow_null=True)
    any_day = Flag()
    free = FreeSlotSerializer(many=True)


class Today(Desk):
    """Of today, or of another day: in the order of time, with whom; whoever came or did not is written down here."""

    template_name = "clinicians/today.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": TodayAnswer}
    asks: ClassVar[Sequence[Any]] = (
        query("day", "Another day, as 2026-11-30; what is none, or more than two years away, is today."),
    )
    nav = "today"
    needs = Permission.FOLLOWUP_CLOSE, "followups.close"

    def get(self, request: Request) -> Response:
        today = timezone.localdate()
        day = day_asked(self.asked.GET.get("day", ""), today)
        begins, ends = midnight(day), midnight(day + timedelta(days=1))
        rows = at_hand(by=self.actor).between(begins, ends).select_related(*WITH)
        found = access.read_many(rows, by=self.actor, page=lambda rows: list(rows[:MOST]))
        leaves = Leave.objects.visible_to(self.actor, Permission.SCHEDULE_KEEP).standing().on_days(day, day)
        away = access.read_many(leaves.with_people(), by=self.actor)
        data = {
            "day": day.isoformat(),
            **days_beside(begins, ends, by=self.actor),
            "away": [row.clinician.name for row in away],
            "appointments": AppointmentSerializer(found, many=True).data,
        }
        movable = self.movable(found)
        about = {"shown": day, "is_today": day == today, "has_come": day <= today}
        return self.answer(data, 200, now=timezone.now(), movable=movable, **about)

    def movable(self, found: Sequence[Appointment]) -> set[str]:
        """The follow-ups of these to which one may give another time."""
        booked = [row for row in found if row.status == AppointmentStatus.BOOKED]
        may = Permission.APPOINTMENT_BOOK
        return {str(row.followup_id) for row in booked if treats(self.actor, row.case, may)}

    def rows(self) -> Any:
        return Appointment.objects.visible_to(self.actor, Permission.FOLLOWUP_CLOSE).select_related(*WITH)


class Came(Today):
    http_method_names = ["post"]
    api_methods = ("post",)
    answers = {"post": AppointmentSerializer}
    form_class: ClassVar[type[PlainForm]] = PlainForm
    name = "followups.close"
    waits_for_its_hour = False
    done: ClassVar[Any] = gettext_lazy("Written down: %(name)s came. The follow-up is closed.")

    def post(self, request: Request, pk: UUID) -> Answered:
        found = access.read_one(self.rows(), by=self.actor, pk=pk)
        if found.status != AppointmentStatus.BOOKED:
            raise IllegalMove(self.name, found, _("Somebody wrote this down already."))
        waits_until = found.starts_at if self.waits_for_its_hour else midnight(timezone.localdate(found.starts_at))
        if waits_until > timezone.now():
            raise IllegalMove(self.name, found, _("This time has not come yet."))
        self.write(found.followup)
        found.refresh_from_db(fields=["status"])
        if not self.wants_page:
            return Response(AppointmentSerializer(found).data)
        messages.success(self.asked, self.done % {"name": found.patient.name})
        day = timezone.localdate(found.starts_at)
        return HttpResponseRedirect(f"{reverse('clinicians:today')}?day={day.isoformat()}")

    def write(self, followup: FollowUp) -> None:
        followups.close(followup, by=self.actor, evidence=Evidence.ATTENDED)


class DidNotCome(Came):
    name = "followups.miss"
    waits_for_its_hour = True
    done = gettext_lazy("Written down: %(name)s did not come. They hear of it today.")

    def write(self, followup: FollowUp) -> None:
        followups.miss(followup, by=self.actor)


class FollowUpTimes(Desk):
    """The time it has, and those that are free; taking one, or another in its place."""

    template_name = "clinicians/followup_times.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": TimesAnswer, "post": AppointmentSerializer}
    asks: ClassVar[Sequence[Any]] = ()
    form_class: ClassVar[type[OfPatient]] = BookForm
    nav = "follow-ups"

    def get(self, request: Request, pk: UUID) -> Response:
        return self.shown(self.find(pk), any_day=bool(request.query_params.get("any_day")))

    def post(self, request: Request, pk: UUID) -> Answered:
        followup, form = self.find(pk), self.form_class(flat(request.data))
        if not form.is_valid():
            return self.come_back(followup, form, 422)
        if form.cleaned_data["patient"] != followup.patient_id:
            form.add_error(None, _("This form was for another patient. Nothing was saved."))
            return self.come_back(followup, form, 409)
        try:
            made = self.act(followup, form)
        except IllegalMove as lost:
            self.asked.refusal = lost  # type: ignore[attr-defined]
            form.add_error(None, words_of(lost) or str(lost))
            return self.come_back(followup, form, 409)
        if not self.wants_page:
            return Response(AppointmentSerializer(made).data)
        messages.success(self.asked, _("Done. The patient is told."))
        return HttpResponseRedirect(reverse("clinicians:followup-times", args=[pk]))

    def act(self, followup: FollowUp, form: Any) -> Appointment:
        start, clinician = form.cleaned_data["time"]
        do = appointments.move if followup.booked_appointment else appointments.book
        return do(followup, by=self.actor, clinician=clinician, start=start, any_day=form.cleaned_data["any_day"])

    def find(self, pk: UUID) -> FollowUp:
        found: FollowUp = read_row(FollowUp.objects.standing(), by=self.actor, pk=pk)
        return found

    def come_back(self, followup: FollowUp, form: OfPatient, status: int) -> Response:
        if not self.wants_page:
            return problem(status, errors=errors_of(form))
        return self.shown(followup, status=status, form=form, any_day=form.data.get("any_day") == "on")

    def shown(self, followup: FollowUp, *, any_day: bool, status: int = 200, form: Any = None) -> Response:
        booked = access.read_many(
            Appointment.objects.filter(followup=followup).booked().select_related("patient", "case", "clinician"),
            by=self.actor,
        )
        is_open = followup.status != FollowUpStatus.CLOSED
        free = free_times.of_followup(followup, timezone.now(), any_day=any_day) if is_open else []
        data = {
            "appointment": AppointmentSerializer(booked[0]).data if booked else None,
            "any_day": any_day,
            "free": FreeSlotSerializer(named(free), many=True).data,
        }
        return self.answer(data, status, form=form, followup=followup, case=followup.case)


class CallOff(FollowUpTimes):
    http_method_names = ["post"]
    api_methods = ("post",)
    answers = {"post": AppointmentSerializer}
    form_class = NothingMore

    def act(self, followup: FollowUp, form: Any) -> Appointment:
        return appointments.cancel(followup, by=self.actor)


def day_asked(text: str, today: date) -> date:
    try:
        day = parse_date(text) or today
    except ValueError:
        return today
    return day if abs(day - today) <= FURTHEST else today


def at_hand(*, by: User) -> AppointmentQuerySet:
    """Of the departments in which one writes down who came, and not called off."""
    reach = access.reach(by, Permission.FOLLOWUP_CLOSE)
    rows = Appointment.objects.with_department().exclude(status=AppointmentStatus.CANCELLED)
    return rows.filter(reach.in_departments("carried", "patient"))


def days_beside(begins: datetime, ends: datetime, *, by: User) -> dict[str, str | None]:
    """The last day before, and the first one after, with times: each department is asked for its own by its index."""
    rows = at_hand(by=by).filter(Q(carried=OuterRef("pk"))).values("starts_at")
    found = Department.objects.visible_to(by, Permission.FOLLOWUP_CLOSE).aggregate(
        before=Max(Subquery(rows.filter(starts_at__lt=begins).order_by("-starts_at")[:1])),
        after=Min(Subquery(rows.filter(starts_at__gte=ends).order_by("starts_at")[:1])),
    )
    return {name: timezone.localdate(at).isoformat() if at else None for name, at in found.items()}


def named(free: Sequence[FreeSlot]) -> list[dict[str, Any]]:
    names = free_times.names_of(free)
    return [{"slot": slot, "name": names[slot.who]} for slot in free]
