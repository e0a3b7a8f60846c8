"""A private PostgreSQL and Valkey, for a laptop and for tests.

Both outlive the process that started them; whoever starts them next finds them, running or dead,
and goes on with what they hold. `start` and `stop` may be called any number of times.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import postgres, valkey
from portal.embedded.machine import CannotStart, Place, ground, locked, server_account

__all__ = ["CannotStart", "Servers", "are_alive", "remove", "running", "start", "stop"]


@dataclass(frozen=True)
class Servers:
    """Addresses; the broker's has no database number (0 is the cache, 1 the broker). None: not asked for.

    The database's are by who signs in: the application, the owner of the tables, the sender.
    """

    database_url: str | None
    owner_url: str | None
    sender_url: str | None
    redis_url: str | None


def places(home: Path) -> tuple[Place, Place]:
    account = server_account()
    folder = ground(home, account)
    return Place(folder / "postgres", account), Place(folder / "valkey", account)


def start(home: Path, *, durable: bool = True, database: bool = True, broker: bool = True) -> Servers:
    """Start what is asked for in `home`, or find it running. Raises CannotStart with one sentence."""
    database_place, broker_place = places(home)
    with locked(home / "servers.lock"):
        if database:
            postgres.start(database_place, durable=durable)
        application, owner, sender = (
            postgres.address(database_place, role) if database else None
            for role in (postgres.APPLICATION, postgres.OWNER, postgres.SENDER)
        )
        return Servers(application, owner, sender, valkey.start(broker_place, durable=durable) if broker else None)


def stop(home: Path) -> None:
    database_place, broker_place = places(home)
    with locked(home / "servers.lock"):
        valkey.stop(broker_place)
        postgres.stop(database_place)


def are_alive(home: Path, *, database: bool = True, broker: bool = True) -> bool:
    database_place, broker_place = places(home)
    return (not database or postgres.is_alive(database_place)) and (not broker or valkey.is_alive(broker_place))


def remove(home: Path) -> None:
    """Stop the servers of `home` and delete it with everything they kept."""
    stop(home)
    for place in places(home):
        shutil.rmtree(place.folder, ignore_errors=True)
    shutil.rmtree(ground(home, server_account()), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running(home: Path, *, durable: bool = True) -> Iterator[Servers]:
    try:
        yield start(home, durable=durable)
    finally:
        stop(home)
