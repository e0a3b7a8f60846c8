"""`make chaos`: the pipeline under fire, minutes long; its result is a table, and a missed bar its exit code.

SEEDS=1,2,3 and SCENES=fire,restarts,broker,brokerless,stops,poison,cancels choose.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portal import embedded
from portal.embedded import postgres
from portal.embedded.scratch import scratch
from tests.chaos.ground import ROOT, Ground, Hand, manned, own_ground
from tests.chaos.scenes import Found, Scene, is_exact, is_flagged, table, under_fire

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "1,2,3").split(",")]
SENDERS, KILLS = 4, 10
Scenes = Iterator[Found]


@contextmanager
def staffed(ground: Ground, *, look_up: bool = True) -> Iterator[None]:
    """Four senders and two beats, as production starts them."""
    kept = ground.environment["MAIL_LOOKUP"]
    ground.environment["MAIL_LOOKUP"] = kept if look_up else ""
    ground.staff(senders=SENDERS)
    try:
        yield
    finally:
        ground.dismiss()
        ground.environment["MAIL_LOOKUP"] = kept


def fire(ground: Ground, hand: Hand) -> Scenes:
    with staffed(ground):
        for seed in SEEDS:
            yield is_exact(under_fire(ground, hand, "10 kills, 2 flushes; look-up", seed=seed).play())
    with staffed(ground, look_up=False):
        for seed in SEEDS:
            scene = under_fire(ground, hand, "10 kills, 2 flushes; no look-up", seed=seed)
            yield is_flagged(scene.play(), most=KILLS * SENDERS)


def restarts(ground: Ground, hand: Hand) -> Scenes:
    """All of it at once."""
    with staffed(ground):
        for seed in SEEDS:
            scene = under_fire(ground, hand, "and 3 restarts, sink dead 5 s, 4xx, cut", seed=seed)
            ground.tell_sink("faults", seed=seed, pace=0.02, refuse=0.05, cut=0.02)
            scene.at_random(3, lambda: restart_database(ground))
            scene.at_random(1, lambda: ground.tell_sink("die", seconds=5), until=0.8)
            yield is_exact(scene.play())


def restart_database(ground: Ground) -> None:
    """As after a power cut: no process of it has time to write anything down."""
    place = embedded.places(ground.home)[0]
    place.run(postgres.tool(place, "pg_ctl"), "stop", "-w", "-s", "-m", "immediate", "-D", postgres.data(place))
    postgres.launch(place)


def broker(ground: Ground, hand: Hand) -> Scenes:
    with staffed(ground):
        ground.tell_sink("faults", pace=0.02)
        scene = Scene(ground, hand, "broker killed twice for 4 s")
        for moment in (8.0, 24.0):
            scene.events += [(moment, ground.kill_broker), (moment + 4, ground.start_broker)]
        yield is_exact(scene.play())


def brokerless(ground: Ground, hand: Hand) -> Scenes:
    """Nothing but four drains, of which some are killed too."""
    ground.kill_broker()
    try:
        for number in range(SENDERS):
            ground.add_drain(f"drain{number}")
        scene = Scene(ground, hand, "broker absent for good, drains, 4 kills")
        scene.at_random(4, lambda: ground.kill_one(scene.chance))
        yield is_exact(scene.play())
    finally:
        ground.dismiss()
        ground.start_broker()


def stops(ground: Ground, hand: Hand) -> Scenes:
    """Half at random moments, half where it is worst: just before and just after the row is armed."""
    with staffed(ground):
        ground.tell_sink("faults", pace=0.02)
        scene = Scene(ground, hand, "SIGSTOP past the lease × 16", number=1200, seconds=60)
        moments = ["offered", "armed"] * 4
        scene.harm = {str(40 + 145 * number): moment for number, moment in enumerate(moments)}
        before = ground.stops

        def stop() -> None:
            if ground.stops < before + 16:
                ground.stop_one(scene.chance)

        # More than are needed: of the rows meant to stop their sender, some are first met by one that was stopped.
        scene.events = [(4 + 4 * number, stop) for number in range(14)]
        found = scene.play()
        found.bar(f"at least 16 stops ({ground.stops - before})", ground.stops - before >= 16)
        found.bar("lost 0", found.lost == 0)
        found.bar("unflagged doubles 0", found.unflagged == 0)
        yield found


def poison(ground: Ground, hand: Hand) -> Scenes:
    with staffed(ground):
        ground.tell_sink("faults")
        scene = Scene(ground, hand, "3 poison rows in 400", number=400, seconds=10)
        scene.harm = {"50": "poison", "200": "poison", "350": "poison"}
        found = scene.play()
        found.bar("397 sent", found.received == 397)
        found.bar("3 dead", found.dead == 3)
        found.bar("doubled 0", found.doubled == 0)
        yield found


def cancels(ground: Ground, hand: Hand) -> Scenes:
    """Half of 1,000 reminders are cancelled close to the moment when each is due."""
    with staffed(ground):
        ground.tell_sink("faults", pace=0.02)
        scene = Scene(ground, hand, "500 cancels at random moments", number=1000, seconds=20)
        answers: list[dict[str, object]] = []

        def cancel(number: int) -> None:
            answers.append(hand.do("cancel", key=f"{scene.tag}:{number}"))

        for number in scene.chance.sample(range(1000), 500):
            moment = max(0.0, number / 50 + scene.chance.uniform(-1, 1))
            scene.events.append((moment, lambda number=number: cancel(number)))  # type: ignore[misc]
        found = scene.play()
        confirmed = [answer["id"] for answer in answers if answer["confirmed"]]
        sent = sum(key in ground.seen() for key in confirmed)
        found.bar(f"sent after a confirmed cancel 0 ({len(confirmed)} confirmed)", sent == 0)
        found.bar("some came in time, some too late", 0 < len(confirmed) < 500)
        yield is_exact(found)


SCENES: dict[str, Callable[[Ground, Hand], Scenes]] = {
    scene.__name__: scene for scene in (fire, restarts, broker, brokerless, stops, poison, cancels)
}


def main() -> int:
    found: list[Found] = []
    began = time.monotonic()
    with scratch(ROOT / ".local") as home:
        ground = own_ground(home)
        with manned(ground) as hand:
            for name in os.environ.get("SCENES", ",".join(SCENES)).split(","):
                for one in SCENES[name](ground, hand):
                    found.append(one)
                    sys.stdout.write(table([one]).splitlines()[1] + "\n")
                    sys.stdout.flush()
    sys.stdout.write(f"\n{table(found)}\n{time.monotonic() - began:.0f} s in all; load {os.getloadavg()[0]:.1f}\n")
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
