"""The outbox as a whole: held, put back from a copy, drained without a broker, heard from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import deliveries
from portal.models import Delivery, Notification, Outbox, User
from portal.models.deliveries import Purpose, State
from portal.tips import Tip, keep
from portal.views.deliveries import within
from tests import make
from tests.sink import Sink, smtp_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def reader(db: None) -> User:
    return make.make_user("Rea Reader", email="rea@example.org")


def queue(reader: User, key: str, **about: Any) -> Delivery:
    with acting_as(SYSTEM):
        return Delivery.queue(reader, Purpose.NEW_REPLY, key=key, words={"path": "/my/"}, **about)


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def put_back() -> None:
    """As in another database than that it sent from."""
    Outbox.objects.update(home="7/1/16384")


def test_a_restored_database_sends_nothing_until_it_was_found_out_what_had_gone(
    reader: User, sink: Sink, settings: Any, tmp_path: Path
) -> None:
    ada = make.make_user("Ada", role=Role.ADMINISTRATOR)
    deliveries.deliver_due()
    had_gone, had_not, earlier = queue(reader, "gone"), queue(reader, "not"), queue(reader, "earlier")
    Delivery.objects.filter(pk=earlier.pk).update(due_at=timezone.now() - timedelta(days=2))
    put_back()
    assert (deliveries.deliver_due(), deliveries.deliver_due(), sink.mails) == (0, 0, [])
    assert "another database" in Outbox.the().held_because
    assert [told.purpose for told in Notification.objects.filter(user=ada)] == [Purpose.DELIVERIES_ALARM]
    settings.MAIL_LOOKUP = str(tmp_path / "log")
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    assert "Of 2 nobody can tell" in said("deliveries", "reconcile", f"--since={since}"), "there is no log yet"
    (tmp_path / "log").write_text(f"message-id={had_gone.message_id}\n")
    assert "1 had gone and are called sent; 1 had not" in said("deliveries", "reconcile", f"--since={since}")
    assert "Not held." in said("deliveries", "release")
    assert deliveries.deliver_due() == 2
    assert {mail["Message-ID"] for mail in sink.mails} == {had_not.message_id, earlier.message_id}
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    with pytest.raises(CommandError, match="not held"):
        said("deliveries", "reconcile", f"--since={since}")


def test_a_copy_of_the_trail_that_is_ahead_holds_it_once(
    reader: User, sink: Sink, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_TIP_FILE = tmp_path / "tips"
    deliveries.deliver_due()
    keep(settings.AUDIT_TIP_FILE, Tip(7, "0" * 64, timezone.now()))
    queue(reader, "one")
    assert deliveries.deliver_due() == 0
    assert "seal 7 was kept outside" in Outbox.the().held_because
    said("deliveries", "release")
    assert deliveries.deliver_due() == 1, "a person has decided about this seal"


def test_the_drain_needs_no_broker(reader: User, sink: Sink, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9"
    queue(reader, "one")
    assert said("drain", "--once") == "1 sent.\n"
    assert "Not held. 0 due. All is well." in said("deliveries", "status")
    said("deliveries", "hold", "--because", "the mail server moves")
    queue(reader, "two")
    assert said("drain", "--once") == "0 sent.\n"
    assert "the mail server moves. 1 due. Trouble: held." in said("deliveries", "status")


def health(client: Client) -> bool:
    answer = client.get("/health/").json()
    assert answer["ok"], "pages go on"
    return bool(answer["deliveries"])


def test_health_says_when_deliveries_do_not_go(reader: User, client: Client) -> None:
    assert not health(client), "nobody has swept yet"
    deliveries.deliver_due()
    assert health(client)
    queue(reader, "late", due_at=timezone.now() - timedelta(minutes=11))
    assert not health(client)
    Delivery.objects.all().delete()
    Outbox.objects.update(swept_at=timezone.now() - timedelta(minutes=11))
    assert not health(client)


def test_who_watches_from_outside_hears_once_a_minute_while_all_is_well(db: None, settings: Any) -> None:
    heard: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.DEAD_MAN_URL = f"http://127.0.0.1:{server.server_port}/ping"
        deliveries.deliver_due()
        deliveries.deliver_due()
        assert heard == ["/ping"]
        Outbox.objects.update(called_at=timezone.now() - timedelta(minutes=2))
        deliveries.deliver_due()
        assert len(heard) == 2
        put_back()
        Outbox.objects.update(called_at=None)
        deliveries.deliver_due()
        assert len(heard) == 2, "held: not all is well"
        server.shutdown()


def test_the_operators_page_names_nobody_and_lets_a_person_decide(reader: User, sink: Sink, as_user: Any) -> None:
    sink.answers = ["550 no"] * 3
    rows = [queue(reader, str(number)) for number in range(3)]
    deliveries.deliver_due()
    ada = as_user(make.make_user("Ada", role=Role.ADMINISTRATOR))
    page = ada.get("/manage/deliveries/").content.decode()
    assert page.count("550 no") == 3
    assert "rea@" not in page
    assert "Rea Reader" not in page
    for row, deed in zip(rows, ("again", "sent", "let-go"), strict=True):
        assert ada.post(f"/manage/deliveries/{row.pk}/{deed}/").status_code == 302
    states = [Delivery.objects.get(pk=row.pk).state for row in rows]
    assert states == [State.PENDING, State.SENT, State.CANCELLED]
    ada.post("/manage/deliveries/hold/", {"because": "a look at it"})
    assert "a look at it" in ada.get("/manage/deliveries/?show=waiting").content.decode()
    ada.post("/manage/deliveries/release/")
    assert Outbox.the().held_at is None
    assert as_user(reader).get("/manage/deliveries/").status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (59.2, "1 min"), (60, "1 min"), (121, "3 min"), (7200, "120 min"), (7201, "3 h")],
)
def test_lateness_is_said_in_the_unit_that_says_enough(seconds: float, words: str) -> None:
    assert within(seconds) == words
