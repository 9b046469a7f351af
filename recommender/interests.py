"""Profiles of a run compared on its held-out part, kept in its folder."""

from __future__ import annotations

import json

import pyarrow.parquet as pq

from embeddings.comparison import Comparison
from embeddings.interests.compare import METHODS, METRICS, Judged, compare_profiles
from embeddings.snapshot import Snapshot
from kg.progress import Progress
from recommender.experiments import Experiment
from recommender.run_folder import write_whole

NAME = "interests.json"


def interests_of_run(experiment: Experiment, *, progress: Progress) -> list[dict[str, object]]:
    """Write `interests.json` and return a row per question and method."""
    folder = experiment.run.path
    found = compare_profiles(
        Snapshot.load(folder / "snapshot"),
        pq.read_table(folder / "split.parquet"),
        seed=experiment.config.seed,
        progress=progress,
    )
    rows = [_row(each) for each in found]
    write_whole(folder / NAME, json.dumps({"rows": rows}, indent=1))
    return rows


def _row(judged: Judged) -> dict[str, object]:
    metric = METRICS[0]
    verdicts = {each.against: each for each in judged.against if each.metric == metric}
    return {
        "question": judged.question,
        "profile": judged.method,
        "users": judged.per_user.num_rows,
        **{name: round(judged.mean(name), 4) for name in METRICS},
        **{
            f"against {other}": _told(verdicts[other]) if other in verdicts else ""
            for other in METHODS
        },
        "chosen": ", ".join(f"{name} {value}" for name, value in judged.setting.items()),
    }


def _told(found: Comparison) -> str:
    return f"{found.verdict} {found.difference:+.4f} ({found.low:+.4f} … {found.high:+.4f})"
