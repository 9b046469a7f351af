"""What befalls a run: kills, a full disk, a lost connection; and how the world is mended after."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

import psutil

from benchmarks.chaos_disk import Disk
from benchmarks.chaos_ground import (
    NOTHING_TO_DO,
    RUN_SECONDS,
    Ground,
    State,
    WentWrongError,
    difference,
)
from benchmarks.chaos_program import Program, command_of
from benchmarks.chaos_servers import until_answered
from kg.errors import GraphError

Fault = Literal["program", "worker", "graph server", "full disk", "connection"]
FAULTS: Final[tuple[Fault, ...]] = ("program", "worker", "graph server", "full disk", "connection")
_CUT_SECONDS: Final = 4.0
"""A connection stays away for up to so long."""
_LEFT: Final = 300_000
"""Bytes that a disk may have left when it fills up, at most: some writes then end half way."""
_WORKER_SECONDS: Final = 4.0
_POLL_SECONDS: Final = 0.005
_SICK_SECONDS: Final = 20.0
_ORPHAN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Moment:
    """When it befalls: so long after a stage has begun; "" stands for the program's start."""

    stage: str
    after: float

    @classmethod
    def draw(cls, fault: Fault, seconds: Mapping[str, float], luck: random.Random) -> Moment:
        """Draw a stage, then a moment of it.

        Args:
            seconds: that an undisturbed run takes for each stage.
        """
        stage = "extract" if fault == "worker" else luck.choice(list(seconds))
        return cls(stage, luck.uniform(0.0, seconds[stage]))


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        at: the stage that was at work.
        wrong: what is wrong, or "".
        by_itself: the disturbed run itself came to a good end.
        missed: nothing befell it, as it was done before.
    """

    at: str
    wrong: str = ""
    by_itself: bool = False
    missed: bool = False


def survive(
    ground: Ground, fault: Fault, moment: Moment, wanted: State, disk: Disk | None
) -> Outcome:
    """Disturb a run, mend the world, run again, and compare."""
    program = ground.start()
    at = _await(moment, program, ground)
    workers = program.workers
    hit = program.code is None and _befall(fault, program, ground, disk)
    told = program.end(RUN_SECONDS)
    if not hit:
        return Outcome(at, missed=True)
    _mend(fault, ground, disk)
    _, left = psutil.wait_procs(workers, timeout=_ORPHAN_SECONDS)
    if left:
        return Outcome(at, f"processes are left: {[command_of(each) for each in left]}")
    try:
        _again(ground, resume=random.Random(f"{moment}").random() < 0.5)
        last = ground.finish()
        wrong = "" if NOTHING_TO_DO in last else f"a third run found something to do:\n{last}"
        wrong = wrong or difference(ground.state(), wanted)
    except WentWrongError as error:
        wrong = f"{error}\nafter:\n{told}"
    return Outcome(at, wrong, by_itself=program.code == 0)


def _await(moment: Moment, program: Program, ground: Ground) -> str:
    """Wait for the moment, or the run's end; return the stage that is at work then."""
    while moment.stage and ground.stage != moment.stage and program.code is None:
        time.sleep(_POLL_SECONDS)
    program.wait(moment.after)
    return ground.stage or "no stage"


def _befall(fault: Fault, program: Program, ground: Ground, disk: Disk | None) -> bool:
    """Do it; return whether it was not too late."""
    luck = random.Random(time.monotonic_ns())
    match fault:
        case "program":
            program.kill()
        case "worker":
            return _kill_worker(program, luck)
        case "graph server":
            ground.server.kill()
        case "full disk" if disk:
            disk.fill(left=luck.randrange(_LEFT))
        case "connection":
            ground.server.proxy.cut(luck.uniform(0.0, _CUT_SECONDS))
    return True


def _kill_worker(program: Program, luck: random.Random) -> bool:
    """Kill one of the extraction's processes once there are any, while there are."""
    while program.code is None:
        workers = [each for each in program.workers if "spawn_main" in " ".join(command_of(each))]
        if workers:
            program.wait(luck.uniform(0.0, _WORKER_SECONDS))
            with suppress(psutil.NoSuchProcess):
                luck.choice(workers).kill()
                return True
            return False
        time.sleep(_POLL_SECONDS)
    return False


def _mend(fault: Fault, ground: Ground, disk: Disk | None) -> None:
    """What a person does who sees it: room on the disk, the server up, the network back."""
    if disk:
        disk.free()
    if fault == "connection":
        time.sleep(_CUT_SECONDS)
    if fault == "program":
        return
    ground.server.up()
    try:
        until_answered(ground.answers, _SICK_SECONDS)
    except GraphError:  # it wants to be started again, as Neo4j says after a full disk
        ground.server.kill()
        ground.server.up()
        until_answered(ground.answers)


def _again(ground: Ground, *, resume: bool) -> None:
    record = ground.record
    unfinished = record is not None and record.status != "done"
    ground.finish(*(["--resume"] if resume and unfinished else []))
