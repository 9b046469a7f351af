"""Migrations: once each, never changed, one process at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import MigrationError
from kg.migrations import load_migrations, migrate
from kg.store import Store

MIGRATE = """
import json, sys
from kg.bolt import Connection
from kg.migrations import migrate
from kg.store import Store
from pathlib import Path
from kg.migrations import load_migrations
with Store.connect(Connection(**json.loads(sys.stdin.read()))) as store:
    print(json.dumps(migrate(store, load_migrations(Path(sys.argv[1])))))
"""


@pytest.fixture
def forgotten(store: Store) -> Store:
    """A graph that has its constraints, but no memory of migrations."""
    store.run_text("MATCH (m) WHERE m:Migration OR m:MigrationLock DELETE m")
    return store


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.cypher").write_text(text, encoding="utf-8")


def test_the_released_migrations_are_applied_once_and_in_order(forgotten: Store) -> None:
    fitting = (None, forgotten.capabilities.dialect)
    names = [each.name for each in load_migrations() if each.dialect in fitting]
    assert names[0] == "V001__unique_keys"
    assert names == sorted(names)
    assert migrate(forgotten) == names
    assert migrate(forgotten) == []


def test_keys_are_unique_afterwards(store: Store) -> None:
    store.run_text("CREATE (:Item {itemId: 'kettle'})")
    with pytest.raises(Exception, match="kettle"):
        store.run_text("CREATE (:Item {itemId: 'kettle'})")


def test_a_released_file_that_was_changed_is_refused(store: Store) -> None:
    first, *others = load_migrations()
    changed = [replace(first, checksum="0" * 64), *others]
    with pytest.raises(MigrationError, match=r"V001__unique_keys\.cypher was changed"):
        migrate(store, changed)


def test_a_graph_of_a_newer_program_is_refused(store: Store) -> None:
    with pytest.raises(MigrationError, match="does not know"):
        migrate(store, load_migrations()[:1])


def test_a_migration_of_one_dialect_is_for_its_servers_alone(
    forgotten: Store, tmp_path: Path
) -> None:
    write(tmp_path, "V001__all", "MERGE (:Dataset {datasetId: 'all'});")
    write(tmp_path, "V002__one.neo4j", "MERGE (:Dataset {datasetId: 'neo4j'});")
    try:
        applied = migrate(forgotten, load_migrations(tmp_path))
        found = forgotten.run_text("MATCH (d:Dataset) RETURN d.datasetId AS id ORDER BY id")
        on_neo4j = forgotten.capabilities.dialect == "neo4j"
        assert applied == ["V001__all", "V002__one.neo4j"][: 1 + on_neo4j]
        assert [row["id"] for row in found] == ["all", "neo4j"][: 1 + on_neo4j]
    finally:
        forgotten.run_text("MATCH (m:Migration) DELETE m")
        migrate(forgotten)


def test_a_migration_that_fails_is_not_recorded_and_frees_the_lock(
    forgotten: Store, tmp_path: Path
) -> None:
    write(tmp_path, "V001__first", "// V001\nCREATE INDEX a IF NOT EXISTS FOR (n:Item) ON (n.a);")
    write(tmp_path, "V002__typo", "CREATE INDX b;")
    try:
        for _ in range(2):
            with pytest.raises(Exception, match="INDX"):
                migrate(forgotten, load_migrations(tmp_path))
        assert [row["version"] for row in forgotten.read("read/migrations")] == ["V001"]
    finally:
        forgotten.run_text("DROP INDEX a IF EXISTS")
        forgotten.run_text("MATCH (m:Migration) DELETE m")
        migrate(forgotten)


def test_two_processes_at_once_apply_each_migration_once(forgotten: Store, tmp_path: Path) -> None:
    for number in range(1, 5):
        write(
            tmp_path,
            f"V00{number}__count",
            "MERGE (c:Dataset {datasetId: 'count'}) SET c.n = coalesce(c.n, 0) + 1;",
        )
    connection = forgotten.connection
    document = json.dumps(
        {**connection.model_dump(), "password": connection.password.get_secret_value()}
    )
    try:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", MIGRATE, str(tmp_path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdin
            process.stdin.write(document)
            process.stdin.close()
            process.stdin = None
        answers = [process.communicate(timeout=120) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], answers
        applied = [name for out, _ in answers for name in json.loads(out)]
        assert sorted(applied) == [f"V00{number}__count" for number in range(1, 5)]
        assert forgotten.run_text("MATCH (c:Dataset) RETURN c.n AS n") == [{"n": 4}]
    finally:
        forgotten.run_text("MATCH (m:Migration) DELETE m")
        migrate(forgotten)


@pytest.mark.parametrize("name", ["V1__short", "first", "V001_one_line"])
def test_a_file_that_is_named_otherwise_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path, name, "RETURN 1")
    with pytest.raises(MigrationError, match="not named like"):
        load_migrations(tmp_path)


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "V001__a", "RETURN 1")
    write(tmp_path, "V001__b", "RETURN 1")
    with pytest.raises(MigrationError, match="Two migrations are V001"):
        load_migrations(tmp_path)


def test_line_ends_do_not_change_a_checksum(tmp_path: Path) -> None:
    write(tmp_path, "V001__a", "// a\nRETURN 1;\nRETURN 2")
    unix = load_migrations(tmp_path)
    (tmp_path / "V001__a.cypher").write_bytes(b"// a\r\nRETURN 1;\r\nRETURN 2")
    assert load_migrations(tmp_path) == unix
    assert unix[0].statements == ("// a\nRETURN 1", "RETURN 2")
