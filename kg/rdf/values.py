"""Values of the graph as RDF literals and back, types kept.

A list is one literal of JSON (rdf:JSON): it keeps its order and its numbers, and a vector of 64
stays one triple, where an RDF list would be 128. Times keep their offset, to the microsecond.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from kg.rdf.terms import Iri, term
from kg.schema import PropertyType

STRING: Final = term("xsd:string")
BOOLEAN: Final = term("xsd:boolean")
INTEGER: Final = term("xsd:integer")
DOUBLE: Final = term("xsd:double")
DATETIME: Final = term("xsd:dateTime")
DATE: Final = term("xsd:date")
JSON: Final = term("rdf:JSON")

DATATYPES: Final[dict[PropertyType, Iri]] = {
    "STRING": STRING,
    "INTEGER": INTEGER,
    "FLOAT": DOUBLE,
    "BOOLEAN": BOOLEAN,
    "ZONED DATETIME": DATETIME,
    "LIST<STRING>": JSON,
    "LIST<INTEGER>": JSON,
    "LIST<FLOAT>": JSON,
}
"""The datatype of each type of property that the schema has."""

_SPECIAL: Final = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}
_WHOLE: Final = frozenset(
    term(f"xsd:{name}") for name in ("integer", "int", "long", "short", "nonNegativeInteger")
)
_REAL: Final = frozenset(term(f"xsd:{name}") for name in ("double", "float", "decimal"))


def to_literal(value: object) -> tuple[str, str] | None:
    """Lexical form and datatype of a value; None for what RDF has no literal for."""
    match value:
        case str():
            return value, STRING
        case bool():
            return ("true" if value else "false"), BOOLEAN
        case int():
            return str(value), INTEGER
        case float():
            text = repr(value)
            return _SPECIAL.get(text, text), DOUBLE
        case datetime():
            return value.isoformat(), DATETIME
        case date():
            return value.isoformat(), DATE
        case list() if all(isinstance(each, str | int | float) for each in value):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")), JSON
        case _:
            return None


def from_literal(text: str, datatype: str) -> object:
    """The value of a literal; one of an unknown datatype is its text.

    Raises:
        ValueError: the text is none of its datatype.
    """
    if datatype == STRING:
        return text
    if datatype in _WHOLE:
        return int(text)
    if datatype in _REAL:
        return float(text)
    if datatype == BOOLEAN:
        return {"true": True, "1": True, "false": False, "0": False}[text]
    if datatype == DATETIME:
        return datetime.fromisoformat(text)
    if datatype == DATE:
        return date.fromisoformat(text)
    return json.loads(text) if datatype == JSON else text
