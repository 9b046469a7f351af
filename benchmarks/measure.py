"""One measurement in a process of its own: `python -m benchmarks.measure JOB-AS-JSON`.

Prints a line of JSON: seconds, things handled, peak memory of this process in MB.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import import_module

from benchmarks.job import Job, Stopwatch, read_job
from benchmarks.suite import SUITE


@dataclass(frozen=True)
class Measurement:
    """Time and peak memory of one process, and how many things it handled."""

    seconds: float
    things: int
    peak_mb: float


def run(job: Job) -> Measurement:
    """Do a job in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.measure", json.dumps(asdict(job))]
    passive = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}  # as `kgrec` does
    done = subprocess.run(command, capture_output=True, text=True, env=passive)
    if done.returncode != 0:
        raise RuntimeError(f"{job.benchmark}, {job.step}: {done.stderr[-4000:]}")
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def do(job: Job) -> Measurement:
    """Do a job in this process."""
    benchmark = SUITE[job.benchmark]
    module = import_module(benchmark.floor if job.step == "floor" else benchmark.module)
    watch, things = Stopwatch(), 0
    if job.step == "prepare":
        module.prepare(job)
    else:
        work = module.floor(job) if job.step == "floor" else module.ours(job)
        things = work(watch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measurement(watch.seconds, things, peak / (2**20 if sys.platform == "darwin" else 2**10))


if __name__ == "__main__":
    print(json.dumps(asdict(do(read_job(sys.argv[1])))))
