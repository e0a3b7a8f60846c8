"""Two journeys: a patient trusts somebody, who looks, and takes it back; and a record is opened in an emergency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.roles import Scope
from tests import make
from tests.access.matrix import World
from tests.browser.test_pages import Violations, in_each_shape

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]


def faults(page: Page, violations: Violations, addresses: list[str]) -> list[str]:
    found: list[str] = []
    for address in addresses:
        answer = page.goto(address)
        assert answer
        # Settings are nobody's but the patient's own: that page says so.
        assert answer.status == (403 if page.url.endswith("/my/settings/") else 200), address
        found += in_each_shape(page, violations)
    return found


def scriptless(sign_in: SignIn, who: Any) -> Page:
    return sign_in(who, java_script_enabled=False)


def test_trust_is_given_accepted_used_and_taken_back(sign_in: SignIn) -> None:
    """All of it without a script."""
    world = World()
    world.triaged()
    rita = world.person("rita")
    alice = scriptless(sign_in, world.alice)
    alice.goto("/my/settings/")
    alice.get_by_role("link", name="Whom I trust, and with what").click()
    alice.get_by_role("link", name="Trust somebody").click()
    alice.get_by_role("button", name="Trust this person").click()
    expect(alice.get_by_role("alert")).to_contain_text("Tick at least one.")
    alice.get_by_label("Their name").fill("Rita Rowan")
    alice.get_by_label("Their e-mail address").fill(rita.email)
    alice.get_by_label("See my cases: my questions").check()
    alice.get_by_label("Write to the clinic for me").check()
    alice.get_by_role("button", name="Trust this person").click()
    expect(alice.get_by_role("main")).to_contain_text("Has not accepted yet")

    helper = scriptless(sign_in, rita)
    helper.goto("/my/")
    helper.get_by_role("link", name="See what it is, and say yes or no").click()
    helper.get_by_role("button", name="Accept").click()
    helper.get_by_role("button", name="See the record of Alice Ash").click()
    bar = helper.get_by_role("complementary", name="Whose record this is")
    expect(bar).to_contain_text("You are looking at the record of Alice Ash.")
    expect(helper.get_by_role("link", name="Results", exact=True)).to_have_count(0)
    helper.get_by_label("Your message").fill("She asked me to say that it is worse.")
    helper.get_by_role("button", name="Send my message").click()
    expect(helper.get_by_role("main")).to_contain_text("Rita Rowan, for Alice Ash")
    helper.get_by_label("Your message").fill("And it hurts at night.")

    alice.goto("/my/trust/")
    expect(alice.get_by_role("main")).to_contain_text("looked at your messages")
    alice.get_by_role("link", name="Take it back").click()
    alice.get_by_role("button", name="Take it back now").click()
    expect(alice.get_by_role("status").first).to_contain_text("Rita Rowan sees nothing of your record any more")

    helper.get_by_role("button", name="Send my message").click()
    expect(helper.get_by_role("heading", level=1)).to_have_text("You can't see the record of Alice Ash any more")
    expect(helper.get_by_role("textbox", name="What you wrote")).to_have_value("And it hurts at night.")
    helper.goto("/my/trusting/")
    expect(helper.get_by_role("main")).to_contain_text("Nobody has trusted you with a record")
    expect(bar).to_have_count(0)


def test_a_record_is_opened_in_an_emergency_and_looked_into(sign_in: SignIn) -> None:
    world = World()
    case = world.triaged()
    desk = scriptless(sign_in, world.person("karl"))
    desk.goto("/clinic/")
    desk.get_by_role("link", name="In an emergency").click()
    desk.get_by_label("Record number").fill(world.alice.record_number)
    desk.get_by_label("Date of birth").fill("1950-01-01")
    desk.get_by_label("Why can it not wait?").fill("Unconscious, and we need the medicines")
    desk.get_by_role("button", name="Open the record, and tell them").click()
    expect(desk.get_by_role("alert")).to_contain_text("No record has this number together with this date of birth.")
    expect(desk.get_by_label("Why can it not wait?")).to_have_value("Unconscious, and we need the medicines")
    desk.get_by_label("Date of birth").fill(world.alice.born_on.isoformat())
    desk.get_by_role("button", name="Open the record, and tell them").click()
    desk.get_by_role("link", name=f"{case.ref}, {case.title}").click()
    expect(desk.get_by_role("region", name="Opened in an emergency")).to_contain_text("Reading only.")
    expect(desk.get_by_role("main").get_by_role("button")).to_have_count(0)

    officer = scriptless(sign_in, world.person("percy"))
    officer.goto("/manage/audit/")
    officer.get_by_role("link", name="Emergencies").click()
    officer.get_by_role("link", name="Look into it").click()
    officer.get_by_label("What did you find?").fill("Asked Karl and the ward. It was needed.")
    officer.get_by_role("button", name="Write it down").click()
    expect(officer.get_by_role("main")).to_contain_text("It was needed.")

    alice = scriptless(sign_in, world.alice)
    alice.goto("/my/access-log/")
    expect(alice.get_by_role("main")).to_contain_text("opened your record in an emergency")


def test_the_new_pages_have_no_fault_that_axe_knows(sign_in: SignIn, violations: Violations) -> None:
    world = World()
    case = world.triaged()
    rita = world.person("rita")
    given = make.make_trust(world.alice, rita, scopes=list(Scope), relationship="my mother")
    other = make.make_trust(world.bob, rita, accepted=False)
    make.make_reply(case, by=world.nadia)
    make.make_written_for(case, by=rita)
    glass = make.make_broken_glass(world.alice, by=world.person("karl"))
    found = faults(
        sign_in(world.alice),
        violations,
        ["/my/trust/", "/my/trust/give/", f"/my/trust/{given.pk}/", f"/my/trust/{given.pk}/end/", "/my/access-log/"],
    )
    helper = sign_in(rita)
    helper.goto("/my/trusting/")
    helper.get_by_role("button", name="See the record of Alice Ash").click()
    step_back = f"/my/trusting/{given.pk}/step-back/"
    found += faults(
        helper,
        violations,
        ["/my/trusting/", f"/my/trust/offers/{other.pk}/", step_back, "/my/", "/my/medicines/", "/my/settings/"],
    )
    found += faults(sign_in(world.person("karl")), violations, ["/clinic/emergency/", f"/cases/{case.ref}/"])
    officer = sign_in(world.person("percy"))
    found += faults(officer, violations, ["/manage/emergencies/", f"/manage/emergencies/{glass.pk}/"])
    assert found == []
