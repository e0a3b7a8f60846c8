"""Two cases that are one matter: linked, so that both are read; or merged, so that one goes on."""

from __future__ import annotations

from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _

from clinicians.models import CaseLink, Claim, Snooze
from patients.models import Case, CaseQuestion, Message
from patients.models.cases import Status
from patients.models.messages import Voice
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_ASSIGN)
def link(case: Case, *, by: User, other: Case, reason: str) -> CaseLink:
    """The same matter. Raises IllegalMove when the two are linked already."""
    _must_be_theirs("links.link", case, other, by)
    linked = IllegalMove("links.link", case, _("These two are linked already."))
    if CaseLink.objects.standing().between(case, other).exists():
        raise linked
    try:
        return CaseLink.make(case, other, by=by, reason=reason)
    except IntegrityError as overtaken:
        # From the other side, at the same moment: that locks the other case.
        raise linked from overtaken


@verb(Permission.CASE_ASSIGN)
def unlink(case: Case, *, by: User, other: Case) -> Case:
    """Not the same matter after all. Twice is once."""
    for standing in CaseLink.objects.standing().between(case, other):
        standing.end(by=by)
    return case


@verb(Permission.CASE_ASSIGN)
def merge(case: Case, *, by: User, into: Case) -> Case:
    """Asked twice: this case is closed and goes on in the other, and the patient is told where.

    Nothing is lost: open questions are asked there, and here they are deferred by the message that says so. What was
    urgent or promised here is so there. A follow-up must be closed first: its promise is somebody's.
    """
    _must_be_theirs("links.merge", case, into, by)
    Claim.refuse_others("links.merge", case, by)
    if case.followups.open().exists():
        words = _("A follow-up is still open on this case: close it with evidence first.")
        raise IllegalMove("links.merge", case, words)
    target = _locked("links.merge", into)
    if target.status == Status.CLOSED:
        raise IllegalMove("links.merge", case, _("%(ref)s is closed: merge the other way round.") % {"ref": target})
    was_waiting = case.status in (Status.NEW, Status.WAITING)
    _move_questions(case, target, _say_where(case, target, by))
    Claim.end(case)
    Snooze.end(case, by=by)
    if was_waiting:
        Snooze.end(target, by=by)
        _take_promise(target, case)
        if target.owner and target.owner != by:
            Notification.queue(target.owner, Purpose.CASE_HANDED, path=f"/cases/{target.ref}/")
    case.move_to(Status.CLOSED, by=by)
    case.merged_into = target
    case.save(update_fields=["merged_into"])
    return case


def _must_be_theirs(name: str, case: Case, other: Case, by: User) -> None:
    if not access.can(by, Permission.CASE_ASSIGN, other):
        raise Refused(name, other)
    if other.pk == case.pk or other.patient_id != case.patient_id:
        raise IllegalMove(name, case, _("Choose another case of the same patient."))


def _locked(name: str, case: Case) -> Case:
    """Never waited for: two who merge into one another would wait for ever."""
    try:
        return Case.objects.select_for_update(nowait=True).get(pk=case.pk)
    except OperationalError as busy:
        words = _("Somebody is doing something with %(ref)s at this moment: try again.") % {"ref": case.ref}
        raise IllegalMove(name, case, words) from busy


def _say_where(case: Case, target: Case, by: User) -> Message:
    words = _(
        "You asked about this in two cases. We go on in the other one, %(ref)s (“%(title)s”), with the questions that "
        "are still open here. Please write to us there."
    )
    message = case.say(author=by, voice=Voice.CLINIC, body=words % {"ref": target.ref, "title": target.title})
    if case.patient.user:
        Notification.queue(case.patient.user, Purpose.NEW_MESSAGE, path=f"/my/cases/{target.ref}/")
    return message


def _move_questions(case: Case, target: Case, message: Message) -> None:
    """Asked in the target after its own, unless the same words stand open there already."""
    last = target.questions.order_by("-position").first()
    position, asked = last.position if last else 0, {question.text for question in target.questions.open()}
    for question in case.questions.open():
        if question.text not in asked:
            position += 1
            target.questions.create(patient_id=case.patient_id, position=position, text=question.text)
        question.outcome, question.settled_by = CaseQuestion.Outcome.DEFERRED, message
        question.save(update_fields=["outcome", "settled_by"])


def _take_promise(target: Case, case: Case) -> None:
    """What waited there waits here: by the earlier of the two promises, as urgent as the more urgent."""
    if target.status == Status.ANSWERED:
        target.move_to(Status.WAITING)
        target.waiting_since, target.answer_due_at = case.waiting_since, case.answer_due_at
    target.waiting_since = min(target.waiting_since, case.waiting_since)
    target.answer_due_at = min(target.answer_due_at, case.answer_due_at)
    target.urgency = min(target.urgency, case.urgency)
    target.save()
