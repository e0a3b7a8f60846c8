"""One scene: reminders fall due, harm is done at random moments, and then it is counted what arrived."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.ground import Ground, Hand

# However loaded the machine is: so long is waited until nothing is in doubt any more.
PATIENCE = 240
LEAD = 8.0
HEAD = ["", "due", "received", "lost", "doubled", "unflagged", "flagged", "dead", "cancelled", "s", ""]
OPEN = "('pending', 'leased', 'sending', 'uncertain')"


@dataclass
class Found:
    """What one scene came to."""

    name: str
    due: int = 0
    received: int = 0
    lost: int = 0
    doubled: int = 0
    # Received twice, and the row does not say so.
    unflagged: int = 0
    flagged: int = 0
    dead: int = 0
    cancelled: int = 0
    seconds: float = 0
    bars: list[tuple[str, bool]] = field(default_factory=list)

    def bar(self, said: str, holds: bool) -> None:
        self.bars.append((said, holds))

    @property
    def holds(self) -> bool:
        return all(holds for _said, holds in self.bars)


Event = tuple[float, Callable[[], object]]


@dataclass
class Scene:
    ground: Ground
    hand: Hand
    name: str
    seed: int = 1
    number: int = 2000
    seconds: float = 40
    events: list[Event] = field(default_factory=list)
    harm: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.tag = f"chaos:{self.name}:{self.seed}:{time.time():.0f}"

    def at_random(self, times: int, what: Callable[[], object], *, until: float = 1.0) -> None:
        """So often, at moments spread at random over the time in which the reminders fall due."""
        self.events += [(self.chance.uniform(0.02, until) * self.seconds, what) for _ in range(times)]

    def fill(self, lead: float) -> float:
        people, begins = self.ground.people(self.number), time.time() + lead
        due = sorted(begins + self.chance.random() * self.seconds for _ in people)
        self.hand.do("fill", tag=self.tag, people=people, due=due, harm=self.harm)
        return begins

    def play(self, *, lead: float = LEAD, patience: float = PATIENCE) -> Found:
        began = time.monotonic()
        begins = self.fill(lead)
        for moment, what in sorted(self.events, key=lambda event: event[0]):
            self.ground.until(lambda moment=moment: time.time() >= begins + moment, 600)  # type: ignore[misc]
            what()
        self.ground.until(lambda: time.time() >= begins + self.seconds, 600)
        self.ground.until(self.is_settled, patience)
        found = self.count()
        found.seconds = time.monotonic() - began
        return found

    def is_settled(self) -> bool:
        """Nothing is open, nobody is stopped. What backed off needs not be waited for: it is made due."""
        open_rows = f"FROM portal_delivery WHERE dedupe_key LIKE %s AND state IN {OPEN}"
        [(left,)] = self.ground.ask(f"SELECT count(*) {open_rows}", f"{self.tag}:%")
        if left:
            self.ground.ask(
                "UPDATE portal_delivery SET due_at = now() WHERE dedupe_key LIKE %s AND state = 'pending'"
                " AND due_at > now()", f"{self.tag}:%",
            )  # fmt: skip
            self.ground.until(lambda: False, 0.5)
        return not left and not self.ground.stopped

    def count(self) -> Found:
        rows = self.ground.ask(
            "SELECT btrim(message_id, '<>'), state, possible_duplicate FROM portal_delivery WHERE dedupe_key LIKE %s",
            f"{self.tag}:%",
        )
        seen = self.ground.seen()
        found = Found(f"{self.name}, seed {self.seed}", due=self.number)
        for message_id, state, is_flagged in rows:
            times = len(seen.get(message_id, ()))
            found.received += times > 0
            found.lost += not times and state != "cancelled"
            found.doubled += times > 1
            found.unflagged += times > 1 and not is_flagged
            found.flagged += is_flagged
            found.dead += state == "dead"
            found.cancelled += state == "cancelled"
        found.bar("every row is there", len(rows) == self.number)
        return found


def under_fire(
    ground: Ground, hand: Hand, name: str, *, seed: int, number: int = 2000, seconds: float = 40, kills: int = 10
) -> Scene:
    """kill -9 of senders and FLUSHALL of the broker, at random moments."""
    scene = Scene(ground, hand, name, seed, number, seconds)
    ground.tell_sink("faults", seed=seed, pace=0.02)
    scene.at_random(kills, lambda: ground.kill_one(scene.chance))
    scene.at_random(2, ground.flush)
    return scene


def is_exact(found: Found) -> Found:
    found.bar("lost 0", found.lost == 0)
    found.bar("doubled 0", found.doubled == 0)
    return found


def is_flagged(found: Found, *, most: int) -> Found:
    found.bar("lost 0", found.lost == 0)
    found.bar("every double flagged", found.unflagged == 0)
    found.bar(f"at most {most} doubled", found.doubled <= most)
    return found


def table(found: Sequence[Found]) -> str:
    rows = [HEAD, *([one.name, *map(str, figures(one)), verdict(one)] for one in found)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.rjust(width) if 0 < column < len(HEAD) - 1 else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(row, wide, strict=True))).rstrip()
        for row in rows
    )  # fmt: skip


def figures(one: Found) -> tuple[int, ...]:
    told = (one.due, one.received, one.lost, one.doubled, one.unflagged, one.flagged)
    return (*told, one.dead, one.cancelled, round(one.seconds))


def verdict(found: Found) -> str:
    wrong = [said for said, holds in found.bars if not holds]
    return f"FAILS: {'; '.join(wrong)}" if wrong else "holds"
