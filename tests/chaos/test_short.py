"""The fire in short: one seed, all kinds of harm but the database's. `make chaos` is the whole of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection

from portal import embedded
from portal.embedded import postgres
from portal.embedded.scratch import scratch
from tests.chaos.ground import ROOT, Ground, manned
from tests.chaos.scenes import Scene

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ground() -> Iterator[Ground]:
    """The tests' database, worked in as the sender, and a broker of its own, which can be killed."""
    known = connection.settings_dict
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**known)
    with scratch(ROOT / ".local") as home:
        servers = embedded.start(home, durable=False, database=False)
        ours = {"DATABASE_URL": address, "APPLICATION_ROLE": postgres.SENDER, "REDIS_URL": str(servers.redis_url)}
        yield Ground(home, os.environ | ours, address, embedded.places(home)[1], lease=2)


def test_nothing_is_lost_and_nothing_doubled_whatever_dies(ground: Ground) -> None:
    with manned(ground) as hand:
        ground.staff(senders=2, beats=1)
        ground.add_drain("drain")
        ground.tell_sink("faults", pace=0.02, refuse=0.03, cut=0.03)
        scene = Scene(ground, hand, "short", seed=7, number=200, seconds=9)
        scene.at_random(3, lambda: ground.kill_one(scene.chance))
        scene.at_random(1, ground.flush)
        scene.events += [(2.0, ground.kill_broker), (4.0, ground.start_broker)]
        scene.events += [
            (1.0, lambda: ground.stop_one(scene.chance)),
            (5.0, lambda: ground.tell_sink("die", seconds=1)),
        ]
        found = scene.play(lead=1, patience=60)
    assert (found.received, found.lost, found.doubled, found.dead) == (200, 0, 0, 0)
    assert found.holds
    assert ground.stops
