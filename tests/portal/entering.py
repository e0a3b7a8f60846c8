"""Signing in as a person does, with a program in place of a browser."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import accounts
from portal.models import User
from tests import make

SECRET = "A" * 32
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def with_password(user: User) -> User:
    user.set_password(make.PASSWORD)
    user.save()
    return user


def with_app(user: User) -> User:
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        with acting_as(SYSTEM):
            accounts.give_authenticator(user, by=SYSTEM, secret=SECRET)
    return with_password(user)


def code_now(steps: int = 0, secret: str = SECRET) -> str:
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
    return code


def next_code(user: User) -> str:
    """A code that counts now and has not been used: each counts once."""
    used = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data.get("last_step", 0)
    now = int(time.time()) // 30
    return code_now(max(-1, used + 1 - now))


def sign_in(client: Client, user: User, password: str = make.PASSWORD, **about: Any) -> HttpResponse:
    return client.post("/sign-in/", {"login": user.email, "password": password}, **about)  # type: ignore[return-value]


def is_in(client: Client) -> bool:
    return client.get("/account/password/").status_code == 200


def mailed_code() -> str:
    found = re.search(r"^\s*([A-Z0-9-]{6,12})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found.group(1)


def mailed_link() -> str:
    found = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert found
    return found.group(0)
