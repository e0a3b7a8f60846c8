"""The demonstration's mail, read in the browser: nothing it sends leaves the machine."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import access, mailbox
from portal.access import Permission, Refused
from portal.asked import SignedIn
from portal.mailbox import KeptMail, NoSuchMail

SHOWN = 25


@login_required
@require_safe
def letters(request: SignedIn) -> HttpResponse:
    must_be_postmaster(request)
    if not is_kept():
        return render(request, "portal/mailbox.html", {"nav": "mailbox", "available": False})
    shown, older = newest(request.GET.get("before", ""))
    context = {"nav": "mailbox", "available": True, "letters": shown, "older": older}
    return render(request, "portal/mailbox.html", context)


@login_required
@require_safe
def letter(request: SignedIn, id: str) -> HttpResponse:
    must_be_postmaster(request)
    try:
        mail = mailbox.read(settings.MAILBOX_DIR, id) if is_kept() else None
    except NoSuchMail:
        mail = None
    if mail is None:
        raise Http404
    return render(request, "portal/mailbox_letter.html", {"nav": "mailbox", "mail": mail})


def must_be_postmaster(request: SignedIn) -> None:
    if not access.has(request.actor, Permission.MAILBOX_READ):
        raise Refused("read the mailbox")


def is_kept() -> bool:
    """Only a demonstration keeps its mail, once it has sent some."""
    return settings.DEMO and settings.MAILBOX_DIR.is_dir()


def newest(before: str) -> tuple[list[KeptMail], str]:
    """One page, newest first, and the query string of the next; only what is shown is opened."""
    paths = [path for path in mailbox.paths(settings.MAILBOX_DIR) if not before or path.stem < before]
    shown = [mail for path in paths[:SHOWN] if (mail := mailbox.mail_of(path))]
    return shown, f"?before={paths[SHOWN - 1].stem}" if len(paths) > SHOWN else ""
