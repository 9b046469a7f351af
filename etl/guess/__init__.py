"""What `kgrec init` does: looks at files and proposes sources, with what it is not sure about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from etl.guess.columns import ColumnGuess, Guessed, guess_columns
from etl.guess.look import Look, look_at
from etl.guess.render import render
from etl.sources import ReadSettings, Source, read_source
from kg.errors import SourceError

__all__ = ["ColumnGuess", "Guess", "SourceGuess", "guess", "render"]

_SOURCE: Final[TypeAdapter[Source]] = TypeAdapter(Source)


_MANY: Final = ReadSettings().max_rejected_share


@dataclass(frozen=True, kw_only=True)
class SourceGuess:
    """A proposed source.

    Attributes:
        settings: as the config would have them.
        columns: what each column seems to be.
        questions: what a person has to answer before it works.
        notes: what a person should know.
        tried: how many of the first rows could be read with these settings, in words.
    """

    settings: dict[str, object]
    columns: list[ColumnGuess] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tried: str = ""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A proposed config.

    Attributes:
        name: of the dataset.
        sources: in the order of the files.
    """

    name: str
    sources: list[SourceGuess]


def guess(files: Sequence[Path], *, name: str | None = None) -> Guess:
    """Look at files and propose how to read them.

    Raises:
        SourceError: a file does not exist or cannot be unpacked.
    """
    for file in files:
        if not file.is_file():
            raise SourceError(f"There is no file {file}.", remedy="Check the path.")
    looks = [look for file in files for look in look_at(file)]
    proposed = [*_atomic(looks), *_amazon(looks), *_triples(looks), *map(_alone, _rest(looks))]
    sources = [_tried(source) for source in proposed]
    return Guess(name=name or _dataset_name(looks), sources=sources)


def _dataset_name(looks: Sequence[Look]) -> str:
    bare = re.sub(r"[^A-Za-z0-9_-]+", "_", looks[0].dataset_name if looks else "").strip("_-")
    return (bare if bare[:1].isalpha() else f"data_{bare}")[:63] or "data"


def _atomic(looks: Sequence[Look]) -> list[SourceGuess]:
    stems = dict.fromkeys(
        str(Path(look.path).with_suffix("")) for look in looks if look.format == "atomic"
    )
    return [
        SourceGuess(
            settings={"type": "recbole", "path": stem, "positive": {"min_rating": 4}},
            notes=["RecBole's atomic files; all of .inter .user .item .kg .link are read."],
        )
        for stem in stems
    ]


def _is_amazon_review(look: Look) -> bool:
    names = set(look.columns)
    old = {"reviewerID", "asin", "overall"} <= names
    return look.format == "jsonl" and (old or {"user_id", "parent_asin", "rating"} <= names)


def _is_amazon_item(look: Look) -> bool:
    names = set(look.columns)
    item = bool({"asin", "parent_asin"} & names) and not {"reviewerID", "user_id"} & names
    told = {"categories", "category", "related", "also_buy", "store", "main_category", "main_cat"}
    return look.format == "jsonl" and item and bool(told & names)


def _amazon(looks: Sequence[Look]) -> list[SourceGuess]:
    items = [look for look in looks if _is_amazon_item(look)]
    reviews = [look for look in looks if _is_amazon_review(look)]
    found = []
    for place, look in enumerate(reviews):
        settings: dict[str, object] = {"type": "amazon", **_place(look)}
        if place < len(items):
            settings["metadata"] = items[place].path
        settings["positive"] = {"min_rating": 4}
        found.append(SourceGuess(settings=settings, notes=["A public dump of Amazon reviews."]))
    return found


def _looks_like_triples(look: Look) -> bool:
    if look.format != "csv" or look.has_header or len(look.columns) != 3:
        return False
    if look.delimiter not in ("\t", " "):
        return False
    predicates = {str(value) for value in list(look.columns.values())[1]}
    return len(predicates) <= 500 and not all(value.isdigit() for value in predicates)


