"""How allauth makes an account of ours."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from portal.models import User
from portal.sign_in_log import LoggingAdapter


class AccountAdapter(LoggingAdapter):
    """E-mail and name only; subjects without a prefix in brackets."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def format_email_subject(self, subject: str) -> str:
        return " ".join(subject.split())
