"""Times in calendars: the file in a mail, and the private address that a program asks by itself. No clinical word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.mime.text import MIMEText
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from clinicians.actions import followups as desk
from patients.actions import appointments
from patients.models import Appointment, CalendarFeed, Case, FollowUp
from patients.models.followups import Evidence
from patients.rules.followup_dates import Period, Unit
from portal.acting import acting_as
from portal.channels.email import write_mail
from portal.models import AuditEvent, Delivery, Department, User
from portal.models.deliveries import Purpose
from tests import make

SignIn = Callable[[Any], Client]
# The words of the case, of its department and of what the follow-up is for.
CLINICAL = ("twitching", "Neurology", "Check", "Alice")


@pytest.fixture
def promised(triaged: Case, nadia: User, neurology: Department) -> FollowUp:
    make.make_schedule(neurology, nadia, place="Room 2")
    return make.make_followup(triaged, by=nadia)


def own(followup: FollowUp) -> User:
    assert followup.patient.user
    return followup.patient.user


def file_in(followup: FollowUp, purpose: Purpose) -> tuple[str, Any]:
    """The event of the newest mail of this purpose, and how its part of the mail is marked."""
    told = Delivery.objects.filter(purpose=purpose, words__followup=str(followup.pk), channel="email")
    mail = write_mail(told.latest("created_at"))
    assert str(mail.subject).startswith("Called off" if purpose == Purpose.FOLLOWUP_CANCELLED else "Your time: ")
    [part] = mail.attachments
    assert isinstance(part, MIMEText)
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "appointment.ics")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert not [word for word in CLINICAL if word in content.decode()]
    found = Calendar.from_ical(content)
    assert part.get_param("method") == str(found["method"])
    [event] = events(content)
    return str(found["method"]), event


def events(file: bytes) -> list[Any]:
    return list(Calendar.from_ical(file).walk("VEVENT"))


def test_the_mails_of_one_time_bring_it_move_it_and_take_it_away(promised: FollowUp) -> None:
    booked = make.make_booked(promised)
    method, first = file_in(promised, Purpose.FOLLOWUP_MOVED)
    assert (method, first["dtstart"].dt, first["dtend"].dt) == ("PUBLISH", booked.starts_at, booked.ends_at)
    assert (first["status"], str(first["location"])) == ("CONFIRMED", "Room 2")
    user = own(promised)
    with acting_as(user):
        slot = make.make_free(promised)[3]
        appointments.move(promised, by=user, clinician=User.objects.get(pk=slot.who), start=slot.starts)
    _method, moved = file_in(promised, Purpose.FOLLOWUP_MOVED)
    with acting_as(user):
        appointments.cancel(promised, by=user)
    method, gone = file_in(promised, Purpose.FOLLOWUP_CANCELLED)
    assert (method, gone["status"], gone["dtstart"].dt) == ("CANCEL", "CANCELLED", slot.starts)
    assert first["uid"] == moved["uid"] == gone["uid"]
    assert first["sequence"] < moved["sequence"] < gone["sequence"]


def test_a_mail_about_a_day_without_a_time_has_no_file(promised: FollowUp) -> None:
    for mail in Delivery.objects.filter(telling__followup=promised, channel="email"):
        assert not write_mail(mail).attachments


def test_the_private_address_shows_days_and_times_and_nothing_of_why(
    promised: FollowUp, nadia: User, as_user: SignIn, client: Client
) -> None:
    booked = make.make_booked(promised)
    later = make.make_followup(promised.case, by=nadia, period=Period(3, Unit.MONTHS))
    ended = make.make_followup(promised.case, by=nadia, period=Period(5, Unit.MONTHS))
    with acting_as(nadia):
        desk.close(ended, by=nadia, evidence=Evidence.ATTENDED)
    alice = as_user(promised.patient)
    shown = alice.post("/my/calendar/make/").content.decode()
    address = shown.split('<code class="fc-secret">')[1].split("</code>")[0]
    key = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert key not in alice.get("/my/calendar/").content.decode()
    assert key not in CalendarFeed.objects.get().key_digest
    path = "/calendar/" + address.rsplit("/", 1)[1]
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert not [word for word in CLINICAL if word in answer.content.decode()]
    assert {str(event["uid"]).split("@")[0]: event["dtstart"].dt for event in events(answer.content)} == {
        str(promised.pk): booked.starts_at,
        str(later.pk): later.due_on,
    }
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    seen = AuditEvent.objects.filter(name="read patients.followup", actor_name="calendar")
    assert {event.actor_id for event in seen} == {own(promised).pk}
    # Once more there is none; ended, the address shows nothing.
    assert alice.post("/my/calendar/make/").status_code == 409
    assert alice.post(f"/my/calendar/{CalendarFeed.objects.get().pk}/end/").status_code == 302
    assert client.get(path).status_code == 404


def test_who_guesses_is_stopped_and_a_closed_account_shows_nothing(promised: FollowUp, client: Client) -> None:
    user = own(promised)
    with acting_as(user):
        _feed, key = CalendarFeed.begin(user)
    assert client.get(f"/calendar/{key}.ics").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(f"/calendar/{key}.ics").status_code == 404
    tries = [client.get(f"/calendar/wrong{number}.ics").status_code for number in range(30)]
    assert (tries[0], tries[-1]) == (404, 429)


def test_a_patient_chooses_changes_and_gives_back_on_the_site(promised: FollowUp, as_user: SignIn, bob: Any) -> None:
    alice, base = as_user(promised.patient), f"/my/follow-ups/{promised.pk}/"
    with acting_as(own(promised)):
        first, second = make.make_free(promised)[:2]
    page = alice.get(f"{base}times/").content.decode()
    assert first.token in page
    assert "Nadia North" in page
    assert alice.post(f"{base}times/book/", {"time": "tomorrow"}).status_code == 422
    assert alice.post(f"{base}times/book/", {"time": first.token}).status_code == 302
    # Sent twice, it is once; another takes its place.
    assert alice.post(f"{base}times/book/", {"time": first.token}).status_code == 302
    assert alice.post(f"{base}times/book/", {"time": second.token}).status_code == 302
    assert Appointment.objects.get().starts_at == second.starts
    file = alice.get(f"{base}appointment.ics")
    assert [event["dtstart"].dt for event in events(file.content)] == [second.starts]
    assert "Room 2" in alice.get(base).content.decode()
    assert as_user(bob).get(f"{base}times/").status_code == 404
    assert alice.post(f"{base}times/wait/").status_code == 302
    assert "Do not wait any more" in alice.get(base).content.decode()
    assert alice.post(f"{base}times/give-back/").status_code == 302
    assert alice.get(f"{base}appointment.ics").status_code == 404
    assert "Choose a time" in alice.get(base).content.decode()


def test_a_time_that_somebody_took_meanwhile_comes_back_with_the_others(
    promised: FollowUp, neurology: Department, nadia: User, as_user: SignIn, bob: Any
) -> None:
    with acting_as(own(promised)):
        slot, other = make.make_free(promised)[:2]
    make.make_booked(make.make_followup(make.make_case(bob, neurology), by=nadia), slot)
    answer = as_user(promised.patient).post(f"/my/follow-ups/{promised.pk}/times/book/", {"time": slot.token})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "not free any more" in page
    assert (slot.token in page, other.token in page) == (False, True)


def test_staff_write_down_who_came_today_and_who_did_not(
    promised: FollowUp, neurology: Department, nadia: User, cora: User, as_user: SignIn, bob: Any, karl: User
) -> None:
    other = make.make_followup(make.make_case(bob, neurology), by=nadia)
    now, moment, desk_of_cora = timezone.now(), timedelta(microseconds=1), as_user(cora)
    for position, followup in enumerate((promised, other)):
        row = make.make_booked(followup)
        assert desk_of_cora.post(f"/clinic/today/{row.pk}/did-not-come/", HTTP_ACCEPT="text/html").status_code == 409
        begins = now + position * moment
        Appointment.objects.filter(pk=row.pk).update(span=(begins, begins + moment))
        FollowUp.objects.filter(pk=followup.pk).update(earliest_on=now.date(), due_on=now.date())
    listed = desk_of_cora.get("/api/v1/clinic/today/").json()["appointments"]
    assert [row["patient"] for row in listed] == ["Alice Ash", "Bob Birch"]
    assert as_user(karl).get("/api/v1/clinic/today/").json()["appointments"] == []
    came, stayed_away = (f"/clinic/today/{row['id']}/" for row in listed)
    assert desk_of_cora.post(f"{came}came/", HTTP_ACCEPT="text/html").status_code == 302
    assert desk_of_cora.post(f"{stayed_away}did-not-come/", HTTP_ACCEPT="text/html").status_code == 302
    assert desk_of_cora.post(f"{came}came/", HTTP_ACCEPT="text/html").status_code == 409
    promised.refresh_from_db()
    other.refresh_from_db()
    assert (promised.evidence, other.misses, other.status) == ("attended", 1, "confirmed")
    states = Appointment.objects.order_by("span").values_list("status", flat=True)
    assert list(states) == ["fulfilled", "noshow"]
    page = desk_of_cora.get("/clinic/today/").content.decode()
    assert "The patient did not come" in page
