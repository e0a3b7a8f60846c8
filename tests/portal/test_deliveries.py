"""The outbox: lease, arm, send, settle. A real SMTP server; nothing lost, every possible double flagged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, connections
from django.utils import timezone

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import AuditEvent, Delivery, User
from portal.models.deliveries import Purpose, State
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
        poison.refresh_from_db()
        lapse(poison, State.LEASED)
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

    def cancel_first(delivery: Delivery, *rest: object) -> bool:
        with acting_as(SYSTEM):
            Delivery.objects.get(pk=delivery.pk).cancel()
        return arm(delivery, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(deliveries, "_arm", cancel_first)
    assert deliveries.deliver_due() == 0
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert sink.mails == []


def test_a_lease_that_ran_out_is_not_armed(reader: User, sink: Sink) -> None:
    row = queue(reader)
    token = row.lease(timezone.now() - timedelta(minutes=2))
    assert deliveries._arm(row, token) is False


def test_each_attempt_leaves_one_audit_row_without_values(reader: User, sink: Sink) -> None:
    queue(reader)
    deliveries.deliver_due()
    [event] = AuditEvent.objects.filter(name="deliveries.settle")
    assert event.actor_name == "system"
    assert set(event.fields) == {"outcome", "token", "trouble"}


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
