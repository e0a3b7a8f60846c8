"""What many tests look at, made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from django.db import transaction
from pytest_django import DjangoDbBlocker

T = TypeVar("T")


@contextmanager
def made_once(blocker: DjangoDbBlocker, make: Callable[[], T]) -> Iterator[T]:
    """In a transaction around those of the tests: each takes back what it did, and at the end all is taken back."""
    with ExitStack() as stack:
        with blocker.unblock():
            stack.enter_context(transaction.atomic())
            made = make()
        yield made
        with blocker.unblock():
            transaction.set_rollback(True)
            stack.close()
