"""Passkeys with the browser's own virtual authenticator, an authenticator app set up by staff, and what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from patients.models import Message
from portal.models import Delivery, KeptForm, User
from portal.models.deliveries import Purpose
from portal.timeouts import SEEN
from tests import make
from tests.access.matrix import World
from tests.browser.test_pages import in_each_shape
from tests.portal.entering import code_now, with_password

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


def with_device(page: Page) -> Page:
    """A device that keeps passkeys, and recognises its holder."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    line.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return page


def by_password(page: Page, user: User) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def once_more(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/sign-out/" not in url)


@pytest.mark.parametrize("who", ["a patient", "staff"])
def test_a_passkey_is_made_and_signs_in_by_itself(who: str, open_browser: Open) -> None:
    world = World()
    user = with_password(world.nadia if who == "staff" else world.person("alice"))
    page = with_device(open_browser())
    by_password(page, user)
    page.goto("/account/passkeys/add/")
    once_more(page)
    page.get_by_label("A name for it").fill("My telephone")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/account/second-step/codes/")
    sign_out(page)
    there = "/clinic/" if who == "staff" else "/my/"
    page.goto(there)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: url.endswith(there) and "sign-in" not in url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/account/second-step/")
    expect(page.locator("b", has_text="My telephone")).to_be_visible()


def test_a_device_without_a_passkey_says_so(open_browser: Open, transactional_db: None) -> None:
    page = open_browser()
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    page.goto("/sign-in/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new DOMException('no')); }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("there is none for this portal on this device")


def test_staff_set_up_an_app_and_come_back_to_the_same_place(
    open_browser: Open, violations: Callable[[Page], list[str]]
) -> None:
    nadia = with_password(World().nadia)
    page = open_browser()
    by_password(page, nadia)
    page.goto("/clinic/?sort=due")
    expect(page.get_by_text("You work here: set up a second step to go on.")).to_be_visible()
    page.get_by_role("link", name="Set up an authenticator app").click()
    once_more(page)
    expect(page.locator(".fc-qr svg")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_label("Code").fill(code_now(secret=page.locator(".fc-secret").inner_text()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".fc-codes li")).to_have_count(10)
    assert violations(page) == []
    page.get_by_role("link", name="I have them: go on").click()
    page.wait_for_url("**/clinic/?sort=due")
    assert Authenticator.objects.filter(user=nadia, type="totp").count() == 1
    told = Delivery.objects.get(recipient=nadia, purpose=Purpose.ACCOUNT_CHANGED)
    assert told.words["change"] == "totp_activated"


@pytest.mark.parametrize("script", [True, False])
def test_what_is_sent_too_late_is_kept_and_sent_again(script: bool, open_browser: Open) -> None:
    world = World()
    alice = with_password(world.person("alice"))
    page = open_browser(java_script_enabled=script)
    by_password(page, alice)
    page.goto(f"/my/cases/{world.case.ref}/")
    page.get_by_role("textbox").first.fill("It is worse at night.")
    too_late()
    page.get_by_role("textbox").first.locator("xpath=ancestor::form").get_by_role("button").first.click()
    page.wait_for_url("**/sign-in/**")
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.get_by_label("Email").fill(alice.email)
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("It is worse at night.")).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url(lambda url: "/account/kept/" not in url)
    assert Message.objects.get().body == "It is worse at night."


def too_late() -> None:
    """As if every session had been idle for two hours."""
    for row in Session.objects.all():
        store = SessionStore(row.session_key)
        if SEEN in store:
            store[SEEN] -= timedelta(hours=2).total_seconds()
            store.save()


def test_the_pages_have_no_fault_that_axe_knows(
    open_browser: Open, sign_in_by_form: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    world = World()
    visitor, nadia = open_browser(), sign_in_by_form(world.nadia)
    KeptForm.keep(world.nadia, "/clinic/", {"body": ["Thank you for writing. " * 20]})
    started = open_browser()
    started.goto("/sign-in/code/")
    started.get_by_label("Email").fill("nobody@example.org")
    started.get_by_role("button", name="Send me a code").click()
    started.wait_for_url("**/sign-in/code/enter/**")
    own = [
        "/account/second-step/",
        "/account/kept/",
        "/account/sessions/",
        "/account/passkeys/add/",
        "/account/second-step/app/remove/",
    ]
    found = []
    for page, addresses in (
        (visitor, ["/sign-in/", "/sign-in/code/"]),
        (started, ["/sign-in/code/enter/"]),
        (nadia, own),
    ):
        for address in addresses:
            page.goto(address)
            if re.search("/sign-in-again/", page.url) and address == own[-1]:
                once_more(page)
            found += in_each_shape(page, violations)
    assert found == []
