"""Bring a graph's constraints and indexes up to date: `cypher/migrations/V001__….cypher` in order.

A released file never changes: its checksum is recorded in the graph, and a file that differs
is refused. One process at a time migrates, by a lock in the graph itself. Every statement is
safe to repeat (IF NOT EXISTS), so a migration that was cut off is simply run again.
`V003__….neo4j.cypher` is for servers of that dialect alone.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, cast
from uuid import uuid4

from kg import cypher_text
from kg.errors import GraphConflictError, MigrationError
from kg.query_file import DIALECTS, Dialect
from kg.store import Store

logger = logging.getLogger(__name__)

LOCK_SECONDS: Final = 120.0
"""How long a migrating process may hold the lock before another takes it for dead."""

_FILE: Final = re.compile(rf"(V\d{{3}})__(\w+)(?:\.({'|'.join(DIALECTS)}))?\.cypher")
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Migration:
    """One migration file; `dialect`: of the servers that it is for, None for all."""

    version: str
    name: str
    checksum: str
    statements: tuple[str, ...]
    dialect: Dialect | None = None


def load_migrations(root: Traversable | None = None) -> list[Migration]:
    """The migration files in order.

    Raises:
        MigrationError: a file is named otherwise, or two have one version.
    """
    folder = root if root is not None else files("cypher") / "migrations"
    migrations = [_load(f) for f in folder.iterdir() if f.name.endswith(".cypher")]
    migrations.sort(key=lambda migration: migration.version)
    for one, next_ in itertools.pairwise(migrations):
        if one.version == next_.version:
            raise MigrationError(f"Two migrations are {one.version}: {one.name}, {next_.name}.")
    return migrations


def migrate(store: Store, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Apply the migrations that the graph lacks; returns the names of those applied now.

    Raises:
        MigrationError: a released file was changed or is missing, or a statement failed.
    """
    all_ = load_migrations() if migrations is None else migrations
    fitting = (None, store.capabilities.dialect)
    wanted = [migration for migration in all_ if migration.dialect in fitting]
    if not _pending(store, wanted):
        return []
    owner = uuid4().hex
    _take_lock(store, owner)
    try:
        pending = _pending(store, wanted)
        for migration in pending:
            _apply(store, migration)
    finally:
        store.write("write/migration_unlock", owner=owner)
    return [migration.name for migration in pending]


def pending_migrations(store: Store) -> list[str]:
    """Return the names of the migrations that the graph lacks.

    Raises:
        MigrationError: a released file was changed, or the graph knows one that we do not.
    """
    wanted = [m for m in load_migrations() if m.dialect in (None, store.capabilities.dialect)]
    return [migration.name for migration in _pending(store, wanted)]


def _pending(store: Store, wanted: Sequence[Migration]) -> list[Migration]:
    applied = {str(row["version"]): row for row in store.read("read/migrations")}
    known = {migration.version: migration for migration in wanted}
    if unknown := sorted(applied.keys() - known.keys()):
        raise MigrationError(
            f"The graph has had the migration {applied[unknown[0]]['name']}, "
            "which this version of kgrec does not know.",
            remedy="Use the version of kgrec that made the graph, or a newer one.",
        )
    for version, row in applied.items():
        if row["checksum"] != known[version].checksum:
            raise MigrationError(
                f"{known[version].name}.cypher was changed after this graph was migrated with it "
                f"(checksum {known[version].checksum[:12]}, wanted {str(row['checksum'])[:12]}).",
                remedy="Restore the released file and put the change into a new migration.",
            )
    return [migration for migration in wanted if migration.version not in applied]


def _apply(store: Store, migration: Migration) -> None:
    for statement in migration.statements:
        store.run_text(statement)
    store.write(
        "write/migration_record",
        version=migration.version,
        name=migration.name,
        checksum=migration.checksum,
    )
    logger.info("migrated the graph: %s", migration.name)


def _take_lock(store: Store, owner: str) -> None:
    """Wait until this process holds the lock.

    Raises:
        MigrationError: others hold it for too long.
    """
    store.write("write/migration_lock_key")
    store.write("write/migration_key")
    deadline = time.monotonic() + 2 * LOCK_SECONDS
    while not _take_free_lock(store, owner):
        if time.monotonic() > deadline:
            raise MigrationError(
                f"Other processes have been migrating this graph for {2 * LOCK_SECONDS:.0f} "
                "seconds.",
                remedy="Wait for them to end, or end them, then try again.",
            )
        time.sleep(_POLL_SECONDS)


def _take_free_lock(store: Store, owner: str) -> bool:
    """Take the lock unless another holds it, or makes its node at this moment."""
    try:
        return bool(
            store.write("write/migration_lock", owner=owner, millis=int(LOCK_SECONDS * 1000))
        )
    except GraphConflictError:
        return False


def _load(file: Traversable) -> Migration:
    found = _FILE.fullmatch(file.name)
    if not found:
        raise MigrationError(
            f"The migration {file.name!r} is not named like V001__what_it_does.cypher."
        )
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    name = file.name.removesuffix(".cypher")
    dialect = cast(Dialect | None, found[3])
    return Migration(found[1], name, checksum, tuple(cypher_text.statements(text)), dialect)
