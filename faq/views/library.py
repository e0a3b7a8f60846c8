"""The library's shelves: home, departments, topics."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.models import Article, Question, Topic
from faq.models.questions import QuestionQuerySet, with_answers
from faq.models.topics import OTHER_LETTERS
from portal import access
from portal.access import Actor
from portal.asked import Asked
from portal.models import Department
from portal.paging import Pager

LETTERS = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", OTHER_LETTERS]
TOPICS_A_PAGE = 120
NEWEST = 6
CHIPS = 10


def questions_in_lists() -> QuestionQuerySet:
    return Question.objects.published().for_lists()


def newest(by: Actor, most: int) -> list[Question]:
    """The clinic's own answers, the latest first; imported ones only where those do not fill the list."""
    rows = questions_in_lists()
    own = access.read_many(rows.of_the_clinic().newest(), by=by, page=lambda found: list(found[:most]))
    rest = access.read_many(rows.imported().newest(), by=by, page=lambda found: list(found[: most - len(own)]))
    return [*own, *rest]


@require_safe
def home(request: Asked) -> HttpResponse:
    by = request.actor
    departments = access.read_many(with_answers(Department.objects.all()), by=by)
    topics = access.read_many(Topic.objects.most_answered(), by=by, page=lambda rows: list(rows[:CHIPS]))
    found = {"departments": departments, "topics": topics, "newest": newest(by, NEWEST), "nav": "home"}
    return render(request, "faq/home.html", found)


@require_safe
def departments(request: Asked) -> HttpResponse:
    rows = access.read_many(with_answers(Department.objects.all()), by=request.actor)
    trail = [*home_trail(), (_("Departments"), "")]
    return render(request, "faq/departments.html", {"departments": rows, "nav": "departments", "trail": trail})


@require_safe
def department(request: Asked, department: str) -> HttpResponse:
    by, pager = request.actor, Pager(request.GET)
    place = access.read_one(Department.objects.all(), by=by, slug=department)
    rows = access.read_many(questions_in_lists().filter(department=place), by=by, page=pager)
    topics = access.read_many(
        Topic.objects.filter(department=place).most_answered(),
        by=by,
        page=lambda found: list(found[:CHIPS]),
    )
    trail = [*home_trail(), (place.name, "")]
    found = {"department": place, "questions": rows, "pager": pager, "topics": topics, "trail": trail}
    return render(request, "faq/department.html", {**found, "nav": "departments"})


@require_safe
def topics(request: Asked) -> HttpResponse:
    """One letter at a time, and of a long letter so many at a time: `after` is the address of the last one shown."""
    letter = request.GET.get("letter", "A").upper()
    letter = letter if letter in LETTERS else "A"
    after = request.GET.get("after", "")[:200]
    rows = access.read_many(
        Topic.objects.of_letter(letter).filter(slug__gt=after).with_counts().order_by("slug"),
        by=request.actor,
        page=lambda found: list(found[: TOPICS_A_PAGE + 1]),
    )
    more = rows[TOPICS_A_PAGE - 1].slug if len(rows) > TOPICS_A_PAGE else ""
    found = {"letters": LETTERS, "letter": letter, "topics": rows[:TOPICS_A_PAGE], "more": more, "after": after}
    trail = [*home_trail(), (_("Topics A to Z"), "")]
    return render(request, "faq/topics.html", {**found, "trail": trail, "nav": "topics"})


@require_safe
def topic(request: Asked, slug: str) -> HttpResponse:
    by, pager = request.actor, Pager(request.GET)
    about = access.read_one(Topic.objects.select_related("department"), by=by, slug=slug)
    rows = access.read_many(questions_in_lists().filter(topics=about), by=by, page=pager)
    articles = access.read_many(
        Article.objects.published().filter(topics=about), by=by, page=lambda found: list(found[:CHIPS])
    )
    trail = [*home_trail(), (_("Topics A to Z"), reverse("faq:topics")), (about.name, "")]
    found = {"topic": about, "questions": rows, "pager": pager, "articles": articles, "trail": trail}
    return render(request, "faq/topic.html", {**found, "nav": "topics"})


def home_trail() -> list[tuple[str, str]]:
    return [(_("Questions and answers"), reverse("faq:home"))]
