"""One public question: the page, and whether it helped."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from faq.actions import feedback
from faq.models import Question, Topic
from faq.models.feedback import Reason
from faq.models.similar import similar
from faq.rules import manuscript
from faq.views.library import home_trail
from portal import access, limits
from portal.asked import Asked

RELATED = 12
# So many answers of one address are noted in an hour.
NOTED = 30


class FeedbackForm(forms.Form):
    has_helped = forms.TypedChoiceField(
        label=gettext_lazy("Did this answer help?"),
        choices=(("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))),
        coerce=lambda value: value == "yes",
        error_messages={"required": gettext_lazy("Say yes or no.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("What was wrong with it?"),
        choices=(("", gettext_lazy("No reason")), *Reason.choices),
        required=False,
    )


@require_safe
def question(request: Asked, department: str, number: int, slug: str) -> HttpResponse:
    by = request.actor
    row = access.read_one(Question.objects.published().for_reading(), by=by, number=number)
    if request.path != row.get_absolute_url():
        return redirect(row, permanent=True)
    like_it = similar(row, Question.objects.published().visible_to(by))
    related = access.read_many(
        Topic.objects.filter(questions__in=[one.question.pk for one in like_it]).exclude(questions=row).distinct(),
        by=by,
        page=lambda rows: list(rows[:RELATED]),
    )
    article = row.article if row.article and row.article.current else None
    found = {
        "question": row,
        "article": article,
        "more": manuscript.read(article.current.body) if article and article.current else None,
        "similar": like_it,
        "related": related,
        "trail": [*home_trail(), (row.department.name, reverse("faq:department", args=[row.department.slug]))],
        "reasons": Reason.choices,
        "nav": "home",
    }
    return render(request, "faq/question.html", found)


@require_POST
def helped(request: Asked, number: int) -> HttpResponse:
    """Yes or no from the page; the answer says thank you on a page of its own."""
    row = access.read_one(Question.objects.published().with_people(), by=request.actor, number=number)
    form = FeedbackForm(request.POST)
    trail = [*home_trail(), (row.title, row.get_absolute_url()), (_("Your answer"), "")]
    found = {"question": row, "form": form, "trail": trail}
    if not form.is_valid():
        return render(request, "faq/feedback.html", found, status=422)
    if not limits.within(request, "helped", most=NOTED, seconds=3600):
        return render(request, "faq/feedback.html", {**found, "is_enough": True}, status=429)
    feedback.give(row, by=request.actor, **form.cleaned_data)
    return render(request, "faq/feedback.html", {**found, "is_done": True})
