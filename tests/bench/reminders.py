"""What sending reminders costs: `make bench-reminders`. It fails beyond its bars.

Real senders on durable servers of their own, and a mail server in Python. Judged is what the promise costs: beside the
senders, in the same run and over as many lines, a bare loop reads the same rows, writes the same mails and sends them,
and keeps nothing. Told too is a loop that only sends one mail, written before.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from statistics import median, quantiles

from portal.embedded.machine import free_port, is_free
from portal.embedded.scratch import scratch
from tests.chaos.ground import ROOT, Ground, end, manned, own_ground

SENDERS = 4
# Of each sender, and of each process of a bare loop.
LINES = 4
MAILS = int(os.environ.get("MAILS", "4000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
LATE = int(os.environ.get("DUE_IN_A_MINUTE", "10000"))
FUTURE = int(os.environ.get("FUTURE", "1000000"))
SHARE, GROWTH = 0.8, 1.2
WORDS = '{"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw"}'
# Accounts, and one reminder for each: due so many seconds from now, spread over so many.
QUEUED = f"""
WITH people AS (
    INSERT INTO portal_user (id, created_at, password, email, name, title, is_active, time_zone)
    SELECT gen_random_uuid(), now(), '!', gen_random_uuid() || '@example.org', 'Patient', '', true, 'UTC'
      FROM generate_series(1, %(number)s) RETURNING id)
INSERT INTO portal_delivery (id, created_at, recipient_id, address, channel, purpose, words, dedupe_key, due_at, state,
    message_id, provider_id, tries, deaths, possible_duplicate, trouble)
SELECT gen_random_uuid(), now(), id, '', 'email', 'followup_reminder', '{WORDS}', %(tag)s || id,
       now() + make_interval(secs => %(from)s + random() * %(over)s), 'pending', '<' || id || '@localhost>', '', 0, 0,
       false, ''
  FROM people
