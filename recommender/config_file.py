"""One YAML file and `--set` overrides → checked settings, with the place of every mistake.

Knows nothing of the settings themselves: it takes any pydantic model. `recommender/config.py` holds
the model of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kg.errors import ConfigError
from kg.yaml_text import YamlError, parse_yaml
from recommender.config_mistakes import Layer, Location, mistakes
from recommender.paths import resolve_paths

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Override:
    """One `--set a.b=c`: the key's parts and the value, read as YAML."""

    location: Location
    value: object

    @classmethod
    def parse(cls, text: str) -> Override:
        """Read `a.b=c`; a number among the parts is a position in a list.

        Raises:
            ConfigError: there is no `=`, a part is empty, or the value is not YAML.
        """
        key, equals, value = text.partition("=")
        parts = key.strip().split(".")
        if not equals or not all(parts):
            raise ConfigError(
                f"--set {text!r} is not a setting.", remedy="Write --set model.epochs=20."
            )
        try:
            parsed = parse_yaml(value).value
        except YamlError as error:
            raise ConfigError(
                f"--set {text!r}: the value is not YAML ({error}).",
                remedy="Quote the value as you would in the file.",
            ) from error
        return cls(tuple(int(part) if part.isdigit() else part for part in parts), parsed)


def read_settings(
    model: type[M], path: Path, overrides: Sequence[str], environment: Mapping[str, str]
) -> M:
    """Read the file at `path` as `model`, with `overrides` laid over it and its paths absolute.

    Its key `base` may name a file beside it, from which all is taken that it does not set itself.

    Raises:
        ConfigError: the file is not to be had or is no YAML, a key is unknown, a value does not
            fit, or a path names a variable that is not set; every message has the place.
    """
    raw, layers = _layers(path)
    laid: dict[Location, str] = {}
    for written in overrides:
        override = Override.parse(written)
        _lay_over(raw, override, written)
        laid[override.location] = f"--set {written}"
    try:
        settings = model.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(
            "\n".join(mistakes(error, model, layers, laid)),
            remedy="`kgrec config schema` prints every key with its meaning and default.",
        ) from error
    return resolve_paths(
        settings, path.resolve().parent, environment, hint=str(raw.get("hint", ""))
    )


def _layers(path: Path, above: tuple[Path, ...] = ()) -> tuple[dict[str, object], list[Layer]]:
    """Return a file's values laid over those of its `base`, and the files, this one first."""
    if path in above:
        raise ConfigError(
            f"{path} is based on itself: {' → '.join(p.name for p in (*above, path))}.",
            remedy="Take `base` out of one of them.",
        )
    root, raw = _parse(_text(path), path)
    if not isinstance(raw, dict):
        raise ConfigError(
            f"{path} holds a {type(raw).__name__}, not keys with values.",
            remedy="`kgrec config schema` prints what a config may hold.",
        )
    base = raw.pop("base", None)
    if not base:
        return raw, [(path, root)]
    if not isinstance(base, str) or Path(base).name != base:
        raise ConfigError(
            f"{path}: base: {base!r} is not the name of a file beside it.",
            remedy="Write, say, base: my-shop.yaml; both files stand in one folder.",
        )
    below, layers = _layers(path.with_name(base), (*above, path))
    return _merged(below, raw), [(path, root), *layers]


def _merged(below: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    """Sections key by key; anything else is replaced."""
    merged = dict(below)
    for key, value in over.items():
        lower = below.get(key)
        both = isinstance(lower, dict) and isinstance(value, dict)
        merged[key] = _merged(lower, value) if both else value  # type: ignore[arg-type]
    return merged


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a NUL in the name
        said = error.strerror if isinstance(error, OSError) else _one_line(error)
        raise ConfigError(
            f"The config {path} cannot be read: {said}.",
            remedy="`kgrec init FILE…` writes a starter config from your data files.",
        ) from error


def _parse(text: str, path: Path) -> tuple[yaml.Node | None, object]:
    """Return the YAML's nodes, which know their lines, and its values."""
    try:
        root, value = parse_yaml(text)
    except YamlError as error:
        place = f"{path}:{error.line}" if error.line else str(path)
        raise ConfigError(
            f"{place}: this is not YAML: {error}.",
            remedy="Look there and in the lines above for a missing bracket, quote or indent.",
        ) from error
    _refuse_twice(root, path)
    return root, value or {}


def _refuse_twice(node: yaml.Node | None, path: Path) -> None:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_twice(child, path)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            if key.value in seen:
                raise ConfigError(
                    f"{path}:{key.start_mark.line + 1}: {key.value!r} stands twice in one section.",
                    remedy="Keep one of the two.",
                )
            seen.add(key.value)
            _refuse_twice(child, path)


def _lay_over(raw: dict[str, object], override: Override, written: str) -> None:
    here: object = raw
    for part in override.location[:-1]:
        if isinstance(here, dict):
            if here.get(str(part)) is None:
                here[str(part)] = {}
            here = here[str(part)]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            raise ConfigError(f"--set {written}: there is nothing at {part!r} to set a part of.")
    last = override.location[-1]
    if isinstance(here, dict):
        here[str(last)] = override.value
    elif isinstance(here, list) and isinstance(last, int) and last < len(here):
        here[last] = override.value
    else:
        raise ConfigError(f"--set {written}: {last!r} cannot be set there.")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
