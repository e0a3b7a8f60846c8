"""Sealing: all of it, once each; and what a hand in the database can't do unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import tips
from portal.actions import seals
from portal.channels.email import write_mail
from portal.models import AuditEvent, AuditSeal, Delivery, User
from portal.models.deliveries import Purpose
from portal.models.seals import COLUMNS, VERSION, last_drawn
from portal.rules.seals import NOTHING, decode, encode
from portal.seal_check import Broken, check
from tests.audit.trail import ALWAYS, TABLES, as_owner, sealed, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("copy")]
SQL = Callable[..., int]


def verify(copy: Path | None = None) -> str:
    said = StringIO()
    call_command("audit", "verify", *(["--tip-file", str(copy)] if copy else []), stdout=said)
    return said.getvalue()


def test_every_column_of_the_trail_is_sealed() -> None:
    """A new column needs a new version, or it could be changed unseen."""
    assert set(COLUMNS[VERSION]) == {field.attname for field in AuditEvent._meta.concrete_fields}


def test_each_event_is_under_one_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    seals.seal_due()
    before = AuditSeal.objects.count()
    monkeypatch.setattr(seals, "MOST", 4)
    events = write(10)
    assert seals.seal_due() == 10
    made = list(AuditSeal.objects.order_by("number"))[before:]
    assert [len(seal.serials) for seal in made] == [4, 4, 2]
    covered = [serial for seal in made for serial in seal.serials]
    for event in events:
        event.refresh_from_db()
    assert covered == [event.serial for event in events]
    assert seals.seal_due() == 0
    assert check().events == AuditEvent.objects.count()


def test_numbers_come_from_the_trigger_whatever_is_said() -> None:
    [event] = write(1, serial=1)
    event.refresh_from_db()
    assert event.serial == last_drawn() > 1


SPAN = (datetime(1990, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 the zone is given beside them
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@given(
    name=texts, outcome=texts, request_id=texts,
    fields=st.lists(texts, max_size=3), people=st.lists(st.uuids(), max_size=3), actor_id=st.none() | st.uuids(),
    created_at=st.datetimes(*SPAN, timezones=st.just(UTC)),
)  # fmt: skip
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_bytes_are_those_of_what_the_database_holds(**about: Any) -> None:
    """Written, read back and decoded, an event is what was written; so a changed one has other bytes."""
    [event] = write(1, **about)
    row = AuditEvent.objects.filter(pk=event.pk).values_list(*COLUMNS[VERSION]).get()
    told: Any = decode(encode(row))
    assert {name: value for name, value in zip(COLUMNS[VERSION], told, strict=True) if name in about} == about


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", TABLES)
def test_neither_trail_nor_seals_are_changed(statement: str, table: str) -> None:
    sealed(1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_their_triggers_fire_also_where_a_session_plays_a_replica() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled = 'A' AND tgrelid::regclass::text = ANY (%s)",
            [list(TABLES)],
        )
        assert set(cursor) == set(ALWAYS)


def change(run: SQL) -> int:
    return run("UPDATE portal_auditevent SET name = 'cases.close' WHERE serial = %s", middle())


def change_a_person(run: SQL) -> int:
    return run("UPDATE portal_auditevent SET people = ARRAY[%s]::uuid[] WHERE serial = %s", uuid4(), middle())


def change_a_moment(run: SQL) -> int:
    return run("UPDATE portal_auditevent SET created_at = created_at - interval '1 us' WHERE serial = %s", middle())


def swap(run: SQL) -> int:
    """Two events change places: their numbers, and nothing else."""
    return sum(
        run("UPDATE portal_auditevent SET serial = %s WHERE serial = %s", new, old)
        for old, new in ((middle(), -1), (middle() + 1, middle()), (-1, middle() + 1))
    )


def delete(run: SQL) -> int:
    return run("DELETE FROM portal_auditevent WHERE serial = %s", middle())


def insert(run: SQL) -> int:
    """Among those of seal 2, with a number that was drawn and given back."""
    return run(
        "INSERT INTO portal_auditevent SELECT %s, created_at, kind, name, actor_id, actor_name, subject_type,"
        " subject_id, people, fields, outcome, request_id, %s FROM portal_auditevent WHERE serial = %s",
        uuid4(), middle() + GAP, middle(),
    )  # fmt: skip


def replace(run: SQL) -> int:
    run("UPDATE portal_auditevent SET serial = %s WHERE serial = %s", middle() + GAP, middle())
    return 1


def change_seal(run: SQL) -> int:
    return run("UPDATE portal_auditseal SET ended_at = ended_at + interval '1 s' WHERE number = 2")


def cut_link(run: SQL) -> int:
    return run("UPDATE portal_auditseal SET previous = %s WHERE number = 2", "ab" * 32)


def drop_seal(run: SQL) -> int:
    return run("DELETE FROM portal_auditseal WHERE number = 2")


def widen(run: SQL) -> int:
    return run("UPDATE portal_auditseal SET after = after - 1 WHERE number = 2")


GAP = 3  # In seal 2: events at 0, 1, 2, then a number that was given back.


def middle() -> int:
    """The first event of seal 2."""
    return AuditSeal.objects.get(number=2).serials[0]


@pytest.fixture
def chain() -> list[AuditSeal]:
    """Three seals; in the second, a number that a transaction drew and gave back."""
    sealed(2)
    write(3)
    given_back()
    seals.seal_due()
    return sealed(2)


def given_back() -> None:
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)


HANDS = [
    (change, "changed"),
    (change_a_person, "changed"),
    (change_a_moment, "changed"),
    (swap, "changed"),
    (delete, "is missing"),
    (insert, "was inserted after it was sealed"),
    (replace, "is missing and event"),
    (change_seal, "or the seal itself was"),
    (cut_link, "the chain is cut"),
    (drop_seal, "it is missing from the chain; the next there is is 3"),
    (widen, "does not begin where"),
]


@pytest.mark.parametrize(("hand", "said"), HANDS, ids=lambda hand: getattr(hand, "__name__", ""))
def test_a_hand_in_the_database_is_found(chain: list[AuditSeal], hand: Callable[[SQL], int], said: str) -> None:
    assert "Every event is sealed" in verify()
    with as_owner() as run:
        assert hand(run) > 0
    with pytest.raises(CommandError, match=said) as found:
        verify()
    assert "Seal 2 is broken" in str(found.value)
    assert hand is drop_seal or f"{chain[1].began_at:%Y-%m-%d}" in str(found.value)


def test_it_is_the_first_broken_one_that_is_named(chain: list[AuditSeal]) -> None:
    with as_owner() as run:
        run("UPDATE portal_auditevent SET outcome = 'x' WHERE serial >= %s", middle())
    with pytest.raises(Broken) as found:
        check()
    assert found.value.number == 2


def test_an_event_with_a_number_that_was_never_drawn_is_found(chain: list[AuditSeal]) -> None:
    write(1)
    with as_owner() as run:
        assert run("UPDATE portal_auditevent SET serial = serial + 10000 WHERE serial = %s", last_drawn()) == 1
    with pytest.raises(CommandError, match="never drawn"):
        verify()


def test_that_the_tail_was_cut_only_the_copy_outside_shows(chain: list[AuditSeal], copy: Path) -> None:
    assert seals.export_tip()
    with as_owner() as run:
        run("DELETE FROM portal_auditevent WHERE serial > %s", chain[1].through)
        run("DELETE FROM portal_auditseal WHERE number > 2")
    assert "nobody can see that the newest seals were cut off" in verify()
    with pytest.raises(CommandError, match="Seal 3 is broken: the tail of the chain is cut"):
        verify(copy)


def test_that_all_was_written_anew_only_the_copy_outside_shows(chain: list[AuditSeal], copy: Path) -> None:
    seals.export_tip()
    with as_owner() as run:
        change(run)
        previous = NOTHING
        for seal in AuditSeal.objects.order_by("number"):
            seal.previous = previous
            previous = seal.hash_of(seal.rows())
            run("UPDATE portal_auditseal SET previous = %s, hash = %s WHERE id = %s", seal.previous, previous, seal.pk)
    assert "3 seals hold" in verify()
    with pytest.raises(CommandError, match=r"Seal 3 is broken.*written anew"):
        verify(copy)


def test_the_copy_grows_by_a_line_when_something_was_sealed(copy: Path) -> None:
    for _turn in range(3):
        write(2)
        seals.seal_and_tell()
        seals.seal_and_tell()
    numbers = [tip.number for tip in tips.kept(copy)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 3
    assert f"{len(numbers)} agree with the copy" in verify(copy)


def test_a_line_cut_off_by_a_crash_is_written_again(chain: list[AuditSeal], copy: Path) -> None:
    seals.export_tip()
    with copy.open("a") as file:
        file.write("4 abc")
    write(1)
    seals.seal_and_tell()
    assert [tip.number for tip in tips.kept(copy)][-1] == AuditSeal.objects.count()


@pytest.mark.parametrize("damage", ["cut", "anew", "emptied", "unreadable"])
def test_a_chain_that_left_its_copy_is_told_at_once(
    chain: list[AuditSeal], copy: Path, percy: User, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And the copy is left as it is, as proof."""
    seals.seal_and_tell()
    if damage == "unreadable":
        copy.write_text(copy.read_text() + "hello\n")
    before = copy.read_bytes()
    with as_owner() as run:
        if damage == "cut":
            run("DELETE FROM portal_auditseal WHERE number = (SELECT max(number) FROM portal_auditseal)")
        elif damage == "emptied":
            run("DELETE FROM portal_auditseal")
        elif damage == "anew":
            run(
                "UPDATE portal_auditseal SET hash = %s WHERE number = (SELECT max(number) FROM portal_auditseal)",
                "c" * 64,
            )
    for _turn in range(3):
        assert seals.export_tip() is None
    assert copy.read_bytes() == before
    assert "outside copy" in caplog.text
    [told] = Delivery.objects.filter(purpose=Purpose.AUDIT_ALARM)
    assert told.recipient == percy
    mail = write_mail(told)
    assert "does not agree with its copy" in mail.subject


