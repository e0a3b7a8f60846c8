"""A team's numbers: how long people wait, which promises are kept, and who has how much in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.answers import FiguresAnswer, query
from clinicians.api.desk import Desk
from clinicians.models.figures import PERIODS, Figures, Kept, Load, Period, Week, departments_of, figures
from portal import access, audit
from portal.access import Permission, Refused
from portal.models import Department, User

USUAL = 30
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# What each number means, under its drawing.
MEANS = {
    "first": gettext_lazy(
        "From the question to the first reply, of the cases first answered in these days. Half were answered within "
        "the median; nine of ten within the other number. Hours are counted while the department is open; days are "
        "those of the calendar, as the patient waits."
    ),
    "promises": gettext_lazy(
        "Of the answers that were promised for these days, those given by the promised time. Late and still owed is "
        "not kept. A promise that paused while we waited for the patient counts with its new date; a case closed "
        "without an answer does not count."
    ),
    "questions": gettext_lazy(
        "Of the patients’ own questions that were open when a reply was sent in these days, those that the reply left "
        "for later or for a visit."
    ),
    "followups": gettext_lazy(
        "Of the follow-ups whose last day was in these days and is over, those that took place by then: the patient "
        "came or was spoken to, or the repeated test was reviewed. What the patient declined, or a clinician released "
        "in time, does not count. All others were missed."
    ),
    "load": gettext_lazy(
        "Open cases are those that this person owns now and that are not closed. Replies are those they sent in these "
        "days. A number says how much there is to do, and not how well it is done."
    ),
    "weeks": gettext_lazy(
        "Cases opened and closed, and replies sent, by the week that begins on this Monday; only what falls in these "
        "days. The first and the last week may be cut."
    ),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; a value that is none of these asks for nothing."""

    days: int
    departments: list[Department]
    chosen: Department | None

    @classmethod
    def of(cls, said: QueryDict, *, by: User) -> Wanted:
        if not access.reach(by, Permission.FIGURES_READ).as_staff:
            raise Refused("read figures")
        places = departments_of(by)
        days = said.get("days", "")
        chosen = next((place for place in places if place.slug == said.get("department", "")), None)
        return cls(int(days) if days in {str(n) for n in PERIODS} else USUAL, places, chosen)

    @property
    def shown(self) -> list[Department]:
        return [self.chosen] if self.chosen else self.departments

    def query(self, **changed: Any) -> str:
        query = QueryDict(mutable=True)
        said = {"days": self.days, "department": self.chosen.slug if self.chosen else "", **changed}
        query.update({name: str(value) for name, value in said.items() if value})
        return "?" + query.urlencode()

    def read(self, *, by: User) -> Figures:
        """On record as a look that shows nobody."""
        audit.note_look(access.acting(by), "clinicians.answer")
        return figures(self.shown, Period(self.days, timezone.now()), by=by)


class FiguresPage(Desk):
    template_name = "clinicians/figures.html"
    nav = "figures"
    answers = {"get": FiguresAnswer}
    asks = (
        query("days", "Over how many days.", enum=tuple(str(days) for days in PERIODS)),
        query("department", "The address (slug) of one of one's departments; else all of them."),
    )

    def get(self, request: Request) -> Response:
        wanted = Wanted.of(self.asked.GET, by=self.actor)
        found = wanted.read(by=self.actor)
        data = {
            "days": wanted.days,
            "from": found.period.first,
            "until": found.period.today,
            "departments": [department_of(row) for row in found.kept],
            "people": [asdict(one) for one in found.load],
            "unowned": found.unowned,
            "weeks": [asdict(week) for week in found.weeks],
        }
        if not self.wants_page:
            return self.answer(data)
        return self.answer(data, **page_of(wanted, found))


