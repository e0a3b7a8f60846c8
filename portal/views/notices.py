"""The program that a browser keeps to show notices when no page of ours is open: served from the root, which is as far
as it reaches.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(max_age=0, must_revalidate=True)
def worker(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/notices.js", content_type="text/javascript; charset=utf-8")
