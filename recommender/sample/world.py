"""The planted world: what the shop sells, who likes what, who bought what and how it went."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from random import Random

from recommender.sample.lexicon import Catalogue, Kind, Lexicon, Segment

USERS = 500
REVIEWS = 8000
START = 1_672_531_200
"""2023-01-01, in seconds since 1970."""
YEARS = 2
DAY = 86_400
_MAIN_SHARE = (0.72, 0.95)
_CHOICE_HEAT = 1.25
_NAMES = (
    "ada alba amir anna arno aya bela ben bo carla cleo dana dario edda eli elin emil esra eva "
    "fay finn flora gus hana hugo ida ines iris ivo jana jo jonas jude kaya kim lea leo lin lotte "
    "luca mae maja mara matteo mia milo mina nadia nils noa nora olga oskar otto pia quinn rafa "
    "remy rosa ruben ruth sami sara sina sol svea tara teo tilda tom uma vera vito willa yara zoe"
)
_AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")


@dataclass(frozen=True)
class Item:
    """One thing the shop sells; `quality` is how good each aspect really is, -1.5 to 1.5."""

    item_id: str
    title: str
    kind: Kind
    brand: str
    price: float
    features: tuple[str, ...]
    colour: str
    released: int
    appeal: float
    quality: dict[str, float]
    description: str = ""


@dataclass(frozen=True)
class User:
    """One customer: shares of the segments whose tastes they have, and who they are."""

    user_id: str
    segments: dict[str, float]
    generosity: float
    reviews: int
    joined: int
    traits: dict[str, str]


@dataclass(frozen=True)
class Purchase:
    """A user bought an item; how it went, and when they wrote about it."""

    user: User
    item: Item
    rating: int
    delight: float
    at: int


@dataclass
class World:
    """Everything that is true in the shop."""

    items: list[Item]
    users: list[User]
    purchases: list[Purchase] = field(default_factory=list)


def slug(text: str) -> str:
    """Return text as a key: lower case, ASCII, hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ö", "o")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def make_world(random: Random, catalogue: Catalogue, lexicon: Lexicon) -> World:
    """Return the shop with its customers and what they bought."""
    items = [_item(random, row, lexicon) for row in catalogue.rows]
    users = _users(random, sorted(catalogue.segments))
    world = World(items, users)
    for user in users:
        world.purchases.extend(_purchases(random, user, items, catalogue))
    return world


def taste(user_segments: dict[str, float], item: Item, catalogue: Catalogue) -> float:
    """Return how much a user with these segments likes an item, by what is planted alone."""
    return sum(
        share * _liking(catalogue.segments[name], item) for name, share in user_segments.items()
    )


def _liking(segment: Segment, item: Item) -> float:
    kind = 2.0 * segment.kinds.get(item.kind.name, 0.0)
    brand = segment.brands.get(item.brand, 0.0)
    features = sum(segment.features.get(feature, 0.0) for feature in item.features)
    known = [item.quality[aspect] for aspect in segment.aspects if aspect in item.quality]
    quality = 0.8 * sum(known) / len(known) if known else 0.0
    return kind + brand + features + quality + 0.5 * segment.price * _dear(item)


def _dear(item: Item) -> float:
    return math.log(item.price / item.kind.typical_price)


def _item(random: Random, row: dict[str, str], lexicon: Lexicon) -> Item:
    kind = lexicon.kinds[row["kind"]]
    price = float(row["price"])
    base = random.gauss(0.3, 0.35) + 0.15 * math.log(price / kind.typical_price)
    aspects = lexicon.aspects_of(kind.name)
    quality = {name: max(-1.5, min(1.5, random.gauss(base, 0.65))) for name in aspects}
    title = f"{row['brand']} {row['model']} {random.choice(kind.descriptors)}"
    return Item(
        item_id=slug(f"{row['brand']} {row['model']}"),
        title=title,
        kind=kind,
        brand=row["brand"],
        price=round(price - 0.05, 2),
        features=tuple(row["features"].split("; ")),
        colour=row["colour"],
        released=START + int(random.uniform(-1.5, 1.2) * 365 * DAY),
        appeal=random.gauss(0.0, 0.55),
        quality=quality,
    )


def _users(random: Random, segments: list[str]) -> list[User]:
    sizes = [math.exp(random.gauss(0, 0.55)) for _ in range(USERS)]
    scale = REVIEWS / sum(sizes)
    counts = [max(4, min(48, round(size * scale))) for size in sizes]
    while (gap := REVIEWS - sum(counts)) != 0:
        place = random.randrange(USERS)
        step = 1 if gap > 0 else -1
        if 4 <= counts[place] + step <= 48:
            counts[place] += step
    keys = random.sample([f"{name}-{n}" for name in _NAMES.split() for n in range(11, 99)], USERS)
    users = []
    for key, count in zip(keys, counts, strict=True):
        main, second = random.sample(segments, 2)
        share = round(random.uniform(*_MAIN_SHARE), 2)
        users.append(
            User(
                user_id=key,
                segments={main: share, second: round(1 - share, 2)},
                generosity=random.gauss(0, 0.25),
                reviews=count,
                joined=START + int(random.triangular(0, 1.6, 0.2) * 365 * DAY),
                traits={"age": random.choice(_AGES), "city": ""},
            )
        )
    return users


def _purchases(
    random: Random, user: User, items: list[Item], catalogue: Catalogue
) -> list[Purchase]:
    liking = {item.item_id: taste(user.segments, item, catalogue) for item in items}
    drawn = sorted(
        items,
        key=lambda item: -(_CHOICE_HEAT * liking[item.item_id] + item.appeal + _gumbel(random)),
    )
    end = START + YEARS * 365 * DAY
    bought = []
    for item in drawn[: user.reviews]:
        first = max(user.joined, item.released)
        at = int(random.uniform(first, end)) if first < end else end
        delight = _delight(random, user, item, liking[item.item_id], catalogue)
        bought.append(Purchase(user, item, _stars(delight), delight, at))
    return bought


def _delight(random: Random, user: User, item: Item, liking: float, catalogue: Catalogue) -> float:
    cares = {a for name in user.segments for a in catalogue.segments[name].aspects} & set(
        item.quality
    )
    overall = sum(item.quality.values()) / len(item.quality)
    personal = sum(item.quality[a] for a in sorted(cares)) / len(cares) if cares else overall
    luck = random.gauss(0, 0.4)
    return 0.35 * overall + 0.45 * personal + 0.16 * liking + user.generosity + luck


def _stars(delight: float) -> int:
    return 1 + sum(delight > bound for bound in (-0.3, 0.0, 0.4, 0.95))


def _gumbel(random: Random) -> float:
    return -math.log(-math.log(random.random() or 1e-12))
