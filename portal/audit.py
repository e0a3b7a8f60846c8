"""What was done and what was looked at: one event per verb, one per request and kind of row read.

Events hold names of fields and never their values, and no foreign keys: they outlive what they
speak of. The table refuses UPDATE, DELETE and TRUNCATE (see the model's migration).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps

from portal.access import Acting, Actor, Principal, Refusal

if TYPE_CHECKING:
    from portal.models.audit import AuditEvent
    from portal.models.record import Record


def write_verb(work: Acting, name: str, subject: Record, made: object, fields: Iterable[str]) -> None:
    """`made`: what the verb returned; it may speak of somebody whom its subject does not."""
    about = getattr(made, "person_id", None)
    people = {*_people(subject), *((about,) if about else ())}
    _write(work, kind="verb", name=name, subject=subject, fields=fields, people=people)


def write_reads(work: Acting) -> None:
    """One event per kind of row, with every person shown in one array."""
    for label, people in sorted(work.reads.items()):
        _write(work, kind="read", name=f"read {label}", people=people)
    work.reads.clear()


def note_look(work: Acting, label: str, people: Iterable[UUID] = ()) -> None:
    """A look at rows that speak of several people, or of nobody: `access.note` knows only rows of one person."""
    work.reads[label].update(people)


def write_export(work: Acting, label: str, people: Iterable[UUID] = ()) -> None:
    """A copy was taken. Written at once: what follows may be a stream that outlives its request."""
    _write(work, kind="read", name=f"export {label}", people=set(people))


def write_refusal(work: Acting, refusal: Refusal) -> None:
    subject = refusal.subject
    _write(
        work,
        kind="refusal",
        name=refusal.name,
        subject=subject,
        outcome=refusal.code,
        people=_people(subject) if subject else (),
    )


def _write(
    work: Acting,
    *,
    kind: str,
    name: str,
    subject: Record | None = None,
    people: Iterable[UUID] = (),
    fields: Iterable[str] = (),
    outcome: str = "",
) -> None:
    model: type[AuditEvent] = apps.get_model("portal", "AuditEvent")
    model._default_manager.create(
        kind=kind,
        name=name,
        actor_id=_account(work.actor),
        actor_name=work.actor.name if isinstance(work.actor, Principal) else work.through,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        people=sorted(people),
        fields=sorted(fields),
        outcome=outcome,
        request_id=work.request_id,
    )


def _account(actor: Actor) -> UUID | None:
    return None if isinstance(actor, Principal) else actor.pk


def _people(subject: Record) -> tuple[UUID, ...]:
    return (subject.person_id,) if subject.person_id else ()
