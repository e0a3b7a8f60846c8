"""The editor of one article: Markdown beside what readers will see, revisions, approval by another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from faq.actions import articles
from faq.actions.questions import Stale
from faq.forms.articles import ArticleForm, NewArticleForm
from faq.models import Article, Revision
from faq.models.articles import ArticleStatus, at_work
from faq.rules import manuscript
from faq.views.board import come_back, decided, for_curators
from portal import access
from portal.access import IllegalMove
from portal.asked import SignedIn

STEPS: dict[str, Callable[..., Article]] = {
    "submit": articles.submit,
    "approve": articles.approve,
    "send-back": articles.send_back,
    "withdraw": articles.withdraw,
}
MOVES: dict[str, tuple[str, ...]] = {
    ArticleStatus.DRAFT: ("submit",),
    ArticleStatus.IN_REVIEW: ("approve", "send-back"),
    ArticleStatus.PUBLISHED: ("withdraw",),
    ArticleStatus.WITHDRAWN: (),
}
REVISIONS = 20


def read(request: SignedIn, key: UUID) -> Article:
    """Its newest revision comes with it: only for who works on it, though all may read the approved one."""
    return access.read_one(Article.objects.filter(at_work(request.actor)).with_people(), by=request.actor, pk=key)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    form = NewArticleForm(request.POST or None, by=request.actor)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            article = articles.draft(given.pop("department"), by=request.actor, **given)
        except IllegalMove as taken:
            return come_back(request, "faq/new_article.html", form, taken)
        return redirect("faq:manuscript", key=article.pk)
    return render(request, "faq/new_article.html", {"form": form, "nav": "board"}, status=422 if form.errors else 200)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def article(request: SignedIn, key: UUID) -> HttpResponse:
    """The form; posted, the next revision."""
    row = read(request, key)
    if request.method != "POST":
        return page(request, row, ArticleForm.of(row))
    form = ArticleForm(request.POST)
    if not form.is_valid():
        return page(request, row, form, status=422)
    try:
        articles.revise(row, by=request.actor, **form.cleaned_data)
    except Stale as stale:
        return crossed(request, row, form, stale)
    messages.success(request, _("Saved as a new revision. Readers see the approved one until this one is approved."))
    return redirect("faq:manuscript", key=key)


def crossed(request: SignedIn, row: Article, form: ArticleForm, stale: Stale) -> HttpResponse:
    request.refusal = stale  # type: ignore[attr-defined]
    newest = row.newest
    theirs = [(_("Text"), manuscript.differences(newest.body, form.cleaned_data["body"]))]
    form.data = {**request.POST.dict(), "version": str(newest.number)}
    return page(request, row, form, status=409, theirs=theirs)


def page(request: SignedIn, row: Article, form: ArticleForm, *, status: int = 200, **more: Any) -> HttpResponse:
    newest = row.newest
    shown = form.data.get("body", newest.body) if form.is_bound else newest.body
    found = {
        "article": row,
        "newest": newest,
        "form": form,
        "preview": manuscript.read(shown),
        "findings": row.open_findings(f"{newest.title}\n\n{newest.body}"),
        "moves": MOVES[row.status],
        "revisions": access.read_many(
            Revision.objects.filter(article=row).select_related("author", "approver").defer("body"),
            by=request.actor,
            page=lambda rows: list(rows[:REVISIONS]),
        ),
        "compared": compared(request, row, newest),
        "nav": "board",
        **more,
    }
    return render(request, "faq/manuscript.html", found, status=status)


def compared(request: SignedIn, row: Article, newest: Revision) -> list[tuple[str, list[manuscript.Piece]]]:
    """`?with=2`: what has changed since revision 2."""
    asked = request.GET.get("with", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 6):
        return []
    found = access.read_many(Revision.objects.filter(article=row, number=int(asked)), by=request.actor)
    return [(_("Text"), manuscript.differences(old.body, newest.body)) for old in found]


@for_curators
@require_POST
def step(request: SignedIn, key: UUID, move: str) -> HttpResponse:
    row = read(request, key)
    try:
        moved = STEPS[move](row, by=request.actor, **decided(request, move))
    except IllegalMove as refused:
        request.refusal = refused  # type: ignore[attr-defined]
        return page(request, row, ArticleForm.of(row), status=409, refused=refused.reason)
    messages.success(request, f"{moved.title}: {moved.get_status_display()}")
    return redirect("faq:manuscript", key=key)


@for_curators
@require_POST
def let_stand(request: SignedIn, key: UUID) -> HttpResponse:
    articles.acknowledge(read(request, key), by=request.actor, key=request.POST.get("finding", "")[:200])
    return redirect("faq:manuscript", key=key)
