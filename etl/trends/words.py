"""An alert as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Finding:
    """What an alert says, for people.

    Attributes:
        thing: name of the aspect or topic; empty for the place's reviews as a whole.
        place: name of the item or attribute; empty for the whole catalogue.
        exposure: reviews or opinions that it is a share of; days for volume.
        item: name of the item that most of a rise is about; empty where there is none.
        item_reviews: how many of its reviews are about that item.
    """

    kind: str
    up: bool
    every: str
    start: date
    thing: str
    place: str
    observed: float
    expected: float
    lower: float
    upper: float
    exposure: float
    item: str = ""
    item_reviews: int = 0


def sentence(found: Finding) -> str:
    """Tell what was seen, what was expected, and the bound that it left."""
    mostly = f" {found.item_reviews:,} of them are about {found.item}." if found.item else ""
    where = f" of {found.place}" if found.place else ""
    when = _when(found.every, found.start)
    seen = f"{found.observed:,.0f}"
    bound = f"at {'most' if found.up else 'least'}"
    edge = found.upper if found.up else found.lower
    if found.kind == "volume":
        return (
            f"{seen} reviews{where} {when}, where {_count(found.expected)} were expected, "
            f"{bound} {_count(edge)}.{mostly}"
        )
    of, share = f"{found.exposure:,.0f}", found.observed / found.exposure
    expected, edge = found.expected / found.exposure, edge / found.exposure
    if found.kind == "share":
        speak = f"{seen} of {of} reviews{where} {when} speak of “{found.thing}”"
    elif found.thing:
        speak = f"{seen} of {of} opinions of “{found.thing}”{where} {when} are good"
    else:
        speak = f"{seen} of {of} opinions{where} {when} are good"
    return (
        f"{speak} ({_percent(share)}), where {_percent(expected)} was expected, "
        f"{bound} {_percent(edge)}.{mostly}"
    )


def _when(every: str, start: date) -> str:
    match every:
        case "year":
            return f"in {start.year}"
        case "quarter":
            return f"in quarter {(start.month + 2) // 3} of {start.year}"
        case "month":
            return f"in {start:%B} {start.year}"
        case "week":
            return f"in the week of {start.day} {start:%B} {start.year}"
        case _:
            return f"on {start.day} {start:%B} {start.year}"


def _count(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:.{0 if share >= 0.1 else 1}f} %"
