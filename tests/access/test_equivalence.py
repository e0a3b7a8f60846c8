"""Three answers to "who sees this row", for worlds that hypothesis makes up: wall one's, wall two's, and a naive one's.

The naive one is written here by hand, row by row and role by role, from what docs/architecture.md promises; it shares
no line with `portal.roles`, `visible_to` or the policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import (
    BrokenGlass,
    Case,
    FollowUp,
    Message,
    Observation,
    Patient,
    Prescription,
    RelatedPerson,
    Result,
)
from portal.acting import acting_as
from portal.models import Department, Membership, Notification, User

NUMBER = count(1)
NOW = datetime.now(UTC)
LONG_AGO, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
ROLES = ("clinician", "triage", "coordinator", "curator", "privacy_officer", "administrator")
SCOPES = ("cases", "results", "medicines", "followups", "writing")
PEOPLE, PLACES, CASES = 4, 2, 3

# Which staff reads what, and which scope of a patient's trust shows it.
STAFF = {
    Patient: {"clinician", "triage", "coordinator"},
    Case: {"clinician", "triage", "coordinator"},
    Message: {"clinician", "triage", "coordinator"},
    Result: {"clinician"},
    Observation: {"clinician"},
    Prescription: {"clinician", "triage"},
    FollowUp: {"clinician", "coordinator"},
}
TRUSTED = {
    Patient: set(SCOPES),
    Case: {"cases", "writing"},
    Message: {"cases", "writing"},
    Result: {"results"},
    Observation: {"results"},
    Prescription: {"medicines"},
    FollowUp: {"followups"},
}
# Seen by staff of any department in which the person has a case; the others by staff of their own case's.
WHOEVER_TREATS = (Patient, Result, Observation, Prescription)


@dataclass
class World:
    places: list[Department]
    accounts: list[User]
    patients: list[Patient]
    cases: list[Case]
    memberships: list[Membership]
    trusts: list[RelatedPerson]
    glasses: list[BrokenGlass]
    rows: list[Any]


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    person, place = st.integers(0, PEOPLE - 1), st.integers(0, PLACES - 1)
    return {
        # Some records have no account, some accounts are closed.
        "has_account": draw(st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE)),
        "is_active": draw(st.lists(st.sampled_from([True, True, True, False]), min_size=PEOPLE, max_size=PEOPLE)),
        "memberships": draw(
            st.lists(st.tuples(person, st.sampled_from(ROLES), st.none() | place, st.booleans()), max_size=6)
        ),
        "cases": draw(st.lists(st.tuples(person, place, st.booleans()), min_size=1, max_size=CASES)),
        "trusts": draw(
            st.lists(
                st.tuples(
                    person,
                    person,
                    st.sets(st.sampled_from(SCOPES), min_size=1),
                    st.sampled_from(["standing", "offered", "revoked", "expired"]),
                ),
                max_size=3,
                unique_by=lambda trust: (trust[0], trust[1]),
            )
        ),
        "glasses": draw(st.lists(st.tuples(person, person, st.booleans()), max_size=2)),
    }


def build(said: dict[str, Any]) -> World:
    """As the owner, past all verbs: the walls must hold for whatever the tables hold."""
    unique = next(NUMBER)
    accounts = [
        User.objects.create(email=f"w{unique}p{n}@example.org", name=f"Person {n}", is_active=is_active)
        for n, is_active in enumerate(said["is_active"])
    ]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email, verified=True, primary=True) for account in accounts
    )
    places = [
        Department.objects.create(name=f"Place {unique} {n}", slug=f"place-{unique}-{n}", time_zone="UTC")
        for n in range(PLACES)
    ]
    patients = [
        Patient.objects.create(
            user=accounts[n] if has_account else None,
            record_number=f"W{unique}-{n}",
            name=f"Person {n}",
            born_on=date(1990, 1, 1),
            time_zone="UTC",
        )
        for n, has_account in enumerate(said["has_account"])
    ]
    world = World(places, accounts, patients, [], [], [], [], list(patients))
    seen = set()
    for who, role, where, has_ended in said["memberships"]:
        if (who, role, where) not in seen:
            seen.add((who, role, where))
            place = None if where is None else places[where]
            ends = date(2020, 1, 1) if has_ended else None
            world.memberships.append(
                Membership.objects.create(user=accounts[who], role=role, department=place, ends_on=ends)
            )
    for who, where, is_released in said["cases"]:
        add_case(world, patients[who], places[where], is_released)
    add_reaches(world, said)
    world.rows += [Notification.objects.create(user=account, purpose="new_reply", path="/my/") for account in accounts]
    return world


def add_case(world: World, patient: Patient, place: Department, is_released: bool) -> None:
    writer = world.accounts[0]
    case = Case.objects.create(patient=patient, department=place, title="A case", story="…", answer_due_at=NOW)
    world.cases.append(case)
    of = {"patient": patient, "case": case}
    released = {"status": "final", "released_at": NOW, "released_by": writer} if is_released else {}
    result = Result.objects.create(
        kind="laboratory", title="Panel", performed_on=date(2026, 1, 1), recorded_by=writer, **of, **released
    )
    value = {"loinc": "3016-3", "name": "TSH", "value": 2, "unit": "m[IU]/L", "position": 1}
    days = dict.fromkeys(("earliest_on", "due_on", "latest_on"), date(2026, 3, 1))
    world.rows += [
        case,
        result,
        *(Message.objects.create(author=writer, voice="clinic", body="…", **when, **of) for when in moments(writer)),
        Observation.objects.create(patient=patient, result=result, **value),
        Prescription.objects.create(origin="reported", medicine="ibuprofen", recorded_by=writer, **of),
        FollowUp.objects.create(kind="visit", reason="…", owner=writer, **days, **of),
    ]


def moments(writer: User) -> list[dict[str, Any]]:
    """A message that was there at once, one that is by now, one that is not yet, and one that was undone."""
    return [
        {},
        {"visible_at": LONG_AGO},
        {"visible_at": LATER},
        {"visible_at": NOW, "undone_at": LONG_AGO, "undone_by": writer},
    ]


def add_reaches(world: World, said: dict[str, Any]) -> None:
    for of, to, scopes, state in said["trusts"]:
        given = RelatedPerson(
            patient=world.patients[of], email=world.accounts[to].email, name="Somebody", scopes=sorted(scopes)
        )
        given.created_at = NOW - timedelta(days=2)
        given.expires_at = LONG_AGO if state == "expired" else LATER
        given.revoked_at = LONG_AGO if state == "revoked" else None
        if state != "offered":
            given.account, given.accepted_at = world.accounts[to], LONG_AGO
        given.save()
        world.trusts.append(given)
    for by, of, is_over in said["glasses"]:
        broken = BrokenGlass(patient=world.patients[of], account=world.accounts[by], reason="an emergency")
        broken.expires_at = NOW + timedelta(minutes=-1 if is_over else 30)
        broken.created_at = broken.expires_at - timedelta(minutes=60)
        broken.save()
        world.glasses.append(broken)
    world.rows += world.trusts + world.glasses


# The naive answer.


def sees(world: World, actor: User, row: Any) -> bool:
    if not actor.is_active:
        return False
    if isinstance(row, Notification):
        return row.user == actor
    patient = row if isinstance(row, Patient) else row.patient
    is_own = patient.user == actor
    if isinstance(row, RelatedPerson):
        offered = row.account is None and row.email.lower() == actor.email.lower()
        return is_own or row.account == actor or offered
    if isinstance(row, BrokenGlass):
        watches = any(held(m, {"privacy_officer"}) and m.department is None for m in of(world, actor))
        return is_own or row.account == actor or watches
    released = result_of(row).status == "final" if isinstance(row, Result | Observation) else has_come(row)
    return (
        (is_own and released)
        or (released and any(trusts(given, patient, actor, type(row)) for given in world.trusts))
        or any(breaks(glass, patient, actor) for glass in world.glasses)
        or (not is_own and as_staff(world, actor, row, patient))
    )


def has_come(row: Any) -> bool:
    """Of a message: its patient sees it from its moment on, if it was not undone."""
    if not isinstance(row, Message):
        return True
    return row.undone_at is None and (row.visible_at is None or row.visible_at <= NOW)


def result_of(row: Any) -> Result:
    result: Result = row if isinstance(row, Result) else row.result
    return result


def of(world: World, actor: User) -> list[Membership]:
    return [m for m in world.memberships if m.user == actor]


def held(membership: Membership, roles: set[str]) -> bool:
    return membership.role in roles and membership.ends_on is None


def as_staff(world: World, actor: User, row: Any, patient: Patient) -> bool:
    theirs = [case for case in world.cases if case.patient == patient]
    counted = theirs if isinstance(row, WHOEVER_TREATS) else [row if isinstance(row, Case) else row.case]
    return any(
        held(m, STAFF[type(row)]) and (m.department is None or m.department == case.department)
        for m in of(world, actor)
        for case in counted
    )


def trusts(given: RelatedPerson, patient: Patient, actor: User, kind: type[Any]) -> bool:
    stands = given.account == actor and given.revoked_at is None and given.expires_at > NOW
    return stands and given.patient == patient and bool(TRUSTED[kind] & set(given.scopes))


def breaks(glass: BrokenGlass, patient: Patient, actor: User) -> bool:
    return glass.account == actor and glass.patient == patient and glass.expires_at > NOW


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=descriptions())
def test_both_walls_and_a_naive_reader_agree_on_every_row(said: dict[str, Any]) -> None:
    with transaction.atomic():
        world = build(said)
        kinds = sorted({type(row) for row in world.rows}, key=lambda kind: kind.__name__)
        for actor in world.accounts:
            for kind in kinds:
                ours = {row.pk for row in world.rows if isinstance(row, kind)}
                naive = {row.pk for row in world.rows if isinstance(row, kind) and sees(world, actor, row)}
                assert by_python(kind, actor) & ours == naive, (kind.__name__, "visible_to")
                assert by_policy(kind, actor) & ours == naive, (kind.__name__, "policy")
        transaction.set_rollback(True)


def by_python(kind: Any, actor: User) -> set[UUID]:
    """Wall one alone: asked as the owner, whom the policies do not hold."""
    return set(kind.objects.visible_to(actor).values_list("pk", flat=True))


def by_policy(kind: Any, actor: User) -> set[UUID]:
    """Wall two alone: every row asked for."""
    with acting_as(actor):
        return set(kind.objects.values_list("pk", flat=True))
