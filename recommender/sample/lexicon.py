"""The hand-written files, read and checked: the catalogue, the aspects and the stories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from statistics import median
from typing import Any

import yaml

from kg.settings import Settings
from recommender.sample.grammar import limited

_FRAGMENT_FILES = ("audio", "coffee", "outdoor", "home", "common")
POOLS = ("good", "bad", "so", "good_np", "bad_np")


@dataclass(frozen=True)
class Kind:
    """A kind of product: its words, and what it typically costs."""

    name: str
    noun: str
    plural: bool
    category: str
    department: str
    descriptors: tuple[str, ...]
    typical_price: float


@dataclass(frozen=True)
class Aspect:
    """Something people talk about: the kinds that have it, its surface forms, its fragments."""

    name: str
    variants: tuple[str, ...]
    nuisance: bool
    """Nobody is fond of it as such: noise is at best low."""
    pools: dict[str, dict[str, tuple[str, ...]]]
    """Kind → pool (`good`, `bad`, `so`, `good_np`, `bad_np`) → templates."""


class Segment(Settings):
    """A kind of customer, and how much they like what."""

    name: str
    """In words."""
    kinds: dict[str, float]
    """Kind of product → liking."""
    brands: dict[str, float]
    """Brand → liking."""
    features: dict[str, float]
    """Feature → liking."""
    aspects: list[str]
    """What matters to them."""
    price: float
    """Liking of what is dear for its kind; negative where they have little money."""


class Stories(Settings):
    """Templates of everything around the opinions, and words that fill their slots."""

    openings: dict[str, list[str]]
    """Kind of product, or `any` → first sentences."""
    stories: dict[str, list[str]]
    """Kind of product, or `any` → bits of life."""
    comparisons: list[str]
    """Sentences about another product."""
    fillers: list[str]
    """Sentences that say little."""
    closings: dict[int, list[str]]
    """Stars → last words."""
    titles: dict[int, list[str]]
    """Stars → headlines."""
    leads: dict[str, list[str]]
    """`good`, `bad`, `so` → how a clause begins."""
    shapes: dict[str, list[str]]
    """`good`, `bad` → clauses about any aspect; `[*]` is its place."""
    contexts: dict[str, list[str]]
    """Kind of product, or `any` → when and where, to put before or behind a clause."""
    joins: dict[str, list[str]]
    """`same`, `mixed`, `first` → what stands between or before two clauses."""
    lists: dict[str, list[str]]
    """`good`, `bad`, `mixed` → opinions without a verb."""
    friends: list[str]
    """People who turn up."""
    partners: list[str]
    """What writers call the person they live with."""
    cities: list[str]
    """Where writers live."""
    words: dict[str, list[str]]
    """Slot → words that any template may use."""


@dataclass(frozen=True)
class Catalogue:
    """What the shop sells and who buys there."""

    rows: list[dict[str, str]]
    segments: dict[str, Segment]
    brands: dict[str, list[str]]

    def cares(self, segments: Iterable[str]) -> set[str]:
        """Return the aspects that matter to someone of these segments."""
        return {aspect for name in segments for aspect in self.segments[name].aspects}


@dataclass(frozen=True)
class Lexicon:
    """The kinds, the aspects and the stories around them."""

    kinds: dict[str, Kind]
    aspects: dict[str, Aspect]
    stories: Stories

    def aspects_of(self, kind: str) -> list[str]:
        """Return the aspects that products of this kind have."""
        return [name for name, aspect in self.aspects.items() if kind in aspect.pools]


def read_catalogue() -> Catalogue:
    """Return the catalogue."""
    raw = _yaml("catalogue.yaml")
    rows = []
    for kind, lines in raw["items"].items():
        for line in lines:
            values = [part.strip() for part in line.split("|")]
            names = ("brand", "model", "price", "features", "colour")
            rows.append({"kind": kind, **dict(zip(names, values, strict=True))})
    segments = {name: Segment.model_validate(s) for name, s in raw["segments"].items()}
    return Catalogue(rows, segments, raw["brands"])


def read_lexicon(catalogue: Catalogue) -> Lexicon:
    """Return kinds, aspects and stories."""
    kinds = {
        name: _kind(name, raw, catalogue) for name, raw in _yaml("catalogue.yaml")["kinds"].items()
    }
    aspects = {
        name: _aspect(name, raw, kinds)
        for file in _FRAGMENT_FILES
        for name, raw in _yaml(f"grammar/{file}.yaml").items()
    }
    return Lexicon(kinds, aspects, Stories.model_validate(_yaml("grammar/stories.yaml")))


def _yaml(path: str) -> dict[str, Any]:
    text = files("recommender.sample").joinpath(path).read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    if not isinstance(content, dict):
        raise TypeError(f"{path} holds {type(content).__name__}, wanted a mapping")
    return content


def _kind(name: str, raw: dict[str, Any], catalogue: Catalogue) -> Kind:
    prices = [float(row["price"]) for row in catalogue.rows if row["kind"] == name]
    return Kind(
        name=name,
        noun=raw["noun"],
        plural=raw.get("plural", False),
        category=raw["category"],
        department=raw["department"],
        descriptors=tuple(raw["descriptor"]),
        typical_price=median(prices),
    )


def _aspect(name: str, raw: dict[str, Any], kinds: dict[str, Kind]) -> Aspect:
    types = list(kinds) if raw["types"] == ["any"] else raw["types"]
    pools: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in types:
        fitting = {
            pool: tuple(
                text
                for text, allowed in (limited(template, kinds) for template in raw[pool])
                if kind in allowed
            )
            for pool in POOLS
        }
        if not (fitting["good"] and fitting["bad"]):
            raise ValueError(f"aspect {name!r} says nothing good or nothing bad of {kind!r}")
        pools[kind] = fitting
    return Aspect(name, tuple(raw["variants"]), raw.get("nuisance", False), pools)
