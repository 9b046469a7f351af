"""The folder of a finished run that holds nothing but its record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from recommender.run_folder import RunFolder, RunRecord


def make_run(runs: Path, run_id: str, dataset: str = "shop") -> Path:
    folder = runs / run_id
    folder.mkdir(parents=True)
    RunFolder(folder).save(
        RunRecord(
            id=run_id,
            dataset=dataset,
            target=f"embedded:{dataset}",
            fingerprint="f",
            version="0",
            started_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
            pid=1,
            status="done",
        )
    )
    return folder
