"""Kill a run anywhere, run it again: is the graph that of a run that nobody disturbed?

    python -m benchmarks.chaos --kills 100

A book club is run from its files to recommendations, by real processes (forked from one that has
loaded the libraries), and disturbed at a random moment of a random stage: the program, one of its
workers or the graph server is ended by SIGKILL, the disk fills up, or all connections to the server
break. Then the same command is given once more, half of the times with `--resume`. The run survived
if that ends well, if graph and figures then are what an undisturbed run leaves (run ids and times
of publishing aside; numbers to nine digits), if no process is left behind, and if a third run finds
nothing to do. Full disks need root (a tmpfs).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.chaos_disk import Disk
from benchmarks.chaos_faults import FAULTS, Fault, Moment, Outcome, survive
from benchmarks.chaos_ground import SAME_EACH_TIME, Ground, State
from benchmarks.chaos_servers import Embedded, Neo4j, Server, missing_neo4j, until_answered
from benchmarks.chaos_world import write_club

SERVERS: Final[Mapping[str, Callable[[Path], Server]]] = {"embedded": Embedded, "neo4j": Neo4j}


@dataclass
class Tally:
    """Tried and survived, by server, fault and stage."""

    tried: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    survived: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_itself: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def note(self, server: str, fault: str, outcome: Outcome) -> None:
        """Add one."""
        key = (server, fault, outcome.at)
        self.tried[key] += 1
        self.survived[key] += not outcome.wrong
        self.by_itself[key] += outcome.by_itself

    def table(self) -> Table:
        """One row for each server and fault, with the stages that were at work."""
        table = Table("server", "what befell it", "survived / tried", "by itself", "at")
        for server, fault in sorted({key[:2] for key in self.tried}):
            mine = [key for key in self.tried if key[:2] == (server, fault)]
            stages = ", ".join(f"{key[2]} {self.tried[key]}" for key in sorted(mine))
            told = [sum(of[key] for key in mine) for of in (self.survived, self.tried)]
            itself = str(sum(self.by_itself[key] for key in mine))
            table.add_row(server, fault, f"{told[0]} / {told[1]}", itself, stages)
        table.add_row("all", "", f"{self.survived.total()} / {self.tried.total()}", "", "")
        return table


@dataclass(frozen=True)
class Arena:
    """A server with a disk of its own, and what an undisturbed run leaves there."""

    server: Server
    folder: Path
    config: Path
    disk: Disk | None

    def ground(self, name: str, *, door: bool = False, workers: int = 1) -> Ground:
        """A folder for runs."""
        return Ground(
            self.server,
            self.config,
            self.folder / name,
            self.folder / "home",
            door=door,
            workers=workers,
        )

    def undisturbed(self) -> tuple[State, dict[str, float]]:
        """Run to the end twice, for a warm server; what is there, and each stage's seconds."""
        self.ground("warm").finish()
        self.ground("warm").clear()
        calm, began = self.ground("calm"), time.monotonic()
        calm.finish()
        whole = time.monotonic() - began
        record, state = calm.record, calm.state()
        calm.clear()
        seconds = {} if record is None else {n: s.seconds for n, s in record.stages.items()}
        return state, {"": whole - sum(seconds.values()), **seconds}

    def disturbed(
        self, fault: Fault, seconds: Mapping[str, float], wanted: State, luck: random.Random
    ) -> tuple[Moment, Outcome]:
        """Disturb one run, and leave the server as it was before."""
        ground = self.ground(
            "disturbed", door=fault == "connection", workers=2 if fault == "worker" else 1
        )
        moment = Moment.draw(fault, seconds, luck)
        outcome = survive(ground, fault, moment, wanted, self.disk)
        ground.clear()
        shutil.rmtree(ground.folder)
        return moment, outcome


@contextmanager
def arena(name: str, folder: Path) -> Iterator[Arena]:
    """A server that is up, with its disk; both are gone afterwards."""
    disk = Disk.mount(folder)
    try:
        server = SERVERS[name](folder)
        try:
            server.up()
            made = Arena(server, folder, write_club(folder), disk)
            until_answered(made.ground("calm").answers)
            yield made
        finally:
            server.stop()
    finally:
        if disk:
            disk.unmount()


def attack(
    name: str, folder: Path, faults: Sequence[Fault], luck: random.Random, tally: Tally
) -> Iterator[str]:
    """Try each of these faults in turn on a server; tell what was tried and what went wrong."""
    with arena(name, folder) as place:
        wanted, seconds = place.undisturbed()
        yield f"{name}: undisturbed, {sum(seconds.values()):.0f} s, {len(wanted):,} facts"
        for fault in faults:
            if fault == "full disk" and place.disk is None:
                continue
            began = time.monotonic()
            moment, outcome = place.disturbed(fault, seconds, wanted, luck)
            while outcome.missed:
                moment, outcome = place.disturbed(fault, seconds, wanted, luck)
            tally.note(name, fault, outcome)
            took = time.monotonic() - began
            told = outcome.wrong or ("by itself" if outcome.by_itself else "survived")
            when = f"{moment.after:.2f} s into {moment.stage or 'the start'}, at {outcome.at}"
            yield f"{name}: {fault}, {when}: {told} ({took:.0f} s)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Disturb as often as asked, on each server; print what survived, and what did not."""
    parser = argparse.ArgumentParser("python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="on each server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--servers", nargs="+", choices=list(SERVERS), default=list(SERVERS))
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS)
    options = parser.parse_args(arguments)
    os.environ.update(SAME_EACH_TIME)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and disks go
    console, tally = Console(highlight=False, soft_wrap=True, width=150), Tally()
    faults = [options.faults[n % len(options.faults)] for n in range(options.kills)]
    for name in options.servers:
        if name == "neo4j" and (why := missing_neo4j()):
            console.print(f"neo4j: left out, {why}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            luck = random.Random(f"{options.seed} {name}")
            for line in attack(name, Path(folder) / name, faults, luck, tally):
                console.print(line, markup=False)
    console.print(tally.table())


if __name__ == "__main__":
    main()
