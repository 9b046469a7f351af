"""A run's stages on the embedded graph at growing sizes: `python -m benchmarks.scale --help`.

Each stage is a process of its own, and beside it is what the bare driver, or bare torch, takes for
the same amount (`scale_floors`). Figures stay in the folder: called again, only what is missing is
measured. The worlds and graphs, which are large, are removed when a size is complete.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from benchmarks.job import Job, Server, Step
from benchmarks.memory import Watcher
from kg import embedded

SEED: Final = 20250101
STEPS: Final[tuple[tuple[Step, str], ...]] = (
    ("ours", "stage"),
    ("ours", "load"),
    ("ours", "snapshot"),
    ("floor", "snapshot"),
    ("ours", "train"),
    ("floor", "train"),
    ("ours", "score"),
    ("floor", "score"),
    ("ours", "publish"),
    ("ours", "derive"),
    ("floor", "load"),
    ("floor", "publish"),
    ("ours", "attention"),
)
_NEEDS_GRAPH: Final = {"load", "derive", "snapshot", "publish"}
_WRITES: Final = {"load", "publish"}
_OURS: Final = "graph"
_FLOOR: Final = "floor"


@dataclass(frozen=True)
class Measured:
    """One phase of a stage at one size.

    Attributes:
        seconds, floor_seconds: ours and the floor; None where there is no floor.
        own_cpu, server_cpu: processor seconds of the stage's process and of the graph's server.
        own_gb: most memory of the stage's process.
        total_gb: most of it and the graph's server together.
        things: what was handled, for the record.
    """

    interactions: int
    phase: str
    seconds: float
    floor_seconds: float | None
    own_cpu: float
    server_cpu: float
    floor_cpu: float | None
    own_gb: float
    total_gb: float
    things: int


def measure(size: int, folder: Path, wanted: Sequence[tuple[Step, str]] = STEPS) -> list[Measured]:
    """Measure what is wanted and `folder` has no figures of; return all of this size."""
    place = folder / str(size)
    place.mkdir(parents=True, exist_ok=True)
    kept = place / "figures.json"
    done: dict[str, list[dict[str, Any]]] = json.loads(kept.read_text()) if kept.exists() else {}
    try:
        for step, stage in wanted:
            key = f"{step} {stage}"
            if key in done:
                continue
            print(f"{size:,}: {key}", file=sys.stderr, flush=True)
            done[key] = list(_run(step, stage, size, place))
            kept.write_text(json.dumps(done, indent=1), encoding="utf-8")
            if key == "floor publish":
                _remove(place / _FLOOR)
    finally:
        for home in (_OURS, _FLOOR):
            embedded.stop(place / home)
    if len(done) == len(STEPS):
        for path in place.iterdir():
            if path.is_dir():
                rmtree(path)
    return list(_figures(size, done))


def _run(step: Step, stage: str, size: int, place: Path) -> Iterator[dict[str, Any]]:
    """Do a stage in a process of its own; its phases, with their memory."""
    home = place / (_FLOOR if step == "floor" and stage in _WRITES else _OURS)
    server = _server(home) if stage in _NEEDS_GRAPH else None
    job = Job(stage, step, size, SEED, str(place), "", server)
    command = [sys.executable, "-m", "benchmarks.scale_stages", json.dumps(asdict(job))]
    environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}  # as `kgrec` does
    running = embedded.status(home)
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process,
        Watcher(process.pid, running.pid if running else None) as watcher,
    ):
        told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{size:,} interactions, {step} {stage}: it failed, see above.")
    for phase in json.loads(told.splitlines()[-1]):
        yield {**phase, **asdict(watcher.between(phase["began"], phase["ended"]))}


def _server(home: Path) -> Server:
    connection = embedded.start(home, database="scale")
    password = connection.password.get_secret_value()
    return Server("embedded", connection.uri, connection.username, password, "scale")


def _remove(home: Path) -> None:
    embedded.stop(home)
    rmtree(home)


def _figures(size: int, done: dict[str, list[dict[str, Any]]]) -> Iterator[Measured]:
    """What was measured of ours, with the floor of the same name beside it."""
    floors = {
        phase["name"]: phase
        for key, phases in done.items()
        for phase in phases
        if key.startswith("floor")
    }
    for step, stage in STEPS[1:]:
        for phase in done.get(f"{step} {stage}", []) if step == "ours" else []:
            floor = floors.get(phase["name"])
            yield Measured(
                interactions=size,
                phase=phase["name"],
                seconds=round(phase["seconds"], 2),
                floor_seconds=round(floor["seconds"], 2) if floor else None,
                own_cpu=round(phase["own_cpu"], 2),
                server_cpu=round(phase["server_cpu"], 2),
                floor_cpu=round(floor["own_cpu"] + floor["server_cpu"], 2) if floor else None,
                own_gb=round(phase["own"] / 2**30, 2),
                total_gb=round(phase["total"] / 2**30, 2),
                things=phase["things"],
            )


def table(found: Sequence[Measured]) -> str:
    """The figures in Markdown, a row per phase and size; the ratio is of processor time."""
    lines = [
        "| interactions | stage | s | floor | CPU s | graph's | floor's | ratio | GiB | + graph |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found:
        floor, floor_cpu, ratio = "–", "–", "–"
        spent = row.own_cpu + row.server_cpu
        if row.floor_seconds is not None and row.floor_cpu is not None and spent:
            floor, floor_cpu = f"{row.floor_seconds:.3g}", f"{row.floor_cpu:.3g}"
            ratio = f"{row.floor_cpu / spent:.2f}"
        lines.append(
            f"| {row.interactions:,} | {row.phase} | {row.seconds:.3g} | {floor}"
            f" | {row.own_cpu:.3g} | {row.server_cpu:.3g} | {floor_cpu} | {ratio}"
            f" | {row.own_gb:.1f} | {row.total_gb:.1f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write the figures and draw them."""
    parser = argparse.ArgumentParser("python -m benchmarks.scale", description=__doc__)
    sizes = [100_000, 1_000_000, 10_000_000]
    parser.add_argument("--interactions", type=int, nargs="+", default=sizes, metavar="N")
    parser.add_argument("--stages", nargs="+", choices=sorted({stage for _, stage in STEPS}))
    parser.add_argument("--side", nargs="+", choices=["ours", "floor"], help="default: both")
    parser.add_argument("--folder", type=Path, default=Path("runs/scale"))
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--plot", type=Path, help="draw them here; needs matplotlib")
    options = parser.parse_args(arguments)
    wanted = [
        (step, stage)
        for step, stage in STEPS
        if (not options.stages or stage in options.stages)
        and (not options.side or step in options.side)
    ]
    found = []
    for size in options.interactions:
        found += measure(size, options.folder.resolve(), wanted)
        print(table(found), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=1) + "\n")
    if options.plot:
        from benchmarks.scale_plot import draw

        draw(found, options.plot)


if __name__ == "__main__":
    main()
