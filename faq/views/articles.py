"""One article: who wrote it, who approved it, from which sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from faq.models import Article, Question
from faq.rules import manuscript
from faq.views.library import home_trail
from portal import access
from portal.asked import Asked

QUESTIONS = 6


@require_safe
def article(request: Asked, slug: str) -> HttpResponse:
    by = request.actor
    row = access.read_one(Article.objects.published().with_people().prefetch_related("topics"), by=by, slug=slug)
    questions = access.read_many(
        Question.objects.published().filter(article=row).for_lists().newest(),
        by=by,
        page=lambda rows: list(rows[:QUESTIONS]),
    )
    assert row.current is not None
    found = {
        "article": row,
        "revision": row.current,
        "more": manuscript.read(row.current.body),
        "questions": questions,
        "trail": [*home_trail(), (row.department.name, f"/{row.department.slug}/")],
        "nav": "home",
    }
    return render(request, "faq/article.html", found)
