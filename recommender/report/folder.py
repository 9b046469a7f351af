"""What the report reads from a run's folder; each part may be missing."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Folder:
    """A run's folder, read on demand. What is absent or damaged is None, and the log says so."""

    path: Path

    def table(self, name: str, *columns: str) -> pl.DataFrame | None:
        """Return a Parquet file's rows, with these columns only if any are named."""
        place = self.path / name
        if not place.is_file():
            return None
        try:
            return pl.read_parquet(place, columns=list(columns) or None)
        except (OSError, pl.exceptions.PolarsError) as error:
            log.warning("The report leaves out %s, which cannot be read: %s", place, error)
            return None

    def staged(self, name: str, *columns: str) -> pl.DataFrame | None:
        """Return a staged table's rows, with these columns only if any are named."""
        return self.table(f"staging/{name}.parquet", *columns)

    def document(self, name: str) -> Mapping[str, Any]:
        """Return a JSON or YAML file's content, empty where it is absent."""
        place = self.path / name
        if not place.is_file():
            return {}
        text = place.read_text(encoding="utf-8")
        try:
            content = yaml.safe_load(text) if place.suffix == ".yaml" else json.loads(text)
        except (ValueError, yaml.YAMLError) as error:
            log.warning("The report leaves out %s, which cannot be read: %s", place, error)
            return {}
        return content if isinstance(content, Mapping) else {"entries": content}


def number(value: object) -> float | None:
    """Return a number as float, anything else as None."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping as it is, anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}
