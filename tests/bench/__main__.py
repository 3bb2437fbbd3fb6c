"""`python -m tests.bench`: what it measures is printed as a ratio to a baseline of the same run."""

import argparse
import os
import platform
import sqlite3
from pathlib import Path

from tests.bench import discord, ledger, polling, reports, slack, start, waiting

_ALL = ("ledger", "reports", "waiting", "start", "polling", "slack", "discord")


def main() -> None:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(_ALL)}; all of them without a name")
    parser.add_argument("--folder", type=Path, help="where databases and videos go: a disk, not a memory disk (/tmp)")
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds of ledger, reports, start and discord, histories of polling"
    )
    parser.add_argument("--pairs", type=int, default=1_000, help="ledger: pairs of a plain round")
    parser.add_argument("--entries", type=int, default=1_000_000, help="reports: how large the ledger is")
    parser.add_argument("--jobs", type=int, default=10_000, help="waiting: how many")
    parser.add_argument("--people", type=int, default=500, help="discord: how many ask at once")
    parser.add_argument("--slow", type=float, default=4.0, help="waiting: how much slower the service's clock goes")
    args = parser.parse_args()
    names = args.names or _ALL
    if unknown := set(names) - set(_ALL):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, load {load}")
    for name in names:
        print(flush=True)
        match name:
            case "ledger":
                ledger.run(args.folder, rounds=args.rounds, pairs=args.pairs)
            case "reports":
                reports.run(args.folder, rounds=args.rounds, entries=args.entries)
            case "waiting":
                waiting.run(args.folder, jobs=args.jobs, slow=args.slow)
            case "start":
                start.run(args.folder, rounds=args.rounds)
            case "polling":
                polling.run(rounds=args.rounds)
            case "discord":
                discord.run(args.folder, people=args.people, rounds=args.rounds)
            case "slack":
                slack.run(args.folder, rounds=min(args.rounds, 5), commands=300)


if __name__ == "__main__":
    main()
