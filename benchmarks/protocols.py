"""Rows of `quality` that other figures judge: one split, one training, from `metrics.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Figure = tuple[str, ...]
"""Where a figure is in what `metrics.json` tells of a model."""


def slug(name: str) -> str:
    """Return a name as a folder's."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass(frozen=True)
class Protocol:
    """A config whose models are compared by figures of a protocol.

    Attributes:
        name: of the row.
        config: of `examples/`.
        section: keys that lead to the models in `metrics.json`.
        figures: heading → where it is in a model; the first one sorts.
        ascending: whether less is better.
        published: also the lists in the order in which they are published.
    """

    name: str
    config: str
    figures: Mapping[str, Figure]
    section: Figure = ("models",)
    ascending: bool = False
    published: bool = False

    @property
    def slug(self) -> str:
        """Its name as a folder's."""
        return slug(self.name)

    def table(self, run: Path) -> str:
        """The models of an evaluated run's folder in Markdown, the best first."""
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        models: dict[str, Any] = dict(_at(metrics, self.section))
        if self.published:
            models[f"{metrics['reranked']['model']}, kept places"] = metrics["reranked"]
        rows = {
            name: [_at(model, where) for where in self.figures.values()]
            for name, model in models.items()
        }
        order = sorted(rows, key=lambda name: rows[name][0], reverse=not self.ascending)
        lines = [
            "| model | " + " | ".join(self.figures) + " |",
            "|---|" + "---|" * len(self.figures),
        ]
        lines += [
            f"| {name} | " + " | ".join(f"{value:.4f}" for value in rows[name]) + " |"
            for name in order
        ]
        return f"`examples/{self.config}.yaml`\n\n" + "\n".join(lines)


def _at(document: Any, where: Figure) -> Any:
    for key in where:
        document = document[key]
    return document


_NEW_ITEMS: Final = {
    "new items only: NDCG@10": ("groups", "cold_items_only", "ndcg@10"),
    "new among all: Recall@20": ("groups", "cold_items", "recall@20"),
    "known items: NDCG@10": ("groups", "warm_items", "ndcg@10"),
    "all: NDCG@10": ("test", "ndcg@10"),
}
PROTOCOLS: Final = (
    Protocol("Rotten Tomatoes, new items", "rotten_tomatoes_cold", _NEW_ITEMS, published=True),
    Protocol("ML-100K, new items", "ml_100k_cold", _NEW_ITEMS, published=True),
    Protocol(
        "ML-100K, ratings",
        "ml_100k_ratings",
        {"RMSE": ("test", "rmse"), "MAE": ("test", "mae")},
        section=("ratings", "models"),
        ascending=True,
    ),
    Protocol(
        "Last.FM, the protocol of KGCN",
        "lastfm_kgcn",
        {
            "AUC": ("test", "auc", "mean"),
            "AUC, sd": ("test", "auc", "sd"),
            "F1": ("test", "f1", "mean"),
            "F1, sd": ("test", "f1", "sd"),
        },
        section=("clicks", "models"),
    ),
    Protocol(
        "Gowalla, the split of LightGCN",
        "gowalla",
        {"Recall@20": ("test", "recall@20"), "NDCG@20": ("test", "ndcg@20")},
    ),
)
