"""What the trail says of one's record, in plain words. A verb that touches a record has its words here."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.access import Role
from portal.models.audit import Kind

# "looked at your …", in this order.
SEEN: dict[str, Promise | str] = {
    "patients.patient": gettext_lazy("personal details"),
    "patients.case": gettext_lazy("case"),
    "patients.casequestion": gettext_lazy("questions"),
    "patients.screening": gettext_lazy("answers to the safety questions"),
    "patients.redflag": gettext_lazy("red flags"),
    "patients.diaryentry": gettext_lazy("diary"),
    "patients.message": gettext_lazy("messages"),
    "patients.messagearticle": gettext_lazy("what was sent along"),
    "patients.attachment": gettext_lazy("files"),
    "patients.result": gettext_lazy("results"),
    "patients.observation": gettext_lazy("laboratory values"),
    "patients.nervemeasurement": gettext_lazy("nerve test values"),
    "patients.eegreport": gettext_lazy("EEG report"),
    "patients.prescription": gettext_lazy("medicines"),
    "patients.followup": gettext_lazy("follow-ups"),
    "patients.reminder": gettext_lazy("reminders"),
    "patients.telling": gettext_lazy("reminders"),
    "patients.appointment": gettext_lazy("appointments"),
    "patients.waitinglistentry": gettext_lazy("place on the waiting list"),
    "patients.callattempt": gettext_lazy("calls to you"),
    "patients.schedule": gettext_lazy("times of the clinic"),
    "patients.leave": gettext_lazy("days on which a clinician is away"),
    "patients.calendarfeed": gettext_lazy("calendar address"),
    "patients.remindercheck": gettext_lazy("checks of reminders"),
    "patients.consent": gettext_lazy("consents"),
    "patients.accessquestion": gettext_lazy("questions about who looked"),
    "patients.relatedperson": gettext_lazy("list of people you trust"),
    "patients.brokenglass": gettext_lazy("openings in an emergency"),
    "patients.glassreview": gettext_lazy("reviews of such openings"),
    "patients.patientinvitation": gettext_lazy("invitation"),
    "portal.auditevent": gettext_lazy("record of who looked"),
    "portal.keptanswer": gettext_lazy("answers that their program was given before"),
}
DONE: dict[str, Promise | str] = {
    "patients.register": gettext_lazy("opened the record"),
    "patients.enrol": gettext_lazy("opened the record for you"),
    "patients.amend": gettext_lazy("changed personal details"),
    "related_people.trust": gettext_lazy("trusted somebody with the record"),
    "related_people.change": gettext_lazy("changed what somebody trusted may see"),
    "related_people.revoke": gettext_lazy("took back trust"),
    "related_people.accept": gettext_lazy("accepted your trust"),
    "related_people.step_back": gettext_lazy("gave back your trust"),
    "patient_invitations.invite": gettext_lazy("invited you to your record"),
    "patient_invitations.resend": gettext_lazy("sent the invitation again"),
    "patient_invitations.revoke": gettext_lazy("took an invitation back"),
    "patient_invitations.accept": gettext_lazy("gave a date of birth to come into the record"),
    "cases.open_case": gettext_lazy("opened a case"),
    "cases.send_message": gettext_lazy("wrote a message"),
    "cases.triage": gettext_lazy("decided how soon and by whom your case is read"),
    "cases.assign": gettext_lazy("gave your case to a clinician"),
    "cases.reply": gettext_lazy("answered you"),
    "cases.undo_reply": gettext_lazy("took an answer back before you could see it"),
    "reply_drafts.keep": gettext_lazy("wrote at an answer to you"),
    "reply_drafts.discard": gettext_lazy("put the draft of an answer away"),
    "cases.close": gettext_lazy("closed a case"),
    "red_flags.review": gettext_lazy("dealt with a red flag"),
    "diary.write": gettext_lazy("wrote in the diary"),
    "escalations.climb": gettext_lazy("told the clinic that something for you is due"),
    "attachments.attach": gettext_lazy("added a file"),
    "attachments.judge": gettext_lazy("looked for viruses in a file"),
    "attachments.sweep": gettext_lazy("removed stored files that belong to nothing"),
    "handovers.hand_over": gettext_lazy("handed your case to a colleague"),
    "handovers.refer": gettext_lazy("referred your case to another department"),
    "claims.claim": gettext_lazy("began to answer you"),
    "claims.take_over": gettext_lazy("took over answering you"),
    "claims.let_go": gettext_lazy("left the answer to somebody else"),
    "snoozes.snooze": gettext_lazy("set your case aside until a later day"),
    "snoozes.wake": gettext_lazy("took your case up again"),
    "links.link": gettext_lazy("noted that two of your cases are the same matter"),
    "links.unlink": gettext_lazy("noted that two of your cases are different matters"),
    "links.merge": gettext_lazy("merged two of your cases"),
    "results.record": gettext_lazy("recorded a result"),
    "results.release": gettext_lazy("released a result to you"),
    "prescriptions.report": gettext_lazy("listed a medicine"),
    "prescriptions.prescribe": gettext_lazy("prescribed a medicine"),
    "prescriptions.stop": gettext_lazy("stopped a medicine"),
    "prescriptions.hold": gettext_lazy("put a medicine on hold"),
    "prescriptions.resume": gettext_lazy("took a medicine off hold"),
    "followups.plan": gettext_lazy("planned a follow-up"),
    "followups.confirm": gettext_lazy("confirmed a follow-up"),
    "followups.ask_for_change": gettext_lazy("asked for another day"),
    "contacts.prefer": gettext_lazy("chose how we reach you"),
    "contacts.add_number": gettext_lazy("gave a number for text messages"),
    "contacts.send_code": gettext_lazy("asked for another code"),
    "contacts.confirm_number": gettext_lazy("confirmed a number"),
    "contacts.add_browser": gettext_lazy("let a browser show notices"),
    "contacts.remove": gettext_lazy("took a number or a browser away"),
    "contacts.stop_mail": gettext_lazy("ended e-mails about follow-ups"),
    "contacts.lift": gettext_lazy("let an address be used again"),
    "contacts.suppress": gettext_lazy("noted that an address takes no messages"),
    "contacts.hear_start": gettext_lazy("noted that a number wants messages again"),
    "contacts.note_bounce": gettext_lazy("noted that a message came back"),
    "followups.follow_contact": gettext_lazy("changed how reminders come"),
    "calls.record": gettext_lazy("wrote down a call to you"),
    "followups.decline": gettext_lazy("declined a follow-up"),
    "followups.move": gettext_lazy("gave a follow-up another day"),
    "followups.miss": gettext_lazy("wrote down that you did not come"),
    "followups.lapse": gettext_lazy("wrote down that a follow-up passed"),
    "followups.call_for": gettext_lazy("put you on the list of people to call"),
    "appointments.book": gettext_lazy("took a time for a follow-up"),
    "appointments.move": gettext_lazy("took another time for a follow-up"),
    "appointments.cancel": gettext_lazy("gave a time back"),
    "appointments.wait": gettext_lazy("asked to hear of an earlier time"),
    "appointments.stop_waiting": gettext_lazy("waits for no earlier time any more"),
    "appointments.offer": gettext_lazy("offered you an earlier time"),
    "calendar_feeds.make": gettext_lazy("made an address for a calendar"),
    "calendar_feeds.revoke": gettext_lazy("ended the address for a calendar"),
    "schedules.add": gettext_lazy("set hours of the clinic"),
    "schedules.end": gettext_lazy("ended hours of the clinic"),
    "schedules.take_leave": gettext_lazy("wrote down when a clinician is away"),
    "schedules.withdraw_leave": gettext_lazy("took days away back"),
    "reminder_checks.check": gettext_lazy("compared reminders with what was promised"),
    "followups.follow_zone": gettext_lazy("put the hours of reminders right"),
    "followups.close": gettext_lazy("finished a follow-up"),
    "publishing.suggest": gettext_lazy("asked whether your question may be published"),
    "publishing.ask_again": gettext_lazy("asked again whether your question may be published"),
    "consents.answer": gettext_lazy("answered about publishing"),
    "consents.withdraw": gettext_lazy("took a consent back"),
    "access_questions.ask": gettext_lazy("asked about a visit"),
    "access_questions.answer": gettext_lazy("answered a question about a visit"),
    "emergencies.break_glass": gettext_lazy("opened your record in an emergency, without being on your care team"),
    "emergencies.review": gettext_lazy("looked into an opening in an emergency"),
    "export portal.auditevent": gettext_lazy("took a copy of the record of who looked"),
}
# A visit with one of these is marked: it went past the walls, with a reason that somebody must answer for.
EMERGENCY = frozenset({"emergencies.break_glass"})


def looked(names: Iterable[str]) -> str:
    """`looked at your case and results`; empty where nothing was."""
    found = {name.removeprefix("read ") for name in names}
    things = [str(word) for noun, word in SEEN.items() if noun in found]
    if found - set(SEEN):
        if not things:
            return _("looked at something in your record")
        things.append(_("more"))
    return _("looked at your %(things)s") % {"things": listed(things)} if things else ""


def done(names: Iterable[str]) -> list[str]:
    """What was done, each once, in the order of the table; a deed without words keeps its name."""
    found = set(names)
    known = [str(word) for name, word in DONE.items() if name in found]
    return known + [_("did something in your record (%(name)s)") % {"name": name} for name in sorted(found - set(DONE))]


def what(deeds: Iterable[tuple[str, str]]) -> str:
    """All of one visit but what was refused: `looked at your results and medicines, and answered you`."""
    went = [(kind, name) for kind, name in deeds if kind != Kind.REFUSAL]
    reads = [name for kind, name in went if kind == Kind.READ and name not in DONE]
    deeds_done = done(name for kind, name in went if kind != Kind.READ or name in DONE)
    return listed([part for part in (looked(reads), *deeds_done) if part], comma=True)


def refused(deeds: Iterable[tuple[str, str]]) -> str:
    """What was tried and did not happen."""
    names = [name for kind, name in deeds if kind == Kind.REFUSAL]
    reads = [name for name in names if name.startswith("read ")]
    return listed([part for part in (looked(reads), *done(set(names) - set(reads))) if part], comma=True)


def listed(parts: list[str], *, comma: bool = False) -> str:
    """`a`, `a and b`, `a, b and c`. With a comma before the "and" where the parts are whole deeds."""
    if len(parts) < 2:
        return "".join(parts)
    *first, last = parts
    form = _("%(first)s, and %(last)s") if comma else _("%(first)s and %(last)s")
    return form % {"first": ", ".join(first), "last": last}


def who(event: Any, own: object, trusted_by_patient: Container[UUID] = ()) -> str:
    """The name and the post of who did it; the clock and the feeds by what they are."""
    if event.actor_id == own:
        return _("You")
    if event.actor_id is None:
        return _("The clinic's system") if event.actor_name == "system" else _("Somebody not signed in")
    post = event.account_title or (Role(event.account_role).label if event.account_role else "")
    name = event.account_name or _("An account that no longer exists")
    trusted = _("whom you trust") if event.actor_id in trusted_by_patient else ""
    return ", ".join(part for part in (name, post, trusted) if part)
