"""How allauth makes an account of ours, signs in to it, and tells its owner."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from portal import devices
from portal.acting import acting_as
from portal.actions import sign_ins
from portal.models import KeptForm, User
from portal.sign_in_log import LoggingAdapter


class AccountAdapter(LoggingAdapter):
    """E-mail and name only; subjects without a prefix in brackets; links from SITE_URL; news through the outbox."""

    error_messages = {
        **LoggingAdapter.error_messages,
        "incorrect_code": _("That code is not right. Look at the newest mail, and type it as it stands there."),
        "too_many_login_attempts": _("That was too often. Wait five minutes, then try again."),
        "rate_limited": _("That was too often. Wait five minutes, then try again."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def format_email_subject(self, subject: str) -> str:
        return " ".join(subject.split())

    def is_safe_url(self, url: str) -> bool:
        """A place of this portal, named without a host, or with the one of SITE_URL."""
        return url_has_allowed_host_and_scheme(url, {urlsplit(settings.SITE_URL).netloc}, require_https=settings.HTTPS)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Links lead to SITE_URL, whatever host the request named."""
        links = {name: on_site(value) for name, value in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, {**context, **links})

    def send_account_already_exists_mail(self, email: str) -> None:
        """As slow as making an account, which hashes a password: the time must not tell that there is one."""
        make_password("as slow as the other way")
        super().send_account_already_exists_mail(email)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Through the outbox, so that a mail server that is down holds up nobody. To a former address: at once."""
        if email and email.lower() != user.email.lower():
            super().send_notification_mail(template_prefix, user, context, email)
            return
        change = template_prefix.rsplit("/", 1)[-1]
        with acting_as(user, request_id=self.request.id):
            sign_ins.report_change(user, by=user, change=change, browser=devices.of(self.request))

    def login(self, request: HttpRequest, user: User) -> None:
        """The very first sign-in is on a new device by nature: nobody is told of it."""
        request.is_first = user.last_login is None  # type: ignore[attr-defined]
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **about)
        is_new = not request.is_first and not devices.is_known(request, user)  # type: ignore[attr-defined]
        devices.remember(request, response, user)
        with acting_as(user, request_id=request.id):  # type: ignore[attr-defined]
            sign_ins.begin(user, by=user, browser=devices.of(request), is_new_device=is_new)
            if KeptForm.objects.fresh().visible_to(user).exists():
                response["Location"] = reverse("portal:drafts")
        return response


def on_site(url: str) -> str:
    parts = urlsplit(url)
    return f"{settings.SITE_URL}{parts.path}" + (f"?{parts.query}" if parts.query else "")
