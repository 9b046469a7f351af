"""What must hold of the data before anything is learnt from it."""

from __future__ import annotations

from pydantic import Field

from kg.settings import Settings


class CheckSettings(Settings):
    """What must hold of the data before anything is learnt from it, beside the run before of the
    same dataset; null: not looked at. `--force-data` passes it, and is recorded."""

    fewest: float | None = Field(default=0.5, ge=0.0)
    """Users, items, interactions and reviews: each at least this share of what there were."""
    most: float | None = Field(default=10.0, ge=1.0)
    """And at most this many times what there were."""
    vanished: bool = False
    """true: behaviours, kinds of attribute, traits, relations and columns of the run before may be
    gone."""
    likes: float | None = Field(default=0.2, ge=0.0, le=1.0)
    """Largest change of the share of interactions that are liked, of those that say so."""
    unknown_language: float | None = Field(default=0.5, ge=0.0, le=1.0)
    """Largest share of reviews whose language is unknown."""
    topics_kept: float | None = Field(default=0.2, ge=0.0, le=1.0)
    """Share of the topics of the run before that must still be there."""
