"""A promised day, kept by three people: one answers from the mail, one on the site, one does not come and is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import FollowUp
from portal.channels.email import write_mail
from portal.models import Delivery
from tests import make
from tests.access.matrix import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]


def link_in_the_mail(followup: FollowUp, answer: str) -> str:
    mail = Delivery.objects.filter(telling__followup=followup, channel="email").order_by("due_at")[0]
    found = re.search(rf"{settings.SITE_URL}(/answer/{answer}/\S+)", str(write_mail(mail).body))
    assert found
    return found.group(1)


def status(followup: FollowUp) -> str:
    followup.refresh_from_db()
    return followup.status


def test_a_day_is_confirmed_moved_and_missed(sign_in: SignIn, open_browser: Callable[..., Page]) -> None:
    world = World()
    alices = make.make_followup(world.triaged(), by=world.nadia)
    bobs = make.make_triaged(make.make_case(world.bob, world.neurology), by=world.nadia, owner=world.nadia)
    moved = make.make_followup(bobs, by=world.nadia)
    missed = make.make_followup(bobs, by=world.nadia, kind="call", is_high_risk=True)
    FollowUp.objects.filter(pk=missed.pk).update(earliest_on=timezone.localdate() - timedelta(days=1))

    # Alice opens the link of her mail: no script, and nobody is signed in. Only the button answers.
    mail = open_browser(java_script_enabled=False)
    mail.goto(link_in_the_mail(alices, "confirm"))
    expect(mail.get_by_role("heading", level=1)).to_have_text("Can you come?")
    assert status(alices) == "planned"
    mail.get_by_role("button", name="Yes, I can come").click()
    expect(mail.get_by_role("status").first).to_contain_text("The clinic knows that you can come.")
    assert status(alices) == "confirmed"

    # Bob asks on the site.
    bob = sign_in(world.bob)
    bob.goto(f"/my/follow-ups/{moved.pk}/")
    bob.get_by_role("button", name="Ask for another day").click()
    expect(bob.get_by_role("alert")).to_contain_text("Write which days suit you")
    bob.get_by_label("Which days suit you").fill("Any Friday")
    bob.get_by_role("button", name="Ask for another day").click()
    expect(bob.get_by_role("main")).to_contain_text("Any Friday")
    assert status(moved) == "change_asked"

    # The call that must not be missed was missed: somebody telephones until they speak.
    nadia = sign_in(world.nadia)
    nadia.goto(f"/cases/{bobs.ref}/")
    expect(nadia.locator(f"#followup-{moved.pk}")).to_contain_text("Any Friday")
    promise = nadia.locator(f"#followup-{missed.pk}")
    promise.get_by_text("Another day, or they did not come").click()
    promise.get_by_role("button", name="They did not come").click()
    expect(promise).to_contain_text("Somebody calls from")
    nadia.get_by_role("link", name="Could not reach").click()
    call = nadia.locator(f"#call-{missed.pk}")
    expect(call).to_contain_text("one that must not be missed")
    call.get_by_label("Note, for colleagues").fill("Rang long")
    call.get_by_role("button", name="Write the call down").click()
    expect(call.get_by_role("alert")).to_contain_text("Say what came of the call.")
    expect(call.get_by_label("Note, for colleagues")).to_have_value("Rang long")
    call.get_by_label("What came of it?").select_option("No answer")
    call.get_by_role("button", name="Write the call down").click()
    expect(call).to_contain_text("No answer. Rang long")
    call.get_by_label("What came of it?").select_option("Spoke with them")
    call.get_by_role("button", name="Write the call down").click()
    nadia.wait_for_url(f"**/cases/{bobs.ref}/#follow-up")
    promise.get_by_text("Another day, or they did not come").click()
    promise.get_by_label("Another day, counted from today").select_option("2w")
    promise.get_by_role("button", name="Give this day and tell the patient").click()
    expect(nadia.get_by_role("main")).to_contain_text("Another day is promised")
    assert status(missed) == "planned"
    nadia.goto("/clinic/calls/")
    expect(nadia.get_by_role("main")).to_contain_text("Nobody has to be called.")
