"""One event, one line, with its time in UTC: what went wrong and where, never what somebody wrote.

Nothing that was typed can begin a line of its own. And the message of an exception is left out: it can hold the row
that the database refused, or the text that could not be read.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
from typing import Any

# All of C0 and C1 but the tab, the line ends of Unicode, and what turns the direction of writing.
NOT_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
CONTINUED = "  | "


def one_line(text: str) -> str:
    """The text with what is no text written out, as `\\n`."""
    return NOT_TEXT.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Line(logging.Formatter):
    """Time, level, logger, request, message. An exception goes on in marked lines: its kind, and the code it passed."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        told: list[str] = []
        wrong: BaseException | None = ei[1]
        while wrong is not None and len(told) < 10:
            where = "".join(traceback.format_tb(wrong.__traceback__))
            told.append(f"{where}{type(wrong).__module__}.{type(wrong).__qualname__}")
            wrong = wrong.__cause__ or (None if wrong.__suppress_context__ else wrong.__context__)
        return "\n".join(CONTINUED + one_line(line) for part in reversed(told) for line in part.splitlines())


# What follows these in a path is a key that lets in whoever has it. Django names the path of each answer from 400 up.
KEYED = re.compile(r"((?:/recover|/register/confirm|/invite|/answer|/calendar|/stop)/)[^\s'\"]+")


class HideKeys(logging.Filter):
    """A filter of the handler, so that it sees the lines of every library."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = KEYED.sub(r"\1-", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True
