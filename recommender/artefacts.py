"""What a run's files are, by hash: for the record in the graph."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from recommender.fingerprints import content_hash

EVALUATED: Final = "models/evaluated"
"""Models that have seen the training part alone."""
PUBLISHED: Final = "models/published"
"""The model that has seen everything."""
UNFINISHED_MODELS: Final = "models/unfinished"
"""What trainings leave before all models of a stage are there; no artefact of a stage."""
CHECKS: Final = "checks.json"
"""What was expected of the data, and found."""
LEARNT: Final = (
    "config.yaml",
    "snapshot/snapshot.json",
    "split.parquet",
    "vectors*.safetensors",
    "models/published/*/*",
    "models/published/*/start/*",
    "publication/publication.json",
    "metrics.json",
)
"""Patterns of the files that a published model is and rests on."""


def hashes_of(folder: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each file of a run that a pattern names, by its place there."""
    found = {place for pattern in patterns for place in folder.glob(pattern) if place.is_file()}
    return {place.relative_to(folder).as_posix(): content_hash(place) for place in sorted(found)}
