"""Whether reasons are what the model went by, from `kgrec faithfulness`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recommender.report.charts import Lines, lines
from recommender.report.folder import Folder, mapping

NAME: Final = "faithfulness.json"
_NOT_DRAWN: Final = "integrated"
"""Six lines are what a chart can tell apart."""
_CURVES: Final = {
    "deletion": "The score falls without the first reasons",
    "insertion": "The score rises with the first reasons alone",
}


@dataclass(frozen=True)
class FaithfulnessSection:
    """Two charts by number of reasons, a line per way to weigh them; empty where nobody asked."""

    pairs: int
    charts: list[Lines]


def faithfulness_of(folder: Folder) -> FaithfulnessSection:
    """Return the section, from `faithfulness.json`."""
    document = folder.document(NAME)
    orders = [mapping(order) for order in document.get("orders", [])]
    orders = [order for order in orders if order.get("name") != _NOT_DRAWN]
    across = [0.0, *map(float, document.get("ks", []))]
    charts = [
        lines(
            title,
            [
                (str(order["name"]), list(zip(across, [0.0, *order[name]], strict=True)))
                for order in orders
            ],
            by="reasons",
            high_is_good=True,
        )
        for name, title in _CURVES.items()
        if orders
    ]
    return FaithfulnessSection(int(document.get("pairs", 0)), charts)
