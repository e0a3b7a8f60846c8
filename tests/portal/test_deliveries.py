"""The outbox: lease, arm, send, settle. A real SMTP server; nothing lost, every possible double flagged."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from socket import SHUT_RDWR
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone
from uuid_utils.compat import uuid4

from portal.access import SYSTEM
from portal.acting import acting_as, in_one_trip
from portal.actions import deliveries, outbox, turns
from portal.actions.turns import Turn
from portal.channels import smtp
from portal.channels.email import EmailLine
from portal.models import Attempt, AuditEvent, Delivery, Notification, Outbox, Suppression, User
from portal.models.deliveries import Channel, Outcome, Purpose, State
from tests import make
from tests.sink import Sink, smtp_sink

REMINDER = Purpose.FOLLOWUP_REMINDER
WORDS = {"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw"}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def reader(db: None) -> User:
    return make.make_user("Rea Reader", email="rea@example.org")


@pytest.fixture
def log(settings: Any, tmp_path: Path) -> Path:
    """The log of the mail server, in which it is looked up what went."""
    settings.MAIL_LOOKUP = str(tmp_path / "mail.log")
    (tmp_path / "mail.log").write_text("")
    return tmp_path / "mail.log"


def queue(reader: User, key: str = "one", purpose: Purpose = Purpose.NEW_REPLY, **about: Any) -> Delivery:
    with acting_as(SYSTEM):
        return Delivery.queue(reader, purpose, key=key, words=WORDS, **about)


def lapse(row: Delivery, state: State = State.LEASED) -> None:
    """As if its sender had died in this state and the lease had run out."""
    row.refresh_from_db()
    row.lease(timezone.now())
    row.lease_until = timezone.now() - timedelta(minutes=5)
    row.save()
    if state is State.SENDING:
        row.move_to(State.SENDING)


def again() -> None:
    """A sweep when the back-off is over."""
    Delivery.objects.filter(state=State.PENDING).update(due_at=timezone.now())
    deliveries.deliver_due()


def is_now(row: Delivery, state: State, trouble: str = "", *, flagged: bool = False) -> bool:
    row.refresh_from_db()
    assert (row.state, row.trouble, row.possible_duplicate) == (state, trouble, flagged)
    return True


def outcomes() -> list[str]:
    return [row.outcome for row in Attempt.objects.order_by("pk")]


def test_what_is_due_is_sent_once_and_leaves_one_attempt_and_no_event(reader: User, sink: Sink) -> None:
    row, later = queue(reader), queue(reader, "later", due_at=timezone.now() + timedelta(minutes=1))
    assert queue(reader).pk == row.pk, "the same key is queued once"
    deliveries.deliver_due(0)
    before = AuditEvent.objects.count()
    assert (deliveries.deliver_due(), deliveries.deliver_due()) == (1, 0)
    assert is_now(row, State.SENT)
    assert is_now(later, State.PENDING)
    [mail] = sink.mails
    assert (mail["To"], mail["Message-ID"]) == ("rea@example.org", row.message_id)
    assert "/my/" in mail.get_content()
    [attempt] = Attempt.objects.all()
    assert (attempt.delivery_id, attempt.token, attempt.outcome) == (row.pk, row.lease_token, Outcome.SENT)
    assert AuditEvent.objects.count() == before
    with pytest.raises(DatabaseError), acting_as(SYSTEM):
        Attempt.objects.update(outcome=Outcome.NEVER)


def test_what_the_server_says(reader: User, sink: Sink) -> None:
    row, other = queue(reader), queue(reader, "other")
    sink.answers = ["451 come back later", "550 no such mailbox"]
    deliveries.deliver_due()
    assert is_now(row, State.PENDING, "451 come back later")
    assert row.due_at > timezone.now() + timedelta(seconds=20)
    assert is_now(other, State.DEAD, "550 no such mailbox")
    again()
    assert is_now(row, State.SENT)
    assert outcomes() == [Outcome.NOT_NOW, Outcome.NEVER, Outcome.SENT]


@pytest.mark.django_db
@pytest.mark.parametrize("says_pipelining", [True, False])
def test_as_many_go_together_as_there_are_lines(
    sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch, says_pipelining: bool
) -> None:
    sink.says_pipelining = says_pipelining
    rows = [queue(make.make_user(f"Reader {number}"), str(number)) for number in range(6)]
    settings.MAIL_LINES = 4
    trips: list[tuple[int, int]] = []

    def told(actor: Any, statements: str, values: dict[str, Any]) -> Any:
        trips.append((len(values["gone"]), len(values["ids"])))
        return in_one_trip(actor, statements, values)

    monkeypatch.setattr(turns, "in_one_trip", told)
    sink.refused = {rows[1].to}
    assert deliveries.deliver_due() == 5
    assert is_now(rows[1], State.DEAD, "550 no such mailbox")
    assert trips == [(0, 3), (3, 2), (2, 0)], "one commit for each hand, and one for the last"
    assert sink.most_lines == 3


def test_a_server_that_allows_fewer_lines_gets_fewer(
    reader: User, sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [queue(make.make_user(f"Reader {number}"), str(number)) for number in range(5)]
    settings.MAIL_LINES, opened = 4, smtp.opened
    asked: list[int] = []

    def two_at_most() -> smtplib.SMTP:
        asked.append(1)
        if len(asked) > 2:
            raise smtplib.SMTPConnectError(421, b"too many connections")
        return opened()

    monkeypatch.setattr(smtp, "opened", two_at_most)
    assert (deliveries.deliver_due(), len(asked)) == (5, 3), "and is asked for more no more in this sweep"
    assert set(Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", "tries")) == {("sent", 1)}


def test_no_mail_server_loses_nothing(reader: User) -> None:
    row = queue(reader)
    assert deliveries.deliver_due() == 0
    assert is_now(row, State.PENDING, "ConnectionRefusedError")


def test_a_line_cut_after_the_body_is_sent_again_flagged_and_once(reader: User, sink: Sink) -> None:
    row = queue(reader)
    sink.cut = 2
    deliveries.deliver_due()
    assert is_now(row, State.PENDING, "SMTPServerDisconnected", flagged=True)
    again()
    assert is_now(row, State.DEAD, "uncertain twice: SMTPServerDisconnected", flagged=True)
    assert len(sink.mails) == 2


@pytest.mark.parametrize("was_sent", [True, False])
def test_what_was_cut_off_is_looked_up(reader: User, sink: Sink, log: Path, was_sent: bool) -> None:
    row = queue(reader)
    if was_sent:
        log.write_text(f"postfix/cleanup[7]: 4F2: message-id={row.message_id}\n")
    sink.cut = 1
    deliveries.deliver_due()
    is_now(row, State.SENT)
    assert len(sink.mails) == (1 if was_sent else 2), "the second time at once"
    last = [Outcome.FOUND] if was_sent else [Outcome.NOT_FOUND, Outcome.SENT]
    assert outcomes() == [Outcome.UNCERTAIN, *last]


def test_of_an_answer_that_is_late_a_no_is_not_believed(
    reader: User, sink: Sink, log: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [queue(reader), queue(make.make_user("Ria Reader"), "other")]
    settings.EMAIL_TIMEOUT, sink.pause = 0.2, 0.6
    monkeypatch.setattr(smtp, "A_MOMENT", 0.1)
    deliveries.deliver_due()
    for row in rows:
        assert is_now(row, State.PENDING, "TimeoutError", flagged=True)


@pytest.mark.parametrize(
    ("state", "logged", "flagged", "mails"),
    [(State.LEASED, None, False, 1), (State.SENDING, None, True, 1), (State.SENDING, "", False, 1),
     (State.SENDING, "message-id={}\n", False, 0)],
)  # fmt: skip
def test_a_lost_sender_is_replaced(
    reader: User, sink: Sink, settings: Any, tmp_path: Path, state: State, logged: str | None, flagged: bool, mails: int
) -> None:
    row = queue(reader)
    if logged is not None:
        settings.MAIL_LOOKUP = str(tmp_path / "log")
        (tmp_path / "log").write_text(logged.format(row.message_id))
    lapse(row, state)
    deliveries.deliver_due()
    again()
    assert is_now(row, State.SENT, flagged=flagged)
    assert (row.deaths, len(sink.mails)) == (1, mails)


def test_what_was_looked_up_of_one_attempt_says_nothing_of_the_next(reader: User) -> None:
    row = queue(reader)
    lapse(row, State.SENDING)
    with acting_as(SYSTEM):
        assert deliveries.recover(row, by=SYSTEM, token=uuid4(), was_sent=False).state == State.SENDING


def test_a_row_that_kills_its_senders_is_put_aside_and_takes_no_neighbour_along(reader: User, sink: Sink) -> None:
    poison, neighbour = queue(reader, "poison"), queue(reader, "neighbour")
    deliveries.deliver_due(0)
    assert len(Turn().claim(20)) == 2, "leased together the first time"
    for death in range(1, 4):
        Delivery.objects.filter(state=State.LEASED).update(lease_until=timezone.now() - timedelta(minutes=5))
        deliveries._recover_lapsed()
        poison.refresh_from_db()
        assert poison.deaths == death
        if death < 3:
            assert [len(Turn().claim(20)) for _sender in range(3)] == [1, 1, 0], "and each alone ever after"
            Delivery.objects.filter(pk=neighbour.pk, state=State.LEASED).update(state=State.PENDING, lease_token=None)
    assert is_now(poison, State.DEAD, "three senders died on it")
    assert deliveries.deliver_due() == 1
    assert is_now(neighbour, State.SENT)


def test_a_row_that_cannot_be_written_holds_up_nobody(reader: User, sink: Sink) -> None:
    odd, neighbour = queue(reader, "odd"), queue(reader, "neighbour")
    Delivery.objects.filter(pk=odd.pk).update(words={"day": "no day"}, purpose=REMINDER)
    for _sweep in range(4):
        again()
    assert is_now(odd, State.DEAD, "ValueError")
    assert is_now(neighbour, State.SENT)


def before_arming(monkeypatch: pytest.MonkeyPatch, do: Callable[[Delivery], object]) -> None:
    """Between the offer and the arming: the last moment at which something can speak against it."""
    arm = Turn.arm

    def arm_after(turn: Turn, hand: Sequence[Delivery]) -> set[UUID]:
        for delivery in hand:
            with acting_as(SYSTEM):
                do(Delivery.objects.get(pk=delivery.pk))
        return arm(turn, hand)

    monkeypatch.setattr(Turn, "arm", arm_after)


def test_cancelled_before_it_was_armed_is_never_sent(reader: User, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [queue(reader, str(number)) for number in range(3)]
    before_arming(monkeypatch, lambda row: row.cancel() if row.pk == rows[1].pk else None)
    assert deliveries.deliver_due() == 2, "the mail after the one that was let fall goes over a line of its own"
    assert is_now(rows[1], State.CANCELLED)
    assert {mail["Message-ID"] for mail in sink.mails} == {rows[0].message_id, rows[2].message_id}


def stop(row: Delivery) -> None:
    Suppression.objects.create(channel=Channel.EMAIL, address="rea@example.org", reason="stop")


def hold(row: Delivery) -> None:
    outbox.hold(Outbox.the(), by=SYSTEM, because="a look at it")


def run_out(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def end(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk).update(expires_at=timezone.now())


@pytest.mark.parametrize(
    ("happens", "state", "trouble"),
    [(stop, State.CANCELLED, "stopped"), (end, State.CANCELLED, "too late"), (hold, State.PENDING, ""),
     (run_out, State.PENDING, "")],
)  # fmt: skip
def test_what_speaks_against_a_row_at_the_last_moment(
    reader: User, sink: Sink, monkeypatch: pytest.MonkeyPatch, happens: Any, state: State, trouble: str
) -> None:
    row = queue(reader, purpose=REMINDER)
    before_arming(monkeypatch, happens)
    deliveries.deliver_due(20)
    assert is_now(row, state, trouble)
    assert sink.mails == []
    assert outcomes() == ([Outcome.HELD_BACK] if state is State.CANCELLED else [])


def test_stop_by_mail_stops_no_mail_of_the_account(reader: User, sink: Sink) -> None:
    with acting_as(SYSTEM):
        stop(queue(reader))
    assert deliveries.deliver_due() == 1


def test_a_sender_that_was_paused_too_long_sends_nothing(
    reader: User, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Armed in time, and then asleep: by the clock that never jumps it finds out before the body goes."""
    row = queue(reader)
    arm = Turn.arm

    def sleep_after(turn: Turn, hand: Sequence[Delivery]) -> set[UUID]:
        armed = arm(turn, hand)
        turn.begun -= 3600
        return armed

    monkeypatch.setattr(Turn, "arm", sleep_after)
    deliveries.deliver_due(1)
    assert sink.mails == []
    assert is_now(row, State.PENDING), "given back: it is known that it did not go"


