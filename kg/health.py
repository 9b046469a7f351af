"""What may be wrong with a graph: rights, and indexes that are not ready."""

from __future__ import annotations

from importlib.resources import files

from kg.store import Store


def require_writing(store: Store) -> None:
    """Try to write; nothing of it stays.

    Raises:
        GraphError: this user, or this server, may not.
    """
    store.write("write/try_writing")


def unready_indexes(store: Store) -> list[str]:
    """Return the indexes that do not answer (yet), with their state; the embedded graph's do."""
    if store.capabilities.dialect != "neo4j":
        return []
    text = (files("cypher") / "upkeep" / "indexes_not_ready.cypher").read_text(encoding="utf-8")
    return [f"{row['name']} ({row['state']})" for row in store.run_text(text)]