def department_of(row: Kept) -> dict[str, Any]:
    """Times in hours and days, as numbers; None where nothing was answered."""
    return {
        "department": row.department.name,
        "first_answers": row.answers,
        "median_working_hours": in_units(row.median_working, HOUR),
        "ninety_percent_working_hours": in_units(row.slowest_working, HOUR),
        "median_days": in_units(row.median_plain, DAY),
        "ninety_percent_days": in_units(row.slowest_plain, DAY),
        "promises": row.promises,
        "promises_kept": row.promises_kept,
        "questions": row.questions,
        "questions_left": row.questions_left,
        "followups": row.followups,
        "followups_kept": row.followups_kept,
        "followups_missed": row.followups_missed,
    }


def in_units(time: timedelta | None, unit: timedelta) -> float | None:
    return None if time is None else round(time / unit, 2)


def page_of(wanted: Wanted, found: Figures) -> dict[str, Any]:
    return {
        "periods": [
            {"label": ngettext("%(n)d day", "%(n)d days", n) % {"n": n}, "query": wanted.query(days=n),
             "current": n == wanted.days}
            for n in PERIODS
        ],
        "places": places(wanted) if len(wanted.departments) > 1 else [],
        "means": MEANS,
        "rows": [shown(row) for row in found.kept],
        "first_bars": [bar_of(row.department, row.median_working, hours(row.median_working)) for row in found.kept],
        "promise_bars": [share_of(row.department, row.promises_kept, row.promises) for row in found.kept],
        "question_bars": [share_of(row.department, row.questions_left, row.questions) for row in found.kept],
        "followup_bars": [share_of(row.department, row.followups_kept, row.followups) for row in found.kept],
        "load_bars": load_bars(found.load),
        "week_columns": week_columns(found.weeks),
        "csv": reverse("clinicians:figures-csv") + wanted.query(),
    }  # fmt: skip


def places(wanted: Wanted) -> list[dict[str, Any]]:
    every = {"label": _("All my departments"), "query": wanted.query(department=""), "current": wanted.chosen is None}
    return [every, *(
        {"label": place.name, "query": wanted.query(department=place.slug), "current": place == wanted.chosen}
        for place in wanted.departments
    )]  # fmt: skip


def shown(row: Kept) -> dict[str, Any]:
    """A department's row as people read it."""
    return {
        "department": row.department.name,
        "answers": row.answers,
        "median_working": hours(row.median_working),
        "slowest_working": hours(row.slowest_working),
        "median_plain": days(row.median_plain),
        "slowest_plain": days(row.slowest_plain),
        "promises": part(row.promises_kept, row.promises),
        "questions": part(row.questions_left, row.questions),
        "followups": part(row.followups_kept, row.followups),
        "followups_missed": row.followups_missed,
    }


def hours(time: timedelta | None) -> str:
    return "–" if time is None else _("%(n)s h") % {"n": number_format(time / HOUR, 1)}


def days(time: timedelta | None) -> str:
    return "–" if time is None else _("%(n)s d") % {"n": number_format(time / DAY, 1)}


def part(some: int, of: int) -> str:
    """ "7 of 8 (88 %)"."""
    if not of:
        return _("none")
    return _("%(some)d of %(of)d (%(share)d %%)") % {"some": some, "of": of, "share": round(100 * some / of)}


def bar_of(department: Department, time: timedelta | None, words: str) -> tuple[str, float | None, str]:
    return department.name, in_units(time, HOUR), words


def share_of(department: Department, some: int, of: int) -> tuple[str, float | None, str]:
    return department.name, some / of if of else None, part(some, of)


def load_bars(load: Sequence[Load]) -> list[tuple[str, int, str]]:
    return [(one.name, one.open_cases, load_words(one)) for one in load]


def load_words(one: Load) -> str:
    replies = ngettext("%(n)d reply", "%(n)d replies", one.replies) % {"n": one.replies}
    return _("%(open)d open, %(replies)s") % {"open": one.open_cases, "replies": replies}


def week_columns(weeks: Sequence[Week]) -> list[tuple[str, list[tuple[str, int]]]]:
    names = {"opened": _("Opened"), "answered": _("Replies sent"), "closed": _("Closed")}
    return [
        (title, [(date_format(week.monday, "j M"), getattr(week, name)) for week in weeks])
        for name, title in names.items()
    ]
