"""What staff do with a case: triage, assign, reply (and take it back at once), close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.actions import followups
from clinicians.actions.followups import Planned
from clinicians.models import Answer, Claim, Handover, ReplyDraft, SentReply, Snooze
from clinicians.models.handovers import Kind
from clinicians.models.staff import must_treat
from faq.models import Article, Question
from patients.models import Case, CaseQuestion, Message
from patients.models.cases import Status, Urgency
from patients.models.messages import Voice
from portal.access import IllegalMove, Permission
from portal.acting import handing_over
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_TRIAGE)
def triage(case: Case, *, by: User, department: Department, urgency: Urgency, owner: User | None = None) -> Case:
    """Set how soon, and whose: from here the case is on the department's worklist. Once: IllegalMove after that.

    What was promised to the patient may come earlier by it, and never later.
    """
    if case.status != Status.NEW:
        raise IllegalMove("cases.triage", case)
    if owner:
        must_treat("cases.triage", case, owner, department)
    if department != case.department:
        Handover.write(case, by=by, kind=Kind.REFERRED, to=owner, department=department)
    elif owner:
        Handover.write(case, by=by, kind=Kind.TAKEN if owner == by else Kind.ASSIGNED, to=owner)
    case.department, case.urgency, case.owner = department, urgency, owner
    case.hasten_answer()
    with handing_over(case.pk):
        case.move_to(Status.WAITING)
    _tell(case, by)
    return case


@verb(Permission.CASE_ASSIGN)
def assign(case: Case, *, by: User, owner: User | None) -> Case:
    """Make it somebody's, or give it back to the team."""
    if case.status == Status.CLOSED:
        raise IllegalMove("cases.assign", case, "the case is closed: a message from the patient opens it again")
    if owner:
        must_treat("cases.assign", case, owner, case.department)
    if owner != case.owner:
        kind = (Kind.TAKEN if owner == by else Kind.ASSIGNED) if owner else Kind.GIVEN_BACK
        Handover.write(case, by=by, kind=kind, to=owner)
        case.owner = owner
        _tell(case, by)
    case.save()
    return case


@verb(Permission.CASE_REPLY)
def reply(
    case: Case,
    *,
    by: User,
    body: str,
    safety_net: str,
    outcomes: Mapping[UUID, CaseQuestion.Outcome],
    articles: Sequence[Article | Question] = (),
    followup: Planned | None = None,
    suggest: bool = False,
) -> Message:
    """Answer the patient: each of their open questions gets an outcome, and the reply a safety-net.

    The patient sees it, and what was promised with it, when it can't be undone any more. What it leaves for later, or
    for a visit, is still owed: the promise stands still until the patient writes. Raises IllegalMove when a question
    is left open, the case does not wait for a reply, the follow-up can't be promised, and while somebody else is
    answering it.
    """
    Claim.refuse_others("cases.reply", case, by)
    open_questions = list(case.questions.open())
    if {question.pk for question in open_questions} - set(outcomes):
        raise IllegalMove("cases.reply", case, "each of the patient's questions needs an outcome")
    sent = SentReply.before(case, by=by, suggest=suggest)
    at = _seen_from()
    message = case.say(author=by, voice=Voice.CLINIC, body=body, safety_net=safety_net, visible_at=at)
    message.send_along(articles)
    for question in open_questions:
        question.outcome, question.settled_by = outcomes[question.pk], message
        question.save(update_fields=["outcome", "settled_by"])
        sent.outcomes[str(question.pk)] = outcomes[question.pk]
    Answer.write(case, message, by=by, questions=open_questions)
    if case.owner is None:
        Handover.write(case, by=by, kind=Kind.TAKEN, to=by)
    case.owner, case.held_until = case.owner or by, at
    if any(question.outcome != CaseQuestion.Outcome.ANSWERED for question in open_questions):
        case.pause_promise()
    case.move_to(Status.ANSWERED)
    Claim.end(case)
    Snooze.end(case, by=by)
    if followup:
        sent.followup = followups.plan(case, by=by, visible_at=at, **followup.about)
        sent.followup_words = dict(followup.words)
    if case.patient.user:
        sent.told(
            Notification.queue(case.patient.user, Purpose.NEW_REPLY, path=f"/my/cases/{case.ref}/", visible_at=at)
        )
    ReplyDraft.let_go(case, by)
    if at:
        sent.keep(message)
    return message


@verb(Permission.CASE_REPLY)
def undo_reply(message: Message, *, by: User) -> ReplyDraft:
    """Take one's own reply back before its patient sees it: the case waits as before, the text is a draft again.

    Raises IllegalMove once it can be read.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=message.case_id)
    sent = SentReply.objects.filter(message=message, account=by).first()
    if sent is None or not message.is_held:
        raise IllegalMove("cases.undo_reply", case, _("The patient can read it already: it can’t be undone any more."))
    if case.status == Status.CLOSED:
        raise IllegalMove("cases.undo_reply", case, _("The case has been closed meanwhile: the reply stands."))
    message.undo(by, timezone.now())
    Answer.take_back(message)
    for question in case.questions.filter(settled_by=message):
        question.outcome, question.settled_by = CaseQuestion.Outcome.OPEN, None
        question.save(update_fields=["outcome", "settled_by"])
    # Given to somebody meanwhile, it stays theirs.
    owner = sent.owner if case.owner_id == by.pk else case.owner
    case.wait_again(since=sent.waiting_since, due_at=sent.answer_due_at, owner=owner)
    sent.call_back(by=by)
    return ReplyDraft.take_up(case, by, sent.words)


@verb(Permission.CASE_CLOSE)
def close(case: Case, *, by: User) -> Case:
    """Nothing more is owed. Raises IllegalMove while a follow-up is open or somebody else is answering, and when it is
    closed already.
    """
    Claim.refuse_others("cases.close", case, by)
    if case.followups.open().exists():
        raise IllegalMove("cases.close", case, "a follow-up is still open: close it with evidence first")
    case.move_to(Status.CLOSED, by=by)
    Claim.end(case)
    Snooze.end(case, by=by)
    return case


def _tell(case: Case, by: User) -> None:
    """Whose it is now, unless they took it themselves."""
    if case.owner and case.owner != by:
        Notification.queue(case.owner, Purpose.CASE_HANDED, path=f"/cases/{case.ref}/")


def _seen_from() -> datetime | None:
    """When the patient sees what is sent now; None: at once."""
    seconds = settings.REPLY_UNDO_SECONDS
    return timezone.now() + timedelta(seconds=seconds) if seconds else None
