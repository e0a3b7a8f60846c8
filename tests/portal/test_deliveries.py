"""The outbox: lease, arm, send, settle. A real SMTP server; nothing lost, every possible double flagged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import Delivery, Outbox, Suppression, User
from portal.models.deliveries import Purpose, State
from portal.tips import Tip, keep
from tests import make
from tests.sink import Sink, smtp_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def reader(db: None) -> User:
    return make.make_user("Rea Reader", email="rea@example.org")


def queue(reader: User, key: str = "one", **about: object) -> Delivery:
    with acting_as(SYSTEM):
        return Delivery.queue(reader, Purpose.NEW_REPLY, key=key, words={"path": "/my/"}, **about)  # type: ignore[arg-type]


def lapse(row: Delivery, state: State) -> None:
    """As if its sender had died in this state and the lease had run out."""
    row.lease(timezone.now())
    row.lease_until = timezone.now() - timedelta(minutes=5)
    row.save()
    if state is State.SENDING:
        row.move_to(State.SENDING)


def test_what_is_due_is_sent_once(reader: User, sink: Sink) -> None:
    row = queue(reader)
    assert deliveries.deliver_due() == 1
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, row.tries, row.possible_duplicate) == (State.SENT, 1, False)
    [mail] = sink.mails
    assert mail["To"] == "rea@example.org"
    assert mail["Message-ID"] == row.message_id
    assert "/my/" in mail.get_content()


def test_what_is_not_due_waits(reader: User, sink: Sink) -> None:
    queue(reader, due_at=timezone.now() + timedelta(minutes=1))
    assert deliveries.deliver_due() == 0
    assert sink.mails == []


def test_the_same_key_is_queued_once(reader: User, sink: Sink) -> None:
    assert queue(reader).pk == queue(reader).pk


def test_a_no_for_now_is_tried_again_later(reader: User, sink: Sink) -> None:
    row = queue(reader)
    sink.answers = ["451 come back later"]
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert row.state == State.PENDING
    assert row.due_at > timezone.now() + timedelta(seconds=20)
    assert "451" in row.trouble
    Delivery.objects.update(due_at=timezone.now())
    assert deliveries.deliver_due() == 1
    assert len(sink.mails) == 1


def test_a_no_for_good_is_left_to_a_person(reader: User, sink: Sink) -> None:
    row = queue(reader)
    sink.answers = ["550 no such mailbox"]
    deliveries.deliver_due()
    row.refresh_from_db()
    assert row.state == State.DEAD
    assert "550" in row.trouble


def test_no_mail_server_loses_nothing(reader: User) -> None:
    row = queue(reader)
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert row.state == State.PENDING
    assert row.trouble == "ConnectionRefusedError"


def test_a_line_cut_after_the_body_is_sent_again_flagged_and_once(reader: User, sink: Sink) -> None:
    row = queue(reader)
    sink.cut = 2
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.possible_duplicate) == (State.PENDING, True)
    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.possible_duplicate) == (State.DEAD, True)
    assert len(sink.mails) == 2


@pytest.mark.parametrize(("state", "flagged"), [(State.LEASED, False), (State.SENDING, True)])
def test_a_lost_sender_is_replaced(reader: User, sink: Sink, state: State, flagged: bool) -> None:
    row = queue(reader)
    lapse(row, state)
    deliveries.deliver_due()
    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.possible_duplicate, row.deaths) == (State.SENT, flagged, 1)


def test_a_row_that_kills_its_senders_is_put_aside(reader: User, sink: Sink) -> None:
    poison, neighbour = queue(reader, "poison"), queue(reader, "neighbour")
    for _death in range(3):
        # Both of one batch: the neighbour is suspected once, and taken alone from then on.
        poison.refresh_from_db()
        lapse(poison, State.LEASED)
        if not _death:
            lapse(neighbour, State.LEASED)
        deliveries._recover_lapsed()
    deliveries.deliver_due()
    poison.refresh_from_db()
    neighbour.refresh_from_db()
    assert poison.state == State.DEAD
    assert neighbour.state == State.SENT


def test_a_row_that_cannot_be_written_holds_up_nobody(reader: User, sink: Sink) -> None:
    odd, neighbour = queue(reader, "odd"), queue(reader, "neighbour")
    Delivery.objects.filter(pk=odd.pk).update(words={"day": "no day"}, purpose=Purpose.FOLLOWUP_REMINDER)
    for _sweep in range(4):
        deliveries.deliver_due()
        Delivery.objects.filter(state=State.PENDING).update(due_at=timezone.now())
    odd.refresh_from_db()
    neighbour.refresh_from_db()
    assert (odd.state, odd.trouble) == (State.DEAD, "ValueError")
    assert neighbour.state == State.SENT


def test_cancelled_before_it_was_armed_is_never_sent(reader: User, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cancel comes between the offer and the arming, the last moment at which it still wins."""
    row = queue(reader)
    arm = deliveries._arm

    def cancel_first(turn: deliveries.Sender, delivery: Delivery | None) -> bool:
        with acting_as(SYSTEM):
            Delivery.objects.get(pk=row.pk).cancel()
        return arm(turn, delivery)

    monkeypatch.setattr(deliveries, "_arm", cancel_first)
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert sink.mails == []


def test_a_lease_that_ran_out_is_not_armed(reader: User, sink: Sink) -> None:
    row = queue(reader)
    token = row.lease(timezone.now() - timedelta(minutes=2))
    assert deliveries._arm(deliveries.Sender(token), row) is False


def test_each_attempt_leaves_its_row(reader: User, sink: Sink) -> None:
    row = queue(reader)
    sink.answers = ["451 come back later"]
    deliveries.deliver_due()
    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver_due()
    assert [(one.outcome, one.trouble[:3]) for one in row.attempts.all()] == [("not_now", "451"), ("sent", "")]


