"""A patient chooses a time, another, and takes it along; staff write down that they came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import Appointment, FollowUp
from tests.access.matrix import World
from tests.browser.test_trust import faults, scriptless

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]


def test_a_time_is_chosen_changed_and_kept(sign_in: SignIn, violations: Callable[[Page], list[str]]) -> None:
    """Without a script, but for looking for faults."""
    world = World()
    followup = world.bookable()
    address = f"/my/follow-ups/{followup.pk}/"
    alice = scriptless(sign_in, world.alice)
    alice.goto(address)
    alice.get_by_role("link", name="See the free times").click()
    alice.get_by_role("radio").nth(2).check()
    alice.get_by_role("button", name="Take this time").click()
    expect(alice.get_by_role("main")).to_contain_text("Your time")
    first = Appointment.objects.get().starts_at
    alice.get_by_role("link", name="Choose another time").click()
    expect(alice.get_by_role("main")).to_contain_text("It is yours until you choose another.")
    alice.get_by_role("radio").nth(5).check()
    alice.get_by_role("button", name="Take this time").click()
    booked = Appointment.objects.get()
    assert booked.starts_at != first
    with alice.expect_download() as told:
        alice.get_by_role("link", name="Add it to your calendar").click()
    assert booked.starts_at.strftime("DTSTART:%Y%m%dT%H%M%SZ") in told.value.path().read_text()
    alice.get_by_role("button", name="Tell me of an earlier time").click()
    expect(alice.get_by_role("main")).to_contain_text("Nothing changes until you take it.")

    looking = sign_in(world.alice)
    assert faults(looking, violations, [address, f"{address}times/", "/my/calendar/"]) == []
    keep_it(sign_in(world.nadia), followup, booked, violations)


def keep_it(nadia: Page, followup: FollowUp, booked: Appointment, violations: Callable[[Page], list[str]]) -> None:
    """At the desk, once its hour has come."""
    now = timezone.now()
    Appointment.objects.filter(pk=booked.pk).update(span=(now, now + timedelta(minutes=30)))
    FollowUp.objects.filter(pk=followup.pk).update(earliest_on=now.date(), due_on=now.date())
    pages = ["/clinic/today/", "/clinic/times/", f"/follow-ups/{followup.pk}/times/?any_day=1"]
    assert faults(nadia, violations, pages) == []
    nadia.goto("/clinic/today/")
    row = nadia.get_by_role("row").filter(has_text="Alice Ash")
    with nadia.expect_navigation():
        row.get_by_role("button", name="Came", exact=False).first.click()
    expect(row).to_contain_text("The patient came")
    followup.refresh_from_db()
    assert (followup.status, followup.evidence) == ("closed", "attended")
