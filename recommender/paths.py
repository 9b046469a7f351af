"""Paths in a config: `${VAR}` is filled in, and what is relative starts at the config's folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from kg.errors import ConfigError
from recommender.secrets import NEVER_IN_PATHS

M = TypeVar("M", bound=BaseModel)
PATH_FIELDS = frozenset({"path", "metadata", "links", "entity_names"})
"""Text fields of sources that name files."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def resolve_paths(settings: M, folder: Path, variables: Mapping[str, str], *, hint: str = "") -> M:
    """Return `settings` with every path in it absolute; other values are left as they are.

    A path is a value of type `Path`, or a text in one of the `PATH_FIELDS`.

    Args:
        folder: where relative paths start.
        variables: the environment variables that `${VAR}` may name.
        hint: what to do when one is not set (which data to get, where to put it); a section's own
            field `hint` goes before it.

    Raises:
        ConfigError: a variable is not set.
    """
    hint = str(getattr(settings, "hint", "")) or hint

    def resolved(value: object, *, is_path: bool) -> object:
        if isinstance(value, Path) or (is_path and isinstance(value, str)):
            return type(value)(_absolute(str(value), folder, variables, hint))
        if isinstance(value, BaseModel):
            return resolve_paths(value, folder, variables, hint=hint)
        if isinstance(value, dict):
            return {key: resolved(part, is_path=is_path) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(resolved(part, is_path=is_path) for part in value)
        return value

    return settings.model_copy(
        update={name: resolved(value, is_path=name in PATH_FIELDS) for name, value in settings}
    )


def _absolute(path: str, folder: Path, variables: Mapping[str, str], hint: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in NEVER_IN_PATHS:
            raise ConfigError(
                f"The path {path!r} names {name}, a secret, which would be written down with it.",
                remedy="Name another variable.",
            )
        if not variables.get(name):
            raise ConfigError(
                f"The path {path!r} needs the variable {name}, which is not set.",
                remedy=" ".join(filter(None, [hint, f"Then: export {name}=/folder/of/your/data"])),
            )
        return variables[name]

    filled = Path(VARIABLE.sub(value, path)).expanduser()
    return str(filled if filled.is_absolute() else (folder / filled).resolve())
