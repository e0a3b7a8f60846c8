"""The curators' board: every question by its state, with what holds it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from faq.actions import topics
from faq.forms.questions import TopicForm
from faq.models import Article, Question, SearchMiss
from faq.models.articles import at_work
from faq.models.checks import Check, checks
from faq.models.questions import QuestionQuerySet, QuestionStatus
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.asked import SignedIn
from portal.paging import Pager

P = ParamSpec("P")
IN_LANE = 6
IN_LISTS = 8
DUE_WITHIN = timedelta(days=30)
# The buttons of each state: the verb's address and what it says.
MOVES: dict[str, tuple[str, ...]] = {
    QuestionStatus.SUGGESTED: ("withdraw",),
    QuestionStatus.DRAFT: ("submit", "withdraw"),
    QuestionStatus.IN_REVIEW: ("publish", "send-back"),
    QuestionStatus.PUBLISHED: ("withdraw",),
    QuestionStatus.WITHDRAWN: ("send-back",),
}


def for_curators(
    view: Callable[Concatenate[SignedIn, P], HttpResponse],
) -> Callable[Concatenate[SignedIn, P], HttpResponse]:
    """Behind sign-in, for whoever edits or approves in the library. What they see is up to `visible_to`."""

    @wraps(view)
    def guarded(request: SignedIn, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not any(access.has(request.actor, it) for it in (Permission.LIBRARY_EDIT, Permission.LIBRARY_APPROVE)):
            raise Refused("read the library's board")
        return view(request, *args, **kwargs)

    return login_required(guarded)


def decided(request: SignedIn, move: str) -> dict[str, int]:
    """The version that was shown to whoever lets readers see it; 0, which none has, where the form does not say."""
    if move not in ("publish", "approve"):
        return {}
    version = request.POST.get("version", "")
    return {"version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0}


@dataclass(frozen=True, slots=True)
class Card:
    question: Question
    missing: list[Check]

    @property
    def moves(self) -> tuple[str, ...]:
        return MOVES[self.question.status]


@dataclass(frozen=True, slots=True)
class Lane:
    status: QuestionStatus
    count: int
    cards: list[Card]


def stops(question: Question) -> list[Check]:
    """What holds a question back on its next step."""
    if question.status in (QuestionStatus.PUBLISHED, QuestionStatus.WITHDRAWN):
        return []
    return [check for check in checks(question) if check.mark == "no"]


def work(request: SignedIn) -> QuestionQuerySet:
    """The questions in reach of whoever works on them (what is only public to them is not their work)."""
    return Question.objects.visible_to(request.actor).filter(at_work(request.actor))


@for_curators
@require_safe
def board(request: SignedIn) -> HttpResponse:
    by, rows = request.actor, work(request)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    lanes = [Lane(status, counts.get(status, 0), cards(request, status)) for status in QuestionStatus]
    articles = access.read_many(
        Article.objects.filter(at_work(by)).being_written().select_related("department"),
        by=by,
        page=lambda found: list(found[:IN_LISTS]),
    )
    soon = timezone.localdate() + DUE_WITHIN
    due = access.read_many(rows.review_due(soon), by=by, page=lambda found: list(found[:IN_LISTS]))
    missed = access.read_many(SearchMiss.objects.most_wanted(), by=by, page=lambda found: list(found[:IN_LISTS]))
    found = {"lanes": lanes, "articles": articles, "due": due, "missed": missed, "nav": "board"}
    return render(request, "faq/board.html", found)


def cards(request: SignedIn, status: QuestionStatus) -> list[Card]:
    rows = access.read_many(work(request).in_state(status), by=request.actor, page=lambda found: list(found[:IN_LANE]))
    return [Card(row, stops(row)) for row in rows]


@for_curators
@require_safe
def lane(request: SignedIn, status: str) -> HttpResponse:
    """All questions of one state."""
    pager = Pager(request.GET)
    state = QuestionStatus(status)
    rows = access.read_many(work(request).in_state(state), by=request.actor, page=pager)
    found = {"cards": [Card(row, stops(row)) for row in rows], "state": state, "pager": pager, "nav": "board"}
    return render(request, "faq/lane.html", found)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def new_topic(request: SignedIn) -> HttpResponse:
    form = TopicForm(request.POST or None, by=request.actor)
    if form.is_valid():
        given = form.cleaned_data
        synonyms = [line.strip() for line in given["synonyms"].splitlines() if line.strip()]
        try:
            topic = topics.add(given["department"], by=request.actor, name=given["name"], synonyms=synonyms)
        except IllegalMove as taken:
            return come_back(request, "faq/new_topic.html", form, taken)
        messages.success(request, _("The topic “%(name)s” is there now.") % {"name": topic.name})
        return redirect("faq:board")
    return render(request, "faq/new_topic.html", {"form": form, "nav": "board"}, status=422 if form.errors else 200)


def come_back(request: SignedIn, template: str, form: Form, taken: IllegalMove) -> HttpResponse:
    """Somebody else was first: what was typed stays in the form, and the reason above it."""
    request.refusal = taken  # type: ignore[attr-defined]
    form.add_error(None, taken.reason)
    return render(request, template, {"form": form, "nav": "board"}, status=409)
