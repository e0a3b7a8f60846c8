"""manage.py import_library FILE.jsonl: questions, answers, topics and articles from a file (docs/library.md)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from faq.actions import imports
from faq.actions.imports import Loaded
from faq.exchange.library import BadLine, Entry, read_line
from portal.access import SYSTEM
from portal.acting import ActingCommand, acting_as
from portal.models import Clinic, Department

BATCH = 500
LONGEST_LINE = 2_000_000
# So many bad lines are shown one by one; the rest are counted.
SHOWN = 50


class Command(ActingCommand):
    help = "Load questions, answers, topics and articles from a file with one JSON object a line."
    in_steps = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file; docs/library.md describes its fields")
        parser.add_argument(
            "--department", default="", help="the address (slug) of the department of lines that name none"
        )
        parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")

    def work(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        known = self.departments()
        self.default = self.one_of(known, options["department"])
        self.known, self.bad, self.seen = known, 0, set[str]()
        begun, loaded = monotonic(), Loaded()
        for batch in self.batches(path, is_quiet=options["quiet"] or not sys.stderr.isatty()):
            with acting_as(SYSTEM):
                loaded += imports.load(Clinic.the(), by=SYSTEM, entries=batch, department=self.default)
        if not options["quiet"]:
            self.stdout.write(self.summary(loaded, monotonic() - begun))
        if self.bad:
            sys.exit(1)

    def departments(self) -> set[str]:
        with acting_as(SYSTEM):
            return {row.slug for row in Department.objects.visible_to(SYSTEM)}

    def one_of(self, known: set[str], wanted: str) -> str:
        if wanted in known:
            return wanted
        if wanted:
            raise CommandError(
                f"There is no department “{wanted}”. There are: {', '.join(sorted(known)) or 'none yet'}."
            )
        if len(known) == 1:
            return known.copy().pop()
        raise CommandError(
            "Say which department the questions go to, with --department and one of: " + ", ".join(sorted(known))
            if known
            else "There is no department yet. Set the clinic up first, then import."
        )

    def batches(self, path: Path, *, is_quiet: bool) -> Iterator[list[Entry]]:
        batch: list[Entry] = []
        with (
            path.open("rb") as lines,
            tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=is_quiet, desc=path.name) as bar,
        ):
            for number, raw in enumerate(lines, start=1):
                bar.update(len(raw))
                entry = self.entry(number, raw)
                if entry is not None:
                    batch.append(entry)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def entry(self, number: int, raw: bytes) -> Entry | None:
        if not raw.strip():
            return None
        try:
            return self.checked(raw)
        except BadLine as wrong:
            self.bad += 1
            if self.bad <= SHOWN:
                tqdm.write(f"line {number}: {wrong}", file=sys.stderr)
            return None

    def checked(self, raw: bytes) -> Entry:
        if len(raw) > LONGEST_LINE:
            raise BadLine(f"longer than {LONGEST_LINE:,} bytes")
        try:
            entry = read_line(raw.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise BadLine("this is not UTF-8") from None
        if entry.department and entry.department not in self.known:
            raise BadLine(f"there is no department “{entry.department}”")
        if entry.key in self.seen:
            raise BadLine("the same external_id and question as a line before")
        self.seen.add(entry.key)
        return entry

    def summary(self, loaded: Loaded, seconds: float) -> str:
        return (
            f"{loaded.added} new, {loaded.changed} changed, {loaded.same} as before, "
            f"{loaded.kept} left as edited here, {self.bad} bad lines; {seconds:.0f} s."
        )
