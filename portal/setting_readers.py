"""How values of the environment are read that are no plain word or number. Raises ValueError for a wrong one."""

from __future__ import annotations

import os
from pathlib import Path


def some_secrets(name: str) -> list[str]:
    values = [value.strip() for value in os.environ[name].split(",")]
    if any(len(value) < 32 for value in values):
        raise ValueError(name)
    return values


def a_file(name: str) -> Path:
    path = Path(os.environ[name])
    if not path.is_file():
        raise ValueError(name)
    return path


def a_contact(name: str) -> str:
    value = os.environ[name].strip()
    if not value.startswith(("mailto:", "https://", "tel:")) or not value.isprintable():
        raise ValueError(name)
    return value
