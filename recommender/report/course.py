"""How the run went: facts, time per stage, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.report import words
from recommender.report.folder import Folder, mapping, number


@dataclass(frozen=True)
class StageRow:
    """One stage: its time as text and as a share of the longest, and what it said."""

    name: str
    status: str
    time: str
    share: float
    summary: str


@dataclass(frozen=True)
class Course:
    """The run's facts."""

    title: str
    facts: list[tuple[str, str]]
    stages: list[StageRow]
    total: str
    reused: bool
    settings: list[tuple[str, str]]


def course_of(folder: Folder) -> Course:
    """Return facts, stages and settings."""
    record, config = folder.document("run.json"), folder.document("config.yaml")
    stages = {str(k): mapping(v) for k, v in mapping(record.get("stages")).items()}
    seconds = {name: number(stage.get("seconds")) or 0.0 for name, stage in stages.items()}
    reused = {name for name, stage in stages.items() if stage.get("status") == "reused"}
    total = words.duration(sum(t for name, t in seconds.items() if name not in reused))
    longest = max(seconds.values(), default=0.0) or 1.0
    named = {
        "Run": record.get("id"),
        "Started": words.moment(record["started_at"]) if record.get("started_at") else None,
        "Took": total if stages else None,
        "Status": record.get("status") if record.get("status") != "running" else None,
        "Graph": record.get("target"),
        "Program": f"kgrec {record['version']}" if record.get("version") else None,
    }
    return Course(
        title=str(record.get("dataset") or config.get("name") or folder.path.name),
        facts=[(name, str(value)) for name, value in named.items() if value],
        stages=[
            StageRow(
                name=name,
                status=str(stage.get("status", "")),
                time=words.duration(seconds[name]),
                share=seconds[name] / longest,
                summary=str(stage.get("summary") or ""),
            )
            for name, stage in stages.items()
        ],
        total=total,
        reused=bool(reused),
        settings=_flat(config),
    )


def _flat(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            rows += _flat(value, f"{name}.")
        elif isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
            for place, entry in enumerate(value, start=1):
                rows += _flat(mapping(entry), f"{name}[{place}].")
        elif value not in (None, "", [], {}):
            rows.append(
                (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            )
    return rows
