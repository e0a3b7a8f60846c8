"""What no line of the log may hold."""

from __future__ import annotations

import logging
import re

# What follows these in a path is a key that lets in whoever has it. Django names the path of each answer from 400 up.
KEYED = re.compile(r"((?:/recover|/register/confirm|/invite)/)[^\s'\"]+")


class HideKeys(logging.Filter):
    """A filter of the handler, so that it sees the lines of every library."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = KEYED.sub(r"\1-", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True
