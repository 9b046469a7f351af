"""Large removals in small transactions."""

from __future__ import annotations

from collections.abc import Mapping

from kg.store import Store


def repeat_write(
    store: Store,
    query: str,
    /,
    identifiers: Mapping[str, str] | None = None,
    **params: object,
) -> int:
    """Run a query that removes some and returns `removed`, until it finds nothing more."""
    removed = 0
    while now := int(str(store.write(query, identifiers, **params)[0]["removed"])):
        removed += now
    return removed
