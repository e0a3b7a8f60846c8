"""Migrations, as the owner of the tables; at their end the second wall is made what the rules say."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from portal import masonry
from portal.database.owner import become_owner


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Before anything else, the checks of the models included, asks the database."""
        become_owner(connections[options["database"]])
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            # Behind the wall the owner sees no row: a data migration must fail aloud, not change nothing.
            cursor.execute("SET row_security = off")
        super().handle(*args, **options)
        with connection.cursor() as cursor:
            cursor.execute("RESET row_security")
        if not any(options[given] for given in ("plan", "check_unapplied", "app_label", "fake")):
            masonry.lay(connection)
