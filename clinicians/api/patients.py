"""Finding a patient, or a case by its number, among those one treats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.api.answers import CURSORS, SearchAnswer, query
from clinicians.api.desk import Desk
from clinicians.api.serializers import FoundCaseSerializer, FoundPatientSerializer
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
MOST_CASES = 20


class Search(Desk):
    template_name = "clinicians/search.html"
    nav = "search"
    answers = {"get": SearchAnswer}
    asks = (query("q", "A name, a record number or a case number. Nothing is found where nothing is asked."), *CURSORS)

    def get(self, request: Request) -> Response:
        asked = " ".join(self.asked.GET.get("q", "").split())[:LONGEST_SEARCH]
        pager = Pager(self.asked.GET)
        people: Any = []
        if asked:
            people = access.read_many(treated(asked, by=self.actor), by=self.actor, page=pager)
        cases = self._cases([person.pk for person in people])
        worded = self._worded(asked, {case.pk for theirs in cases.values() for case in theirs})
        for person in people:
            person.found_cases = cases[person.pk]
        found = FoundPatientSerializer(people, many=True).data
        data = {"rows": found, "cases": FoundCaseSerializer(worded, many=True).data}
        return self.answer({**data, "newer": pager.newer, "older": pager.older}, q=asked)

    def _worded(self, asked: str, shown: set[UUID]) -> Sequence[Case]:
        """Cases in whose text the words stand, the newest first, beside those of the people found."""
        if len(asked) < LIKE_FROM or "after" in self.asked.GET:
            return []
        wanted = [pk for pk in self.desk.items.found(asked) if pk not in shown][:MOST_CASES]
        if not wanted:
            return []
        return access.read_many(
            at_desk(Case.objects.with_people().filter(pk__in=wanted), by=self.actor).order_by("-pk"), by=self.actor
        )

    def _cases(self, people: list[UUID]) -> dict[UUID, list[Case]]:
        """Their cases that this person may open, newest first."""
        by_person: dict[UUID, list[Case]] = defaultdict(list)
        if people:
            rows = access.read_many(
                at_desk(Case.objects.with_people().filter(patient__in=people), by=self.actor).order_by("-created_at"),
                by=self.actor,
            )
            for case in rows:
                by_person[case.patient_id].append(case)
        return by_person


def treated(text: str, *, by: User) -> PatientQuerySet:
    """Called this, or of this number: who has a case in one's departments, or whose record these opened."""
    theirs = at_desk(Case.objects.filter(patient=OuterRef("pk")), by=by)
    enrolled = access.reach(by, Permission.ENROLMENT_READ).in_departments("enrolled_by_department", "pk")
    found = Q(name__icontains=text) | Q(record_number__iexact=text)
    if len(text) >= LIKE_FROM:
        found |= Q(name__trigram_similar=text) | Q(name__trigram_word_similar=text)
    if number := Case.number_of(text):
        found |= Q(Exists(theirs.filter(number=number)))
    rows: PatientQuerySet = Patient.objects.filter(Exists(theirs) | enrolled, found)
    return rows
