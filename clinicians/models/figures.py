"""How a department keeps what it promises, in numbers. A constant number of questions, each over one index.

What each number means stands beside it on the page (clinicians/api/figures.py). Nobody's words are read, and no
patient is named; each question goes through both walls all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, DurationField, F, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from clinicians.models.answers import Answer, AnswerQuerySet
from patients.models import Case, FollowUp
from patients.models.cases import CaseQuerySet, Status
from patients.models.followups import Evidence
from portal import access
from portal.access import Permission
from portal.models import Department, User

PERIODS = (7, 30, 90)
KEPT = (Evidence.ATTENDED, Evidence.RESULT_REVIEWED)
LET_GO = (Evidence.DECLINED, Evidence.RELEASED)
OPEN = (Status.NEW, Status.WAITING, Status.ANSWERED)
DAY = timedelta(days=1)


class Percentile(Aggregate):
    """Of lengths of time: half of them are no longer than `share=0.5`."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Period:
    """The last so many days of the clinic, today among them."""

    days: int
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localtime(self.now, timezone.get_default_timezone()).date()

    @property
    def first(self) -> date:
        return self.today - (self.days - 1) * DAY

    @property
    def since(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, datetime.min.time()), timezone.get_default_timezone())

    @property
    def weeks(self) -> list[date]:
        """The Mondays of its weeks."""
        monday = self.first - self.first.weekday() * DAY
        return [monday + 7 * n * DAY for n in range((self.today - monday).days // 7 + 1)]


@dataclass
class Kept:
    """One department's numbers. A time is None where nothing was answered."""

    department: Department
    answers: int = 0
    median_working: timedelta | None = None
    slowest_working: timedelta | None = None
    median_plain: timedelta | None = None
    slowest_plain: timedelta | None = None
    promises: int = 0
    promises_kept: int = 0
    questions: int = 0
    questions_left: int = 0
    followups_over: int = 0
    followups_kept: int = 0
    followups_let_go: int = 0

    @property
    def followups(self) -> int:
        """Owed: neither declined nor released in time."""
        return self.followups_over - self.followups_let_go

    @property
    def followups_missed(self) -> int:
        return self.followups - self.followups_kept

    def add(self, found: Mapping[str, Any]) -> None:
        for name, value in found.items():
            setattr(self, name, value or 0 if name in COUNTS else value)


COUNTS = {"answers", "questions", "questions_left", "followups_over", "followups_kept", "followups_let_go"}


@dataclass
class Load:
    """What one person has in hand, and has answered."""

    name: str
    open_cases: int = 0
    replies: int = 0


@dataclass
class Week:
    monday: date
    opened: int = 0
    answered: int = 0
    closed: int = 0


@dataclass
class Figures:
    period: Period
    kept: list[Kept] = field(default_factory=list)
    load: list[Load] = field(default_factory=list)
    weeks: list[Week] = field(default_factory=list)
    unowned: int = 0


def departments_of(by: User) -> list[Department]:
    """Those whose numbers one reads: where one works."""
    reach = access.reach(by, Permission.FIGURES_READ)
    rows = Department.objects.order_by("name")
    return list(rows if reach.whole_clinic else rows.filter(pk__in=sorted(reach.departments)))


def figures(departments: Sequence[Department], period: Period, *, by: User) -> Figures:
    asked = Asked(by, [department.pk for department in departments], period)
    with timezone.override(timezone.get_default_timezone()):
        kept = {department.pk: Kept(department) for department in departments}
        for row in (*asked.first_answers(), *asked.questions(), *asked.followups()):
            kept[row.pop("place")].add(row)
        for place, is_kept, n in (*asked.promises(), *asked.promises_out()):
            kept[place].promises += n
            kept[place].promises_kept += n if is_kept else 0
        load, unowned = asked.load()
        return Figures(period, list(kept.values()), load, asked.weeks(), unowned)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks about where and when."""

    by: User
    places: list[UUID]
    period: Period

    @property
    def _answers(self) -> AnswerQuerySet:
        return Answer.objects.visible_to(self.by).standing().filter(department__in=self.places)

    @property
    def _given(self) -> AnswerQuerySet:
        return self._answers.filter(answered_at__gte=self.period.since, answered_at__lte=self.period.now)

    @property
    def _cases(self) -> CaseQuerySet:
        return Case.objects.visible_to(self.by).filter(department__in=self.places)

    def first_answers(self) -> Iterable[Any]:
        plain = F("answered_at") - F("asked_at")
        return self._given.filter(is_first=True).order_by().values(place=F("department")).annotate(
            answers=Count("*"),
            median_working=Percentile("working", share=0.5),
            slowest_working=Percentile("working", share=0.9),
            median_plain=Percentile(plain, share=0.5),
            slowest_plain=Percentile(plain, share=0.9),
        )  # fmt: skip

    def questions(self) -> Iterable[Any]:
        return self._given.order_by().values(place=F("department")).annotate(
            questions=Sum("questions"), questions_left=Sum("left_open")
        )  # fmt: skip

    def promises(self) -> Iterable[tuple[UUID, bool, int]]:
        """Those that fell due in the period and were answered, in time or later."""
        due = self._answers.filter(promised_at__gte=self.period.since, promised_at__lte=self.period.now)
        in_time = Q(answered_at__lte=F("promised_at"))
        rows = due.order_by().values_list("department").annotate(n=Count("*"), kept=Count("pk", filter=in_time))
        for place, n, kept in rows:
            yield place, True, kept
            yield place, False, n - kept

    def promises_out(self) -> Iterable[tuple[UUID, bool, int]]:
        """Those that fell due in the period and are owed still."""
        late = self._cases.waiting().filter(answer_due_at__gte=self.period.since, answer_due_at__lt=self.period.now)
        rows = late.order_by().values_list("department").annotate(n=Count("*"))
        return ((place, False, n) for place, n in rows)

    def followups(self) -> Iterable[Any]:
        """Whose last day was in the period and is over."""
        rows = FollowUp.objects.visible_to(self.by).filter(
            case__department__in=self.places, latest_on__gte=self.period.first, latest_on__lt=self.period.today
        )
        in_time = Q(closed_at__date__lte=F("latest_on"))
        let_go = in_time & Q(evidence__in=LET_GO)
        return rows.order_by().values(place=F("case__department")).annotate(
            followups_over=Count("*"),
            followups_kept=Count("pk", filter=in_time & Q(evidence__in=KEPT)),
            followups_let_go=Count("pk", filter=let_go),
        )  # fmt: skip

    def load(self) -> tuple[list[Load], int]:
        """By person, most open cases first; and how many open cases nobody has."""
        open_cases = self._cases.filter(status__in=OPEN).order_by().values_list("owner").annotate(n=Count("*"))
        has: dict[UUID | None, int] = dict(open_cases)
        unowned = has.pop(None, 0)
        replies: dict[UUID, int] = dict(self._given.order_by().values_list("by").annotate(n=Count("*")))
        people = User.objects.filter(pk__in={*has, *replies}).values_list("pk", "name")
        found = [Load(name, has.get(pk, 0), replies.get(pk, 0)) for pk, name in people]
        return sorted(found, key=lambda one: (-one.open_cases, -one.replies, one.name)), unowned

    def weeks(self) -> list[Week]:
        weeks = {monday: Week(monday) for monday in self.period.weeks}
        for name, rows, at in (
            ("opened", self._cases, "created_at"),
            ("answered", self._answers, "answered_at"),
            ("closed", self._cases, "closed_at"),
        ):
            for monday, n in self._by_week(rows, at):
                setattr(weeks[monday.date()], name, n)
        return list(weeks.values())

    def _by_week(self, rows: QuerySet[Any], at: str) -> Iterable[tuple[datetime, int]]:
        within = rows.filter(**{f"{at}__gte": self.period.since, f"{at}__lte": self.period.now})
        weeks: Iterable[tuple[datetime, int]] = (
            within.order_by().annotate(week=TruncWeek(at)).values_list("week").annotate(n=Count("*"))
        )
        return weeks
