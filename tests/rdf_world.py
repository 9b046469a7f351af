"""A graph as plain values with their types, and graphs with hostile names, for tests of RDF."""

from __future__ import annotations

from collections import Counter

from kg.store import Store

HOSTILE = [
    "plain",
    "two words",
    "a/b#c?d=e&f",
    'say "hi"',
    "<b>tag</b>",
    "line\nbreak\r\ttab",
    "back\\slash \\u0041",
    "naïve 日本 😀",
    "\u202eright to left\u202c \u2066isolate\u2069",
    "50 % off",
    "..",
    "'; DROP",
    "\u2028\x85\x0b\x1f",
    "",
]


KEYS = "userId itemId reviewId attributeId entityId aspectId topicId runId checkpointId datasetId"


def whole(store: Store) -> tuple[dict[str, str], Counter[str]]:
    """Every node but migrations, and every relationship, with types of values; ids aside."""
    nodes = {
        repr((_end(row["labels"]), row["key"])): _typed(row["properties"])
        for row in store.run_text(
            "MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock AND NOT n:Lease "
            f"RETURN labels(n) AS labels, {_key('n')} AS key, properties(n) AS properties"
        )
    }
    joins = Counter(
        repr((row["type"], *map(_end, (row["a"], row["b"])), row["start"], row["end"]))
        + _typed(row["properties"])
        for row in store.run_text(
            f"MATCH (a)-[r]->(b) RETURN type(r) AS type, labels(a) AS a, {_key('a')} AS start, "
            f"labels(b) AS b, {_key('b')} AS end, properties(r) AS properties"
        )
    )
    return nodes, joins


def _end(labels: object) -> list[str]:
    assert isinstance(labels, list)
    return sorted(labels)


def _key(node: str) -> str:
    return f"coalesce({', '.join(f'{node}.{key}' for key in KEYS.split())})"


def _typed(properties: object) -> str:
    """repr tells 1 from 1.0, True from 1, -0.0 from 0.0, and times by offset."""
    assert isinstance(properties, dict)
    return repr(sorted((name, _plain(value)) for name, value in properties.items()))


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value
