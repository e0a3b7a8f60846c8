"""Writing a reply: it saves itself, outlives the page, is looked at, sent, undone at once, and sent again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinicians.models import ReplyDraft
from patients.models import Case, Message
from portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = " ".join(["Your muscles twitch after sport. That is common, and it often settles by itself in some weeks."] * 3)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(name)).first.click()


def test_a_reply_is_kept_looked_at_sent_undone_and_sent(
    triaged: Case, nadia: User, sign_in: Callable[..., Page], settings: Any, violations: Callable[[Page], list[str]]
) -> None:
    settings.REPLY_UNDO_SECONDS = 600
    page = sign_in(nadia)
    page.goto(f"/cases/{triaged.ref}/")
    form = page.locator("form[data-draft]")
    form.locator("[name=body]").fill(TEXT)
    expect(form.locator("[data-draft-status]")).to_have_text(re.compile("Draft saved"), timeout=8000)
    expect(page.locator("#reply-checks")).to_contain_text("0 of 2 questions", timeout=8000)
    for position in range(2):
        form.locator("fieldset fieldset.fc-presets").nth(position).get_by_label("Answered", exact=True).check(
            force=True
        )
    expect(page.locator("#reply-checks")).to_contain_text("2 of 2", timeout=8000)
    expect(form.locator("[name=draft]")).to_have_value("2", timeout=8000)
    page.route("**/reply/draft/", lambda route: route.abort())
    form.locator("[name=body]").fill(f"{TEXT} One more thing.")
    expect(form.locator("[data-draft-status]")).to_have_text(re.compile("Not saved"), timeout=8000)
    page.unroute("**/reply/draft/")
    expect(form.locator("[data-draft-status]")).to_have_text(re.compile("Draft saved"), timeout=15000)
    page.reload()
    expect(form.locator("[name=body]")).to_have_value(f"{TEXT} One more thing.")
    form.locator("[name=body]").fill(TEXT)
    expect(form.locator("[name=body]")).to_have_value(TEXT)
    expect(form.get_by_label("Answered", exact=True).first).to_be_checked()
    assert violations(page) == []
    press(page, "Preview as patient")
    expect(page.locator(".fc-voice--doctor")).to_contain_text("Your muscles twitch")
    assert violations(page) == []
    press(page, "Go on writing")
    expect(form.locator("[name=body]")).to_have_value(TEXT)
    press(page, "Preview as patient")
    press(page, "Send the reply")
    assert not ReplyDraft.objects.exists()
    press(page, "Undo")
    assert Message.objects.get().undone_by == nadia
    expect(form.locator("[name=body]")).to_have_value(TEXT)
    press(page, "Send the reply")
    expect(page.get_by_text("until then you can undo it")).to_be_visible()
    triaged.refresh_from_db()
    assert (triaged.status, Message.objects.standing().count()) == ("answered", 1)
