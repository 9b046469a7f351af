"""How models are evaluated, and what is kept of it."""

from __future__ import annotations

from pydantic import Field

from embeddings.settings import ClickSettings
from kg.settings import Settings


class EvaluateSettings(Settings):
    """How models are evaluated, and what is kept of it."""

    refit: bool = False
    """Before the test, train every model again on training and validation pairs, with the settings
    and the number of steps that validation chose, as most published figures are made. It takes the
    time of a second training. Predicted ratings are judged without it."""

    depth: int = Field(default=100, ge=20)
    """Items of each user's test list that `lists.parquet` keeps."""

    clicks: ClickSettings | None = None
    """Besides the full ranking: AUC, ACC and F1 on sampled pairs, as the KGCN family reports."""
