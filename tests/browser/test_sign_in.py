"""Signing up, confirming the address, signing in and out, and recovering a password."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from portal.models import User
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found
    return found.group(1)


def test_a_newcomer_makes_an_account_and_signs_in(open_browser: Open) -> None:
    page = open_browser()
    page.goto("/register/")
    page.get_by_label("Your name").fill("Nia Newcomer")
    page.get_by_label("Email").fill("nia@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("alert")).to_contain_text("too short")
    expect(page.get_by_label("Your name")).to_have_value("Nia Newcomer")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(link_in(str(mail.outbox[-1].body)))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.goto("/start/")
    page.wait_for_url("**/register/details/**")


def test_the_same_answer_whether_an_account_exists(open_browser: Open, transactional_db: None) -> None:
    make.make_user("Here Already", email="here@example.org")
    answers = []
    for email in ("here@example.org", "nobody@example.org"):
        page = open_browser()
        page.goto("/recover/")
        page.get_by_label("Email").fill(email)
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_url("**/recover/sent/")
        answers.append(page.get_by_role("main").inner_text())
    assert answers[0] == answers[1]


def test_a_forgotten_password_is_replaced(open_browser: Open, sign_in_by_form: Callable[..., Page]) -> None:
    user = make.make_user("Fay Forgot", email="fay@example.org")
    page = open_browser()
    page.goto("/recover/")
    page.get_by_label("Email").fill("fay@example.org")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/recover/sent/")
    page.goto(link_in(str(mail.outbox[-1].body)))
    fields = page.locator("input[type=password]")
    for position in range(fields.count()):
        fields.nth(position).fill("another-long-password")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/recover/done/")
    assert User.objects.get(pk=user.pk).check_password("another-long-password")


def test_signing_out_is_a_post_and_ends_the_session(sign_in_by_form: Callable[..., Page]) -> None:
    page = sign_in_by_form(make.make_patient("Sol Signout"))
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name=re.compile("Sign out")).click()
    page.goto("/my/")
    page.wait_for_url("**/sign-in/**")
