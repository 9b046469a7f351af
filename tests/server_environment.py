"""The environment of a command line that speaks to a test's server."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.store import Store


def point_at(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the server, and work in a folder of one's own."""
    at = store.connection
    monkeypatch.setenv("NEO4J_URI", at.uri)
    monkeypatch.setenv("NEO4J_USERNAME", at.username)
    monkeypatch.setenv("NEO4J_PASSWORD", at.password.get_secret_value())
    monkeypatch.setenv("KGREC_HOME", str(folder / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(folder)
    if at.database:
        monkeypatch.setenv("NEO4J_DATABASE", at.database)
    else:
        monkeypatch.delenv("NEO4J_DATABASE", raising=False)
