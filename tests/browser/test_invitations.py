"""From an invitation to a role, and to a record: by the links of the real mails, as the invited person sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from portal.access import Role
from portal.actions import deliveries
from tests import make
from tests.sink import Sink, smtp_sink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
Open = Callable[..., Page]
Faults = Callable[[Page], list[str]]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


def link_of_the_last(sink: Sink) -> str:
    deliveries.deliver_due()
    found = re.search(r"https?://[^/\s]+(/invite/\S+)", sink.mails[-1].get_content())
    assert found
    return found.group(1)


def register(page: Page, name: str) -> None:
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_label("Email")).to_be_disabled()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Make my account").click()


@pytest.mark.parametrize("script", [True, False])
def test_an_administrator_invites_a_nurse_who_takes_the_role(
    sign_in: SignIn, open_browser: Open, violations: Faults, sink: Sink, script: bool
) -> None:
    make.make_department("Neurology")
    ada = make.make_user("Ada Amber", role=Role.ADMINISTRATOR)
    desk = sign_in(ada, java_script_enabled=script)
    desk.get_by_role("link", name="Invite somebody").click()
    desk.get_by_label("Name").fill("Nele Neumann")
    desk.get_by_label("Role").select_option(label="Triage")
    desk.get_by_label("Where").select_option(label="Neurology")
    desk.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_role("alert")).to_contain_text("E-mail address")
    expect(desk.get_by_label("Name")).to_have_value("Nele Neumann")
    desk.get_by_label("E-mail address").fill("nele@example.org")
    desk.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_role("main")).to_contain_text("on its way to nele@example.org")

    nele = open_browser(java_script_enabled=script)
    nele.goto(link_of_the_last(sink))
    found = violations(nele) if script else []
    register(nele, "Nele Neumann")
    expect(nele.get_by_role("main")).to_contain_text("Triage")
    found += violations(nele) if script else []
    nele.get_by_role("button", name="Accept").click()
    # A second factor may be asked for next; the role is theirs all the same.
    expect(nele.get_by_role("heading", level=1)).to_be_visible()
    desk.goto("/manage/people/?q=nele")
    desk.get_by_role("link", name="Nele Neumann").click()
    expect(desk.get_by_role("region", name="Roles now")).to_contain_text("Triage")
    expect(desk.get_by_role("region", name="Roles now")).to_contain_text("Neurology")
    assert found == []


def test_a_patient_comes_into_the_record_that_the_clinic_opened(
    sign_in: SignIn, open_browser: Open, violations: Faults, sink: Sink
) -> None:
    neurology = make.make_department("Neurology")
    desk = sign_in(make.make_user("Nadia North", role=Role.CLINICIAN, department=neurology))
    desk.goto("/clinic/enrol/")
    desk.get_by_label("Name", exact=True).fill("Enzo Elm")
    desk.get_by_label("Date of birth").fill("1971-02-03")
    desk.get_by_label("Male", exact=True).check()
    desk.get_by_label("E-mail address").fill("enzo@example.org")
    desk.get_by_role("button", name="Open the record").click()
    expect(desk.get_by_role("region", name="Invitations")).to_contain_text("Open until")
    found = violations(desk)

    enzo = open_browser(viewport={"width": 390, "height": 844})
    enzo.goto(link_of_the_last(sink))
    register(enzo, "Enzo Elm")
    for day in ("4", "3"):
        for label, value in (("Day", day), ("Month", "2"), ("Year", "1971")):
            enzo.get_by_label(label).fill(value)
        enzo.get_by_role("button", name="Open my record").click()
        if day == "4":
            expect(enzo.get_by_role("alert")).to_contain_text("4 more times")
            found += violations(enzo)
    enzo.wait_for_url("**/my/")
    expect(enzo.get_by_role("main")).to_be_visible()
    desk.reload()
    expect(desk.get_by_role("region", name="Invitations")).to_contain_text("Accepted")
    assert found == []
