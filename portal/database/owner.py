"""Working as who owns the tables: for migrations, and for filling a clinic of invented people."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def become_owner(connection: Any) -> None:
    """From now on, and to the end of this process."""
    if settings.OWNER_DATABASE:
        connection.close()
        connection.settings_dict.update(settings.OWNER_DATABASE)
    connection.is_for_owner = True
