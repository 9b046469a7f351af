"""Every key of a config as a page in Markdown: `docs/keys.md` is this text.

It is made from the config's JSON Schema, so from the settings' own types, defaults and docstrings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from recommender.config import Config

Node: TypeAlias = Mapping[str, object]
_REF = "#/$defs/"

_HEAD = """\
# Every key of a config

    kgrec config check my.yaml    # your config in full, with all defaults
    kgrec config schema           # this page as a JSON Schema, for editors

This page is made by `kgrec config schema --format markdown`. A key without a default is needed; an
unknown one is refused. [configuration.md](configuration.md) shows how a config is put together.
"""

_EVERY_SOURCE = """\
## `sources`

A list; each entry has a `type`, and besides that type's keys these:
"""

_FOOT = """\
Next: [configuration](configuration.md) with an annotated example, [sources](sources.md) for what a
row becomes, [models](models.md) for what the models' settings do.
"""


def config_page() -> str:
    """Return the page."""
    return _Page(Config.model_json_schema()).text()


class _Page:
    def __init__(self, schema: Node) -> None:
        self._schema = schema
        self._defs = cast("Mapping[str, Node]", schema["$defs"])
        self._sources = _refs(_properties(schema)["sources"]["items"])
        common = [_properties(self._defs[name]).items() for name in self._sources]
        self._common = {key for key, node in common[0] if all((key, node) in c for c in common[1:])}
        self._names = self._headings()

    def text(self) -> str:
        lines = [_HEAD, *self._table(self._schema)]
        for name, heading in self._names.items():
            if name == self._sources[0]:
                lines += [_EVERY_SOURCE, *self._table(self._defs[name], only=self._common)]
            hidden = self._common | {"type"} if name in self._sources else set()
            lines += [f"{heading}\n", f"{_plain(self._defs[name].get('description'))}\n"]
            lines += self._table(self._defs[name], without=hidden)
        return "\n".join([*lines, _FOOT]).removesuffix("\n")

    def _headings(self) -> dict[str, str]:
        """Each section's heading: its place in the file, or what it is where it has several."""
        names: dict[str, str] = {}
        top = {key: node for key, node in _properties(self._schema).items() if key != "sources"}
        for key, node in top.items():
            for name in _refs(node):
                names[name] = f"## `{key}`"
                for inner, part in _properties(self._defs[name]).items():
                    names |= dict.fromkeys(_refs(part), f"### `{key}.{inner}`")
        for name in self._sources:
            kind = _properties(self._defs[name])["type"]["const"]
            names[name] = f"### `type: {kind}`"
        waiting = list(self._sources)
        while waiting:
            for part in _properties(self._defs[waiting.pop(0)]).values():
                for name in _refs(part):
                    if name not in names:
                        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
                        names[name] = f"### {words.capitalize()}"
                        waiting.append(name)
        return names

    def _table(
        self, section: Node, *, only: set[str] | None = None, without: set[str] | None = None
    ) -> list[str]:
        choices = cast("Sequence[Node]", section.get("anyOf", ({},)))
        needed = cast("Sequence[str]", section.get("required", choices[-1].get("required", ())))
        rows = ["| key | takes | default | means |", "| --- | --- | --- | --- |"]
        for key, node in _properties(section).items():
            if (only is None or key in only) and key not in (without or ()):
                default = "" if key in needed else self._default(node)
                cells = f"`{key}`", self._takes(node), default, self._means(node)
                rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        return [*rows, ""]

    def _takes(self, node: Node) -> str:
        if "$ref" in node:
            name = str(node["$ref"]).removeprefix(_REF)
            title = self._names[name].lstrip("# ")
            return f"[{title.strip('`')}](#{anchor(title)})"
        if "enum" in node:
            return ", ".join(f"`{value}`" for value in cast("list[object]", node["enum"]))
        if "anyOf" in node:
            options = cast("list[Node]", node["anyOf"])
            if "default" in node and node["default"] is None:
                options = [option for option in options if option.get("type") != "null"]
            return " or ".join(self._takes(option) for option in options)
        match node.get("type"):
            case "array" if "prefixItems" in node:
                return f"list of {node['minItems']} whole numbers"
            case "array" if _refs(node) == self._sources:
                return "list of [sources](#sources)"
            case "array":
                return f"list of {self._takes(cast(Node, node['items']))}"
            case "object":
                patterns = cast("Mapping[str, Node]", node.get("patternProperties", {}))
                values = [*patterns.values(), node.get("additionalProperties")]
                return f"map of names to {self._takes(cast(Node, values[0]))}"
            case "integer":
                return f"whole number{_range(node)}"
            case kind:
                words = {"string": "text", "boolean": "true or false"}
                return f"{words.get(str(kind), str(kind))}{_range(node)}"

    def _default(self, node: Node) -> str:
        if "$ref" in node:
            return "see there"
        if "default" not in node:
            return "empty"
        value = node["default"]
        if value is None:
            return "none"
        return f"`{value if isinstance(value, str) and value.strip() else json.dumps(value)}`"

    def _means(self, node: Node) -> str:
        referred = self._defs.get(str(node.get("$ref", "")).removeprefix(_REF), {})
        return _plain(node.get("description") or referred.get("description"))


def anchor(heading: str) -> str:
    """Return the name that GitHub gives to a heading for links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _properties(section: Node) -> Mapping[str, Node]:
    return cast("Mapping[str, Node]", section.get("properties", {}))


def _refs(node: object) -> list[str]:
    """Return the names of all sections that a key's type leads to."""
    return list(_walk(node))


def _walk(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield str(node["$ref"]).removeprefix(_REF)
        for key, value in node.items():
            if key not in ("default", "discriminator"):
                yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _range(node: Node) -> str:
    low = _bound(node, "minimum", "exclusiveMinimum", "above")
    high = _bound(node, "maximum", "exclusiveMaximum", "below")
    match low, high:
        case "", "":
            return ""
        case _, "":
            return f", {low}" if "exclusiveMinimum" in node else f", {low} or more"
        case "", _:
            return f", {high}" if "exclusiveMaximum" in node else f", at most {high}"
        case _:
            return f", {low} … {high}"


def _bound(node: Node, inclusive: str, exclusive: str, word: str) -> str:
    """A bound as people write it: without a decimal point where it is whole."""
    value = cast("float | None", node.get(inclusive, node.get(exclusive)))
    if value is None:
        return ""
    written = f"{value:.0f}" if value == int(value) else f"{value:g}"
    return f"{word} {written}" if exclusive in node else written


def _plain(text: object) -> str:
    return " ".join(str(text or "").split())
