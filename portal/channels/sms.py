"""Text messages, through a gateway that is spoken to over HTTP: what one says, and to which number."""

from __future__ import annotations

import http.client
from types import TracebackType
from typing import Any, Final, Protocol

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.channels import OneByOne, SaidNo, bulksms, dialling, sms_webhook
from portal.channels.dialling import Request
from portal.channels.facts import facts_of, in_short
from portal.models.contact_points import ContactPoint
from portal.models.deliveries import Channel, Delivery, Purpose

# GSM 03.38; what stands in its second table takes two places. Anything else makes the message UCS-2.
GSM: Final = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE: Final = set("^{}\\[~]|€")
# Two parts of a message, each with its header.
LONGEST_GSM, LONGEST_UCS2 = 2 * 153, 2 * 67
PLAIN: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "{": "(", "}": ")"}
)


class Gateway(Protocol):
    """A module that knows how one provider is spoken to."""

    def write(self, delivery: Delivery, number: str, text: str, *, is_gsm: bool) -> Request: ...

    def read(self, delivery: Delivery, body: bytes) -> str: ...

    def look_up(self, delivery: Delivery) -> bool | None: ...


GATEWAYS: Final[dict[str, Any]] = {"bulksms": bulksms, "webhook": sms_webhook}


def gateway() -> Gateway:
    found: Gateway | None = GATEWAYS.get(settings.SMS_PROVIDER)
    if found is None:
        raise SaidNo(0, "this clinic sends no text messages", for_good=True)
    return found


class SmsLine(OneByOne):
    """Each message has a line of its own: a gateway ends those that are kept, and one would not know what it took."""

    def __init__(self) -> None:
        self.line: http.client.HTTPConnection | None = None
        self.request = Request("")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

    def offer_one(self, delivery: Delivery) -> None:
        self.__exit__(None, None, None)
        said = text_of(delivery)
        self.request = gateway().write(delivery, number_of(delivery), said, is_gsm=places(said) is not None)
        self.line = dialling.opened(self.request.url)

    def finish_one(self, delivery: Delivery) -> str:
        assert self.line is not None
        line, self.line = self.line, None
        return gateway().read(delivery, dialling.asked(line, self.request))


def look_up(delivery: Delivery) -> bool | None:
    return gateway().look_up(delivery) if settings.SMS_PROVIDER else None


def number_of(delivery: Delivery) -> str:
    """Of a code: the number that it is to confirm. Of all else: the one that was confirmed."""
    with acting_as(SYSTEM):
        points = ContactPoint.objects.filter(user=delivery.recipient, system=Channel.SMS, removed_at=None)
        if delivery.purpose == Purpose.CONTACT_CODE:
            found = points.filter(pk=delivery.words["point"]).first()
        else:
            found = points.usable().order_by("-confirmed_at").first()
    if found is None:
        raise SaidNo(0, "there is no number to send it to", for_good=True)
    return found.value


def text_of(delivery: Delivery) -> str:
    """The facts first, then as much as fits into two parts: the link that answers, else that of the portal."""
    title, body = in_short(delivery)
    said = plain(f"{title}: {body}")
    if delivery.purpose == Purpose.CONTACT_CODE:
        return said
    words = facts_of(delivery)
    links = [words.get("confirm"), words["site_url"] + words.get("path", "/")]
    with translation.override(settings.LANGUAGE_CODE):
        ending = _("No more: answer STOP.")
    for more in ([link, ending] for link in links if link):
        whole = plain(" ".join([said, *more]))
        if fits(whole):
            return whole
    return next((text for text in (plain(f"{said} {ending}"), said) if fits(text)), shortened(said))


def plain(text: str) -> str:
    """Typography aside, for which a message would cost twice; and without the marks of templates that gateways fill."""
    return text.translate(PLAIN)


def places(text: str) -> int | None:
    """How many places it takes as GSM 03.38; None where it must go as UCS-2."""
    if not set(text) <= GSM | DOUBLE:
        return None
    return len(text) + sum(character in DOUBLE for character in text)


def fits(text: str) -> bool:
    taken = places(text)
    return taken <= LONGEST_GSM if taken is not None else len(text.encode("utf-16-be")) // 2 <= LONGEST_UCS2


def shortened(text: str) -> str:
    """A name or place as long as a sentence: cut, rather than sent in three parts."""
    while not fits(f"{text}..."):
        text = text[:-1]
    return f"{text}..."
