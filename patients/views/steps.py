"""Where a case is now, and what has happened so far: from rows, never from guesses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients.models import Case, FollowUp, Message, Result
from patients.models.cases import Status
from patients.models.followups import FollowUpStatus

Step = dict[str, str]
Event = dict[str, Any]
MOST_EVENTS = 15


def steps(case: Case, replies: Sequence[Message], followups: Sequence[FollowUp]) -> list[Step]:
    """At most five. `replies` is in order of time."""
    found = [step(_("Question sent"), moment(case.created_at), "done")]
    found += answering(case, replies)
    if case.is_paused and not any(followup.status != FollowUpStatus.CLOSED for followup in followups):
        found.append(step(_("Paused: we wait for you"), _("Write to us, and your answer is due again"), "now"))
    found += [following(followup, case) for followup in followups[-1:]]
    if case.status == Status.CLOSED:
        assert case.closed_at
        title = _("Goes on in %(ref)s") % {"ref": case.merged_into.ref} if case.merged_into else _("Finished")
        found.append(step(title, moment(case.closed_at), "done"))
    else:
        found.append(step(_("Finished"), _("You can still write at any time"), ""))
    return found


def answering(case: Case, replies: Sequence[Message]) -> list[Step]:
    is_waiting = case.shown_status in (Status.NEW, Status.WAITING)
    found = [reply_step(replies[0])] if replies else []
    if is_waiting and replies:
        found.append(step(_("You wrote again"), due(case), "now"))
    elif is_waiting:
        found.append(step(_("A doctor reads it"), due(case), "now"))
    return found


def due(case: Case) -> str:
    when = moment(case.answer_due_at)
    if case.is_overdue:
        return _("The answer was due by %(when)s. It is late, and the clinic sees that.") % {"when": when}
    return _("Answer by %(when)s") % {"when": when}


def reply_step(reply: Message) -> Step:
    note = _("%(when)s, by %(who)s") % {"when": moment(reply.created_at), "who": reply.author.name}
    return step(_("Doctor replied"), note, "done")


def following(followup: FollowUp, case: Case) -> Step:
    if followup.status == FollowUpStatus.CLOSED:
        assert followup.closed_at
        return step(_("Follow-up"), moment(followup.closed_at), "done")
    note = _("%(kind)s, %(day)s") % {"kind": followup.get_kind_display(), "day": day(followup.due_on)}
    return step(_("Follow-up"), note, "now" if case.shown_status == Status.ANSWERED else "")


def step(title: str, note: str, state: str) -> Step:
    return {"title": title, "note": note, "state": state}


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F, H:i")


def day(on: date) -> str:
    return date_format(on, "l j F")


def events(
    case: Case,
    said: Iterable[Message],
    results: Iterable[Result],
    followups: Iterable[FollowUp],
    merged: Iterable[Case] = (),
) -> list[Event]:
    """Newest first; that you asked is always the last line."""
    found = [
        *(of_message(message) for message in said),
        *(of_result(result) for result in results),
        *(event for followup in followups for event in of_followup(followup)),
        *(joined(other) for other in merged),
    ]
    if case.closed_at:
        found.append(ended(case))
    found.sort(key=lambda event: event["on"], reverse=True)
    asked = {"on": case.created_at, "title": _("You asked your question"), "kind": "patient"}
    return [{**event, "on": timezone.localtime(event["on"])} for event in [*found[:MOST_EVENTS], asked]]


def ended(case: Case) -> Event:
    if case.merged_into is None:
        return {"on": case.closed_at, "title": _("The clinic closed the case")}
    return {"on": case.closed_at, "title": _("This goes on in %(ref)s") % {"ref": case.merged_into.ref}} | leads_to(
        case.merged_into
    )


def joined(other: Case) -> Event:
    title = _("Your case %(ref)s goes on here: %(title)s") % {"ref": other.ref, "title": other.title}
    return {"on": other.closed_at, "title": title} | leads_to(other)


def leads_to(case: Case) -> Event:
    return {"url": reverse("patients:case", args=[case.ref]), "link": _("Open %(ref)s") % {"ref": case.ref}}


def of_message(message: Message) -> Event:
    if message.is_from_patient:
        title = _("%(who)s wrote for you") % {"who": message.author.name} if message.is_for_patient else _("You wrote")
        return {"on": message.created_at, "title": title, "kind": "patient"} | link_to(message, _("Read it"))
    title = _("%(who)s replied") % {"who": message.author.name}
    return {"on": message.created_at, "title": title} | link_to(message, _("Read the reply"))


def link_to(message: Message, words: str) -> Event:
    return {"url": f"#m-{message.pk}", "link": words}


def of_result(result: Result) -> Event:
    title = _("Result: %(name)s") % {"name": result.title}
    text = _("Test of %(day)s.") % {"day": date_format(result.performed_on, "j F Y")}
    url = reverse("patients:result", args=[result.pk])
    return {"on": result.released_at, "title": title, "text": text, "url": url, "link": _("See the result")}


def of_followup(followup: FollowUp) -> list[Event]:
    planned = _("Follow-up planned: %(kind)s") % {"kind": followup.get_kind_display().lower()}
    found: list[Event] = [{"on": followup.created_at, "title": planned, "text": day(followup.due_on)}]
    if followup.closed_at:
        text = followup.get_evidence_display()
        found.append({"on": followup.closed_at, "title": _("Follow-up finished"), "text": text})
    return found
