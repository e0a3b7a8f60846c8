"""Saved replies: one's own and the department's; nothing written is lost, and nothing in them is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from clinicians.models import SavedReply, SavedReplyVersion
from portal.access import Role
from portal.acting import acting_as
from portal.models import Department, User
from tests import make

pytestmark = pytest.mark.django_db
HTML: Any = {"HTTP_ACCEPT": "text/html"}
SignIn = Callable[[User], Client]
ALL = "/clinic/saved-replies/"


@pytest.fixture
def nora(neurology: Department) -> User:
    return make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)


def written(department: Department, **said: str) -> dict[str, str]:
    return {"department": department.slug, "called": "Good news", "body": "Dear {patient_name},", **said}


def test_one_writes_it_once_and_unknown_places_are_named(neurology: Department, nadia: User, as_user: SignIn) -> None:
    client = as_user(nadia)
    strange = client.post(ALL, written(neurology, body="Dear {patient_name.__class__} and {doctor},"), **HTML)
    assert strange.status_code == 422
    assert "{patient_name.__class__}, {doctor}" in strange.content.decode()
    codes = [client.post(ALL, written(neurology), **HTML).status_code for _twice in range(2)]
    assert codes == [302, 409]
    assert SavedReply.objects.count() == SavedReplyVersion.objects.count() == 1


def test_shared_it_is_the_departments_and_nobody_elses(
    neurology: Department, nadia: User, nora: User, karl: User, cora: User, as_user: SignIn
) -> None:
    saved = make.make_saved_reply(neurology, by=nadia)
    address = f"{ALL}{saved.pk}/"

    def readers() -> set[str]:
        found = {who.name.split()[0] for who in (nadia, nora, karl) if as_user(who).get(address).status_code == 200}
        for who in (nadia, nora, karl):
            with acting_as(who):
                assert SavedReply.objects.exists() == SavedReplyVersion.objects.exists()
                assert SavedReply.objects.exists() == (who.name.split()[0] in found)
        return found

    assert readers() == {"Nadia"}
    as_user(nadia).post(f"{address}share/", **HTML)
    assert readers() == {"Nadia", "Nora"}
    assert as_user(cora).get(ALL, **HTML).status_code == 403
    assert as_user(nora).post(f"{address}retire/", **HTML).status_code == 409
    as_user(nadia).post(f"{address}unshare/", **HTML)
    assert readers() == {"Nadia"}
    as_user(nadia).post(f"{address}retire/", **HTML)
    assert "Good news" not in as_user(nadia).get(ALL, **HTML).content.decode()


def test_of_two_who_revise_the_second_keeps_both_texts(
    neurology: Department, nadia: User, nora: User, as_user: SignIn
) -> None:
    saved = make.make_saved_reply(neurology, by=nadia, is_shared=True)
    address = f"{ALL}{saved.pk}/"
    first = {"called": "Good news", "body": "Nadia's second.", "base": "1"}
    assert as_user(nadia).post(address, first, **HTML).status_code == 302
    late = as_user(nora).post(address, {**first, "body": "Nora's second."}, **HTML)
    text = late.content.decode()
    assert late.status_code == 409
    assert "Nora&#x27;s second.</textarea>" in text
    assert "Nadia&#x27;s second." in text
    assert 'name="base" value="2"' in text
    assert as_user(nora).post(address, {**first, "body": "Nora's third.", "base": "2"}, **HTML).status_code == 302
    bodies = list(SavedReplyVersion.objects.values_list("number", "body"))
    assert bodies == [(1, "Dear {patient_name}, all is well."), (2, "Nadia's second."), (3, "Nora's third.")]


def test_what_was_written_is_only_added_to(neurology: Department, nadia: User) -> None:
    make.make_saved_reply(neurology, by=nadia)
    changes: list[Callable[[Any], Any]] = [lambda rows: rows.update(body="Forged"), lambda rows: rows.delete()]
    for change in changes:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), acting_as(nadia):
            change(SavedReplyVersion.objects.all())
