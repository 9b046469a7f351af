"""A user, an item and things between them, chosen from the live graph to show it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.errors import ConfigError
from kg.query_file import Query
from kg.store import Store


@dataclass(frozen=True)
class Examples:
    """What stands for the parameters of queries.

    Attributes:
        user: the user's key.
        item: the item's key, of the user's list where there is one.
        title: the item's name.
        listed: whether a list is published for the user.
        deeds: what the user did with items.
        reviews: what the user wrote.
        values: parameter → value; a thing that the graph lacks is not in it.
    """

    user: str
    item: str
    title: str
    listed: bool
    deeds: int
    reviews: int
    values: Mapping[str, object] = field(default_factory=dict)

    def arguments(self, query: Query) -> dict[str, object] | None:
        """Return values for all parameters of a query; None where the graph has none for a key.

        A default of null is a filter that is off, and stays.
        """
        found: dict[str, object] = {}
        for parameter in query.parameters:
            value = parameter.default
            if value is not None or parameter.required:
                value = self.values.get(parameter.name, None if _is_key(parameter.name) else value)
                if value is None:
                    return None
            found[parameter.name] = value
        return found


def choose_examples(store: Store) -> Examples:
    """Return what to show this graph with.

    Raises:
        ConfigError: no user of the graph did anything with an item.
    """
    users = store.read("read/example_users")
    items = store.read("read/example_item", userId=users[0]["userId"]) if users else []
    if not items:
        raise ConfigError(
            "The graph has nobody who did anything with an item, so there is nothing to show.",
            remedy="Fill it first: kgrec run --sample, or kgrec run with your own config.",
        )
    user, item = users[0], items[0]
    things = store.read("read/example_things", userId=user["userId"], itemId=item["itemId"])[0]
    values = {name: value for name, value in things.items() if value not in (None, [])}
    values |= {"userId": user["userId"], "itemId": item["itemId"]}
    values["userIds"] = [each["userId"] for each in users]
    if "aspectId" in values:
        values["words"] = str(values["aspectId"]).lower().split()
    return Examples(
        user=str(user["userId"]),
        item=str(item["itemId"]),
        title=str(item["title"]),
        listed=bool(user["listed"]),
        deeds=int(str(user["deeds"])),
        reviews=int(str(user["reviews"])),
        values=values,
    )


def _is_key(name: str) -> bool:
    return name.endswith(("Id", "Ids")) or name == "liked"
