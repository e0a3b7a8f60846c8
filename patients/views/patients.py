"""Opening one's own record, and correcting what one said of oneself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.actions import patients
from patients.forms.patients import DetailsForm, SettingsForm
from patients.models import Patient
from patients.views.own import given_to, own_record, page, record_of
from portal import access
from portal.access import Role
from portal.asked import SignedIn


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: SignedIn) -> HttpResponse:
    """Once, after the first sign-in. A record that exists is not asked for again."""
    after = safe_next(request)
    if record_of(request):
        return redirect(after)
    form = DetailsForm(request.POST or None, initial={"time_zone": request.user.time_zone or settings.TIME_ZONE})
    if request.method == "POST" and form.is_valid():
        patients.register(request.user, by=request.user, **form.cleaned_data)
        return redirect(after)
    context = {"form": form, "next": after, "is_staff": is_staff(request), "nav": "", "trusted": given_to(request)}
    return render(request, "patients/details.html", context, status=422 if form.errors else 200)


def is_staff(request: SignedIn) -> bool:
    return any(role is not Role.PATIENT for role, _place in access.roles_of(request.actor))


def safe_next(request: SignedIn) -> str:
    """Where they were going: only ever a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/my/"


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def my_settings(request: SignedIn, patient: Patient) -> HttpResponse:
    form = SettingsForm(request.POST or None, initial=SettingsForm.of(patient))
    if request.method == "POST" and form.is_valid():
        patients.amend(patient, by=request.user, **form.changes)
        messages.success(request, _("Your details are saved."))
        return redirect("patients:settings")
    return page(request, patient, "settings", "", {"form": form}, status=422 if form.errors else 200)