def _looks_like_links(look: Look) -> bool:
    return (
        look.format == "csv"
        and len(look.columns) == 2
        and (not look.has_header)
        and all(len(set(map(str, v))) == len(v) for v in look.columns.values())
    )


def _triples(looks: Sequence[Look]) -> list[SourceGuess]:
    found = []
    links = [look.path for look in looks if _looks_like_links(look)]
    for look in looks:
        if look.format == "rdf" or _looks_like_triples(look):
            settings: dict[str, object] = {"type": "triples", **_place(look)}
            questions = []
            if links:
                settings["links"] = links[0]
            else:
                questions = ["Which file says what entity an item is? Name it in `links`."]
            found.append(SourceGuess(settings=settings, notes=questions))
    return found


def _rest(looks: Sequence[Look]) -> list[Look]:
    """Return the looks at files that no other guess took."""
    triples = any(look.format == "rdf" or _looks_like_triples(look) for look in looks)
    reviews = any(_is_amazon_review(look) for look in looks)
    return [
        look
        for look in looks
        if look.format not in ("atomic", "rdf")
        and not _is_amazon_review(look)
        and not (reviews and _is_amazon_item(look))
        and not _looks_like_triples(look)
        and not (triples and _looks_like_links(look))
    ]


def _place(look: Look) -> dict[str, object]:
    place: dict[str, object] = {"path": look.path}
    if look.member:
        place["member"] = look.member
    if look.encoding != "utf-8":
        place["encoding"] = look.encoding
    return place


def _alone(look: Look) -> SourceGuess:
    if look.format == "unknown":
        return SourceGuess(settings={}, notes=look.notes, questions=[f"What is {look.path}?"])
    if look.format == "adjacency":
        settings: dict[str, object] = {"type": "adjacency", **_place(look)}
        part = next((p for p in ("train", "valid", "test") if p in look.bare_name.lower()), None)
        if part:
            settings["part"] = part
        return SourceGuess(settings=settings, notes=["Each line is a user and that user's items."])
    guessed = guess_columns(look)
    return SourceGuess(
        settings=_delimited(look, guessed),
        columns=[guessed.guesses[name] for name in look.columns],
        questions=guessed.questions,
        notes=look.notes,
    )


def _delimited(look: Look, guessed: Guessed) -> dict[str, object]:
    settings: dict[str, object] = {"type": "delimited", **_place(look)}
    if look.format == "csv":
        settings["format"] = "csv"
        settings["delimiter"] = look.delimiter
        if not look.quoted:
            settings["quote"] = None
        if not look.has_header:
            settings["header"] = list(look.columns)
    else:
        settings["format"] = look.format
    settings["columns"] = guessed.columns
    if guessed.behaviour:
        settings["behaviour"] = guessed.behaviour
    if guessed.min_rating is not None:
        settings["positive"] = {"min_rating": guessed.min_rating}
    return settings


def _tried(proposed: SourceGuess) -> SourceGuess:
    """Read the first rows as proposed, and say how it went."""
    if proposed.questions or not proposed.settings:
        return proposed
    try:
        source = _SOURCE.validate_python(proposed.settings)
        limits = ReadSettings.model_validate({"block": 262_144})
        batch = next(read_source(source, Path(), limits))
    except (ValidationError, SourceError) as error:
        said = f"This does not work yet: {error}"
        return replace(proposed, questions=[said])
    tried = f"{batch.accepted:,} of the first {batch.rows:,} rows can be read"
    if batch.rejected.num_rows:
        first = batch.rejected.slice(0, 1).to_pylist()[0]
        tried += f"; line {first['line']}: {first['reason']}, {first['detail']}"
    notes = list(proposed.notes)
    if batch.rejected.num_rows > _MANY * batch.rows:
        notes.append(
            f"More than {_MANY:.0%} of the rows cannot be read, which stops a run: correct this, "
            "or raise read.max_rejected_share."
        )
    return replace(proposed, tried=tried, notes=notes)
