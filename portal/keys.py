"""The key in an invitation's link: the row's id, signed, and good no longer than an invitation lives.

It is made when the mail is written and kept nowhere, so that no backup or log of ours holds one. Whoever has
it was sent it, or was given it: it opens the page of the invitation, and lets nobody accept it.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar
from uuid import UUID

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db.models import QuerySet

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.models.invited import LIFE, Invited

__all__ = ["KeyTooOld", "WrongKey", "key_to", "opened"]

I = TypeVar("I", bound=Invited)  # noqa: E741
WrongKey: TypeAlias = BadSignature
KeyTooOld: TypeAlias = SignatureExpired


def key_to(kind: str, pk: str) -> str:
    """`kind` is the model's label, so that the key to one kind of invitation is none to another."""
    return _signer(kind).sign(UUID(pk).hex)


def opened(rows: QuerySet[I], key: str) -> I:
    """The row this key was made for, looked up as SYSTEM: who holds it may have no account yet.

    Raises KeyTooOld (which is a WrongKey), or WrongKey where there is no such row.
    """
    pk = UUID(_signer(rows.model._meta.label_lower).unsign(key, max_age=LIFE))
    with acting_as(SYSTEM):
        row = rows.filter(pk=pk).first()
    if row is None:
        raise WrongKey(key)
    return row


def _signer(kind: str) -> TimestampSigner:
    return TimestampSigner(salt=f"fascicle.invitation.{kind}")
