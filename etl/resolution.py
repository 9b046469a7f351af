"""Attribute values that are one thing written differently become one, by declared rules.

Each rule is a way of writing a name down more coarsely; values of one kind that it writes equally
are the same. The spelling that most items have stays. What was merged, and by which rule, is the
table `resolved`; without rules nothing is merged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl
import pyarrow as pa

from etl.keys import normalised
from etl.settings import ResolveSettings, Rule
from etl.staging import Staging
from etl.tables import RESOLVED

_COMPANY: Final = frozenset(
    """
    ag bros brothers co company corp corporation distribution enterprises entertainment film films
    gmbh group inc incorporated interactive limited llc ltd media pictures plc
    productions releasing sa software studio studios usa
    """.split()  # noqa: SIM905
)
_WORDS = re.compile(r"[\w+#]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’.](?=\w)")


def resolve_attributes(staging: Staging, settings: ResolveSettings) -> int:
    """Rewrite the staged attributes by the settings; return how many spellings were merged.

    Args:
        staging: holds `attributes`; gets `resolved`.
        settings: what is one thing.
    """
    if not settings.rules and not settings.merge:
        staging.write("resolved", [])
        return 0
    attributes = pl.DataFrame(staging.read("attributes"))
    counts = attributes.group_by("kind", "value").agg(items=pl.col("item_id").n_unique())
    by_kind: dict[str, dict[str, int]] = {}
    for kind, value, items in counts.sort("kind", "value").iter_rows():
        by_kind.setdefault(kind, {})[value] = items
    found = [row for kind, values in by_kind.items() for row in _merged(kind, values, settings)]
    resolved = pa.Table.from_pylist(found, schema=RESOLVED)
    staging.write("resolved", [resolved])
    if found:
        merged = pl.DataFrame(resolved).select("kind", "value", "merged_into")
        rewritten = (
            attributes.join(merged, on=["kind", "value"], how="left", maintain_order="left")
            .with_columns(value=pl.coalesce("merged_into", "value"))
            .unique(["item_id", "kind", "value"], keep="first", maintain_order=True)
            .select(attributes.columns)
        )
        staging.write("attributes", [rewritten.to_arrow()])
    return len(found)


def _merged(
    kind: str, values: Mapping[str, int], settings: ResolveSettings
) -> list[dict[str, object]]:
    """Return a row of `RESOLVED` for each spelling of a kind that becomes another one."""
    into: dict[str, tuple[str, str]] = {}  # spelling → the one that stays, rule
    left = dict(values)
    for name, others in settings.merge.get(kind, {}).items():
        wanted = {normalised(other) for other in others}
        stays = next((value for value in values if normalised(value) == normalised(name)), name)
        for value in [value for value in left if normalised(value) in wanted and value != stays]:
            into[value] = (stays, "merge")
            left[stays] = left.get(stays, 0) + left.pop(value)
    if settings.kinds is None or kind in settings.kinds:
        apart = {normalised(value) for value in settings.apart.get(kind, ())}
        for count, rule in enumerate(("case", *settings.rules)):
            _merge_by(rule, settings.rules[:count], left, apart, into)
    return [
        {
            "kind": kind,
            "value": value,
            "merged_into": _last(into, value),
            "rule": rule,
            "items": values[value],
        }
        for value, (_, rule) in sorted(into.items())
    ]


def _merge_by(
    rule: str,
    ways: Sequence[Rule],
    left: dict[str, int],
    apart: set[str],
    into: dict[str, tuple[str, str]],
) -> None:
    """Merge what is left and equal in `ways`, into the commonest spelling."""
    groups: dict[str, list[str]] = {}
    for value in left:
        if normalised(value) not in apart:
            groups.setdefault(_coarse(value, ways), []).append(value)
    for same in groups.values():
        stays, *others = sorted(same, key=lambda value: (-left[value], value))
        for other in others:
            into[other] = (stays, rule)
            left[stays] += left.pop(other)


def _last(into: Mapping[str, tuple[str, str]], value: str) -> str:
    while value in into:
        value = into[value][0]
    return value


def _coarse(name: str, ways: Sequence[Rule]) -> str:
    for way in ways:
        name = _WAYS[way](name)
    return normalised(name)


def _without_punctuation(name: str) -> str:
    words = _WORDS.findall(_APOSTROPHE.sub("", name.replace("&", " and ")))
    return " ".join(words) or name


def _without_accents(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _without_company(name: str) -> str:
    words = name.split()
    if len(words) > 1 and words[0].lower() == "the":
        words.pop(0)
    while len(words) > 1 and words[-1].lower().strip(".,()") in _COMPANY:
        words.pop()
    return " ".join(words).rstrip(",")


_WAYS: Final[Mapping[Rule, Callable[[str], str]]] = {
    "punctuation": _without_punctuation,
    "accents": _without_accents,
    "company": _without_company,
}
