"""From which states each verb may be done: one row a verb, for every noun that has states. All else is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils import timezone

from clinicians.models import WebhookDelivery
from clinicians.models.webhooks import MOVES as HOOK_MOVES
from clinicians.models.webhooks import State as HookState
from faq.models import Article, Question
from faq.models.articles import MOVES as ARTICLE_MOVES
from faq.models.articles import ArticleStatus
from faq.models.questions import MOVES as QUESTION_MOVES
from faq.models.questions import QuestionStatus
from patients.models import Case, Consent, FollowUp, Prescription, Result
from patients.models.cases import MOVES as CASE_MOVES
from patients.models.cases import Status
from patients.models.consents import MOVES as CONSENT_MOVES
from patients.models.consents import ConsentStatus
from patients.models.followups import MOVES as FOLLOWUP_MOVES
from patients.models.followups import Evidence, FollowUpStatus
from patients.models.prescriptions import MOVES as PRESCRIPTION_MOVES
from patients.models.prescriptions import PrescriptionStatus
from patients.models.results import ResultStatus
from patients.rules.followup_dates import Period, Unit
from portal.models import Delivery
from portal.models.deliveries import MOVES as DELIVERY_MOVES
from portal.models.deliveries import State
from portal.models.record import Record
from tests.access.matrix import World

TOKEN = UUID("00000000-0000-4000-8000-000000000001")
ENDED = timezone.now() - timedelta(days=1)


@dataclass(frozen=True)
class Noun:
    """A model with states, its table of steps, and what else a row has to hold in a state."""

    states: type[TextChoices]
    moves: dict[Any, frozenset[Any]]
    column: str = "status"
    also: Callable[[World, Any, Any], dict[str, Any]] = lambda _world, _row, _state: {}


def of_case(world: World, _row: Any, state: Any) -> dict[str, Any]:
    closed = state is Status.CLOSED
    return {"closed_at": ENDED if closed else None, "closed_by": world.nadia if closed else None}


def of_prescription(world: World, _row: Any, state: Any) -> dict[str, Any]:
    ended = state is PrescriptionStatus.STOPPED
    return {"ended_at": ENDED if ended else None, "ended_by": world.nadia if ended else None}


def of_followup(world: World, _row: Any, state: Any) -> dict[str, Any]:
    closed = state is FollowUpStatus.CLOSED
    by = {"closed_at": ENDED, "closed_by": world.nadia} if closed else {"closed_at": None, "closed_by": None}
    return {**by, "evidence": Evidence.ATTENDED if closed else ""}


def of_result(world: World, _row: Any, state: Any) -> dict[str, Any]:
    released = state is ResultStatus.FINAL
    return {"released_at": ENDED if released else None, "released_by": world.nadia if released else None}


def of_consent(_world: World, _row: Any, state: Any) -> dict[str, Any]:
    return {"answered_at": None if state is ConsentStatus.PROPOSED else ENDED}


def of_question(world: World, _row: Any, state: Any) -> dict[str, Any]:
    published = state is QuestionStatus.PUBLISHED
    return {"published_at": ENDED, "approved_by": world.person("carla")} if published else {}


def of_article(_world: World, row: Any, state: Any) -> dict[str, Any]:
    return {"current": row.newest if state is ArticleStatus.PUBLISHED else None}


def of_delivery(_world: World, _row: Any, state: Any) -> dict[str, Any]:
    """With a lease that ended, in every state but the first: the worst that a late sender finds."""
    leased = state is not State.PENDING
    return {
        "sent_at": ENDED if state is State.SENT else None,
        "lease_token": TOKEN if leased else None,
        "lease_until": ENDED if leased else None,
    }


NOUNS: dict[type[Record], Noun] = {
    Case: Noun(Status, CASE_MOVES, also=of_case),
    Prescription: Noun(PrescriptionStatus, PRESCRIPTION_MOVES, also=of_prescription),
    FollowUp: Noun(FollowUpStatus, FOLLOWUP_MOVES, also=of_followup),
    Result: Noun(ResultStatus, {ResultStatus.PRELIMINARY: frozenset({ResultStatus.FINAL})}, also=of_result),
    Consent: Noun(ConsentStatus, CONSENT_MOVES, also=of_consent),
    Question: Noun(QuestionStatus, QUESTION_MOVES, also=of_question),
    Article: Noun(ArticleStatus, ARTICLE_MOVES, also=of_article),
    Delivery: Noun(State, DELIVERY_MOVES, "state", also=of_delivery),
    WebhookDelivery: Noun(HookState, HOOK_MOVES, "state"),
}


@dataclass(frozen=True)
class Try:
    """Where the verb may be done, and what becomes of the row there (None: its state is not touched)."""

    leads: dict[Any, Any]
    # Where it is answered without a complaint and changes nothing: somebody else has dealt with the row.
    idle: frozenset[Any] = frozenset()
    call: dict[str, Any] = field(default_factory=dict)
    # What tells apart two ways of doing one verb.
    way: str = ""


def stays(*states: Any) -> dict[Any, Any]:
    return {state: state for state in states}


def to(state: Any, *states: Any) -> dict[Any, Any]:
    return dict.fromkeys(states, state)


C, R, F, K, Q, A, D, H = (
    Status, PrescriptionStatus, FollowUpStatus, ConsentStatus, QuestionStatus, ArticleStatus, State, HookState,
)  # fmt: skip

TRIES: dict[str, list[Try]] = {
    # A case. What is reported, recorded or kept on it is welcome in every state.
    "cases.send_message": [Try({**stays(C.NEW, C.WAITING), **to(C.WAITING, C.ANSWERED, C.CLOSED)})],
    "attachments.attach": [Try(stays(*C))],
    "prescriptions.report": [Try(stays(*C))],
    "diary.write": [Try(stays(C.NEW, C.WAITING, C.ANSWERED))],
    "cases.triage": [Try(to(C.WAITING, C.NEW))],
    "cases.assign": [Try(stays(C.NEW, C.WAITING, C.ANSWERED))],
    "cases.reply": [Try(to(C.ANSWERED, C.WAITING))],
    "reply_drafts.keep": [Try(stays(C.WAITING))],
    "reply_drafts.discard": [Try(stays(*C))],
    "cases.close": [Try(to(C.CLOSED, C.NEW, C.WAITING, C.ANSWERED))],
    "claims.claim": [Try(stays(C.WAITING))],
    "claims.let_go": [Try(stays(*C))],
    "claims.take_over": [Try(stays(C.WAITING))],
    "handovers.hand_over": [Try(stays(C.NEW, C.WAITING, C.ANSWERED))],
    "handovers.refer": [Try(to(C.WAITING, C.WAITING, C.ANSWERED))],
    "snoozes.snooze": [Try(stays(C.WAITING, C.ANSWERED))],
    "snoozes.wake": [Try(stays(*C))],
    "links.link": [Try(stays(*C))],
    "links.unlink": [Try(stays(*C))],
    "links.merge": [Try(to(C.CLOSED, C.NEW, C.WAITING, C.ANSWERED))],
    "results.record": [Try(stays(*C))],
    "prescriptions.prescribe": [Try(stays(*C))],
    "followups.plan": [Try(stays(C.NEW, C.WAITING, C.ANSWERED))],
    "publishing.suggest": [Try(stays(*C))],
    # A result.
    "results.release": [Try(to(ResultStatus.FINAL, ResultStatus.PRELIMINARY))],
    # A medicine.
    "prescriptions.stop": [Try(to(R.STOPPED, R.ACTIVE, R.ON_HOLD))],
    "prescriptions.hold": [Try(to(R.ON_HOLD, R.ACTIVE))],
    "prescriptions.resume": [Try(to(R.ACTIVE, R.ON_HOLD))],
    # A follow-up.
    "followups.confirm": [Try(to(F.CONFIRMED, F.PLANNED, F.CHANGE_ASKED))],
    "followups.ask_for_change": [Try(to(F.CHANGE_ASKED, F.PLANNED, F.CONFIRMED))],
    "followups.decline": [Try(to(F.CLOSED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "followups.move": [
        Try(to(F.PLANNED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED), call={"period": Period(2, Unit.MONTHS)}),
    ],
    "calls.record": [Try(stays(F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "followups.miss": [Try(stays(F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "followups.close": [Try(to(F.CLOSED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "appointments.book": [Try(to(F.CONFIRMED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "appointments.move": [Try(to(F.CONFIRMED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "appointments.cancel": [Try(to(F.CHANGE_ASKED, F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "appointments.wait": [Try(stays(F.PLANNED, F.CONFIRMED, F.CHANGE_ASKED))],
    "appointments.stop_waiting": [Try(stays(*F))],
    # A consent.
    "consents.answer": [
        Try(to(K.ACTIVE, K.PROPOSED), way="yes"),
        Try(to(K.REJECTED, K.PROPOSED), call={"agreed": False}, way="no"),
    ],
    "consents.withdraw": [Try(to(K.INACTIVE, K.ACTIVE))],
    "publishing.ask_again": [Try(to(K.PROPOSED, K.PROPOSED, K.ACTIVE))],
    # A public question.
    "questions.edit": [Try(to(Q.DRAFT, Q.SUGGESTED, Q.DRAFT))],
    "questions.acknowledge": [Try(stays(*Q))],
    "questions.submit": [Try(to(Q.IN_REVIEW, Q.DRAFT))],
    "questions.send_back": [Try(to(Q.DRAFT, Q.SUGGESTED, Q.IN_REVIEW, Q.WITHDRAWN))],
    "questions.publish": [Try(to(Q.PUBLISHED, Q.IN_REVIEW))],
    "questions.withdraw": [Try(to(Q.WITHDRAWN, Q.SUGGESTED, Q.DRAFT, Q.IN_REVIEW, Q.PUBLISHED))],
    "feedback.give": [Try(stays(Q.PUBLISHED))],
    # An article.
    "articles.revise": [Try({**stays(A.DRAFT), **to(A.DRAFT, A.IN_REVIEW, A.PUBLISHED, A.WITHDRAWN)})],
    "articles.acknowledge": [Try(stays(*A))],
    "articles.submit": [Try(to(A.IN_REVIEW, A.DRAFT))],
    "articles.approve": [Try(to(A.PUBLISHED, A.IN_REVIEW))],
    "articles.send_back": [Try(to(A.DRAFT, A.IN_REVIEW, A.PUBLISHED, A.WITHDRAWN))],
    "articles.withdraw": [Try(to(A.WITHDRAWN, A.DRAFT, A.IN_REVIEW, A.PUBLISHED))],
    # An event told to a webhook: settled by the clock, sent again by hand.
    "webhooks.settle": [
        Try(to(H.SENT, H.PENDING), frozenset({H.SENT, H.DEAD}), way="taken"),
        Try(to(H.PENDING, H.PENDING), frozenset({H.SENT, H.DEAD}), {"is_taken": False, "outcome": "HTTP 500"}, "not"),
    ],
    "webhooks.redeliver": [Try(to(H.PENDING, H.SENT, H.DEAD))],
    # A delivery once its lease has ended: by its sender's successor; what a person decides; what a look-up found.
    "deliveries.recover": [
        Try(to(D.PENDING, D.LEASED, D.SENDING), frozenset(D) - {D.LEASED, D.SENDING}, {"token": TOKEN}),
        Try({}, frozenset(D), way="of another lease"),
    ],
    "deliveries.send_again": [Try(to(D.PENDING, D.DEAD))],
    "deliveries.call_sent": [Try(to(D.SENT, D.DEAD, D.PENDING))],
    # Reported late, or again, or of a row that went on: what came back came back.
    "contacts.note_bounce": [Try(stays(*D))],
    "deliveries.let_go": [Try(to(D.CANCELLED, D.DEAD, D.PENDING))],
    "outbox.reconcile": [
        Try(to(D.SENT, D.PENDING), frozenset(D) - {D.PENDING}, {"was_sent": True}, "found"),
        Try({}, frozenset(D), {"was_sent": False}, "not found"),
    ],
}  # fmt: skip
