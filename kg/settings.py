"""The base of every configuration model: immutable, strict about unknown keys, finite."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A configuration section: declared by its room, filled by `recommender`.

    Its module imports no library that is slow to load, so that a config is checked at once.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )
