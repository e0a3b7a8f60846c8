"""The stages of the case, each a fixture that stands on the one before; nothing is built but by the verbs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from clinicians.seeding.tests_done import joined, labs, motor, sensory
from faq.actions import articles, questions, topics
from faq.models import Article, Question, Topic
from patients.actions import consents
from patients.models import Case, CaseQuestion, Consent, FollowUp, Patient, Result
from patients.models.cases import Urgency
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from portal.acting import acting_as
from portal.models import Department, User
from tests import make
from tests.sink import Sink, smtp_sink

ASKED = datetime(2020, 6, 4, 9, 30, tzinfo=UTC)
D = Decimal
STORY = """It began two months ago in eyelids and calves. Now it wanders, and only the arch of my left foot never stops.
An EEG, thyroid blood tests and an ultrasound were done; orthopedics found that my kneecaps do not sit straight.
The nerve test showed something at the "axis" of my left hand. I was told to come again in a month."""
QUESTIONS = ["Do you know this from other people?", "Can an inflamed nerve do this?"]
PRAMIPEXOLE = {"medicine": "pramipexole", "dose": D(50), "dose_unit": "mg"}
# What makes an order whole.
WHOLE = {"form": "tablet", "route": "oral", "times_a_day": D(1), "indication": "restless legs"}
MEDICINES = [
    {"medicine": "ropinirole", "dose": D("0.5"), "dose_unit": "mg"},
    PRAMIPEXOLE,
    {"medicine": "Endep", "form": "capsules", "days": 30},
]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(ASKED, tick=True) as clock:
        yield clock


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def mira(clock: time_machine.Traveller) -> Patient:
    return make.make_patient("Mira Tan", born_on=date(1996, 3, 9), allergies="")


@pytest.fixture
def asked(mira: Patient, neurology: Department) -> Case:
    """The patient asks: two questions, three medicines as typed."""
    return make.make_case(
        mira,
        neurology,
        title="Twitching that moves around",
        story=STORY,
        since="two months ago",
        questions=QUESTIONS,
        medicines=MEDICINES,
    )


@pytest.fixture
def on_worklist(asked: Case, nadia: User, tessa: User) -> Case:
    """Triage puts it on the work list of neurology."""
    return make.make_triaged(asked, by=tessa, urgency=Urgency.SOON, owner=nadia)


@pytest.fixture
def tested(on_worklist: Case, nadia: User) -> list[Result]:
    """EEG, thyroid panel and nerve conduction, recorded and released."""
    eeg = {"duration_min": 30, "channels": 21, "background": "Posterior rhythm 10 Hz.", "significance": "no_definite"}
    nerves = joined(
        motor("ulnar", "left", ("wrist", "2.8", "9.8", "80"), ("below elbow", "6.5", "9.5", "215")),
        sensory("ulnar", "left", "wrist", "digit 5 antidromic", "2.1", "21", "110"),
    )
    made = [
        make.make_result(on_worklist, by=nadia, kind=kind, title=title, performed_on=date(2020, 6, 3), **values)
        for kind, title, values in (
            (ResultKind.EEG, "EEG", {"eeg": eeg}),
            (ResultKind.LABORATORY, "Thyroid panel", {"observations": labs(tsh="2.1", ft4="14.2")}),
            (ResultKind.NERVE_CONDUCTION, "Nerve conduction, left arm", {"measurements": nerves}),
        )
    ]
    return [make.make_released(result, by=nadia, comment=f"What the {result.title} says.") for result in made]


@pytest.fixture
def answered(on_worklist: Case, tested: list[Result], nadia: User) -> Case:
    outcomes = [CaseQuestion.Outcome.ANSWERED, CaseQuestion.Outcome.NEEDS_VISIT]
    make.make_reply(
        on_worklist,
        by=nadia,
        body="Don't take the second tablet. I want to see your hand.",
        safety_net="Call us the same day if your hand becomes weak.",
        outcomes={row.pk: outcome for row, outcome in zip(on_worklist.questions.open(), outcomes, strict=True)},
    )
    on_worklist.refresh_from_db()
    return on_worklist


@pytest.fixture
def promised(answered: Case, nadia: User) -> FollowUp:
    return make.make_followup(answered, by=nadia, period=Period(1, Unit.MONTHS), reason="See the hand")


PUBLIC = {
    "title": "Twitching that moves around, and a letter about one hand",
    "body": "Muscles of eyelids and calves have twitched for two months. A nerve test found something at one hand.",
    "answer": "Twitching without weakness is common. The report of the test names the nerve and the place: ask for it.",
}


@pytest.fixture
def topic(neurology: Department, curt: User) -> Topic:
    with acting_as(curt):
        return topics.add(neurology, by=curt, name="Muscle twitching", synonyms=["jumping muscles"])


@pytest.fixture
def article(neurology: Department, topic: Topic, curt: User, nadia: User) -> Article:
    with acting_as(curt):
        written = articles.draft(
            neurology,
            by=curt,
            title="About twitching",
            body="A twitch is a small part of a muscle that tightens.",
            sources="NICE guideline NG127",
            topics=[topic],
        )
        articles.submit(written, by=curt)
    with acting_as(nadia):
        return articles.approve(written, by=nadia)


@pytest.fixture
def similar(neurology: Department, topic: Topic, nadia: User, curt: User, carla: User) -> Question:
    """Another question of the library, nobody's case."""
    with acting_as(nadia):
        other = questions.suggest(
            neurology,
            by=nadia,
            answered_by=nadia,
            needs_consent=False,
            title="Twitching calves after running",
            body="My calves twitch after a run.",
            answer="Hard exercise that is new is a common reason.",
            age_band="30–39",
        )
    with acting_as(curt):
        questions.edit(other, by=curt, topics=[topic])
        questions.submit(other, by=curt)
    with acting_as(carla):
        return questions.publish(other, by=carla)


@pytest.fixture
def consent(answered: Case, topic: Topic, article: Article, nadia: User, curt: User, mira: Patient) -> Consent:
    """Suggested from the case, made ready by a curator, and agreed to as it stands."""
    asked = make.make_consent(answered, by=nadia, **PUBLIC)
    with acting_as(curt):
        questions.edit(asked.question, by=curt, topics=[topic], article=article)
    assert mira.user is not None
    with acting_as(mira.user):
        return consents.answer(Consent.objects.get(pk=asked.pk), by=mira.user, agreed=True)


@pytest.fixture
def published(consent: Consent, curt: User, carla: User) -> Question:
    with acting_as(curt):
        questions.submit(consent.question, by=curt)
    with acting_as(carla):
        return questions.publish(consent.question, by=carla)
