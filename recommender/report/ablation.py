"""What each part of our network adds, from `kgrec ablate`."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.report.comparisons import Gaps, gaps
from recommender.report.folder import Folder
from recommender.verdicts import comparisons_of

NAME = "ablation.json"


@dataclass(frozen=True)
class Ablated:
    """The section on what each part adds; `charts` is empty where nobody asked."""

    seeds: int
    charts: list[Gaps]


def ablated(folder: Folder) -> Ablated:
    """Return the section, from `ablation.json`."""
    document = folder.document(NAME)
    found = comparisons_of(document)
    metrics = dict.fromkeys(each.metric for each in found)
    return Ablated(
        seeds=int(document.get("seeds", 0)),
        charts=[gaps([each for each in found if each.metric == name], best="") for name in metrics],
    )
