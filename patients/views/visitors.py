"""Whoever asks without an account: what asking means, and the way in."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render

from portal.asked import Asked


def asked_in(request: Asked) -> HttpResponse:
    """Anyone may read what asking means; to write, one signs in first, so nothing typed is lost."""
    return render(request, "patients/ask_first.html", {"nav": "ask", "sign_in": redirect_to_login(request.path).url})
