"""What tells two runs apart: settings, code, data, figures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from recommender.run_folder import RunFolder

_DATA_STAGES = ("read", "split", "extract", "snapshot", "encode")
_METRICS = ("ndcg@10", "recall@10", "rmse")


@dataclass(frozen=True)
class Difference:
    """One thing that two runs do not share.

    Attributes:
        of: config, code, data or metric.
        key: which: a key of the config, a stage's count, a model's figure.
        first, second: of either run; None where it has none.
    """

    of: str
    key: str
    first: object
    second: object


def diff_runs(first: RunFolder, second: RunFolder) -> list[Difference]:
    """Return what differs, in the order config, code, data, metrics."""
    told = [_facts(run) for run in (first, second)]
    return [
        Difference(of, key, told[0][of].get(key), told[1][of].get(key))
        for of in told[0]
        for key in dict.fromkeys([*told[0][of], *told[1][of]])
        if told[0][of].get(key) != told[1][of].get(key)
    ]


def _facts(run: RunFolder) -> dict[str, Mapping[str, object]]:
    record = run.record()
    config = run.path / "config.yaml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.is_file() else {}
    data = {
        f"{name}: {what}": count
        for name in _DATA_STAGES
        if name in record.stages
        for what, count in record.stages[name].counts.items()
        if not what.startswith(("seconds", "texts per second", "workers"))
    }
    return {
        "config": dict(_flat(settings)),
        "code": {"version": record.version},
        "data": data,
        "metric": dict(_figures(run)),
    }


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Keys with dots, as `--set` takes them; lists whole, sources one by one."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        elif key == "sources":
            for number, source in enumerate(value):
                yield from _flat(source, f"sources[{number}].")
        else:
            yield f"{prefix}{key}", value


def _figures(run: RunFolder) -> Iterator[tuple[str, object]]:
    place = run.path / "metrics.json"
    if not place.is_file():
        return
    metrics = json.loads(place.read_text(encoding="utf-8"))
    for model, told in metrics["models"].items():
        for name in _METRICS:
            if name in told["test"]:
                yield f"{model} {name} (test)", round(told["test"][name], 6)
