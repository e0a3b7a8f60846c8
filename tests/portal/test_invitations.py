"""Inviting staff: one mail, one address, one acceptance; and every link that opens nothing says what to do."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone

from portal import keys
from portal.access import SYSTEM, IllegalMove, Permission, Refused, Role, can
from portal.acting import acting_as
from portal.actions import accounts, deliveries, departments, invitations
from portal.logs import HideKeys
from portal.models import AuditEvent, Delivery, Department, Invitation, Membership, Notification, User
from portal.models.deliveries import State as Sent
from tests import make
from tests.sink import smtp_sink

SignIn = Callable[[User], Client]
EMAIL = "ines@example.org"


def path_to(row: Invitation) -> str:
    return f"/invite/{keys.key_to('portal.invitation', str(row.pk))}/"


@pytest.fixture
def row(ada: User, neurology: Department) -> Invitation:
    return make.make_invitation(ada, EMAIL, department=neurology)


@pytest.fixture
def ines(db: None) -> User:
    return make.make_user("Ines Inman", email="Ines@Example.org")


# The mail


def test_the_mail_goes_to_the_bare_address_with_a_link_that_opens(row: Invitation, client: Client) -> None:
    with smtp_sink() as sink:
        assert deliveries.deliver_due() == 1
    [mail] = sink.mails
    assert mail["To"] == EMAIL
    text = mail.get_content()
    assert "Hello Ines Inman" in text
    assert "neurology" not in text.lower()
    found = re.search(r"http://\S+?(/invite/\S+/)", text)
    assert found
    page = client.get(found[1])
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_no_key_is_kept(row: Invitation) -> None:
    """Made when the mail is written: neither the outbox nor a backup of it lets anybody in."""
    assert set(Delivery.objects.get().words) == {"invitation", "name"}
    assert ":" not in str(Delivery.objects.get().words["invitation"])


def test_a_delivery_goes_to_an_account_or_an_address(row: Invitation, ines: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(recipient=ines)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(address="")


def test_sent_again_is_another_mail_and_another_week(row: Invitation, ada: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False), acting_as(ada):
        assert row.state == "expired"
        again = invitations.resend(row, by=ada)
        assert again.state == "open"
        assert again.expires_at == timezone.now() + timedelta(days=7)
    # The first had not gone yet: it is not sent as well.
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [Sent.CANCELLED, Sent.PENDING]


def test_what_is_taken_back_is_not_sent_any_more(row: Invitation, ada: User) -> None:
    with acting_as(ada):
        invitations.revoke(row, by=ada)
    assert Delivery.objects.get().state == Sent.CANCELLED


# Inviting


def test_the_same_is_asked_once_at_a_time(row: Invitation, ada: User, neurology: Department) -> None:
    with pytest.raises(IllegalMove, match="invited to this already"):
        make.make_invitation(ada, "INES@example.org", department=neurology)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            email=EMAIL, name="x", role=row.role, department=neurology, invited_by=ada, expires_at=timezone.now()
        )
    make.make_invitation(ada, EMAIL, department=neurology, role=Role.TRIAGE)
    with acting_as(ada):
        invitations.revoke(row, by=ada)
    make.make_invitation(ada, EMAIL, department=neurology)


def test_nobody_invites_themselves(ada: User) -> None:
    with pytest.raises(IllegalMove, match="Nobody appoints themselves"):
        make.make_invitation(ada, ada.email.upper(), role=Role.CLINICIAN)


def test_who_runs_one_department_invites_nobody(neurology: Department) -> None:
    local = make.make_user("Lou Lane", role=Role.ADMINISTRATOR, department=neurology)
    with pytest.raises(Refused):
        make.make_invitation(local, EMAIL, department=neurology)


# Accepting


def test_accepted_once_and_the_inviter_is_told(
    row: Invitation, ines: User, ada: User, neurology: Department, as_user: SignIn
) -> None:
    browser = as_user(ines)
    page = browser.get(path_to(row)).content.decode()
    for words in ("Ada Amber", "Clinician", "Neurology", "Accept"):
        assert words in page
    answer = browser.post(f"{path_to(row)}accept/", follow=True)
    # Staff from now on: the second step comes before the desk.
    assert answer.redirect_chain[-1][0] == "/account/second-step/"
    assert "You are now: Clinician, Neurology" in answer.content.decode()
    assert ines.memberships.get().department == neurology
    told = Notification.objects.get(user=ada)
    assert as_user(ada).get(told.path).context["person"] == ines
    again = browser.post(f"{path_to(row)}accept/")
    assert again.status_code == 410
    assert "has been used" in again.content.decode()


def test_accepting_is_on_record(row: Invitation, ines: User, as_user: SignIn) -> None:
    as_user(ines).post(f"{path_to(row)}accept/")
    event = AuditEvent.objects.get(name="invitations.accept")
    assert (event.kind, event.actor_id, event.subject_id) == ("verb", ines.pk, row.pk)


def test_another_account_cannot_accept_and_is_told_why(row: Invitation, nadia: User, as_user: SignIn) -> None:
    browser = as_user(nadia)
    page = browser.get(path_to(row)).content.decode()
    assert "sent to another address" in page
    assert nadia.email in page
    assert EMAIL not in page
    assert "Ada Amber" not in page
    answer = browser.post(f"{path_to(row)}accept/")
    assert answer.status_code == 403
    assert "sent to another address" in answer.content.decode()
    assert AuditEvent.objects.filter(name="invitations.accept", kind="refusal", actor_id=nadia.pk).exists()
    assert nadia.memberships.count() == 1


def test_an_address_that_is_only_claimed_does_not_count(row: Invitation, nadia: User, as_user: SignIn) -> None:
    claimed = EmailAddress.objects.create(user=nadia, email=EMAIL, verified=False)
    assert as_user(nadia).post(f"{path_to(row)}accept/").status_code == 403
    claimed.verified = True
    claimed.save()
    assert as_user(nadia).post(f"{path_to(row)}accept/").status_code == 302


def test_the_inviter_does_not_accept_for_another_address_of_their_own(
    row: Invitation, ada: User, as_user: SignIn
) -> None:
    EmailAddress.objects.create(user=ada, email=EMAIL, verified=True)
    answer = as_user(ada).post(f"{path_to(row)}accept/")
    assert answer.status_code == 409
    assert "sent this invitation yourself" in answer.content.decode()
    assert ada.memberships.count() == 1


@pytest.mark.parametrize(
    ("then", "status", "words"),
    [("expired", 410, "has expired"), ("revoked", 410, "is closed"), ("tampered", 404, "not complete")],
)
def test_a_link_that_opens_nothing_says_what_to_do(
    row: Invitation, ada: User, ines: User, client: Client, as_user: SignIn, then: str, status: int, words: str
) -> None:
    path = path_to(row)
    if then == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif then == "revoked":
        with acting_as(ada):
            invitations.revoke(row, by=ada)
    else:
        path = path[:-3] + ("aa/" if path[-3] != "a" else "bb/")
    for browser, address in ((client, path), (client, f"{path}register/"), (as_user(ines), f"{path}accept/")):
        answer = browser.get(address) if address == path else browser.post(address)
        assert answer.status_code == status
        assert words in answer.content.decode()
    assert not ines.memberships.exists()


def test_a_key_lives_no_longer_than_an_invitation(row: Invitation, client: Client) -> None:
    """Also where the row was renewed: that mail has another link."""
    path = path_to(row)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
        assert client.get(path).status_code == 410
        assert client.get(path_to(row)).status_code == 200


def test_a_key_to_one_kind_of_invitation_opens_no_other(row: Invitation, client: Client) -> None:
    key = keys.key_to("patients.patientinvitation", str(row.pk))
    assert client.get(f"/invite/{key}/").status_code == 404


def test_a_visitor_is_told_nothing_of_the_row(row: Invitation, client: Client) -> None:
    page = client.get(path_to(row)).content.decode()
    for secret in ("Ines", EMAIL, "Ada", "Neurology", "Clinician"):
        assert secret not in page
    assert not client.session.keys()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_does() -> None:
    ada = make.make_user("Ada Amber", role=Role.ADMINISTRATOR)
    ines = make.make_user("Ines Inman", email=EMAIL)
    row, start = make.make_invitation(ada, EMAIL), Barrier(2)
    done: list[str] = []

    def accept() -> None:
        start.wait()
        try:
            with acting_as(ines):
                invitations.accept(row, by=ines)
            done.append("accepted")
        except IllegalMove:
            done.append("too late")
        finally:
            connections.close_all()

    threads = [Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["accepted", "too late"]
    assert Membership.objects.filter(user=ines).count() == 1


# Without an account


def test_a_newcomer_registers_with_the_invited_address_and_no_other(row: Invitation, client: Client) -> None:
    path = path_to(row)
    assert client.get(f"{path}register/").status_code == 405
    form = client.post(f"{path}register/", follow=True)
    assert form.redirect_chain[-1][0].startswith("/register/?next=")
    assert EMAIL in form.content.decode()
    said = {"name": "Ines Inman", "email": "mallory@example.org", "password1": make.PASSWORD, "next": path}
    answer = client.post("/register/", said)
    assert answer["Location"] == path
    user = User.objects.get(email=EMAIL)
    assert list(EmailAddress.objects.values_list("email", "verified").filter(user=user)) == [(EMAIL, True)]
    assert not User.objects.filter(email="mallory@example.org").exists()
    assert client.post(f"{path}accept/").status_code == 302
    assert user.memberships.get().role == Role.CLINICIAN


def test_who_was_signed_out_meanwhile_comes_back_to_the_button(row: Invitation, client: Client) -> None:
    answer = client.post(f"{path_to(row)}accept/")
    assert answer["Location"].startswith("/sign-in/?next=%2Finvite%2F")
    assert "accept" not in answer["Location"]


def test_who_has_an_account_is_led_to_sign_in(row: Invitation, ines: User, client: Client) -> None:
    answer = client.post(f"{path_to(row)}register/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=%2Finvite%2F")
    assert "Sign in to accept" in answer.content.decode()


# Ending


def test_access_ends_at_once_on_an_open_page(ada: User, nadia: User, neurology: Department, as_user: SignIn) -> None:
    case = make.make_triaged(make.make_case(make.make_patient("Alice Ash"), neurology), by=nadia, owner=nadia)
    browser = as_user(nadia)
    page = browser.get(f"/cases/{case.ref}/")
    assert page.status_code == 200
    membership = nadia.memberships.get()
    assert as_user(ada).post(f"/manage/roles/{membership.pk}/end/").status_code == 302
    closing = {"patient": case.patient_id, "seen": page.context["seen"]}
    assert browser.post(f"/cases/{case.ref}/close/", closing).status_code == 403
    assert browser.get(f"/cases/{case.ref}/").status_code == 403
    case.refresh_from_db()
    assert case.closed_at is None


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
@pytest.mark.parametrize("hour", [0, 6, 11, 12, 13, 18, 23])
def test_ended_is_ended_by_every_clock(ada: User, nadia: User, zone: str, hour: int) -> None:
    now = timezone.now().replace(hour=hour)
    with time_machine.travel(now, tick=False), timezone.override(zone):
        with acting_as(ada):
            departments.dismiss(nadia.memberships.get(), by=ada)
        assert nadia.current_memberships() == []


def test_the_last_administrator_stays(ada: User, neurology: Department) -> None:
    local = make.make_user("Lou Lane", role=Role.ADMINISTRATOR, department=neurology)
    with acting_as(ada), pytest.raises(IllegalMove, match="last administrator"):
        departments.dismiss(ada.memberships.get(), by=ada)
    second = make.make_user("Bea Boss", role=Role.ADMINISTRATOR)
    with acting_as(second):
        accounts.disable(ada, by=second)
        with pytest.raises(IllegalMove, match="last administrator"):
            departments.dismiss(second.memberships.get(), by=second)
    assert local.memberships.current().exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once() -> None:
    pair = [make.make_user(name, role=Role.ADMINISTRATOR) for name in ("Ada Amber", "Bea Boss")]
    start = Barrier(2)

    def remove(by: User, other: User) -> None:
        start.wait()
        try:
            with acting_as(by):
                departments.dismiss(other.memberships.get(), by=by)
        except (IllegalMove, Refused):
            pass
        finally:
            connections.close_all()

    threads = [Thread(target=remove, args=who) for who in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.of_administrators().count() == 1


def test_who_no_longer_runs_the_clinic_has_nobody_invited(row: Invitation, ada: User) -> None:
    second = make.make_user("Bea Boss", role=Role.ADMINISTRATOR)
    with acting_as(second):
        departments.dismiss(ada.memberships.get(), by=second)
    row.refresh_from_db()
    assert (row.state, row.revoked_by) == ("revoked", second)


def test_a_closed_account_is_signed_out_and_comes_back(ada: User, nadia: User, as_user: SignIn) -> None:
    browser = as_user(nadia)
    assert browser.get("/clinic/").status_code == 200
    with acting_as(ada):
        accounts.disable(nadia, by=ada)
        with pytest.raises(IllegalMove, match="your own account"):
            accounts.disable(ada, by=ada)
    assert browser.get("/clinic/")["Location"].startswith("/sign-in/")
    with acting_as(ada):
        accounts.enable(nadia, by=ada)
    assert as_user(nadia).get("/clinic/").status_code == 200


def test_nobody_appoints_themselves(ada: User) -> None:
    with acting_as(ada), pytest.raises(IllegalMove, match="Nobody appoints themselves"):
        departments.appoint(ada, by=ada, role=Role.CLINICIAN)
    with acting_as(SYSTEM):
        assert not can(SYSTEM, Permission.INVITATION_SEND, ada)


# The log


def test_a_key_is_in_no_line_of_the_log(row: Invitation, nadia: User, as_user: SignIn) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    keep = Keep()
    keep.addFilter(HideKeys())
    logging.getLogger("django.request").addHandler(keep)
    try:
        as_user(nadia).post(f"{path_to(row)}accept/")
    finally:
        logging.getLogger("django.request").removeHandler(keep)
    assert lines == ["Forbidden: /invite/-"]