def test_reminders_of_one_person_are_capped_by_day_and_week_and_channel(reader: User, sink: Sink) -> None:
    first, second = queue(reader, "1", REMINDER), queue(reader, "2", REMINDER)
    moved = queue(reader, "3")
    assert deliveries.deliver_due() == 2
    assert is_now(first, State.SENT)
    assert is_now(second, State.CANCELLED, "capped")
    assert is_now(moved, State.SENT)
    for days in (2, 3):
        row = queue(reader, f"earlier {days}", REMINDER)
        sent_at = timezone.now() - timedelta(days=days)
        Delivery.objects.filter(pk=row.pk).update(state=State.SENT, sent_at=sent_at)
    Delivery.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(days=4))
    fourth = queue(reader, "4", REMINDER)
    deliveries.deliver_due()
    assert is_now(fourth, State.CANCELLED, "capped")


@pytest.mark.django_db(transaction=True)
def test_two_senders_and_one_recipient_keep_to_one_reminder_a_day(sink: Sink) -> None:
    reader = make.make_user("Rea Reader")
    rows = [queue(reader, str(number), REMINDER) for number in range(2)]
    turns_ = [Turn(), Turn()]
    claimed = [turn.claim(1) for turn in turns_]
    start = Barrier(2)

    def send(turn: Turn, mine: list[Delivery]) -> None:
        start.wait()
        turn.send_all(mine)
        connections.close_all()

    together([lambda: send(turns_[0], claimed[0]), lambda: send(turns_[1], claimed[1])])
    states = sorted(Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True))
    assert (states, len(sink.mails)) == (["cancelled", "sent"], 1)


