"""Whoever above wants to know what was done is told, in its transaction: by a string, as water runs one way.

The door of verbs tells of every verb. What is done within one, and should be known by a name of its own, is told so:

    occurrences.tell("red_flags.raise_flag", case, flag)
"""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string


def tell(name: str, subject: object, made: object = None) -> None:
    """`made`: what came of it, where that is a row."""
    import_string(settings.OCCURRENCES)(name, subject, made)