def test_the_newest_seal_is_mailed_to_the_privacy_officers_once_a_day(
    chain: list[AuditSeal], percy: User, ada: User
) -> None:
    for _turn in range(3):
        write(1)
        seals.seal_and_tell()
    [told] = Delivery.objects.filter(purpose=Purpose.AUDIT_TIP)
    assert told.recipient == percy
    text = write_mail(told).body
    tip = AuditSeal.objects.get(number=int(told.words["number"]))
    assert tip.hash in text.replace(" ", "").replace("\n", "")
    assert f"seal number {tip.number}" in text


def test_what_is_not_sealed_yet_is_counted() -> None:
    seals.seal_due()
    write(3, created_at=timezone.now() - timedelta(minutes=5))
    said = verify()
    assert "3 events are not sealed yet" in said
    assert "has waited 30" in said


def test_seals_that_lag_are_seen_from_outside_without_particulars(client: Client, settings: Any) -> None:
    write(1, created_at=timezone.now() - timedelta(minutes=9))
    seals.seal_due()
    write(1, created_at=timezone.now() - timedelta(minutes=9))
    assert client.get("/health/").json()["audit_seals"] is True
    settings.AUDIT_SEAL_MINUTES = 8
    answer = client.get("/health/")
    assert answer.json()["audit_seals"] is False
    assert answer.status_code == 200
    seals.seal_due()
    assert client.get("/health/").json()["audit_seals"] is True


def test_the_commands_seal_and_show_the_tip(copy: Path) -> None:
    write(2)
    said = StringIO()
    call_command("audit", "seal", stdout=said)
    call_command("audit", "tip", stdout=said)
    newest = AuditSeal.objects.order_by("-number")[0]
    assert "events sealed" in said.getvalue()
    assert f"{newest.number} {newest.hash}" in said.getvalue()
    assert newest.hash in copy.read_text()


def test_a_copy_that_is_none_is_said(chain: list[AuditSeal], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        verify(tmp_path / "nothing.txt")
    (tmp_path / "letter.txt").write_text("Dear reader\n")
    with pytest.raises(CommandError, match="not one of an exported seal"):
        verify(tmp_path / "letter.txt")
