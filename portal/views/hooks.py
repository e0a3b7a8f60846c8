"""Where providers report: of mails that came back, of text messages, of STOP. Each shows that it holds our secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any
from uuid import UUID

from anymail import urls as known
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal import limits
from portal.channels import signatures
from portal.channels.reports import Report, Said, hear, heard
from portal.models.deliveries import Channel

# Longer than a signature is believed: so none counts twice.
REMEMBERED_SECONDS = 2 * int(signatures.BELIEVED.total_seconds())
# Of a provider's events, those that say that an address takes nothing, whatever else is sent there.
FOR_GOOD = {RejectReason.INVALID, RejectReason.BOUNCED}
# What django-anymail calls a bounce, and Postmark one that may yet arrive.
FOR_NOW = {"SoftBounce"}
CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}
# How a text message failed for good at BulkSMS (status.subtype).
SMS_FOR_GOOD = {"NOT_SENT"}


class NotReadable(ValueError):
    """Signed, and not what we ask for."""


# Posted by programs, which have no cookie of ours: what lets them in is a signature or a secret, not a session.
@csrf_exempt
@require_POST
def mail_provider(request: HttpRequest, provider: str) -> HttpResponse:
    """As django-anymail reads and checks it, for the provider of the settings alone."""
    named = f"{provider}_tracking_webhook"
    found = next((one for one in known.urlpatterns if one.name == named), None)
    if found is None or provider != settings.MAIL_PROVIDER:
        raise Http404
    asked = found.callback.view_class
    if asked.warn_if_no_basic_auth and not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404("ANYMAIL_WEBHOOK_SECRET is not set, and this provider signs nothing")
    reads = asked()
    # Raises what is answered by 400.
    reads.run_validators(request)
    for event in reads.parse_events(request):
        told(event)
    return HttpResponse()


def told(event: AnymailTrackingEvent) -> None:
    said = meaning(event)
    if said is None:
        return
    key = None
    with suppress(ValueError, TypeError):
        key = UUID(str((event.metadata or {}).get("delivery")))
    named, address = event.message_id or "", (event.recipient or "").lower()
    why = event.reject_reason or event.event_type
    hear(Report(said, Channel.EMAIL, address, why, key=key, provider_id=named, message_id=named))


def meaning(event: AnymailTrackingEvent) -> Said | None:
    if event.event_type == EventType.COMPLAINED or event.reject_reason == RejectReason.SPAM:
        return Said.COMPLAINT
    if event.event_type == EventType.UNSUBSCRIBED or event.reject_reason == RejectReason.UNSUBSCRIBED:
        return Said.STOP
    if event.event_type in CAME_BACK:
        is_for_good = event.reject_reason in FOR_GOOD and (event.esp_event or {}).get("Type") not in FOR_NOW
        return Said.BOUNCE if is_for_good else Said.DELAYED
    return None


def signed(read: Callable[[Any], Iterator[Report]]) -> Callable[[HttpRequest], HttpResponse]:
    """The address where somebody who holds HOOK_SECRET posts JSON, each post once."""

    @csrf_exempt
    @require_POST
    def posted(request: HttpRequest) -> HttpResponse:
        if not settings.HOOK_SECRET:
            raise Http404("HOOK_SECRET is not set")
        try:
            named = signatures.check(settings.HOOK_SECRET, request.headers, request.body, timezone.now())
        except signatures.NotBelieved:
            return HttpResponse(status=401)
        once = sha256(named.encode()).hexdigest()
        if not limits.within(request, "hook", most=1, seconds=REMEMBERED_SECONDS, account=once, when_down=True):
            return HttpResponse(status=409)
        try:
            return taken(request, read)
        except Exception:
            # Not written down: whoever reports will try once more, under the same name.
            limits.forget("hook", once)
            raise

    return posted


@csrf_exempt
@require_POST
def bulksms(request: HttpRequest) -> HttpResponse:
    """It signs nothing, and advises a secret in the address."""
    given = request.GET.get("secret", "")
    if settings.SMS_PROVIDER != "bulksms" or not settings.HOOK_SECRET:
        raise Http404
    if not constant_time_compare(given, settings.HOOK_SECRET):
        return HttpResponse(status=401)
    return taken(request, of_bulksms)


def taken(request: HttpRequest, read: Callable[[Any], Iterator[Report]]) -> HttpResponse:
    try:
        reports = list(read(json.loads(request.body)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(status=400)
    for report in reports:
        hear(report)
    return HttpResponse(status=204)


def of_mail(said: Any) -> Iterator[Report]:
    """{"event": "bounce" | "delayed" | "complaint" | "stop", "message_id": "<…>", "address": "…", "why": "…"}."""
    what = Said(said["event"])
    if what is Said.START:
        raise NotReadable
    message_id, address = str(said.get("message_id", "")), str(said.get("address", "")).strip().lower()
    yield Report(what, Channel.EMAIL, address, str(said.get("why", "")), message_id=message_id)


def of_sms(said: Any) -> Iterator[Report]:
    """{"event": "bounce" | "delayed", "id": "…", "number": "+…"}, or {"event": "received", "number", "text"}."""
    number, named = as_number(said.get("number")), str(said.get("id", ""))
    what = heard(str(said["text"])) if said["event"] == "received" else Said(said["event"])
    if what is not None:
        yield Report(what, Channel.SMS, number, str(said.get("why", "")), provider_id=named)


def of_bulksms(said: Any) -> Iterator[Report]:
    """The messages themselves, as the API gives them; none at all when the address is set up."""
    for one in said:
        if one["type"] == "RECEIVED":
            what = heard(str(one.get("body", "")))
            if what is not None:
                yield Report(what, Channel.SMS, as_number(one["from"]))
        elif one["status"]["type"] == "FAILED":
            why = str(one["status"].get("subtype") or "failed")
            yield Report(failed(why), Channel.SMS, as_number(one["to"]), why.lower(), provider_id=str(one["id"]))


def failed(why: str) -> Said:
    if why == "BLOCKED":
        return Said.STOP
    return Said.BOUNCE if why in SMS_FOR_GOOD else Said.DELAYED


def as_number(text: Any) -> str:
    digits = "".join(character for character in str(text or "") if character.isdigit())
    return f"+{digits}" if digits else ""


mail = signed(of_mail)
sms = signed(of_sms)
