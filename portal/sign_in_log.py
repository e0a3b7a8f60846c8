"""What an account adapter writes to the log: who came in, who did not, who tried too often, who left,
whose password changed.

Names and addresses stay out of the log. An account is its key; an address that was tried is a keyed
digest, the same each time, so that many tries of one address can be seen to be that.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.models import User

log = logging.getLogger("portal.sign_in")
TOO_OFTEN = frozenset({"too_many_login_attempts", "rate_limited"})


class LoggingAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth asks its adapter at each of these moments, whatever way somebody signs in by."""

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        log.info("signed in: account %s from %s", user.pk, self.get_client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        account = request.user.pk
        super().logout(request)
        log.info("signed out: account %s", account)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        tried = address_digest(credentials.get("email") or "")
        log.warning("sign-in failed: address %s from %s", tried, self.get_client_ip(request))

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """allauth makes this error wherever a try is one too many: by password, mailed code or second step."""
        if code in TOO_OFTEN:
            log.warning("limit reached: sign-in from %s", self.get_client_ip(self.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        log.info("password set: account %s", user.pk)


def address_digest(email: str) -> str:
    return salted_hmac("portal.sign_in", email.strip().casefold(), algorithm="sha256").hexdigest()[:16]
