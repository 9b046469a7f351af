"""Paths in a config: `${VAR}` is filled in, and what is relative starts at the config's folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from kg.errors import ConfigError

M = TypeVar("M", bound=BaseModel)
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def resolve_paths(
    settings: M, folder: Path, environment: Mapping[str, str], *, hint: str = ""
) -> M:
    """Return `settings` with every `Path` in it absolute; other values are left as they are.

    Args:
        folder: where relative paths start.
        environment: the variables that `${VAR}` may name.
        hint: what to do when a variable is not set (which data to get, where to put it).

    Raises:
        ConfigError: a variable is not set.
    """

    def resolved(value: object) -> object:
        if isinstance(value, Path):
            return _absolute(value, folder, environment, hint)
        if isinstance(value, BaseModel):
            return resolve_paths(value, folder, environment, hint=hint)
        if isinstance(value, dict):
            return {key: resolved(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(resolved(part) for part in value)
        return value

    changed = {name: resolved(value) for name, value in settings}
    return settings.model_copy(update=changed)


def _absolute(path: Path, folder: Path, environment: Mapping[str, str], hint: str) -> Path:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not environment.get(name):
            raise ConfigError(
                f"The path {str(path)!r} needs the variable {name}, which is not set.",
                remedy=hint or f"Set it: export {name}=/folder/of/your/data",
            )
        return environment[name]

    filled = Path(VARIABLE.sub(value, str(path))).expanduser()
    return filled if filled.is_absolute() else (folder / filled).resolve()
