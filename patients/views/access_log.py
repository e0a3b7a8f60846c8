"""Who has opened my record: the audit trail, as far as it speaks of this person, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from patients.models import Patient
from patients.views.own import own_record, page
from portal import access
from portal.access import Role
from portal.asked import SignedIn
from portal.models import AuditEvent
from portal.models.audit import AuditEventQuerySet, Kind
from portal.paging import Pager

SEEN = {
    "patients.patient": _("looked at your personal details"),
    "patients.case": _("looked at your case"),
    "patients.casequestion": _("looked at your questions"),
    "patients.message": _("read messages"),
    "patients.attachment": _("opened a file"),
    "patients.result": _("looked at results"),
    "patients.observation": _("looked at laboratory values"),
    "patients.nervemeasurement": _("looked at nerve test values"),
    "patients.eegreport": _("looked at an EEG report"),
    "patients.prescription": _("looked at medicines"),
    "patients.followup": _("looked at follow-ups"),
    "patients.reminder": _("looked at reminders"),
    "patients.consent": _("looked at a consent"),
}
DONE = {
    "patients.register": _("opened the record"),
    "patients.amend": _("changed personal details"),
    "cases.open_case": _("opened a case"),
    "cases.send_message": _("wrote a message"),
    "cases.triage": _("decided how soon your case is read, and by whom"),
    "cases.assign": _("gave your case to a clinician"),
    "cases.reply": _("answered you"),
    "cases.close": _("closed a case"),
    "attachments.attach": _("added a file"),
    "attachments.judge": _("looked for viruses in a file"),
    "attachments.sweep": _("removed stored files that belong to nothing"),
    "results.record": _("recorded a result"),
    "results.release": _("released a result to you"),
    "prescriptions.report": _("listed a medicine"),
    "prescriptions.prescribe": _("prescribed a medicine"),
    "prescriptions.stop": _("stopped a medicine"),
    "prescriptions.hold": _("put a medicine on hold"),
    "prescriptions.resume": _("took a medicine off hold"),
    "followups.plan": _("planned a follow-up"),
    "followups.confirm": _("confirmed a follow-up"),
    "followups.ask_for_change": _("asked for another day"),
    "followups.close": _("finished a follow-up"),
    "publishing.suggest": _("asked whether your question may be published"),
    "publishing.ask_again": _("asked again whether your question may be published"),
    "consents.answer": _("answered about publishing"),
    "consents.withdraw": _("took a consent back"),
}


@own_record
@require_safe
def access_log(request: SignedIn, patient: Patient) -> HttpResponse:
    """Other people first; one's own visits only when asked for."""
    pager, with_own = Pager(request.GET), request.GET.get("mine") == "1"
    rows = access.read_many(about(patient, with_own), by=request.actor, page=pager)
    days = by_day(rows, request)
    return page(request, patient, "access_log", "", {"days": days, "rows": rows, "pager": pager, "with_own": with_own})


def about(patient: Patient, with_own: bool) -> AuditEventQuerySet:
    found = AuditEvent.objects.about(patient.pk).with_actor()
    return found if with_own else found.exclude(actor_id=patient.user_id)


def by_day(rows: Sequence[AuditEvent], request: SignedIn) -> list[tuple[date, list[dict[str, Any]]]]:
    lines: list[dict[str, Any]] = [
        {"at": timezone.localtime(row.created_at), "who": who(row, request), "what": what(row)} for row in rows
    ]
    return [(day, list(group)) for day, group in groupby(lines, key=lambda line: line["at"].date())]


def who(event: Any, request: SignedIn) -> str:
    """The name and the post of who did it; the clock and the feeds by what they are."""
    if event.actor_id == request.user.pk:
        return gettext("You")
    if event.actor_id is None:
        return gettext("The clinic's system") if event.actor_name == "system" else gettext("Somebody not signed in")
    post = event.account_title or (Role(event.account_role).label if event.account_role else "")
    name = event.account_name or gettext("An account that no longer exists")
    return f"{name}, {post}" if post else name


def what(event: AuditEvent) -> str:
    """In plain words. A refusal is said as one: it did not happen."""
    noun = event.name.removeprefix("read ")
    words = SEEN.get(noun) or DONE.get(event.name) or _("did something in your record (%(name)s)")
    said = gettext(str(words)) % {"name": event.name}
    return gettext("tried, and was refused: %(what)s") % {"what": said} if event.kind == Kind.REFUSAL else said
