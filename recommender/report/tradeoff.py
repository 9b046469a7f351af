"""What another order of the lists costs and brings, from `kgrec tradeoff`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.report.charts import Lines, lines
from recommender.report.folder import Folder, mapping, number

NAME: Final = "tradeoff.json"
_METHODS: Final = {
    "mmr": "away from items that are like those above them (MMR)",
    "calibrated": "towards the shares that each {kind} has in what the person liked",
}
_MEASURES: Final = {
    "ndcg": ("NDCG@10", True),
    "diversity": ("Diversity@10", True),
    "coverage": ("Coverage@10", True),
    "miscalibration": ("Miscalibration@10", False),
}
"""Title, and whether high is good."""


@dataclass(frozen=True)
class TradeoffSection:
    """A chart per measure, by weight; `charts` is empty where nobody asked."""

    model: str
    method: str
    charts: list[Lines]


def tradeoff_of(folder: Folder) -> TradeoffSection:
    """Return the section, from `tradeoff.json`."""
    document = folder.document(NAME)
    model, kind = str(document.get("model", "")), str(document.get("kind", ""))
    points = [mapping(point) for point in document.get("points", [])]
    charts = []
    for name, (title, high) in _MEASURES.items():
        pairs = [(number(point.get("weight")), number(point.get(name))) for point in points]
        known = [(x, y) for x, y in pairs if x is not None and y is not None]
        if known:
            charts.append(lines(title, [(model, known)], by="weight", high_is_good=high))
    method = _METHODS.get(str(document.get("method")), "").format(kind=kind)
    return TradeoffSection(model, method, charts)
