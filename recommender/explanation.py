"""Why an item is for a user: its reasons, replayed to the evidence that the graph holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from embeddings.reason_words import Counted, clause, plain, sentence
from kg.store import Store

EXPLAIN: Final = "recommend/explain"
PATHS: Final = "recommend/paths"
_COUNTS: Final = ("own", "praised", "blamed", "evidence", "positive", "negative")


@dataclass(frozen=True)
class Quote:
    """What somebody wrote that a reason rests on; `sentiment` −1 … 1, or unknown."""

    by: str
    title: str
    review_id: str
    sentiment: float | None
    text: str


@dataclass(frozen=True)
class Explained:
    """One reason.

    Attributes:
        place: 1 is the strongest.
        weight: as it was published, or that of the path.
        key: of the thing between user and item, as it is; all other words are `plain`.
        live: whether its evidence is in the graph; where not, `because` is empty.
        because: in plain words, to follow "because".
    """

    place: int
    kind: str
    weight: float
    key: str
    name: str
    live: bool
    own: int
    evidence: int
    positive: int
    negative: int
    because: str
    quotes: list[Quote]


@dataclass(frozen=True)
class Explanation:
    """The reasons of one user and item.

    Attributes:
        recommended: whether the item is on the user's list; else the reasons are the strongest
            paths that there are.
        sentence: all live reasons in one sentence.
        gone: how many published reasons have no evidence any more.
    """

    user: str
    item: str
    recommended: bool
    sentence: str
    gone: int
    reasons: list[Explained]

    @classmethod
    def of(cls, store: Store, user: str, item: str, *, top: int) -> Self:
        """Ask the graph.

        Args:
            store: the graph.
            user, item: keys, both in the graph.
            top: most paths, for an item that is not on the user's list.
        """
        rows = store.read(EXPLAIN, userId=user, itemId=item)
        recommended = bool(rows)
        if not recommended:
            paths = store.read(PATHS, userId=user, itemId=item, limit=top)
            reasons = [str(path["reason"]) for path in paths]
            rows = store.read(EXPLAIN, userId=user, itemId=item, reasons=reasons) if reasons else []
        live = [_counted(row) for row in rows if row["live"]]
        return cls(
            user=user,
            item=item,
            recommended=recommended,
            sentence=sentence(live),
            gone=len(rows) - len(live),
            reasons=[_explained(row) for row in rows],
        )

    @property
    def words(self) -> str:
        """The sentence, and what is to be said of reasons that are gone."""
        if not self.reasons:
            return "Nothing in the graph connects the two."
        if not self.gone:
            return self.sentence
        if not self.sentence:
            return "What this recommendation rested on is no longer in the graph."
        number = "One reason" if self.gone == 1 else f"{self.gone} reasons"
        has = "has" if self.gone == 1 else "have"
        return f"{self.sentence} {number} more that it was published with {has} no evidence now."


def _explained(row: Mapping[str, Any]) -> Explained:
    quotes: Sequence[Mapping[str, Any]] = row["quotes"]
    return Explained(
        place=row["place"],
        kind=row["kind"],
        weight=row["weight"],
        key=row["key"],
        name=plain(row["name"]),
        live=row["live"],
        own=row["own"],
        evidence=row["evidence"],
        positive=row["positive"],
        negative=row["negative"],
        because=clause(_counted(row)) if row["live"] else "",
        quotes=[
            Quote(
                by=plain(str(quote["by"])),
                title=plain(str(quote["title"])),
                review_id=str(quote["reviewId"]),
                sentiment=quote["sentiment"],
                text=plain(str(quote["text"] or "")),
            )
            for quote in quotes
        ],
    )


def _counted(row: Mapping[str, Any]) -> Counted:
    return Counted(
        kind=row["kind"],
        name=row["name"],
        examples=tuple(row["examples"]),
        **{name: row[name] for name in _COUNTS},
    )
