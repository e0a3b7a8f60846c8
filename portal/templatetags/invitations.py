"""What the mail of an invitation calls: its key, made at the moment of sending."""

from __future__ import annotations

from django import template

from portal import keys

register = template.Library()


@register.filter
def key_to(pk: str, kind: str) -> str:
    """`invitation|key_to:"portal.invitation"`: what the link carries."""
    return keys.key_to(kind, pk)