@pytest.mark.django_db(transaction=True)
def test_four_senders_send_each_row_once(sink: Sink) -> None:
    reader = make.make_user("Rea Reader")
    for number in range(60):
        queue(reader, str(number))

    def send() -> None:
        deliveries.deliver_due()
        connections.close_all()

    together([send] * 4)
    sent = Delivery.objects.filter(state=State.SENT, tries=1)
    assert sorted(mail["Message-ID"] for mail in sink.mails) == sorted(sent.values_list("message_id", flat=True))
    assert (sent.count(), outcomes()) == (60, [Outcome.SENT] * 60)


def together(each: list[Callable[[], object]]) -> None:
    threads = [Thread(target=one) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_went_away_is_told_what_had_gone(
    sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_LINES = 1
    reader = make.make_user("Rea Reader")
    rows = [queue(reader, str(number)) for number in range(3)]
    broken = [1]

    def break_at_the_second(actor: Any, statements: str, values: dict[str, Any]) -> Any:
        if rows[1].pk in values.get("ids", ()) and broken:
            broken.pop()
            raise DatabaseError("the connection is closed")
        return in_one_trip(actor, statements, values)

    monkeypatch.setattr(turns, "in_one_trip", break_at_the_second)
    monkeypatch.setattr(turns, "GIVE_BACK_SECONDS", 0)
    with pytest.raises(DatabaseError):
        deliveries.deliver_due()
    assert is_now(rows[0], State.SENT)
    assert is_now(rows[1], State.PENDING)
    deliveries.deliver_due()
    assert sorted(mail["Message-ID"] for mail in sink.mails) == sorted(row.message_id for row in rows)


def test_in_the_portal_it_stands_once_whoever_was_lost(reader: User) -> None:
    row = queue(reader, purpose=REMINDER, channel=Channel.IN_APP)
    deliveries.deliver_due()
    Delivery.objects.filter(pk=row.pk).update(state=State.SENDING, sent_at=None, lease_until=row.due_at)
    deliveries.deliver_due()
    assert is_now(row, State.SENT)
    [told] = Notification.objects.filter(user=reader)
    assert (told.purpose, told.path) == (REMINDER, "/my/")


def test_a_kept_line_that_the_server_ended_is_opened_anew(reader: User, sink: Sink) -> None:
    first, second = queue(reader, "1"), queue(reader, "2")
    with EmailLine() as line:
        for row in (first, second):
            assert line.room(1) == 1
            assert (line.offer([row]), line.finish([row])) == ([None], [""])
            # As when the server says goodbye: the socket is there, and nobody at its other end.
            socket = line.connections[0].server.sock
            assert socket is not None
            socket.shutdown(SHUT_RDWR)
    assert len(sink.mails) == 2
