"""A run's figures as a Prometheus textfile, for node exporter's textfile collector."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from recommender.run_folder import RunFolder

Sample: TypeAlias = tuple[str, Mapping[str, str], float]

_HELP: Final = {
    "kgrec_run_info": "The run that the other figures are of; always 1.",
    "kgrec_run_started_timestamp_seconds": "When the run began.",
    "kgrec_run_finished_timestamp_seconds": "When the run ended; absent while it has not.",
    "kgrec_run_done": "1 if every stage is done, else 0.",
    "kgrec_stage_duration_seconds": "How long a stage took, where this run did it.",
    "kgrec_stage_count": "What a stage counted: rows, facts, pairs.",
    "kgrec_model_metric": "A model's mean figure on the held-out test part.",
    "kgrec_model_published": "1 for the model whose lists were published.",
}


def textfile(run: RunFolder) -> str:
    """Return the figures of a run in Prometheus' text format; each family has its help."""
    samples = list(_samples(run))
    lines: list[str] = []
    for family, meaning in _HELP.items():
        own = [sample for sample in samples if sample[0] == family]
        if own:
            lines += [f"# HELP {family} {meaning}", f"# TYPE {family} gauge"]
            lines += [f"{name}{_labels(labels)} {value:.15g}" for name, labels, value in own]
    return "\n".join(lines) + "\n"


def _samples(run: RunFolder) -> Iterator[Sample]:
    record = run.record()
    of = {"dataset": record.dataset}
    yield "kgrec_run_info", of | {"run": record.id, "version": record.version}, 1
    yield "kgrec_run_started_timestamp_seconds", of, record.started_at.timestamp()
    if record.finished_at is not None:
        yield "kgrec_run_finished_timestamp_seconds", of, record.finished_at.timestamp()
    yield "kgrec_run_done", of, float(record.status == "done")
    for name, stage in record.stages.items():
        if stage.by == record.id:
            yield "kgrec_stage_duration_seconds", of | {"stage": name}, stage.seconds
        for what, count in stage.counts.items():
            if not isinstance(count, str) and not what.startswith("seconds "):
                yield "kgrec_stage_count", of | {"stage": name, "of": what}, count
    place = run.path / "metrics.json"
    if place.is_file():
        models = json.loads(place.read_text(encoding="utf-8"))["models"]
        for model, told in models.items():
            for metric, value in told["test"].items():
                labels = of | {"model": model, "metric": metric}
                yield "kgrec_model_metric", labels, value
        if "publish" in record.stages and record.stages["publish"].finished:
            yield "kgrec_model_published", of | {"model": next(iter(models))}, 1


def _labels(labels: Mapping[str, str]) -> str:
    told = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in told) + "}"
