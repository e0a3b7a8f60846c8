"""Every component of the design on two pages, with invented data. Only while developing or demonstrating."""

from __future__ import annotations

from datetime import date, timedelta
from math import pi, sin
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.charts import Point

TODAY = date(2026, 6, 17)
TEMPLATES = {
    "clinic": "portal/styleguide_clinic.html",
    "patient": "portal/styleguide_patient.html",
    "public": "portal/styleguide.html",
}
COLOURS = [
    "paper",
    "surface",
    "sunken",
    "ink",
    "ink-2",
    "ink-3",
    "line",
    "field-line",
    "brand",
    "action",
    "link",
    "spark",
    "sand",
    "mint",
    "urgent-fill",
    "urgent-bg",
    "attn",
    "attn-bg",
    "info-fill",
    "info-bg",
    "ok",
    "ok-bg",
    "violet",
    "violet-bg",
]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    surface = request.GET.get("surface", "public")
    template = TEMPLATES.get(surface, TEMPLATES["public"])
    return render(request, template, {"nav": "styleguide", **sample()})


class SampleForm(forms.Form):
    """One of each kind of field, shown with its problems."""

    name = forms.CharField(label=_("Your name"), help_text=_("As on your health card"))
    born = forms.DateField(
        label=_("Date of birth"),
        widget=forms.SelectDateWidget(years=range(1950, 2011)),
        help_text=_("For example 14 March 1996"),
    )
    places = forms.MultipleChoiceField(
        label=_("Where does it hurt?"),
        choices=[("left-calf", _("Left calf")), ("right-calf", _("Right calf"))],
        widget=forms.CheckboxSelectMultiple,
    )
    change = forms.ChoiceField(
        label=_("How has it changed?"),
        choices=[("same", _("Stays the same")), ("more", _("Getting more frequent"))],
        widget=forms.RadioSelect,
    )
    department = forms.ChoiceField(label=_("Department"), choices=[("", _("Choose one"))], required=False)
    story = forms.CharField(label=_("Your question"), widget=forms.Textarea)
    photo = forms.FileField(label=_("Attach a file"), required=False, help_text=_("PDF or photo, up to 25 MB"))
    agreed = forms.BooleanField(label=_("The clinic may call me about this"))


class SampleFlags(forms.Form):
    """Yes-or-no rows."""

    breath = forms.ChoiceField(
        label=_("Trouble breathing or swallowing"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )


def sample() -> dict[str, Any]:
    return {
        "colours": COLOURS,
        "form": SampleForm({"name": "Noor Adler", "places": ["left-calf"]}),
        "flags": SampleFlags(initial={"breath": "no"}),
        "points": [Point(date(2025, 11, 20), 2.4), Point(date(2026, 5, 14), 4.3), Point(date(2026, 6, 10), 3.6)],
        "days": [TODAY - timedelta(days=back) for back in range(13, -1, -1)],
        "today": TODAY,
        "symptoms": SYMPTOMS,
        "selected": ["left-calf"],
        "steps": STEPS,
        "events": EVENTS,
        "tasks": TASKS,
        "rows": ROWS,
        "answers": ANSWERS,
        "reasons": REASONS,
        "values": [2.4, 4.3, 3.6],
        "trail": [(_("Questions and answers"), "/"), (_("Design"), "")],
        "dots": range(1, 7),
        "traces": {name: wave(name) for name in ("Fp1–F3", "P3–O1", "ECG")},
    }


SYMPTOMS = {
    str(_("Cramp")): [3, 3, 2, 3, 2, 2, None, 2, 1, 2, 1, 1, 0, 1],
    str(_("Tiredness")): [2, 2, 2, 1, 1, 2, 1, 1, None, 1, 1, 0, 1, 0],
}
STEPS = [
    {"title": _("Question sent"), "note": _("4 June, 09:12"), "state": "done"},
    {"title": _("Doctor replied"), "note": _("4 June"), "state": "done"},
    {"title": _("Keeping an eye on it"), "note": _("Now, until the visit"), "state": "now"},
    {"title": _("Follow-up visit"), "note": _("Thursday 2 July"), "state": ""},
]
EVENTS = [
    {"when": _("2 July, planned"), "title": _("Follow-up"), "kind": "next"},
    {"on": TODAY, "title": _("Hard stop raised"), "text": _("Sample medicine, dose"), "kind": "alert"},
    {"on": TODAY, "title": _("Result arrived"), "url": "#", "link": _("See it")},
    {"on": TODAY, "title": _("Question asked"), "kind": "patient"},
]
TASKS = [
    {
        "title": _("Tell us which medicines you take"),
        "url": "#",
        "hint": _("Have the boxes with you. About 2 minutes"),
        "tag": _("Do this first"),
        "tag_kind": "urgent",
    },
    {"title": _("Read the notes on your test"), "url": "#", "tag": _("New"), "tag_kind": "info"},
]
ANSWERS = [
    SimpleNamespace(key=_("About"), value=_("Night cramps"), url="#", link=_("Change")),
    SimpleNamespace(key=_("Started"), value=_("About two months ago"), url="#", link=_("Change")),
]
REASONS = [
    {
        "title": _("Dose 50 mg is 11 times the maximum."),
        "text": _("Sample medicine: at most 4.5 mg a day."),
        "dose": 50,
        "maximum": 4.5,
        "unit": "mg",
        "source": _("Source: invented for this page"),
    },
    {"title": _("Two of a kind."), "text": _("Another sample medicine of the same class is on the list.")},
]


def wave(name: str) -> list[float]:
    """Ten seconds at 50 samples a second, in microvolts: a 10 Hz rhythm, stronger at the back."""
    strength = {"P3–O1": 30, "ECG": 12}.get(name, 8)
    return [strength * sin(2 * pi * 10 * at / 50.3) * (0.6 + 0.4 * sin(at / 31)) for at in range(500)]


def row(level: str, priority: Any, name: str, need: Any, **more: Any) -> dict[str, Any]:
    return {"url": "#", "level": level, "priority": priority, "name": name, "need": need, "owner": _("You"), **more}


ROWS = [
    row(
        "safety",
        _("Safety"),
        "Noor Adler",
        _("Resolve hard stop, then reply"),
        identity="F, 24. S-0007",
        why=_("Sample medicine 50 mg is 11 times the daily maximum"),
        due=_("Now"),
        waiting=_("40 min ago"),
        late=True,
        selected=True,
    ),
    row(
        "high",
        _("High"),
        "Emil Brandt",
        _("Sign result"),
        identity="M, 52. S-0011",
        why=_("One value below the sender's range"),
        due=_("Today"),
        waiting=_("5 h waiting"),
    ),
    row(
        "routine",
        _("Routine"),
        "Ada Whitlock",
        _("Reply to question"),
        identity="F, 35. S-0012",
        due=_("Tomorrow"),
        waiting=_("3 h waiting"),
    ),
]
