"""Finding a patient, or a case by its number, among those one treats."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.desk import Desk
from clinicians.api.serializers import FoundPatientSerializer
from clinicians.models.queue import at_desk
from patients.models import Case, Patient
from patients.models.patients import PatientQuerySet
from portal import access
from portal.access import Permission
from portal.models import User
from portal.paging import Pager

LONGEST_SEARCH = 100
# Short names are like nothing much; below this a name is found by its letters only.
LIKE_FROM = 3


class Search(Desk):
    template_name = "clinicians/search.html"
    nav = "search"

    def get(self, request: Request) -> Response:
        asked = " ".join(self.asked.GET.get("q", "").split())[:LONGEST_SEARCH]
        pager = Pager(self.asked.GET)
        people: Any = []
        if asked:
            people = access.read_many(
                treated(Patient.objects.all(), by=self.actor).filter(called(asked)), by=self.actor, page=pager
            )
        cases = self._cases([person.pk for person in people])
        for person in people:
            person.found_cases = cases[person.pk]
        found = FoundPatientSerializer(people, many=True).data
        return self.answer({"rows": found, "newer": pager.newer, "older": pager.older}, q=asked)

    def _cases(self, people: list[UUID]) -> dict[UUID, list[Case]]:
        """Their cases that this person may open, newest first."""
        by_person: dict[UUID, list[Case]] = defaultdict(list)
        if people:
            rows = Case.objects.with_people().filter(patient__in=people).order_by("-created_at")
            for case in access.read_many(at_desk(rows, by=self.actor), by=self.actor):
                by_person[case.patient_id].append(case)
        return by_person


def treated(people: PatientQuerySet, *, by: User) -> PatientQuerySet:
    """Who has a case in the departments one works in; oneself only as anybody's patient."""
    reach = access.reach(by, Permission.PATIENT_READ)
    return people.filter(reach.q(department="cases__department")).distinct()


def called(text: str) -> Q:
    """Of this name, also misspelt; of this record number; or with a case of this number."""
    found = Q(name__icontains=text) | Q(record_number__iexact=text)
    if len(text) >= LIKE_FROM:
        found |= Q(name__trigram_similar=text) | Q(name__trigram_word_similar=text)
    number = Case.number_of(text)
    return found | Q(cases__number=number) if number else found
