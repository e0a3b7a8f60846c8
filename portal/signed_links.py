"""What a link in a message says and nobody else can write: signed, each kind good for its own page alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core import signing

T = TypeVar("T")

# As long as a mail may lie about: what it leads to can be found anew after that.
LONGEST_SECONDS = 400 * 24 * 60 * 60


class WrongLink(Exception):
    """It was cut, changed, made for something else, or is too old; or the account that it was for was closed."""


def token_of(said: Any, kind: str) -> str:
    return signing.dumps(said, salt=kind, compress=True)


def opened(token: str, kind: str, read: Callable[[Any], T]) -> T:
    """What it says, as `read` makes it out. Raises WrongLink."""
    try:
        return read(signing.loads(token, salt=kind, max_age=LONGEST_SECONDS))
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as wrong:
        raise WrongLink from wrong
