"""How far a role reaches: not past its department, and to everybody in it; and how far a verb does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clinicians.actions import cases
from faq.actions import articles
from faq.models import Question
from patients.models import Case, Patient
from portal.access import SYSTEM, IllegalMove, Permission, Role, can
from portal.acting import acting_as
from portal.actions import departments
from portal.models import Clinic, Department, User
from tests import make
from tests.faq import make as library

SignIn = Callable[[User | Patient], Client]


@pytest.fixture
def carl(cardiology: Department) -> User:
    """Curator of cardiology only."""
    return make.make_user("Carl Cole", role=Role.CURATOR, department=cardiology)


def test_nobody_treats_themselves(nadia: User, neurology: Department, as_user: SignIn) -> None:
    """A neurologist who asks neurology is a patient there: colleagues answer, and her own desk doesn't show it."""
    own = make.make_case(make.make_patient(user=nadia), neurology)
    with acting_as(nadia):
        for permission in (Permission.CASE_REPLY, Permission.CASE_TRIAGE, Permission.PRESCRIPTION_PRESCRIBE):
            assert not can(nadia, permission, own)
        assert can(nadia, Permission.MESSAGE_SEND, own)
    assert own.ref not in as_user(nadia).get("/clinic/triage/").content.decode()
    assert as_user(nadia).get(f"/my/cases/{own.ref}/").status_code == 200


@pytest.mark.parametrize("permission", [Permission.ACCOUNT_OPEN, Permission.DEPARTMENT_MANAGE])
def test_who_manages_a_department_does_not_manage_the_clinic(permission: Permission, neurology: Department) -> None:
    local = make.make_user("Lou Lane", role=Role.ADMINISTRATOR, department=neurology)
    with acting_as(local):
        assert not can(local, permission, Clinic.the())


def test_a_patient_without_an_account_is_treated_all_the_same(triaged: Case, nadia: User) -> None:
    result = make.make_result(triaged, by=nadia)
    medicine = make.make_prescription(triaged, by=nadia)
    Patient.objects.filter(pk=triaged.patient_id).update(user=None)
    with acting_as(nadia):
        assert can(nadia, Permission.RESULT_RELEASE, result)
        assert can(nadia, Permission.PRESCRIPTION_STOP, medicine)


def test_earlier_versions_of_a_published_question_are_for_its_department(
    neurology: Department, nadia: User, karl: User, curt: User, carla: User, carl: User, as_user: SignIn
) -> None:
    """Everybody reads what is published; what it said before it was de-identified is not public."""
    question = library.make_published(neurology, by=nadia, editor=curt, publisher=carla)
    path = reverse("faq:draft", args=[question.pk])
    assert as_user(nadia).get(path).status_code == 200
    assert as_user(carl).get(path).status_code == 404
    assert as_user(karl).get(path).status_code == 404
    assert Question.objects.visible_to(karl).filter(pk=question.pk).exists()


def test_the_next_revision_of_a_published_article_is_for_its_department(
    neurology: Department, curt: User, carla: User, carl: User, as_user: SignIn
) -> None:
    article = library.make_reviewed_article(neurology, by=curt)
    with acting_as(carla):
        articles.approve(article, by=carla)
    with acting_as(curt):
        articles.revise(article, by=curt, title="Not yet to be read", body="Not approved.")
    path = reverse("faq:manuscript", args=[article.pk])
    assert as_user(carla).get(path).status_code == 200
    assert as_user(carl).get(path).status_code == 404
    assert path not in as_user(carl).get(reverse("faq:board")).content.decode()


def test_a_case_is_triaged_once(triaged: Case, nadia: User) -> None:
    """What was answered or closed is not opened again by triage: only the patient's next message does that."""
    make.make_reply(triaged, by=nadia)
    with pytest.raises(IllegalMove):
        make.make_triaged(triaged, by=nadia)
    with acting_as(nadia):
        cases.close(triaged, by=nadia)
    with pytest.raises(IllegalMove):
        make.make_triaged(triaged, by=nadia)


def test_who_comes_back_is_staff_again(case: Case, nadia: User, neurology: Department) -> None:
    nadia.memberships.update(ends_on="2020-01-01")
    with acting_as(SYSTEM):
        departments.appoint(nadia, by=SYSTEM, role=Role.CLINICIAN, department=neurology)
    with acting_as(nadia):
        assert can(nadia, Permission.CASE_READ, case)