"""

failed: list[str] = []


def say(what: str, figures: Sequence[float], unit: str, *, bar: str = "", holds: bool = True) -> None:
    shown = f"{min(figures):10.2f} {median(figures):10.2f} {max(figures):10.2f} {unit}"
    verdict = f"  ({bar}) {'holds' if holds else 'FAILS'}" if bar else ""
    sys.stdout.write(f"{what:62} {shown}{verdict}\n")
    sys.stdout.flush()
    if not holds:
        failed.append(what)


def queue(ground: Ground, tag: str, number: int, *, after: float, over: float) -> None:
    with ground.behind_the_wall() as connection:
        connection.execute(QUEUED, {"number": number, "tag": tag, "from": after, "over": over})
        connection.execute("VACUUM ANALYZE portal_delivery")
        connection.execute("ANALYZE portal_user")


def left(ground: Ground, tag: str) -> int:
    asked = "SELECT count(*) FROM portal_delivery WHERE dedupe_key LIKE %s AND state <> 'sent'"
    return int(ground.ask(asked, f"{tag}%")[0][0])


# throughput


def race(ground: Ground, *orders: Sequence[object]) -> float:
    """Mails a second of runners that start at one word: each says "ready", hears it, and says how many."""
    command = (sys.executable, "-W", "ignore", "-m", "tests.bench.runner")
    runners = [ground.spawn((*command, *map(str, words)), "runner", is_asked=True) for words in orders]
    try:
        for runner in runners:
            assert runner.stdout is not None
            assert runner.stdout.readline() == b"ready\n"
        began = time.perf_counter()
        for runner in runners:
            assert runner.stdin is not None
            runner.stdin.write(b"\n")
            runner.stdin.flush()
        sent = [int(runner.stdout.readline()) for runner in runners if runner.stdout]
        return sum(sent) / (time.perf_counter() - began)
    finally:
        for runner in runners:
            end(runner)


def measure_throughput(ground: Ground) -> None:
    """Judged beside a mail server in Python; and told, beside one that does next to nothing for a mail."""
    with served(ground) as other:
        compare(other, "aiosmtpd", is_judged=True)
    compare(ground, "a sink that only counts", is_judged=False)


@contextmanager
def served(ground: Ground) -> Iterator[Ground]:
    """The same, with another mail server."""
    port = free_port()
    sink = ground.spawn((sys.executable, "-m", "tests.bench.sink", str(port)), "aiosmtpd")
    try:
        if not ground.until(lambda: not is_free(port), 30):
            raise SystemExit("aiosmtpd does not start")
        yield replace(ground, environment={**ground.environment, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}, smtp=port)
    finally:
        end(sink)


def compare(ground: Ground, sink: str, *, is_judged: bool) -> None:
    copies: list[float] = []
    bare: list[float] = []
    ours: list[float] = []
    for number in range(ROUNDS):
        copies.append(race(ground, *[("copies", MAILS // SENDERS, LINES)] * SENDERS))
        tag = f"{sink}{number}:"
        queue(ground, tag, MAILS, after=-60, over=0)
        bare.append(race(ground, *[("bare", part, SENDERS, LINES) for part in range(SENDERS)]))
        ours.append(race(ground, *[("deliver",)] * SENDERS))
        if missing := left(ground, tag):
            raise SystemExit(f"{missing} were not sent")
    rounds = f"{MAILS:,} mails, {ROUNDS} rounds"
    say(f"{sink}: one mail again and again over {SENDERS} × {LINES} lines, {rounds}", copies, "mails/s")
    say(f"{sink}: a bare loop over {SENDERS} × {LINES} lines, the same", bare, "mails/s")
    say(f"{sink}: {SENDERS} senders of {LINES} lines, the same", ours, "mails/s")
    shares = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
    # Within a round: from one to the next the machine itself may be faster or slower.
    share, of_copies = median(shares), median(mine / theirs for mine, theirs in zip(ours, copies, strict=True))
    say(
        f"share, round by round; of one mail again and again {of_copies:.0%}",
        shares,
        "×",
        bar=f"at least {SHARE:.0%}" if is_judged else "",
        holds=not is_judged or share >= SHARE,
    )


# lateness


def measure_lateness(ground: Ground) -> None:
    """Celery workers and beats, as in production, sweeping each second."""
    ground.staff(senders=SENDERS)
    queue(ground, "late:", LATE, after=15, over=60)
    try:
        if not ground.until(lambda: left(ground, "late:") == 0, 600):
            raise SystemExit("they are not sent after ten minutes")
    finally:
        ground.dismiss()
    rows = ground.ask(
        "SELECT extract(epoch FROM sent_at - due_at) FROM portal_delivery WHERE dedupe_key LIKE 'late:%%'"
    )
    late = [float(seconds) for (seconds,) in rows]
    at_95 = quantiles(late, n=20)[-1]
    say(f"{LATE:,} due within a minute, how late; 95th percentile {at_95:.2f}", late, "s")


# the claim


def measure_claims(ground: Ground) -> None:
    """Of twenty due rows, rolled back, in turns before a table of few rows and one with a million that wait."""
    few: list[float] = []
    many: list[float] = []
    queue(ground, "claim:", 400, after=-60, over=0)
    with ground.copied("claims") as other:
        queue(other, "future:", FUTURE, after=86_400, over=365 * 86_400)
        askers = [Asker(ground), Asker(other)]
        try:
            for _block in range(20):
                for asker, times in zip(askers, (few, many), strict=True):
                    times += asker.ask(25)
        finally:
            for asker in askers:
                end(asker.process)
    say("claiming 20 due rows, few others in the table", few, "ms")
    say(f"the same, {FUTURE:,} wait for a later day", many, "ms")
    ratio = median(many) / median(few)
    say(f"claim time, {ratio:.3f} × by the medians", [ratio], "×", bar=f"less than {GROWTH} ×", holds=ratio < GROWTH)


class Asker:
    """A process with a connection of its own that claims so often when it is told to."""

    def __init__(self, ground: Ground) -> None:
        command = (sys.executable, "-W", "ignore", "-m", "tests.bench.runner", "claim")
        self.process = ground.spawn(command, "runner", is_asked=True)
        self.ask(50)

    def ask(self, times: int) -> list[float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{times}\n".encode())
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


MEASURES: dict[str, Callable[[Ground], None]] = {
    "throughput": measure_throughput,
    "claims": measure_claims,
    "lateness": measure_lateness,
}


def main() -> int:
    sys.stdout.write(f"minimum, median, maximum; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors\n")
    with scratch(ROOT / ".local") as home:
        ground = own_ground(home)
        ground.environment["LEASE_SECONDS"] = "60"
        ground.environment["MAIL_LINES"] = str(LINES)
        with manned(ground):
            for name in os.environ.get("MEASURES", ",".join(MEASURES)).split(","):
                MEASURES[name](ground)
    if failed:
        sys.stdout.write(f"FAILS: {'; '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
