"""Every piece of work has an actor: requests, tasks and commands all pass through here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from celery import Task
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from portal import audit
from portal.access import ACTING, SYSTEM, Acting, Actor, Principal, Refusal

NAMED = "SELECT set_config('fascicle.actor', %(actor)s, true);"
NAMED_IN_ROLE = "SELECT set_config('fascicle.actor', %(actor)s, true), set_config('role', %(role)s, true);"


@contextmanager
def acting_as(actor: Actor, *, request_id: str = "", through: str = "account") -> Iterator[Acting]:
    """Open a transaction, name the actor to the database, and write down what was read.

    A refusal rolls the work back and is then recorded in a transaction of its own.
    """
    work = Acting(actor, request_id, through)
    token = ACTING.set(work)
    outer = token.old_value if isinstance(token.old_value, Acting) else None
    try:
        with transaction.atomic():
            name_to_database(actor)
            yield work
            audit.write_reads(work)
    except Refusal as refusal:
        with transaction.atomic():
            name_to_database(actor)
            audit.write_refusal(work, refusal)
        raise
    finally:
        ACTING.reset(token)
        # Work inside other work, or inside a test: whoever acted before does so again.
        if connection.in_atomic_block and not connection.needs_rollback:
            name_to_database(outer.actor if outer else None)


def name_to_database(actor: Actor | None) -> None:
    """Local to the transaction, so a kept connection never carries it into the next request.

    Where the connection's own role is a stronger one than the application's (the tests'), it is laid down too.
    """
    role = settings.APPLICATION_ROLE if actor is not None else "none"
    with connection.cursor() as cursor:
        if settings.APPLICATION_ROLE:
            named = "SELECT set_config('fascicle.actor', %s, true), set_config('role', %s, true)"
            cursor.execute(named, [name_of(actor), role])
        else:
            cursor.execute("SELECT set_config('fascicle.actor', %s, true)", [name_of(actor)])


def in_one_trip(actor: Actor, statements: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """These statements as one transaction of one round trip; what the last of them answers.

    PostgreSQL takes what is sent together for one transaction. For work of which each millisecond counts, and which
    reads nothing that goes on record.
    """
    if connection.in_atomic_block:
        with acting_as(actor):
            return _last_of(statements, values)
    named = NAMED_IN_ROLE if settings.APPLICATION_ROLE else NAMED
    return _last_of(named + statements, {**values, "actor": name_of(actor), "role": settings.APPLICATION_ROLE})


def _last_of(statements: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statements, values)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def name_of(actor: Actor | None) -> str:
    if actor is None:
        return ""
    return actor.name if isinstance(actor, Principal) else str(actor.pk)


@contextmanager
def handing_over(row: UUID) -> Iterator[None]:
    """While this row goes to where its giver doesn't reach, or comes from there, the wall lets them write it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('fascicle.handed', %s, true)", [str(row)])
        yield
        cursor.execute("SELECT set_config('fascicle.handed', '', true)")


class ActingTask(Task):  # type: ignore[type-arg]
    """A Celery task does its work as SYSTEM, in one transaction unless it opens its own in steps."""

    abstract = True
    in_steps = False

    def __call__(self, *args: object, **kwargs: object) -> object:
        if self.in_steps:
            return super().__call__(*args, **kwargs)
        with acting_as(SYSTEM, request_id=str(self.request.id or "")):
            return super().__call__(*args, **kwargs)


class ActingCommand(BaseCommand):
    """A command does its work as SYSTEM, in one transaction unless it opens its own in steps."""

    in_steps = False

    def add_arguments(self, parser: CommandParser) -> None:
        """None, unless the command says so."""

    def handle(self, *args: object, **options: object) -> str | None:
        if self.in_steps:
            return self.work(**options)
        with acting_as(SYSTEM):
            return self.work(**options)

    def work(self, **options: object) -> str | None:
        raise NotImplementedError
