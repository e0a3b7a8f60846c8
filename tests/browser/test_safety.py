"""One journey: a yes says what to do before anything is sent, the question goes all the same, and the desk deals with
it; then a day of the diary. On a telephone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.access import Role
from tests import make
from tests.browser.test_pages import too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def on_phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def faults(page: Page, violations: Violations, addresses: list[str]) -> list[str]:
    found: list[str] = []
    for address in addresses:
        page.goto(address)
        found += [*violations(page), *too_wide(page)]
    return found


def test_what_cannot_wait_is_said_sent_and_dealt_with(sign_in: SignIn, violations: Violations) -> None:
    neurology = make.make_department("Neurology")
    nadia = make.make_user("Nadia North", role=Role.CLINICIAN, department=neurology)
    page = on_phone(sign_in(make.make_patient("Alice Ash")))
    page.goto("/ask/about/")
    page.get_by_label("Twitching muscles").check()
    page.get_by_role("button", name="Go on").click()
    now = page.locator(".fc-act--now")
    expect(now.first).to_be_hidden()
    page.get_by_role("group", name="Is there new trouble breathing").get_by_label("Yes").check()
    expect(now.first).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("main")).to_contain_text("Call 112 now")
    assert faults(page, violations, ["/ask/about/", "/ask/safety/", "/ask/safety/get-help/"]) == []
    page.get_by_role("link", name="Send my question as well").click()
    page.get_by_label("What is it about?").fill("Twitching, and short of breath")
    page.get_by_label("What happened?").fill("It has spread, and lying flat I get no air.")
    page.get_by_label("Question 1").fill("What should I do?")
    page.get_by_role("button", name="Send my question").last.click()
    page.wait_for_url(re.compile(r"/ask/sent/F-\d+/"))
    ref = page.url.rstrip("/").rpartition("/")[2]
    expect(page.get_by_role("main")).to_contain_text("The clinic has been told.")

    desk = on_phone(sign_in(nadia))
    desk.goto(f"/cases/{ref}/")
    expect(desk.get_by_role("main")).to_contain_text("Red flag, Emergency")
    assert faults(desk, violations, ["/clinic/on-call/", f"/cases/{ref}/"]) == []
    desk.get_by_label("What did you do?").fill("Called her: an ambulance is on its way.")
    desk.get_by_role("button", name="Dealt with").click()
    expect(desk.get_by_role("main")).to_contain_text("1 red flag dealt with")

    page.goto("/my/diary/")
    for line, level in (("Symptom", "Strong"), ("Worry", "Very strong"), ("Trouble sleeping", "Mild")):
        page.get_by_role("group", name=line).get_by_label(level, exact=True).check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("main")).to_contain_text("Day by day")
    assert faults(page, violations, ["/my/diary/"]) == []
