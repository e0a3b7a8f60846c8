"""A form says which sending it is, so that twice is once; and whose it is, so that what was typed when the
session had ended comes back to that person and nobody else."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpResponse, QueryDict
from uuid_utils.compat import uuid4

from portal.asked import Asked, SignedIn

SALT = "patients.sending"
NAME = "sending"
KEPT = "kept_text"
LONGEST_KEPT = 300_000


def token_of(request: SignedIn) -> str:
    """A new one, or the one this form has had since it was opened."""
    if key_of(request):
        return str(request.POST[NAME])
    return signing.dumps([str(uuid4()), str(request.user.pk)], salt=SALT)


def key_of(request: SignedIn) -> UUID | None:
    """None when the form does not say, or says it of somebody else."""
    key, owner = _read(request.POST.get(NAME, ""))
    return UUID(key) if key and owner == str(request.user.pk) else None


def keep(request: Asked, back: str) -> HttpResponse:
    """The session ended while somebody wrote: keep the text beside their sign-in, and ask them in.

    `back` is the page that will show it again.
    """
    _key, owner = _read(request.POST.get(NAME, ""))
    text = request.POST.copy()
    text.pop("csrfmiddlewaretoken", None)
    if owner and len(typed := text.urlencode()) <= LONGEST_KEPT:
        request.session[KEPT] = [owner, back, typed]
    return redirect_to_login(back)


def kept(request: SignedIn, back: str) -> QueryDict | None:
    """What this person typed on that page before they had to sign in again."""
    owner, path, typed = request.session.get(KEPT, ["", "", ""])
    return QueryDict(typed) if (owner, path) == (str(request.user.pk), back) else None


def done(request: SignedIn) -> None:
    request.session.pop(KEPT, None)


def _read(token: str) -> tuple[str, str]:
    try:
        key, owner = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return "", ""
    return str(key), str(owner)
