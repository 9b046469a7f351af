"""What is wrong with a config, said with the place in the file and the nearest valid name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias, cast

import yaml
from pydantic import BaseModel, ValidationError

Location: TypeAlias = tuple[int | str, ...]
Schema: TypeAlias = Mapping[str, object]
Layer: TypeAlias = tuple[Path, yaml.Node | None]
"""A file, and its YAML nodes, which know their lines."""


def mistakes(
    error: ValidationError,
    model: type[BaseModel],
    layers: Sequence[Layer],
    laid: Mapping[Location, str],
) -> list[str]:
    """Return one line for each mistake that pydantic found.

    Args:
        layers: the files that the values come from, the one that counts most first.
        laid: the `--set` that gave a location its value.
    """
    schema = model.model_json_schema()
    lines = []
    for mistake in error.errors():
        location = _in_file(mistake["loc"], schema)
        place = _place(location, layers, laid)
        dotted = ".".join(str(part) for part in location)
        if mistake["type"] == "extra_forbidden":
            near = get_close_matches(str(location[-1]), _names(mistake["loc"][:-1], schema), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            lines.append(f"{place}: unknown key {dotted!r}{hint}")
        elif mistake["type"] == "missing":
            lines.append(f"{place}: {dotted!r} is needed and missing.")
        elif mistake["type"] == "string_pattern_mismatch":
            means = _steps(mistake["loc"], schema)[-1][2].get("description", "")
            said = f"{dotted}: {mistake['input']!r} does not fit. {_one_line(str(means))}"
            lines.append(f"{place}: {said}".rstrip())
        else:
            got = (
                "" if isinstance(mistake["input"], dict | list) else f" (got {mistake['input']!r})"
            )
            where = ": ".join(filter(None, (place, dotted)))
            lines.append(f"{where}: {mistake['msg']}{got}.")
    return lines


def _place(location: Location, layers: Sequence[Layer], laid: Mapping[Location, str]) -> str:
    for override, written in laid.items():
        if override == location[: len(override)]:
            return written
    found = [(path, *_line(location, root)) for path, root in layers]
    path, line, _ = max(found, key=lambda each: each[2])
    return f"{path}:{line}"


def _line(location: Location, root: yaml.Node | None) -> tuple[int, int]:
    """The line where a file comes nearest to a location, and how many of its parts it has."""
    line, node, depth = 1, root, 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and part in range(len(node.value)):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
        depth += 1
    return line, depth


def _steps(location: Location, schema: Schema) -> list[tuple[int | str, bool, Schema]]:
    """Walk a JSON schema along pydantic's location: (part, stands in the file, schema behind it).

    pydantic names the chosen member of a union in its locations; such a part is not in the file.
    """
    steps: list[tuple[int | str, bool, Schema]] = []
    here = _plain(schema, schema)
    for part in location:
        properties = cast("Mapping[str, Schema]", here.get("properties", {}))
        choice = _choice(part, here, schema)
        if isinstance(part, int):
            here = _plain(cast(Schema, here.get("items", {})), schema)
            steps.append((part, True, here))
        elif part not in properties and choice is not None:
            here = _plain(choice, schema)
            steps.append((part, False, here))
        else:
            here = _section(here, schema)
            properties = cast("Mapping[str, Schema]", here.get("properties", {}))
            inner = properties.get(part, cast(Schema, here.get("additionalProperties") or {}))
            here = _plain(inner if isinstance(inner, Mapping) else {}, schema)
            steps.append((part, True, here))
    return steps


def _choice(part: int | str, here: Schema, schema: Schema) -> Schema | None:
    discriminator = cast("Mapping[str, Mapping[str, str]]", here.get("discriminator", {}))
    mapping = discriminator.get("mapping", {})
    if str(part) in mapping:
        return {"$ref": mapping[str(part)]}
    for option in cast("Sequence[Schema]", here.get("anyOf", here.get("oneOf", ()))):
        plain = _plain(option, schema)
        if part in (plain.get("title"), plain.get("type"), f"list[{plain.get('title')}]"):
            return plain
    return None


def _plain(node: Schema, schema: Schema) -> Schema:
    """Follow references, and a union of one thing and null to that thing."""
    while "$ref" in node:
        name = str(node["$ref"]).rsplit("/", 1)[-1]
        node = cast("Mapping[str, Schema]", schema["$defs"])[name]
    options = [
        o for o in cast("Sequence[Schema]", node.get("anyOf", ())) if o.get("type") != "null"
    ]
    return _plain(options[0], schema) if len(options) == 1 else node


def _section(node: Schema, schema: Schema) -> Schema:
    """Follow the union of a section and its short form, `rating: stars`, to the section."""
    options = [_plain(o, schema) for o in cast("Sequence[Schema]", node.get("anyOf", ()))]
    sections = [option for option in options if "properties" in option]
    return sections[0] if len(sections) == 1 else node


def _in_file(location: Location, schema: Schema) -> Location:
    return tuple(part for part, in_file, _ in _steps(location, schema) if in_file)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _names(location: Location, schema: Schema) -> list[str]:
    steps = _steps(location, schema)
    here = _section(steps[-1][2] if steps else _plain(schema, schema), schema)
    return list(cast("Mapping[str, object]", here.get("properties", {})))
