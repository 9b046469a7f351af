"""An unknown user or item becomes an error that names near keys, found in the graph."""

from __future__ import annotations

from typing import Final, Literal

from kg.errors import UnknownKeyError
from kg.schema import NODES
from kg.store import Store

PER_PREFIX: Final = 100
"""Keys that are looked at for each beginning of the key that was written."""


def require(store: Store, label: Literal["User", "Item"], key: str) -> None:
    """Return if the graph has this user or item.

    Raises:
        UnknownKeyError: it has not; names keys that look like it.
    """
    near = near_keys(store, label, key)
    if key not in near:
        such = f", such as {', '.join(near[:2])}" if near else "; the graph has none"
        remedy = f"Keys are the ones of your source files{such}."
        raise UnknownKeyError(label.lower(), key, near, remedy=remedy)


def near_keys(store: Store, label: str, key: str) -> list[str]:
    """Return keys that share a beginning with `key`, itself first if it exists; a few hundred."""
    lengths = sorted({len(key), len(key) - 1, len(key) - 2, len(key) // 2, 1, 0}, reverse=True)
    rows = store.read(
        "read/near_keys",
        identifiers={"__LABEL__": label, "__KEY__": NODES[label].key},
        prefixes=[key[:length] for length in lengths if length >= 0],
        limit=PER_PREFIX,
    )
    return [str(row["key"]) for row in rows]
