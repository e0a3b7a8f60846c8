"""The seals of the audit trail: make them, check them, take the newest out of the house."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from portal import tips
from portal.access import SYSTEM
from portal.acting import ActingCommand, acting_as
from portal.actions import seals
from portal.seal_check import Broken, Held, check
from portal.tips import Tip, Unreadable


class Command(ActingCommand):
    help = "verify: compute all seals anew. seal: seal what is due. tip: print the newest seal, and keep it outside."
    in_steps = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        verify = deeds.add_parser("verify", help="compute all seals anew; names the first that does not hold")
        verify.add_argument(
            "--tip-file", action="append", default=[], type=Path, help="the copy kept outside; may be given again"
        )
        deeds.add_parser("seal", help="seal what no seal covers yet")
        deeds.add_parser("tip", help="print the newest seal, and append it to AUDIT_TIP_FILE")

    def work(self, **options: Any) -> None:
        {"verify": self.verify, "seal": self.seal, "tip": self.tip}[options["deed"]](**options)

    def seal(self, **_: Any) -> None:
        self.stdout.write(f"{seals.seal_due()} events sealed.")

    def tip(self, **_: Any) -> None:
        seals.export_tip()
        with acting_as(SYSTEM):
            newest = seals.newest()
        self.stdout.write(str(newest) if newest else "Nothing is sealed yet.")

    def verify(self, *, tip_file: list[Path], **_: Any) -> None:
        try:
            with acting_as(SYSTEM):
                held = check(self.copies(tip_file))
        except (Broken, Unreadable) as wrong:
            raise CommandError(str(wrong)) from wrong
        except OSError as wrong:
            raise CommandError(f"The copy kept outside can't be read: {wrong.strerror}.") from wrong
        self.stdout.write(said(held))
        if not tip_file:
            self.stdout.write(
                "Without the copy kept outside (--tip-file), nobody can see that the newest seals were cut off,"
                " or all of them written anew."
            )

    @staticmethod
    def copies(files: list[Path]) -> Iterator[Tip]:
        for file in files:
            yield from tips.kept(file)


def said(held: Held) -> str:
    lines = [f"{held.seals} seals hold, over {held.events} events; {held.tips} agree with the copy kept outside."]
    if held.oldest_unsealed:
        waited = int((timezone.now() - held.oldest_unsealed).total_seconds())
        lines.append(f"{held.unsealed} events are not sealed yet; the oldest has waited {waited} s.")
    else:
        lines.append("Every event is sealed.")
    return "\n".join(lines)
