"""The schema as a page in Markdown: `docs/graph.md` is this text, and a test holds it to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from itertools import groupby
from textwrap import fill

from kg.schema import (
    ATTRIBUTE_KINDS,
    BOOKKEEPING,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    NodeType,
    Property,
    RelationshipType,
)

_HEAD = """\
# The graph: labels, keys, relationship types, properties

    kgrec schema                   # this page as a table
    kgrec query browse/overview    # how many of each your graph holds

This page is made by `kgrec schema --format markdown`. Each node has one business key, unique by
constraint, which comes from your files or from what the node says; nothing refers to ids of the
database. A property that nobody knows is absent, never empty.

```cypher
MATCH (u:User {userId: $userId})-[:WROTE]->(r:Review)-[:ABOUT]->(i:Item)
RETURN i.title, r.text, r.sentiment ORDER BY r.writtenAt DESC
```
"""

_FOOT = """\
Next: [queries](queries.md) that ask all this, [text](text.md) for how entities, aspects, topics and
sentiment come about, and [models](models.md) for what attention and scores mean.
"""

_COMMON = """\
## Properties that many carry

In the tables below they stand in one line under the others.
"""

_EVIDENCE = """\
## Relationships that are evidence

What people did and said, and what is known of items. A model learns from these; publishing leaves
on each how much attention it paid, where messages ran along it.
"""

_MORE_TYPES = """\
A config may name further behaviours (:User → :Item) and relations (among users or among items);
they carry the same properties.
"""

_RESULTS = """\
## Relationships that are results

Derived from evidence, or published from a model. Training never reads them: what it needs of
:DESCRIBED_BY and :INTERESTED_IN is derived again from the evidence that it may see.
"""

_BOOKKEEPING = """\
## Nodes of book-keeping

Which runs wrote what, how far they came, and what the graph belongs to.
"""


def schema_page() -> str:
    """Return the page."""
    evidence = [kind for kind in RELATIONSHIP_TYPES if kind.evidence]
    results = [kind for kind in RELATIONSHIP_TYPES if not kind.evidence]
    common = _common((*NODE_TYPES, *evidence, *results))
    return "\n".join(
        [
            _HEAD,
            _COMMON,
            _table(("property", "type", "meaning"), map(_row, common)),
            "## Nodes\n",
            *_nodes(NODE_TYPES, common),
            fill(
                f"Kinds of attributes that need no declaration: {', '.join(ATTRIBUTE_KINDS)}.", 100
            ),
            "",
            _EVIDENCE,
            *_relationships(evidence, common),
            _MORE_TYPES,
            _RESULTS,
            *_relationships(results, common),
            _BOOKKEEPING,
            *_nodes(BOOKKEEPING, ()),
            _FOOT,
        ]
    ).removesuffix("\n")


def _common(types: Iterable[NodeType | RelationshipType]) -> list[Property]:
    count = Counter(
        each for group in dict.fromkeys(kind.properties for kind in types) for each in group
    )
    named = Counter(each.name for each in count)
    return [each for each, times in count.items() if times > 2 and named[each.name] == 1]


def _nodes(nodes: Iterable[NodeType], common: Container[Property]) -> Iterator[str]:
    for node in nodes:
        more = "; a source may add properties of its own" if node.open else ""
        yield f"### :{node.label}\n\nKey `{node.key}`: {node.meaning}{more}.\n"
        yield from _properties(node.properties, common)


def _relationships(types: Iterable[RelationshipType], common: Container[Property]) -> Iterator[str]:
    """Describe types that run between the same labels and hold the same together."""
    for _, alike in groupby(types, key=lambda kind: (kind.start, kind.end, kind.properties)):
        group = list(alike)
        first = group[0]
        between = f"{_labels(first.start)} → {_labels(first.end)}"
        if len(group) == 1:
            yield f"### :{first.type}\n\n{between}: {first.meaning}.\n"
        else:
            yield f"### {between}\n"
            yield _table(("type", "means"), ((f":{kind.type}", kind.meaning) for kind in group))
        if first.keys:
            keys = ", ".join(f"`{key}`" for key in first.keys)
            yield f"Two between the same nodes are told apart by {keys}.\n"
        yield from _properties(first.properties, common)


def _properties(properties: Iterable[Property], common: Container[Property]) -> Iterator[str]:
    own = [each for each in properties if each not in common]
    shared = [f"`{each.name}`" for each in properties if each in common]
    if own:
        yield _table(("property", "type", "meaning"), map(_row, own))
    if shared:
        yield f"{'And' if own else 'Holds'} {', '.join(shared)}.\n"


def _row(each: Property) -> tuple[str, str, str]:
    return f"`{each.name}`", f"`{each.type}`", each.meaning


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _labels(labels: Iterable[str]) -> str:
    return " / ".join(f":{label}" for label in labels)
