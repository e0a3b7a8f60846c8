"""People and cases as a clinic of any size has them: how many come, how long they wait, what follows. Only numbers
and words; clinicians/seeding/by_copy.py writes them.

Cases come through one year, more in winter and by day; departments by Zipf's law; times by log-normal laws, so that
some wait very long. With these, one case in twenty is open.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Final

from clinicians.seeding import doses, vocabulary
from clinicians.seeding.vocabulary import one_of

DAY: Final = 86_400.0
YEAR: Final = 365.0
SEASON: Final = 0.25
URGENCIES: Final[tuple[tuple[int, float, float], ...]] = (
    (1, 0.02, 0.05),
    (2, 0.10, 0.2),
    (3, 0.35, 0.6),
    (4, 1.0, 1.25),
)  # urgency, up to, pace
# Median in days and sigma of the log-normal law: until triage, from there to the reply, from there to the end.
TRIAGED, REPLIED, CLOSED = (2.0, 0.9), (2.2, 1.0), (6.6, 1.1)
REMEMBERED: Final = 20_000  # patients who may come again


@dataclass(frozen=True, slots=True)
class Place:
    """A department, with who works in it."""

    id: str
    answer_days: float
    clinicians: Sequence[str]


@dataclass(slots=True)
class Person:
    id: str
    account: str
    born: int
    number: int


@dataclass(slots=True)
class Told:
    """One case while it is told."""

    id: str
    person: Person
    place: Place
    began: float
    urgency: int
    triaged: float
    replied: float
    closed: float
    owner: str | None
    status: str = "new"
    waits_since: float = 0.0
    reply: str | None = None


@dataclass
class Crowd:
    """Tells cases one after the other, as rows by table: each row a line as COPY reads it."""

    places: Sequence[Place]
    now: datetime
    cases: int
    seed: int
    first_number: int = 1
    first_person: int = 1
    rows: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        # Invented people: no secret hangs on it, and the same seed tells the same clinic.
        self.pick = Random(f"{self.seed} {self.first_person}")  # noqa: S311
        self.ends = self.now.timestamp()
        self.shares = list(accumulate(1 / rank for rank in range(1, len(self.places) + 1)))
        self.known: deque[Person] = deque(maxlen=REMEMBERED)
        self.people = self.first_person
        self.doses = doses.listed()

    def tell(self, place_in_line: int) -> None:
        """The case that comes so many after the first."""
        pick, began = self.pick, self.arrival(place_in_line)
        person = self._person(began)
        place = self.places[self._rank()]
        urgency, _up_to, pace = next(row for row in URGENCIES if pick.random() < row[1] or row[0] == 4)
        triaged = began + pace * self._days(*TRIAGED)
        replied = triaged + pace * self._days(*REPLIED)
        owner = one_of(tuple(place.clinicians), pick) if pick.random() < 0.88 else None
        case = Told(
            self.key(began), person, place, began, urgency, triaged, replied, replied + self._days(*CLOSED), owner
        )
        self._stand(case)
        self._questions(case)
        self._results(case)
        self._medicines(case)
        self._followups(case)
        self._case(case, self.first_number + place_in_line)

    def arrival(self, place_in_line: int) -> float:
        """Seconds since the epoch: later for who is later in line."""
        at = (place_in_line + self.pick.random()) / self.cases * YEAR
        day, part = divmod(at + SEASON * YEAR / math.tau * (1 - math.cos(math.tau * at / YEAR)), 1)
        return self.ends // DAY * DAY - (YEAR - day - 0.27 - 0.7 * part) * DAY

    def key(self, at: float) -> str:
        """A UUID of version 7 of that moment."""
        chance = self.pick.getrandbits(74)
        return (
            f"{int(at * 1000):012x}7{chance >> 62:03x}{0x8000 | chance >> 48 & 0x3FFF:04x}{chance & (1 << 48) - 1:012x}"
        )

    def _rank(self) -> int:
        chance = self.pick.random() * self.shares[-1]
        return next(rank for rank, share in enumerate(self.shares) if chance < share)

    def _days(self, median: float, sigma: float) -> float:
        return median * DAY * math.exp(self.pick.gauss(0.0, sigma))

    def _person(self, began: float) -> Person:
        pick = self.pick
        if self.known and pick.random() < 0.4:
            return self.known[int(pick.random() * len(self.known))]
        id, account, number = self.key(began - 60), self.key(began - 120), self.people
        self.people += 1
        born = int(self.ends - (18 + 72 * pick.betavariate(1.6, 2.0)) * 365.25 * DAY)
        name, at, sex = vocabulary.named(pick), moment(began - 60), "female" if pick.random() < 0.56 else "male"
        allergies = (None, "", "", "Nuts: lips swell")[int(pick.random() * 4)]
        self.add("portal_user", account, at, "!", f"p{number:08}@example.org", name, "", "t", "UTC")
        self.add(
            *("patients_patient", id, at, account, f"P{number:08}", name, on(born), sex, "", "UTC", allergies, "t")
        )
        person = Person(id, account, born, number)
        self.known.append(person)
        return person

    def _stand(self, case: Told) -> None:
        """How far it is by now, and what was said until then."""
        case.waits_since = case.began
        if case.triaged > self.ends:
            case.owner = None if self.pick.random() < 0.9 else case.owner
            return
        case.status = "waiting"
        if case.replied > self.ends:
            return
        case.status, author = "answered", case.owner or case.place.clinicians[0]
        case.reply = self._said(case, author, "clinic", case.replied)
        ended = min(case.closed, self.ends)
        while self.pick.random() < 0.35:
            self._said(case, case.person.account, "patient", case.replied + (ended - case.replied) * 0.4)
            self._said(case, author, "clinic", case.replied + (ended - case.replied) * 0.6)
        if case.closed <= self.ends:
            case.status, case.owner = "closed", author
        elif self.pick.random() < 0.3:
            case.status = "waiting"
            case.waits_since = case.replied + (self.ends - case.replied) * self.pick.uniform(0.65, 0.999)
            self._said(case, case.person.account, "patient", case.waits_since)

    def _said(self, case: Told, author: str, voice: str, at: float) -> str:
        is_ours, id = voice == "clinic", self.key(at)
        words = one_of(vocabulary.REPLIES if is_ours else vocabulary.LATER, self.pick)
        net = one_of(vocabulary.SAFETY_NETS, self.pick) if is_ours else ""
        self.add(
            *("patients_message", id, moment(at), case.person.id, case.id, author, voice, words, net, case.place.id)
        )
        return id

    def _questions(self, case: Told) -> None:
        first = int(self.pick.random() * len(vocabulary.QUESTIONS))
        for position in range(1, 3 if self.pick.random() < 0.5 else 2):
            text = vocabulary.QUESTIONS[(first + position) % len(vocabulary.QUESTIONS)]
            outcome = "answered" if case.reply else "open"
            self.add(
                *("patients_casequestion", self.key(case.began), moment(case.began), case.person.id, case.id),
                *(position, text, outcome, case.reply, case.place.id),
            )

    def _results(self, case: Told) -> None:
        pick = self.pick
        if case.reply is None or pick.random() > 0.24:
            return
        at = case.replied + (min(case.closed, self.ends) - case.replied) * pick.random()
        author = case.owner or case.place.clinicians[0]
        is_held = pick.random() < (0.6 if case.status != "closed" else 0.004)
        panel, values = one_of(doses.panels(), pick)
        id = self.key(at)
        released = (None, None) if is_held else (moment(at + 3600), author)
        self.add(
            *("patients_result", id, moment(at), case.person.id, case.id, "laboratory", panel, on(at), "Laboratory"),
            *("", "" if is_held else vocabulary.RELEASED, "", "preliminary" if is_held else "final", "t", author),
            *(*released, case.place.id),
        )
        for position, (loinc, name, unit, low, high) in enumerate(values, 1):
            value = math.exp(pick.gauss((math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / 3.4))
            self.add(
                *("patients_observation", self.key(at), moment(at), case.person.id, id, position, loinc, name),
                *(f"{value:.2f}", unit, low, high),
            )

    def _medicines(self, case: Told) -> None:
        pick = self.pick
        if pick.random() > 0.35:
            return
        is_stopped = pick.random() < 0.05
        dose = one_of(self.doses.stopped if is_stopped else self.doses.sound, pick)
        is_ended = case.status == "closed" and (is_stopped or pick.random() < 0.5)
        author = case.person.account if is_stopped or case.reply is None else case.owner or case.place.clinicians[0]
        at = case.began if author == case.person.account else case.replied
        origin = "reported" if author == case.person.account else "prescribed"
        ender = case.owner or case.place.clinicians[0]
        ended = (moment(case.closed), ender, "No longer taken") if is_ended else (None, None, "")
        self.add(
            *("patients_prescription", self.key(at), moment(at), case.person.id, case.id, origin),
            *("stopped" if is_ended else "active", *dose.columns, dose.findings, "t" if is_stopped else "f"),
            *("" if origin == "reported" else dose.override, author, *ended, case.place.id),
        )

    def _followups(self, case: Told) -> None:
        pick = self.pick
        if case.reply is None or pick.random() > 0.3:
            return
        days = int(pick.triangular(7, 60, 21))
        due, owner = case.replied + days * DAY, case.owner or case.place.clinicians[0]
        latest = due + max(1, days // 5) * DAY
        is_past = latest < self.ends
        # What is past has mostly been kept, what is to come is mostly still to come.
        is_over = (0.5, 0.985) if is_past else (0.0, 0.7)
        closed = pick.random() < is_over[case.status == "closed"]
        status = "closed" if closed else one_of(("planned",) * 7 + ("confirmed",) * 5 + ("change_asked",), pick)
        note = "Another day would suit me better." if status == "change_asked" else ""
        at = min(latest, self.ends)
        end = ("attended", "", moment(at), owner) if closed else ("", "", None, None)
        self.add(
            *("patients_followup", self.key(case.replied), moment(case.replied), case.person.id, case.id),
            *(("visit", "call", "test_repeat", "message")[days % 4], one_of(vocabulary.PURPOSES, pick)),
            *(on(due - max(1, days // 5) * DAY), on(due), on(latest), owner, status, note, *end),
            *("f", 0, 0, "", case.place.id),
        )

    def _case(self, case: Told, number: int) -> None:
        pick, closed = self.pick, case.status == "closed"
        self.add(
            *("patients_case", case.id, moment(case.began), number, case.person.id, case.place.id),
            *(vocabulary.titled(pick), vocabulary.told(pick), "some weeks", case.status, case.urgency),
            *(case.owner, moment(case.waits_since), moment(case.waits_since + case.place.answer_days * DAY)),
            *((moment(case.closed), case.owner) if closed else (None, None)),
        )

    def add(self, table: str, *values: Any) -> None:
        """A line of COPY. None of our words holds a tab, a line end or a backslash."""
        self.rows[table].append("\t".join(["\\N" if value is None else str(value) for value in values]))


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def on(at: float) -> str:
    return (date(1970, 1, 1) + timedelta(seconds=int(at))).isoformat()
