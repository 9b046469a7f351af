"""The base of every configuration model: immutable, strict about unknown keys, finite."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A configuration section. Defined beside the code that uses it; filled by `recommender`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )
