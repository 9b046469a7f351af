"""What answers rest on, as an ETag: the same while no run has written since."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from kg.store import Store
from recommender.fingerprints import code_versions

VERSION: Final = "read/served_version"


@dataclass(frozen=True)
class Version:
    """What the graph held when a request came in.

    Attributes:
        user, item: whether it has those that were asked for.
        run: the published run; None before the first, and while one is being published.
        etag: None while a run writes: what it has not reached yet is still to change.
    """

    user: bool
    item: bool
    run: str | None
    etag: str | None

    @classmethod
    def of(cls, store: Store, user: str | None = None, item: str | None = None) -> Self:
        """Ask the graph, before the answer itself is asked for, so that it is never newer."""
        [row] = store.read(VERSION, userId=user, itemId=item)
        there = {"user": bool(row["user"]), "item": bool(row["item"])}
        if row["writing"]:
            return cls(**there, run=None, etag=None)
        published, loaded = _first(row["published"]), _first(row["loaded"])
        told = f"{code_versions()} {published} {loaded} {row['listAt']}"
        run = str(published[0]) if published else None
        short = hashlib.sha256(told.encode()).hexdigest()[:12]
        return cls(**there, run=run, etag=f'"{run or "unpublished"}.{short}"')


def matches(if_none_match: str, etag: str | None) -> bool:
    """Tell whether a caller has this version already (RFC 9110, section 13.1.2)."""
    told = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return etag is not None and (etag in told or "*" in told)


def _first(rows: Any) -> Sequence[object]:
    return rows[0] if rows else ()
