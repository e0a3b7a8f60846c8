"""The one door for writes. One verb = one function = one permission = one transaction = one audit row."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import transaction

from portal import access, audit, occurrences
from portal.access import IllegalMove, Permission, Refused
from portal.models.record import Record

__all__ = ["VERBS", "IllegalMove", "Refused", "verb"]

S = TypeVar("S", bound=Record)
T = TypeVar("T")
P = ParamSpec("P")

# Every verb by its name ("cases.reply"), with the permission it asks for. The matrix test reads it.
VERBS: dict[str, Permission] = {}


def verb(
    permission: Permission,
    *,
    locking: bool = True,
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Make a function the door to one write.

    In order: may this actor; a savepoint; lock the subject row by plain primary key; do; one audit
    row; release. The function works on its own locked copy: callers use what it returns.
    `locking=False` is for a subject that nobody may change: it can't be locked, and need not be.
    Raises Refused (403), or whatever the doing raises; then nothing at all was written.
    """

    def decorate(do: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        name = f"{do.__module__.rsplit('.', 1)[-1]}.{do.__name__}"
        if name in VERBS:
            raise TypeError(f"Two verbs are called {name}")
        VERBS[name] = permission

        @wraps(do)
        def door(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            by = cast(access.Actor, kwargs["by"])
            work = access.acting(by)
            if not access.can(by, permission, subject):
                raise Refused(name, subject)
            with transaction.atomic():
                rows: Any = subject._meta.model._base_manager.filter(pk=subject.pk)
                locked = cast("S | None", (rows.select_for_update() if locking else rows).first())
                if locked is None:
                    raise Refused(name, subject)
                try:
                    result = do(locked, *args, **kwargs)
                except access.Refusal as refusal:
                    refusal.name, refusal.subject = name, refusal.subject or locked
                    raise
                audit.write_verb(work, name, locked, result, (field for field in kwargs if field != "by"))
                occurrences.tell(name, locked, result)
            work.forget()
            return result

        return cast("Callable[Concatenate[S, P], T]", door)

    return decorate
