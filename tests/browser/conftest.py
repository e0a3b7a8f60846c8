"""A real browser against a live server: the system's chromium, driven by Playwright for Python."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from patients.models import Patient
from portal.models import User
from tests import make
from tests.portal.entering import next_code, with_app, with_password

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",  # as root, and in containers; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    if not path:
        pytest.fail("No chromium on this machine. Install it (apt-get install chromium), or `make test-nobrowser`.")
    # Playwright keeps an event loop in this thread, and Django refuses its ORM beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_browser(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """A page of a fresh browser profile. An error of the page, or a request to a third party, fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **{"reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: troubles.extend(_trouble(said)))
        page.on("request", lambda asked: troubles.extend(_foreign(asked, live_server)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def _trouble(said: Any) -> list[str]:
    # A refused form answers 422 on purpose, and chromium logs every answer over 399.
    return [said.text] if said.type == "error" and "Failed to load resource" not in said.text else []


def _foreign(asked: Any, server: Any) -> list[str]:
    return [] if asked.url.startswith(server.url) else [f"asked {asked.url}"]


@pytest.fixture
def sign_in(open_browser: Callable[..., Page], live_server: Any) -> SignIn:
    """With a session such as the sign-in page opens: tests of what comes after it need not go through it again."""

    def sign_in(who: User | Patient, **options: Any) -> Page:
        user = who.user if isinstance(who, Patient) else who
        assert user is not None
        client = Client()
        client.force_login(with_app(user) if user.current_memberships() else with_password(user), backend=BACKEND)
        make.make_second_factor_shown(client, user)
        make.make_just_signed_in(client, user)
        page = open_browser(**options)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto("/start/")
        return page

    return sign_in


@pytest.fixture
def sign_in_by_form(open_browser: Callable[..., Page]) -> SignIn:
    """Through the sign-in page, as a person would; staff with the code of their authenticator app."""

    def sign_in(who: User | Patient, **options: Any) -> Page:
        user = who.user if isinstance(who, Patient) else who
        assert user is not None
        with_app(user) if user.current_memberships() else with_password(user)
        page = open_browser(**options)
        page.goto("/sign-in/")
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password", exact=True).fill(make.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        if user.current_memberships():
            page.wait_for_url("**/sign-in/second-step/")
            page.get_by_label("Code").fill(next_code(user))
            page.get_by_role("button", name="Go on").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    return sign_in


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong on the page as it stands."""
    axe = Axe()

    def find(page: Page) -> list[str]:
        found = axe.run(page).response["violations"]
        return [f"{page.url}: {v['id']}: {[node['target'] for node in v['nodes']][:3]}" for v in found]

    return find
