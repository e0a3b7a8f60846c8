"""The editor of one question: its public text, what has to be fixed in it, its versions, its next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from faq.actions import questions
from faq.actions.questions import Stale
from faq.forms.questions import QuestionForm
from faq.models import Feedback, Question
from faq.models.articles import at_work
from faq.models.checks import checks
from faq.models.questions import QuestionQuerySet, QuestionStatus
from faq.rules import manuscript
from faq.views.board import MOVES, decided, for_curators
from portal import access
from portal.access import IllegalMove
from portal.asked import SignedIn

STEPS: dict[str, Callable[..., Question]] = {
    "submit": questions.submit,
    "publish": questions.publish,
    "send-back": questions.send_back,
    "withdraw": questions.withdraw,
}
VERSIONS = 20


def drafts() -> QuestionQuerySet:
    return Question.objects.select_related("department", "article", "answered_by", "edited_by").prefetch_related(
        "topics"
    )


def read(request: SignedIn, key: UUID) -> Question:
    """Its earlier versions come with it: only for who works on it, though all may read what is published."""
    return access.read_one(drafts().filter(at_work(request.actor)), by=request.actor, pk=key)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: SignedIn, key: UUID) -> HttpResponse:
    """The form; posted, the next version of the question."""
    row = read(request, key)
    if request.method != "POST":
        return page(request, row, QuestionForm.of(row, request.actor))
    form = QuestionForm(request.POST, by=request.actor, department=row.department)
    if not form.is_valid():
        return page(request, row, form, status=422)
    try:
        questions.edit(row, by=request.actor, **form.changes)
    except Stale as stale:
        return crossed(request, row, form, stale)
    messages.success(request, _("Saved as a new version."))
    return redirect("faq:draft", key=key)


def crossed(request: SignedIn, row: Question, form: QuestionForm, stale: Stale) -> HttpResponse:
    """Somebody saved meanwhile: what was typed stays in the form, beside what differs from what was saved."""
    request.refusal = stale  # type: ignore[attr-defined]
    saved = {name: getattr(row, name) for name in ("title", "body", "answer", "in_short")}
    theirs = [
        (form.fields[name].label, manuscript.differences(saved[name], form.cleaned_data[name]))
        for name in saved
        if saved[name] != form.cleaned_data[name]
    ]
    form.data = {**request.POST.dict(), "version": str(row.version)}
    return page(request, row, form, status=409, theirs=theirs)


def page(request: SignedIn, row: Question, form: QuestionForm, *, status: int = 200, **more: Any) -> HttpResponse:
    found = {
        "question": row,
        "form": form,
        "findings": row.open_findings,
        "all_findings": row.findings,
        "checks": checks(row),
        "moves": MOVES[row.status],
        "is_open": row.status in questions.OPEN_TO_EDITS,
        "steps": steps(row),
        "versions": row.versions()[:VERSIONS],
        "compared": compared(request, row),
        "told": Feedback.objects.visible_to(request.actor).filter(question=row).told(),
        "nav": "board",
        **more,
    }
    return render(request, "faq/draft.html", found, status=status)


def steps(row: Question) -> list[dict[str, str]]:
    """Where it is on its way, for the small stepper."""
    way = [QuestionStatus.SUGGESTED, QuestionStatus.DRAFT, QuestionStatus.IN_REVIEW, QuestionStatus.PUBLISHED]
    now = way.index(QuestionStatus(row.status)) if row.status in way else 0
    return [
        {"title": str(state.label), "state": "done" if index < now else "now" if index == now else ""}
        for index, state in enumerate(way)
    ]


def compared(request: SignedIn, row: Question) -> list[tuple[str, list[manuscript.Piece]]]:
    """`?with=2`: what has changed since version 2, part by part."""
    asked = request.GET.get("with", "")
    old = (
        row.versions().filter(version=int(asked)).first()
        if asked.isascii() and asked.isdigit() and len(asked) < 6
        else None
    )
    if old is None:
        return []
    parts = (
        (_("Title"), "title"),
        (_("The question"), "body"),
        (_("The reply"), "answer"),
        (_("In short"), "in_short"),
    )
    return [
        (label, manuscript.differences(getattr(old, name), getattr(row, name)))
        for label, name in parts
        if getattr(old, name) != getattr(row, name)
    ]


@for_curators
@require_POST
def step(request: SignedIn, key: UUID, move: str) -> HttpResponse:
    """Send to review, publish, send back, take down; refused, the editor says why."""
    row = read(request, key)
    try:
        moved = STEPS[move](row, by=request.actor, **decided(request, move))
    except IllegalMove as refused:
        request.refusal = refused  # type: ignore[attr-defined]
        return page(request, row, QuestionForm.of(row, request.actor), status=409, refused=refused.reason)
    messages.success(request, f"{moved.title}: {moved.get_status_display()}")
    return redirect("faq:board")


@for_curators
@require_POST
def let_stand(request: SignedIn, key: UUID) -> HttpResponse:
    """A finding that a person has read and keeps."""
    questions.acknowledge(read(request, key), by=request.actor, key=request.POST.get("finding", "")[:200])
    return redirect("faq:draft", key=key)
