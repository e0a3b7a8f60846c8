"""The privacy officer's answers to who asks about a visit to their record. No name of the patient, nothing clinical."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients.actions import access_questions
from patients.forms.access_questions import AnswerForm
from patients.models import AccessQuestion
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.asked import SignedIn
from portal.models import User
from portal.paging import Pager


@login_required
@require_safe
def list_questions(request: SignedIn) -> HttpResponse:
    """Those that wait, or those that were answered."""
    officer(request)
    pager, answered = Pager(request.GET), request.GET.get("answered") == "1"
    rows = access.read_many(
        AccessQuestion.objects.filter(answered_at__isnull=not answered).exclude(asked_by=request.user),
        by=request.actor,
        page=pager,
    )
    context = {"nav": "access-questions", "rows": rows, "pager": pager, "answered": answered}
    return render(request, "patients/access_questions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: SignedIn, pk: UUID) -> HttpResponse:
    officer(request)
    asked, form, unsent = asked_of(request, pk), AnswerForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            access_questions.answer(asked, by=request.user, text=form.cleaned_data["text"])
        except IllegalMove as overtaken:
            # Another officer was first: what was typed is not lost.
            request.refusal = overtaken  # type: ignore[attr-defined]
            asked, unsent = asked_of(request, pk), form.cleaned_data["text"]
        else:
            messages.success(request, _("Your answer is sent. The patient is told by mail that there is one."))
            return redirect("patients:answer_access_question", pk)
    looked = User.objects.visible_to(request.actor, Permission.AUDIT_READ).with_post().filter(pk=asked.actor_id).first()
    context = {"nav": "access-questions", "question": asked, "form": form, "looked": looked, "unsent": unsent}
    status = 409 if unsent else 422 if form.errors else 200
    return render(request, "patients/answer_access_question.html", context, status=status)


def asked_of(request: SignedIn, pk: UUID) -> AccessQuestion:
    """Never one's own: nobody answers themselves."""
    return access.read_one(
        AccessQuestion.objects.with_answerer().exclude(asked_by=request.user), by=request.actor, pk=pk
    )


def officer(request: SignedIn) -> None:
    if not access.has(request.actor, Permission.ACCESS_QUESTION_ANSWER):
        raise Refused("read questions about visits")
