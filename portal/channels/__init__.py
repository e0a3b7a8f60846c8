"""How somebody is told: one interface for every channel, and what all of them may answer.

    with line_for(channel) as line:       kept for several deliveries
        line.room(20)                     so many of them at once, each over a connection of its own
        line.offer(deliveries)            may fail: nothing was sent
        …                                 the rows are armed (portal/actions/turns.py)
        line.finish(deliveries)           they go; from here on they may have been sent

`look_up` asks afterwards whether it went, where somebody can tell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from django.db import DatabaseError

if TYPE_CHECKING:
    from portal.models.deliveries import Delivery

T = TypeVar("T")


class SaidNo(Exception):
    """It was refused. `for_good`: no use in trying again (SMTP 5xx, HTTP 4xx)."""

    def __init__(self, code: int, text: bytes | str, *, for_good: bool | None = None) -> None:
        words = text.decode(errors="replace") if isinstance(text, bytes) else text
        super().__init__(f"{code} {words}"[:200])
        self.for_good = 500 <= code < 600 if for_good is None else for_good


class CutOff(Exception):
    """The line broke after the body was begun: it may or may not have arrived.

    `is_late`: no answer came in time; so it may still be taken, and that it is not there yet says nothing.
    """

    def __init__(self, text: str, *, is_late: bool = False) -> None:
        super().__init__(text[:200])
        self.is_late = is_late


class Line(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None: ...

    def room(self, wanted: int) -> int:
        """How many of so many it takes now, at least one. What was offered and did not go is let fall.

        Raises SaidNo or OSError where it can't be opened.
        """

    def offer(self, deliveries: Sequence[Delivery]) -> list[Exception | None]:
        """As far as can be gone without sending; not more than there is room for.

        For each, what speaks against it: SaidNo, OSError or what a template raised.
        """

    def finish(self, deliveries: Sequence[Delivery]) -> list[str | Exception]:
        """Send what was offered. For each what its provider calls it, or nothing; or what came of it: SaidNo when it
        was refused, CutOff when nobody can tell.
        """


class OneByOne(ABC):
    """A line that takes one at a time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        return None

    def room(self, wanted: int) -> int:
        return 1

    def offer(self, deliveries: Sequence[Delivery]) -> list[Exception | None]:
        return each(self.offer_one, deliveries)

    def finish(self, deliveries: Sequence[Delivery]) -> list[str | Exception]:
        return each(self.finish_one, deliveries)

    @abstractmethod
    def offer_one(self, delivery: Delivery) -> None: ...

    @abstractmethod
    def finish_one(self, delivery: Delivery) -> str: ...


def each(do: Callable[[Delivery], T], deliveries: Sequence[Delivery]) -> list[T | Exception]:
    """What came of each. A database that went away says nothing of any."""
    found: list[T | Exception] = []
    for delivery in deliveries:
        try:
            found.append(do(delivery))
        except DatabaseError:
            raise
        except Exception as wrong:
            found.append(wrong)
    return found
