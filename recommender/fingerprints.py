"""Fingerprints: two stages with equal fingerprints have equal results, so one of them is enough.

A stage's fingerprint covers its settings, the code of the rooms it calls, the fingerprints of the
stages whose artefacts it requires, for `read` the content of the source files, and for stages that
write the graph which graph that is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import BaseModel

from kg.errors import ConfigError
from recommender.config import Config
from recommender.paths import PATH_FIELDS
from recommender.stage import Stage


def fingerprints(stages: Sequence[Stage], config: Config, target: str) -> dict[str, str]:
    """Return the fingerprint of each stage, by name.

    Args:
        target: which graph is written to (address and database).

    Raises:
        KgrecError: a source file is missing.
    """
    assigned: dict[str, str] = {}
    result: dict[str, str] = {}
    for stage in stages:
        settings = stage.settings(config)
        parts = [
            stage.name,
            json.dumps(settings, default=_plain, sort_keys=True),
            *(code_version(room) for room in stage.rooms),
            *(assigned[artefact] for artefact in stage.requires if artefact in assigned),
            *([target] if stage.run_kind else []),
            *(content_hash(path) for path in stage.reads(config)),
        ]
        result[stage.name] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        assigned.update(dict.fromkeys(stage.assigns, result[stage.name]))
    return result


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(
            f"The source file {path} cannot be read: {error.strerror}.",
            remedy="Check the path in the config's `sources`.",
        ) from error


@cache
def code_version(room: str) -> str:
    """Return a hash of the source files of a package or module, such as `etl` or `etl.sources`."""
    package, *below = room.split(".")
    place = files(package).joinpath(*below)
    if not place.is_dir():
        place = files(package).joinpath(*below[:-1], below[-1] + ".py")
    digest = hashlib.sha256()
    for name, file in sorted(_sources(place), key=lambda pair: pair[0]):
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@cache
def code_versions() -> str:
    """Return the program's version with a hash of all its source files, for the record."""
    rooms = ("cypher", "kg", "etl", "embeddings", "recommender")
    whole = hashlib.sha256("".join(code_version(room) for room in rooms).encode())
    return f"{version('kgrec')}+{whole.hexdigest()[:8]}"


def _sources(place: Traversable, prefix: str = "") -> Iterable[tuple[str, Traversable]]:
    if place.is_file():
        yield prefix + place.name, place
        return
    for child in place.iterdir():
        if child.is_dir():
            yield from _sources(child, f"{prefix}{child.name}/")
        elif child.name.endswith((".py", ".cypher")):
            yield prefix + child.name, child


def _plain(value: object) -> object:
    """What JSON cannot hold; of a path only the file's name counts, for data may move."""
    if isinstance(value, BaseModel):
        return {
            name: Path(part).name if name in PATH_FIELDS and isinstance(part, str) else part
            for name, part in value
            if name != "hint"
        }
    if isinstance(value, Path):
        return value.name
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)
