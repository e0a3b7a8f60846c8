"""python -m portal.embedded start | stop | env | remove | with -- COMMAND ..."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from portal import embedded
from portal.embedded.scratch import clear, run_with_servers
from portal.preconditions import only_copy

LOCAL = Path(__file__).resolve().parents[2] / ".local"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=embedded.__doc__)
    chosen = parser.add_subparsers(dest="what", required=True)
    chosen.add_parser("start", help="start the private servers of make run (or find them running)")
    chosen.add_parser("stop", help="stop them")
    chosen.add_parser("remove", help="stop them and delete .local, all that was entered included")
    chosen.add_parser("env", help="print their addresses, as lines for a shell; starts them if they are not running")
    chosen.add_parser("with", help="run a command with fresh servers of its own").add_argument(
        "command", nargs=argparse.REMAINDER
    )
    asked = parser.parse_args()
    try:
        return answer(asked)
    except embedded.CannotStart as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1


def answer(asked: argparse.Namespace) -> int:
    if asked.what == "with":
        command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
        return run_with_servers(command, LOCAL)
    if asked.what == "stop":
        embedded.stop(LOCAL)
        return 0
    if asked.what == "remove":
        with only_copy(LOCAL, "to delete what it keeps"):
            clear(LOCAL)
        return 0
    servers = embedded.start(LOCAL)
    if asked.what == "env":
        sys.stdout.write(
            f"export DATABASE_URL='{servers.database_url}'\nexport OWNER_DATABASE_URL='{servers.owner_url}'\n"
            f"export REDIS_URL='{servers.redis_url}'\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
