"""Where the API begins: every address, with what it is for."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.answers import RootAnswer
from clinicians.api.desk import Desk
from clinicians.models.queue import Queue


class Root(Desk):
    template_name = "clinicians/root.html"
    answers = {"get": RootAnswer}

    def get(self, request: Request) -> Response:
        return self.answer({"endpoints": ENDPOINTS})


ENDPOINTS = {
    "GET /api/v1/clinic/": "the work list",
    "GET /api/v1/clinic/{queue}/": f"one queue: {', '.join(Queue)}",
    "GET /api/v1/clinic/views/": "the lists that one keeps under a name",
    "POST /api/v1/clinic/views/": "name, queue, query; a list of the same name is replaced",
    "POST /api/v1/clinic/views/{id}/let-go/": "nothing more",
    "GET /api/v1/clinic/on-call/": "who is on call in one's departments, now and to come",
    "POST /api/v1/clinic/on-call/": "department, clinician, starts_at, ends_at",
    "POST /api/v1/clinic/on-call/{id}/end/": "nothing more",
    "GET /api/v1/clinic/calls/": "whom to telephone, why, since when, and the calls so far",
    "POST /api/v1/clinic/calls/{id}/record/": "outcome, note",
    "GET /api/v1/clinic/times/": "when clinicians see people, in one's departments",
    "POST /api/v1/clinic/times/": (
        "department, clinician, weekday (0 is Monday), opens, closes, slot_minutes, capacity, place, starts_on, ends_on"
    ),
    "POST /api/v1/clinic/times/{id}/end/": "nothing more: today is their last day",
    "POST /api/v1/clinic/times/leave/": "clinician, starts_on, ends_on: the days on which they are away",
    "POST /api/v1/clinic/times/leave/{id}/withdraw/": "nothing more: they are there after all",
    "GET /api/v1/clinic/today/": "who has a time today, or on a day, in one's departments",
    "POST /api/v1/clinic/today/{id}/came/": "nothing more: it closes the follow-up",
    "POST /api/v1/clinic/today/{id}/did-not-come/": "nothing more",
    "GET /api/v1/clinic/figures/?days=&department=": "a team's numbers over 7, 30 or 90 days",
    "GET /api/v1/clinic/enrol/": "the departments for which one may enrol",
    "POST /api/v1/clinic/enrol/": "department, full_name, born_on, sex, time_zone, record_number, email, is_another",
    "GET /api/v1/clinic/enrol/{id}/": "a patient and the invitations to their record",
    "POST /api/v1/clinic/enrol/{id}/invite/": "email",
    "POST /api/v1/clinic/invitations/{id}/resend/": "nothing more",
    "POST /api/v1/clinic/invitations/{id}/revoke/": "nothing more",
    "GET /api/v1/clinic/emergency/": "records opened in an emergency that are still open, and their cases",
    "POST /api/v1/clinic/emergency/": "record_number, born_on, reason: opens one for an hour, for reading only",
    "GET /api/v1/patients/?q=": "patients and their cases, by name or number; and cases by their words",
    "GET /api/v1/cases/{ref}/": "a case with all that hangs on it",
    "GET /api/v1/cases/{ref}/peek/": "enough of it to say whether it can wait",
    "POST /api/v1/cases/{ref}/triage/": "urgency, department, owner",
    "POST /api/v1/cases/{ref}/assign/": "owner",
    "POST /api/v1/cases/{ref}/claim/": "nothing more: one answers it for a while, and the others see that",
    "POST /api/v1/cases/{ref}/let-go/": "nothing more",
    "POST /api/v1/cases/{ref}/take-over/": "holder: who answers it now",
    "POST /api/v1/cases/{ref}/hand-over/": "owner, reason",
    "POST /api/v1/cases/{ref}/refer/": "department, reason",
    "POST /api/v1/cases/{ref}/snooze/": "period (tomorrow, 3_days, week, day with on), reason",
    "POST /api/v1/cases/{ref}/wake/": "nothing more",
    "POST /api/v1/cases/{ref}/link/": "other (a case number), reason",
    "POST /api/v1/cases/{ref}/unlink/": "other",
    "POST /api/v1/cases/{ref}/merge/": "into: the number of the case in which it goes on",
    "POST /api/v1/cases/{ref}/reply/": (
        "body, safety_net, outcomes by question, articles; period, kind, reason of a follow-up promised with it"
    ),
    "POST /api/v1/cases/{ref}/reply/draft/": "as a reply, as far as it is written; draft, the version it began with",
    "POST /api/v1/cases/{ref}/reply/draft/discard/": "nothing more",
    "POST /api/v1/cases/{ref}/reply/compose/": "as a draft; insert, complaint with do=safety, or find. Writes nothing",
    "POST /api/v1/cases/{ref}/reply/preview/": "as a draft. Writes nothing",
    "POST /api/v1/cases/{ref}/reply/undo/": "nothing more, within its seconds",
    "GET /api/v1/clinic/saved-replies/": "texts to use again: one's own and the department's",
    "POST /api/v1/clinic/saved-replies/": "department, called, body, is_shared",
    "GET /api/v1/clinic/saved-replies/{id}/": "one of them with its versions",
    "POST /api/v1/clinic/saved-replies/{id}/": "called, body, base: the version that was changed",
    "POST /api/v1/clinic/saved-replies/{id}/share/": "nothing more",
    "POST /api/v1/clinic/saved-replies/{id}/unshare/": "nothing more",
    "POST /api/v1/clinic/saved-replies/{id}/retire/": "nothing more",
    "POST /api/v1/cases/{ref}/close/": "nothing more",
    "POST /api/v1/cases/{ref}/results/record/": "kind, title, performed_on, measurements, observations or eeg",
    "POST /api/v1/red-flags/{id}/review/": "note: what was done",
    "POST /api/v1/results/{id}/release/": "comment, next_step",
    "POST /api/v1/cases/{ref}/medicines/prescribe/": "an order, and a reason where one is asked for",
    "POST /api/v1/medicines/{id}/stop/": "reason",
    "POST /api/v1/medicines/{id}/hold/": "nothing more",
    "POST /api/v1/medicines/{id}/resume/": "nothing more",
    "POST /api/v1/cases/{ref}/follow-ups/plan/": "period (1w, 2w, 1m, 3m), kind, reason; is_high_risk",
    "GET /api/v1/follow-ups/": (
        "all that one sees, by the day they are due: status, open, kind, owner, due_from, due_to, late,"
        " must_not_be_missed, case"
    ),
    "GET /api/v1/follow-ups/{id}/": "one of them, with its reminders",
    "POST /api/v1/follow-ups/{id}/move/": "period: counted from today; the patient is told and asked anew",
    "POST /api/v1/follow-ups/{id}/miss/": "nothing more: the patient did not come",
    "GET /api/v1/follow-ups/{id}/times/?any_day=": "the time it has, and those that are free in its window",
    "POST /api/v1/follow-ups/{id}/times/": "time (of a free one), any_day: takes it, or takes it instead",
    "POST /api/v1/follow-ups/{id}/times/call-off/": "nothing more",
    "POST /api/v1/follow-ups/{id}/close/": "evidence, note",
    "GET /api/v1/cases/{ref}/publish/": "the case beside its public form",
    "POST /api/v1/cases/{ref}/publish/suggest/": "title, body, answer, checked",
    "POST /api/v1/consents/{id}/ask-again/": "nothing more",
}
