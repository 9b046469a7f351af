"""What a little more data costs: `kgrec etl` on 99 of 100 reviews, then on all, then anew.

    KGREC_DATA=… python -m benchmarks.more_data --share 0.01

The reviews of Rotten Tomatoes, of which a share drawn at random comes later, on an embedded graph
of its own. Vocabularies and the split are kept (`text.refit_share`, `split.keep`). Wall seconds of
each stage, and processor seconds of the program, with its start, and of the graph's server.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console
from rich.table import Table

from kg import embedded
from recommender.run_folder import Runs

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = ROOT / "examples" / "rotten_tomatoes.yaml"
FOLDER: Final = "rotten_tomatoes_critics"
REVIEWS: Final = "rt.reviews.tsv.gz"
NIGHTLY: Final = ("--set", "split.keep=true", "--set", "text.refit_share=0.1")


def etl(home: Path, data: Path, *options: str) -> dict[str, float]:
    """Run it; seconds by stage, and processor seconds of program and server."""
    variables = {**os.environ, "KGREC_HOME": str(home), "KGREC_DATA": str(data)}
    command = [sys.executable, "-m", "recommender", "etl", str(CONFIG), "--quiet", *NIGHTLY]
    command += ["--runs-dir", str(home / "runs"), *options]
    server = embedded.status(home)
    before = _server_seconds(server.pid) if server else 0.0
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=variables, check=True)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    server = embedded.status(home)
    record = next(iter(Runs(home / "runs"))).record()
    return {
        **{name: stage.seconds for name, stage in record.stages.items() if stage.status == "done"},
        "program, CPU": now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime,
        "graph, CPU": (_server_seconds(server.pid) if server else 0.0) - before,
    }


def _server_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def without(source: Path, target: Path, share: float, seed: int) -> None:
    """Copy a file of reviews without a share of its rows; times stay those of the original."""
    luck = random.Random(seed)
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(source, "rt", encoding="latin-1") as read:
        head, *rows = read.readlines()
    kept = [row for row in rows if luck.random() >= share]
    with gzip.open(target, "wt", encoding="latin-1") as write:
        write.writelines([head, *kept])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m benchmarks.more_data", description=__doc__)
    parser.add_argument("--share", type=float, default=0.01, help="of the reviews come later")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    source = Path(os.environ["KGREC_DATA"]) / FOLDER
    with tempfile.TemporaryDirectory() as folder:
        home, data = Path(folder) / "home", Path(folder) / "data"
        without(source / REVIEWS, data / FOLDER / REVIEWS, options.share, options.seed)
        (data / FOLDER / "rt.movie_info.tsv.gz").symlink_to(source / "rt.movie_info.tsv.gz")
        try:
            first = etl(home, data)
            more = etl(home, source.parent)
            anew = etl(home, source.parent, "--force")
        finally:
            embedded.stop(home)
    table = Table("stage", "all but a share, s", "the share, s", "everything, s", "ratio")
    for name, seconds in anew.items():
        new = more.get(name, 0.0)
        ratio = f"{new / seconds:.3f}" if seconds else "–"
        table.add_row(name, f"{first[name]:.1f}", f"{new:.1f}", f"{seconds:.1f}", ratio)
    stages = [name for name in anew if "CPU" not in name]
    new, whole = (sum(each.get(name, 0.0) for name in stages) for each in (more, anew))
    table.add_row("all stages", "", f"{new:.1f}", f"{whole:.1f}", f"{new / whole:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
