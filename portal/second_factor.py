"""Staff show a second factor: what counts as one, and the gate that asks every request how its session was opened."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import qrcode  # type: ignore[import-untyped]
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

from portal import access, problems
from portal.access import Actor, Role
from portal.models import User
from portal.tokens import is_by_token

Type = Authenticator.Type
FACTORS = frozenset({Type.TOTP.value, Type.WEBAUTHN.value, Type.RECOVERY_CODES.value})
# What a session of staff may reach before it has shown its second factor.
ALWAYS = frozenset(
    {
        "portal:health",
        "account_logout",
        "account_inactive",
        # Whoever follows an invitation becomes staff by it: first it says what became of it.
        "portal:invitation",
        "portal:register-invited",
        "portal:accept-invitation",
        "patients:invitation",
        "patients:register-invited",
    }
)
ENTER = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn"})
# Only for who has none yet: whoever has one shows it first, or a stolen password could add another.
SET_UP = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"})
# Names in the session.
STAFF, GO_ON = "is_staff", "go_on_to"


def is_staff(by: Actor) -> bool:
    """Whoever has a current membership."""
    return any(role is not Role.PATIENT for role, _place in access.roles_of(by))


def is_shown(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed, with a second factor. A passkey is both at once."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" and record.get("type") in FACTORS for record in records)


def ways_to_show(account: User) -> list[str]:
    """Addresses at which this account can show a second factor that it has."""
    methods = get_account_adapter().get_reauthentication_methods(account)
    return [method["url"] for method in methods if method["id"].startswith("mfa_")]


def spend(authenticator: Authenticator, code: str) -> bool:
    """Whether this code is of a later step than the last one used (RFC 6238, 5.2); it is remembered."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        secret = decrypt(row.data["secret"])
        steps = (
            step
            for step in yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
        )
        step = max(steps, default=0)
        if step <= row.data.get("last_step", 0):
            return False
        row.data["last_step"] = step
        row.save(update_fields=["data"])
    return True


class Gate:
    """Innermost: a session of staff without its second factor reaches nothing but the pages to show or set up one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        account = getattr(request, "actor", None)
        if not isinstance(account, User):
            return None
        staff = is_staff(account)
        if is_by_token(request):
            # Made by somebody who had shown one; it goes with their last role here.
            return None if staff else problems.answer(403, _("Who made this token does not work here any more."))
        if request.session.get(STAFF) is not staff:
            request.session[STAFF] = staff
        if not staff or is_shown(request):
            return None
        return turn_away(request, ways_to_show(account))


def turn_away(request: HttpRequest, ways: list[str]) -> HttpResponseBase | None:
    match = request.resolver_match
    if match is not None and match.view_name in ALWAYS | (ENTER if ways else SET_UP):
        return None
    request.turned_away = True  # type: ignore[attr-defined]
    if request.path_info.startswith("/api/"):
        return problems.answer(
            403, _("Your work needs a second step at sign-in. Open the portal in a browser to show it.")
        )
    back = request.get_full_path() if request.method == "GET" and not is_fragment(request) else "/start/"
    if not ways:
        request.session[GO_ON] = back
    to = f"{ways[0]}?{urlencode({'next': back})}" if ways else reverse("mfa_index")
    return HttpResponse(status=403, headers={"HX-Redirect": to}) if is_fragment(request) else HttpResponseRedirect(to)


def is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names of ours, the address from SITE_URL, and staff keep at least one second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "You work here, so you need a second step. Add another before you remove this one."
        ),
        "incorrect_code": _("That code is not right, or it has been used. Wait for the next one and type that."),
        "unverified_email": _("Confirm your e-mail address first. We sent you a link."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": settings.SITE_HOST, "name": settings.CLINIC_NAME}

    def build_totp_svg(self, url: str) -> str:
        """Only the drawing: it stands in the page, since no image may come from a data: address."""
        picture = BytesIO()
        qrcode.make(url, image_factory=SvgPathImage, border=2).save(picture)
        return picture.getvalue().decode().partition("?>")[2]

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("My passkey") if not count else _("Passkey %(number)d") % {"number": count + 1}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type == Type.RECOVERY_CODES or not is_staff(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=[Type.TOTP, Type.WEBAUTHN])
        return bool(others.exclude(pk=authenticator.pk).exists())
