"""The world as rows of the shop's files: items, users, reviews, views and purchases."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from random import Random

from recommender.sample.files import Row
from recommender.sample.lexicon import Catalogue
from recommender.sample.voices import Voice
from recommender.sample.world import DAY, Item, World, taste
from recommender.sample.writer import Review

_PURCHASED = 0.7
_BROWSED = 6
_ALSO_BOUGHT = 3


def review_id(number: int) -> str:
    """Return the key of the review at this place in the file."""
    return f"r{number:05d}"


def review_rows(reviews: list[Review]) -> list[Row]:
    """Return one row a review, oldest first."""
    return [
        {
            "review_id": review_id(number),
            "user": review.purchase.user.user_id,
            "item": review.purchase.item.item_id,
            "stars": review.purchase.rating,
            "title": review.title,
            "text": review.text,
            "time": review.purchase.at,
        }
        for number, review in enumerate(reviews)
    ]


def item_rows(random: Random, world: World) -> list[Row]:
    """Return one row an item, with what is often bought along with it."""
    baskets = defaultdict(set)
    for purchase in world.purchases:
        baskets[purchase.user.user_id].add(purchase.item.item_id)
    together: Counter[tuple[str, str]] = Counter()
    for basket in baskets.values():
        together.update(combinations(sorted(basket), 2))
    bought = Counter(purchase.item.item_id for purchase in world.purchases)
    partners: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (one, two), count in together.items():
        closeness = count / (bought[one] * bought[two]) ** 0.5
        partners[one].append((-closeness, two))
        partners[two].append((-closeness, one))
    return [
        {
            "id": item.item_id,
            "title": item.title,
            "description": _description(random, item),
            "brand": item.brand,
            "category": [item.kind.department, item.kind.category],
            "features": list(item.features),
            "colour": item.colour,
            "price": item.price,
            "released": item.released - item.released % DAY,
            "also_bought": [key for _, key in sorted(partners[item.item_id])[:_ALSO_BOUGHT]],
        }
        for item in world.items
    ]


def user_rows(random: Random, world: World, voices: dict[str, Voice]) -> list[Row]:
    """Return one row a user, with whom they follow: mostly people with the same main taste."""
    alike = defaultdict(list)
    for user in world.users:
        alike[_main(user.segments)].append(user.user_id)
    rows: list[Row] = []
    for user in world.users:
        friends = set()
        for _ in range(random.choice((0, 0, 1, 2, 2, 3, 5))):
            same = random.random() < 0.75
            pool = alike[_main(user.segments)] if same else [u.user_id for u in world.users]
            friends.add(random.choice(pool))
        rows.append(
            {
                "user": user.user_id,
                "age": user.traits["age"],
                "city": voices[user.user_id].friends["city"],
                "follows": ";".join(sorted(friends - {user.user_id})),
            }
        )
    return rows


def behaviour_rows(random: Random, world: World, catalogue: Catalogue) -> list[Row]:
    """Return purchases of what was reviewed, and views of that and of other things they like."""
    rows = []
    by_user = defaultdict(list)
    for purchase in world.purchases:
        by_user[purchase.user.user_id].append(purchase)
    for user in world.users:
        own = by_user[user.user_id]
        for purchase in own:
            bought = purchase.at - random.randint(3, 40) * DAY
            key = (user.user_id, purchase.item.item_id)
            if random.random() < _PURCHASED:
                rows.append(_row(*key, "purchase", 1, None, bought))
            if random.random() < 0.35:
                looks = random.randint(1, 6)
                rows.append(_row(*key, "view", looks, looks * random.randint(8, 90), bought - DAY))
        known = {purchase.item.item_id for purchase in own}
        rest = [item for item in world.items if item.item_id not in known]
        rest.sort(key=lambda item: -taste(user.segments, item, catalogue) - random.gauss(0, 1.2))
        for item in rest[: random.randint(0, _BROWSED)]:
            at = random.choice(own).at + random.randint(-30, 30) * DAY
            seconds = random.randint(4, 70)
            rows.append(_row(user.user_id, item.item_id, "view", 1, seconds, at))
    return rows


def _row(user: str, item: str, action: str, count: int, seconds: int | None, at: int) -> Row:
    values = {"user": user, "item": item, "action": action, "count": count}
    return values | {"seconds": "" if seconds is None else seconds, "at": at}


def _main(segments: dict[str, float]) -> str:
    return max(segments, key=lambda name: segments[name])


def _description(random: Random, item: Item) -> str:
    best = sorted(item.quality, key=lambda name: -item.quality[name])[:2]
    features = " and ".join(item.features)
    verb = "are" if item.kind.plural else "is"
    opening = random.choice(
        (
            f"{item.brand} {item.kind.category.lower()} for every day: {features}.",
            f"The {item.title} {verb} {features}.",
            f"{features.capitalize()}, from {item.brand}.",
        )
    )
    ending = random.choice(
        (
            f"Made with care for {best[0]} and {best[1]}.",
            f"Our team worked on the {best[0]} first, then on the {best[1]}.",
            f"Known for its {best[0]}." if not item.kind.plural else f"Known for their {best[0]}.",
        )
    )
    return f"{opening} In {item.colour}. {ending}"
