"""What was deleted in the embedded graph leaves its files, too."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from kg import cypher_text, embedded
from kg.store import Store


def scrub(store: Store, home: Path, database: str) -> None:
    """Overwrite what is left of deleted nodes in the files of an embedded database, and stop it.

    Indexes that hold keys or names are made anew, pages closed up (freed bytes become zeros), and
    the server's clean stop drops its log of transactions; it starts again when it is next needed.
    If this is cut off, do it again: an index may be missing.

    Args:
        store: open on the database; it is closed.

    Raises:
        GraphError: the server refuses, or does not stop.
    """
    text = (files("cypher") / "upkeep" / "rebuild_keys.cypher").read_text(encoding="utf-8")
    for statement in cypher_text.statements(text):
        store.run_text(statement)
    store.close()
    embedded.compact(home, database)
    embedded.stop(home)
