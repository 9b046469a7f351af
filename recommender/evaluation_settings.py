"""What is kept of an evaluation."""

from __future__ import annotations

from pydantic import Field

from kg.settings import Settings


class EvaluateSettings(Settings):
    """What is kept of an evaluation."""

    depth: int = Field(default=100, ge=20)
    """Items of each user's test list that `lists.parquet` keeps."""
