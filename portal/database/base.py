"""Django's PostgreSQL, which refuses to work as anything stronger than the application's own role.

Whoever owns the tables, or may pass over row-level security, is not held by the second wall. Such a role migrates
(`manage.py migrate`) and does nothing else.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

STRONGER = """
SELECT role.rolsuper OR role.rolbypassrls OR role.rolcreaterole OR EXISTS (
    SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND (pg_has_role(role.oid, relowner, 'USAGE') OR has_table_privilege(role.oid, oid, 'TRUNCATE'))
) FROM pg_roles AS role WHERE rolname = current_user
"""


class TooStrong(ImproperlyConfigured):
    """The role of DATABASE_URL could pass over the wall."""


class DatabaseWrapper(base.DatabaseWrapper):
    # Set by what works as the owner: migrations.
    is_for_owner = False

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if self.is_for_owner or settings.APPLICATION_ROLE:
            return
        assert self.connection is not None
        with self.connection.cursor() as cursor:
            row = cursor.execute(STRONGER).fetchone()
        if row is None or row[0]:
            raise TooStrong(
                "DATABASE_URL signs in as a role that could see every record: an owner of the tables, or one that"
                " passes over row-level security. Use the application's role (docs/deploy.md), and"
                " OWNER_DATABASE_URL for migrations."
            )