def test_a_pause_longer_than_the_lease_sends_nothing(reader: User, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between arming and the body, by the clock that never jumps: the row's next owner decides."""
    row = queue(reader)
    arm = deliveries._arm

    def paused(turn: deliveries.Sender, delivery: Delivery | None) -> bool:
        armed = arm(turn, delivery)
        turn.deadline = 0.0
        return armed

    monkeypatch.setattr(deliveries, "_arm", paused)
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, sink.mails) == (State.SENDING, [])


# When nobody knows whether it went, and somebody can be asked.


@pytest.fixture
def mail_log(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "mail.log"
    path.write_text("")
    settings.MAIL_LOOKUP = str(path)
    return path


@pytest.mark.parametrize("went", [True, False])
def test_a_look_up_settles_what_is_uncertain(reader: User, sink: Sink, mail_log: Path, went: bool) -> None:
    row = queue(reader)
    sink.cut = 1
    if went:
        mail_log.write_text(f"postfix/cleanup[1]: 4A: message-id={row.message_id}\n")
    deliveries.deliver_due()
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.possible_duplicate, len(sink.mails)) == (State.SENT, False, 1 if went else 2)
    found = [one.outcome for one in row.attempts.all()]
    assert found == (["uncertain", "found"] if went else ["uncertain", "not_found", "sent"])


@pytest.mark.parametrize("went", [True, False])
def test_a_lost_sender_is_settled_by_a_look_up(reader: User, sink: Sink, mail_log: Path, went: bool) -> None:
    row = queue(reader)
    lapse(row, State.SENDING)
    if went:
        mail_log.write_text(f"postfix/cleanup[1]: 4A: message-id={row.message_id}\n")
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.possible_duplicate, len(sink.mails)) == (State.SENT, False, 0 if went else 1)


# What must not go, although it is due.


def test_what_was_asked_to_stop_is_not_armed(reader: User, sink: Sink) -> None:
    row = queue(reader)
    Suppression.objects.create(user=reader, channel="email", address="rea@example.org", reason="stop")
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, sink.mails) == (State.CANCELLED, [])
    assert [one.outcome for one in row.attempts.all()] == ["held_back"]


def test_what_is_too_late_is_not_sent(reader: User, sink: Sink) -> None:
    row = queue(reader, expires_at=timezone.now() - timedelta(minutes=1))
    deliveries.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.trouble[:8], sink.mails) == (State.CANCELLED, "too late", [])


def remind(reader: User, key: str, **about: object) -> Delivery:
    with acting_as(SYSTEM):
        words = {"path": "/my/", "day": "2027-01-04"}
        return Delivery.queue(reader, Purpose.FOLLOWUP_REMINDER, key=key, words=words, **about)  # type: ignore[arg-type]


def test_one_reminder_a_day_and_three_a_week_by_one_channel(reader: User, sink: Sink) -> None:
    noon = datetime(2027, 1, 4, 12, tzinfo=UTC)
    for day in range(5):
        with time_machine.travel(noon + timedelta(days=day), tick=False):
            remind(reader, f"{day} first")
            remind(reader, f"{day} second")
            queue(reader, f"{day} no reminder")
            deliveries.deliver_due()
    told = Delivery.objects.filter(purpose=Purpose.FOLLOWUP_REMINDER, state=State.SENT)
    assert len({row.sent_at.date() for row in told if row.sent_at}) == told.count() == 3
    assert Delivery.objects.filter(state=State.SENT).count() == 3 + 5
    assert set(Delivery.objects.exclude(state=State.SENT).values_list("trouble", flat=True)) == {
        "capped: told often enough by this channel"
    }


# A database that was put back from a copy.


def test_put_back_it_is_held_until_somebody_releases_it(reader: User, sink: Sink) -> None:
    row = queue(reader)
    deliveries.deliver_due()
    again = queue(reader, "again")
    Outbox.objects.update(home="1/1/1")
    assert deliveries.deliver_due() == 0
    assert "another" in Outbox.objects.get().held_because
    with acting_as(SYSTEM):
        deliveries.reconcile(again, by=SYSTEM, was_sent=True)
        deliveries.release(Outbox.the(), by=SYSTEM)
    assert deliveries.deliver_due() == 0
    again.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, again.state, len(sink.mails)) == (State.SENT, State.SENT, 1)


def test_a_seal_that_is_known_outside_alone_holds_it(reader: User, sink: Sink, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_TIP_FILE = tmp_path / "tips.txt"
    queue(reader)
    deliveries.deliver_due()
    keep(settings.AUDIT_TIP_FILE, Tip(7, "0" * 64, timezone.now()))
    queue(reader, "again")
    assert deliveries.deliver_due() == 0
    assert "seal 7" in Outbox.objects.get().held_because


def test_held_nothing_is_armed_that_was_leased_before(reader: User, sink: Sink) -> None:
    row = queue(reader)
    token = row.lease(timezone.now())
    with acting_as(SYSTEM):
        deliveries.hold(Outbox.the(), by=SYSTEM, because="somebody looks at it")
    assert deliveries._arm(deliveries.Sender(token), row) is False


@pytest.mark.django_db(transaction=True)
def test_four_senders_send_each_row_once(sink: Sink) -> None:
    reader = make.make_user("Rea Reader")
    for number in range(40):
        queue(reader, str(number))

    def send() -> None:
        deliveries.deliver_due()
        connections.close_all()

    senders = [Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert connection.vendor == "postgresql"
    assert sorted(mail["Message-ID"] for mail in sink.mails) == sorted(
        Delivery.objects.values_list("message_id", flat=True)
    )
    assert Delivery.objects.filter(state=State.SENT).count() == 40
