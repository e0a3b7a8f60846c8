"""An answer from the message itself: no sign-in, one answer, and nothing shown but the day.

Looking at the page does nothing: programs that look at mail open its links. Only the button answers. It is done as the
account that the message went to, and the trail says that it came through a link.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients.actions import followups
from patients.models import FollowUp, answer_links
from patients.models.answer_links import Answer, Link
from patients.models.followups import MOVES, FollowUpQuerySet, FollowUpStatus
from patients.models.reminders import facts_of
from portal import access, limits
from portal.access import IllegalMove, Unseen
from portal.acting import acting_as
from portal.headers import by_key
from portal.models import User
from portal.signed_links import WrongLink

A_WAY = 60, 60 * 60
QUESTIONS = {
    Answer.CONFIRM: (_("Can you come?"), _("Yes, I can come")),
    Answer.MOVE: (_("Do you need another day?"), _("Ask for another day")),
    Answer.CANCEL: (_("Can you not come at all?"), _("I can't come")),
}
DONE = {
    Answer.CONFIRM: _("Thank you. The clinic knows that you can come."),
    Answer.MOVE: _("The clinic has your request. Until it answers, the day stands."),
    Answer.CANCEL: _("The clinic knows that you can't come. If you want another time later, write to it or call."),
}
ASKED = _("Asked for by the link in a message.")


@never_cache
@by_key("strict-origin")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    if kind not in set(Answer):
        raise Http404
    if not limits.within(request, "answer", most=A_WAY[0], seconds=A_WAY[1], when_down=True):
        return page(request, {"closed": "often"}, status=429)
    what = Answer(kind)
    try:
        link = answer_links.opened(what, token)
        account = link.whose()
        with acting_as(account, request_id=getattr(request, "request_id", ""), through="link"):
            return answered(request, what, link, account)
    except (WrongLink, Unseen):
        return page(request, {"closed": "wrong"}, status=404)
    except IllegalMove:
        return page(request, {"closed": "over"}, status=409)


def answered(request: HttpRequest, what: Answer, link: Link, account: User) -> HttpResponse:
    found = access.read_one(own(account), by=account, pk=link.followup)
    facts = facts_of(found, account)
    more = reverse("patients:followup", args=[found.pk])
    context: dict[str, Any] = {"day": facts.day, "at": facts.at, "zone": facts.zone, "more": more}
    if found.sequence != link.sequence or timezone.now() >= facts.ends:
        return page(request, {"closed": "over"}, status=410)
    if is_said(found, what):
        return page(request, context | {"done": DONE[what]})
    if found.status == FollowUpStatus.CLOSED or STATUS[what] not in MOVES[FollowUpStatus(found.status)]:
        return page(request, {"closed": "over"}, status=410)
    if request.method != "POST":
        question, button = QUESTIONS[what]
        return page(request, context | {"question": question, "button": button, "what": what.value})
    do(found, what, account)
    return page(request, context | {"done": DONE[what]})


def own(account: User) -> FollowUpQuerySet:
    return FollowUp.objects.filter(patient__user=account).standing().select_related("patient__user", "owner")


STATUS = {
    Answer.CONFIRM: FollowUpStatus.CONFIRMED,
    Answer.MOVE: FollowUpStatus.CHANGE_ASKED,
    Answer.CANCEL: FollowUpStatus.CLOSED,
}


def is_said(found: FollowUp, what: Answer) -> bool:
    """Pressed twice, it was answered once."""
    return found.status == STATUS[what] and (what is not Answer.CANCEL or found.evidence == "declined")


def do(found: FollowUp, what: Answer, account: User) -> None:
    if what is Answer.CONFIRM:
        followups.confirm(found, by=account)
    elif what is Answer.MOVE:
        followups.ask_for_change(found, by=account, note=str(ASKED))
    else:
        followups.decline(found, by=account, note=str(ASKED))


def page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "patients/answer.html", context, status=status)
