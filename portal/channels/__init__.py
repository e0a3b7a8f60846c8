"""How somebody is told: one interface for every channel, and what all of them may answer.

    with line_for(channel) as line:       a connection, kept for several deliveries
        line.offer(delivery)              may fail: nothing was sent
        …                                 the row is armed (portal/actions/deliveries.py)
        line.finish(delivery)             it goes; from here on it may have been sent

`look_up` asks afterwards whether it went, where somebody can tell.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from portal.models.deliveries import Delivery


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

    def offer(self, delivery: Delivery) -> None:
        """As far as can be gone without sending. What was offered before and not finished is let fall.

        Raises SaidNo, OSError or what a template raises.
        """

    def finish(self, delivery: Delivery) -> str:
        """Send it; what its provider calls it, or nothing. Raises SaidNo when refused, CutOff when nobody can tell."""
