"""A post with an Idempotency-Key is done once: asked again, it gets the answer of the first time.

    claim    by a lock that ends with the transaction: somebody else at it now is a 409
    replay   the same question: the kept answer, with Idempotent-Replayed; another question with this key: 422
    keep     in the transaction of what was done: what is taken back leaves no answer, and may be asked again

It comes after who asks is known, and before anything is done (`Desk.initial`): no answer passes a gate that it would
not pass now.
"""

from __future__ import annotations

import re
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from portal import access, audit
from portal.actions import kept_answers
from portal.asked import SignedIn
from portal.models import KeptAnswer
from portal.models.kept_answers import LONGEST_KEY

# As the draft has it, a string of structured fields (in quotes), or what most programs send: the bare key.
KEY = re.compile(rf'"?([\x21\x23-\x5b\x5d-\x7e]{{1,{LONGEST_KEY}}})"?\Z')
LABEL = "portal.keptanswer"


class Replay(Exception):
    """Not an error: the answer is known already."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__(kept.key)
        self.kept = kept

    def answer(self) -> HttpResponse:
        return HttpResponse(
            self.kept.body,
            status=self.kept.status,
            content_type="application/json",
            headers={"Idempotent-Replayed": "true"},
        )


class UnderWay(exceptions.APIException):
    status_code = 409
    default_code = "under_way"
    default_detail = _("A post with this Idempotency-Key is under way. Wait a second, and send it again.")


class AnotherQuestion(exceptions.APIException):
    status_code = 422
    default_code = "key_used"
    default_detail = _("This Idempotency-Key was used for another post. Use a new key for each thing you do.")


def key_of(request: HttpRequest) -> str:
    """The key of this post; empty where there is none. Raises ParseError for one that is none."""
    sent = request.headers.get("Idempotency-Key", "")
    found = KEY.match(sent)
    if sent and found is None:
        raise exceptions.ParseError(_("The Idempotency-Key is 1 to 255 visible ASCII characters, without quotes."))
    return found[1] if found else ""


def asked_by(request: HttpRequest) -> str:
    return sha256(b"\n".join([f"{request.method} {request.get_full_path()}".encode(), request.body])).hexdigest()


def must_be_new(request: SignedIn, key: str) -> None:
    """Raises Replay where it was answered, and what the program did wrong otherwise."""
    if not KeptAnswer.claim(request.actor, key):
        raise UnderWay
    for kept in access.read_many(KeptAnswer.objects.fresh().filter(account=request.actor, key=key), by=request.actor):
        if kept.asked != asked_by(request):
            raise AnotherQuestion
        audit.note_look(access.acting(request.actor), LABEL, kept.people)
        raise Replay(kept)


def keep(request: SignedIn, key: str, response: Response) -> None:
    """What was done; a refusal is no answer to keep, as nothing was."""
    if response.status_code < 300:
        shown = set().union(*access.acting(request.actor).reads.values())
        kept_answers.keep(
            request.actor,
            by=request.actor,
            key=key,
            asked=asked_by(request),
            status=response.status_code,
            body=response.content.decode(),
            people=shown,
        )
