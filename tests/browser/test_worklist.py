"""The work list by keyboard: moving, peeking, its own refresh, keeping a list, the switch; and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from patients.models import Case, Patient
from portal.models import Department, User
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
REFRESH = "htmx.trigger(document.getElementById('work'), 'fascicle:refresh')"


def test_a_day_at_the_list_by_keyboard(
    triaged: Case, neurology: Department, nadia: User, sign_in: SignIn, violations: Callable[[Page], list[str]]
) -> None:
    make.make_triaged(make.make_case(make.make_patient("Zoe Zander"), neurology), by=nadia, owner=nadia)
    page = sign_in(nadia)
    page.goto("/clinic/")
    rows, pane = page.locator("[data-row]"), page.locator("#peek")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(pane).to_contain_text("2 questions are not answered yet")
    page.keyboard.press("j")
    expect(pane).to_contain_text("Zoe Zander")
    assert violations(page) == []
    # Somebody writes: the list asks for itself anew, and the place, the focus and the pane stay.
    make.make_triaged(make.make_case(make.make_patient("Yann York"), neurology), by=nadia)
    page.evaluate(REFRESH)
    expect(rows).to_have_count(3)
    expect(page.locator(".is-selected")).to_contain_text("Zoe Zander")
    expect(page.get_by_role("link", name="Zoe Zander", exact=True)).to_be_focused()
    expect(pane).to_contain_text("Zoe Zander")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    assert violations(page) == []
    keys.get_by_label("Single-key shortcuts on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    expect(page.locator(".is-selected")).to_contain_text("Zoe Zander")
    page.locator(".fc-hints").get_by_label("Single-key shortcuts on").check()
    page.get_by_role("link", name="Nobody's yet").click()
    page.get_by_label("Keep this list as").fill("The pool")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Lists you keep")).to_contain_text("The pool")
    page.keyboard.press("Escape")
    page.locator("body").press("g")
    page.locator("body").press("w")
    expect(page).to_have_url(re.compile("/clinic/$"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(re.compile("Alice Ash|Zoe Zander"))
    first = page.url
    page.locator("body").press("]")
    expect(page).not_to_have_url(first)


def test_all_of_it_without_a_script(triaged: Case, alice: Patient, nadia: User, sign_in: SignIn) -> None:
    page = sign_in(nadia, java_script_enabled=False)
    page.goto("/clinic/")
    page.get_by_role("link", name="Peek Alice Ash").click()
    expect(page.get_by_role("heading", name=f"Case {triaged.ref} in short")).to_be_visible()
    page.get_by_role("link", name="Open case").click()
    page.get_by_text("Set aside for a while").click()
    form = page.locator("form[action*='/snooze/']")
    form.locator("input[type=radio]").first.check(force=True)
    form.locator("[name=reason]").fill("Waits for the MRI")
    page.get_by_role("button", name="Set it aside").click()
    page.goto("/clinic/snoozed/")
    expect(page.locator("[data-row]")).to_contain_text("Waits for the MRI")
