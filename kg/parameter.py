"""The parameters of a query: their types, defaults, and values given as text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.errors import ConfigError
from kg.yaml_text import YamlError, parse_yaml

TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "float": (float, int),
    "boolean": (bool,),
    "map": (dict,),
    "list<string>": (list, tuple),
    "list<integer>": (list, tuple),
    "list<float>": (list, tuple),
    "list<map>": (list, tuple),
    "list<list>": (list, tuple),
}
"""The types that a query file may name, and the Python types that pass as them.

There is no type for times: the embedded graph drops the time zone of a parameter. Queries take
epoch milliseconds, `datetime({epochMillis: $at})`, or ISO strings, `datetime($since)`.
"""

_SHOWN: Final = 200
"""Characters of a value that a message shows."""


@dataclass(frozen=True)
class Parameter:
    """One `$parameter` of a query. Without a default it must be given; null is always allowed."""

    name: str
    type: str
    meaning: str
    default: object = None
    required: bool = True

    def check(self, value: object, query: str) -> object:
        """Return the value if it fits the type, else raise ConfigError."""
        fits = isinstance(value, TYPES[self.type]) and (
            not isinstance(value, bool) or self.type == "boolean"
        )
        if value is not None and not fits:
            raise ConfigError(
                f"Parameter {self.name!r} of query {query!r} is a {type(value).__name__}, "
                f"wanted {self.type}.",
                remedy=f"It means: {self.meaning}.",
            )
        return value

    def parse(self, text: str, query: str) -> object:
        """The value that a person wrote on the command line, as this parameter's type.

        Lists and maps are JSON; a list of strings may also be written with commas.
        """
        try:
            return self.check(self._parse(text), query)
        except (ValueError, RecursionError) as error:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            raise ConfigError(
                f"Parameter {self.name!r} of query {query!r} is {shown!r}, wanted {self.type}.",
                remedy=f"It means: {self.meaning}.",
            ) from error

    def _parse(self, text: str) -> object:
        match self.type:
            case "string":
                return text
            case "integer":
                return int(text)
            case "float":
                return float(text)
            case "boolean":
                known: Mapping[str, bool] = {"true": True, "false": False}
                if text.lower() not in known:
                    raise ValueError(text)
                return known[text.lower()]
            case "list<string>" if not text.lstrip().startswith("["):
                return [part.strip() for part in text.split(",")]
            case _:
                value: object = json.loads(text)
                return value


_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "'": r"\'"} | {chr(code): f"\\u{code:04x}" for code in (*range(32), 127)}
)


def to_literal(value: object) -> str:
    """Return the Cypher literal of a string, number, boolean, null, or a list of them.

    Raises:
        ValueError: the value is of another type, or a number that is not finite.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return repr(value)
        case str():
            return f"'{value.translate(_ESCAPES)}'"
        case list() | tuple():
            return f"[{', '.join(map(to_literal, value))}]"
        case _:
            raise ValueError(f"{value!r} has no literal")


def parse_literal(text: str) -> object:
    """The value of a Cypher literal as it stands after `:param name =>`.

    Strings, numbers, booleans, null, lists and maps of them.

    Raises:
        ValueError: the text is no such literal.
    """
    try:
        value = parse_yaml(text).value
    except YamlError as error:
        raise ValueError(f"{text!r} is no literal") from error
    if isinstance(value, str) and text.strip()[0] not in "'\"":
        raise ValueError(f"{text!r} is no literal; strings stand in quotes")
    return value
