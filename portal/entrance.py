"""allauth's views and forms, as this portal uses them: closed when attempts can't be counted, and passkeys first."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from portal import limits, second_factor
from portal.actions import sessions
from portal.models import User

View = Callable[..., HttpResponseBase]
log = logging.getLogger(__name__)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def counted(view: View) -> View:
    """A way in: counted by address, over and above allauth's limits; closed while nothing can be counted."""

    @wraps(view)
    def ask(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            if request.method not in SAFE and not limits.is_within(request, "entrance", most=120, seconds=60):
                too_often: HttpResponse = respond_429(request)
                return too_often
            return view(request, *args, **kwargs)
        except RedisError as broken:
            log.error("sign-in is closed: attempts can't be counted, %s", type(broken).__name__)
            closed = render(request, "503_sign_in.html", status=503)
            closed["Retry-After"] = "60"
            return closed

    return ask


def fresh(view: View) -> View:
    """Whoever has neither password nor second factor to show again signs in anew before changing how they sign in."""

    @wraps(view)
    def ask(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        account = request.user
        if account.is_authenticated and not get_account_adapter().get_reauthentication_methods(account):
            records = get_authentication_records(request, account)
            latest = max((record["at"] for record in records), default=0)
            if time.time() - latest >= account_settings.REAUTHENTICATION_TIMEOUT:
                logout(request)
                messages.info(request, _("Sign in once more before you change how you sign in."))
                return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return ask


class AskForCodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class CodeField(forms.CharField):
    def __init__(self) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "autocapitalize": "off",
            "spellcheck": "false",
        }
        super().__init__(label=_("Code"), max_length=32, widget=forms.TextInput(attrs=attrs))


class Spent:
    """A code of an authenticator app counts once, also within its own half minute."""

    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not second_factor.spend(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(Spent, AuthenticateForm):  # type: ignore[misc]
    code = CodeField()


class SecondStepAgainForm(Spent, ReauthenticateForm):  # type: ignore[misc]
    code = CodeField()


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = CodeField()


class Careful:
    """What a browser sends as a credential may be any JSON; fido2 trips over some of it."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (ValidationError, AttributeError, KeyError, IndexError, TypeError, ValueError) as wrong:
            if getattr(wrong, "code", None) == "too_many_login_attempts":
                raise
            raise ValidationError(_("That passkey is not known here. Sign in another way, then add it.")) from wrong
        return found


class PasskeyForm(Careful, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeySignInForm(Careful, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyAgainForm(Careful, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Always a passkey: the device checks who holds it, so it is a full sign-in by itself."""

    name = forms.CharField(label=_("A name for it"), required=False, max_length=60)
    passwordless = None

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as wrong:
            raise ValidationError(_("Your device sent something that can't be read. Try again.")) from wrong
        return cleaned


def set_up(request: HttpRequest, authenticator: Authenticator) -> None:
    """It was shown just now, so it counts for this session; every other session was opened with less, and ends."""
    account = request.user
    assert isinstance(account, User)
    record_authentication(request, account, "mfa", id=authenticator.pk, type=authenticator.type)
    sessions.end_others(account, by=account, current=request.session.session_key or "")


class SetUpApp(ActivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: SetUpAppForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        authenticator = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        second_factor.spend(authenticator, form.cleaned_data["code"])
        set_up(self.request, authenticator)
        return response


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "go_on_to": self.request.session.get(second_factor.GO_ON) or resolve_url("portal:landing")}


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found["js_data"] = {"creation_options": webauthn.begin_registration(self.request.user, True)}
        return found

    def form_valid(self, form: AddPasskeyForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        newest = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN).latest("pk")
        set_up(self.request, newest)
        return response


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    def form_valid(self, form: forms.Form) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        return response
