"""The guide: ten short lessons on the live graph, which Neo4j Browser shows beside its results.

A lesson says what stands in this graph, with its names and numbers, and holds queries that a click
puts into Browser's editor. What the graph lacks, a lesson says, with what would bring it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.schema import BOOKKEEPING
from kg.store import Rows, Store
from recommender.browser.examples import Examples
from recommender.browser.saved import SavedQuery
from recommender.browser.style import Label

_HIDDEN = frozenset(node.label for node in BOOKKEEPING)
_NO_LIST = (
    "No list is published in this graph yet: kgrec publish puts them there. Until then, this asks "
    "what people with a taste like the user's like."
)


@dataclass(frozen=True)
class Step:
    """A query of a lesson, and what it shows."""

    shows: str
    statement: str


@dataclass(frozen=True)
class Lesson:
    """One page of the guide."""

    title: str
    told: list[str]
    steps: list[Step] = field(default_factory=list)
    try_: str = ""


class Teacher:
    """Writes the lessons of one graph."""

    def __init__(self, store: Store, examples: Examples, saved: Sequence[SavedQuery]) -> None:
        self.store = store
        self.examples = examples
        self.saved: Mapping[str, SavedQuery] = {each.query.name: each for each in saved}

    def lessons(self, labels: Sequence[Label], types: Mapping[str, int]) -> list[Lesson]:
        """Return the ten lessons, in order."""
        return [
            self._inside(labels, types),
            self._map(types),
            self._person(),
            self._interests(),
            self._list(),
            self._why(),
            self._opinions(),
            self._divided(),
            self._time(),
            self._onwards(),
        ]

    def _inside(self, labels: Sequence[Label], types: Mapping[str, int]) -> Lesson:
        shown = sorted((each for each in labels if each.name not in _HIDDEN), key=_by_size)
        kinds = ", ".join(f"{_count(each.nodes)} :{each.name}" for each in shown[:6])
        most = max(types, key=lambda name: types[name])
        return Lesson(
            "What is in the graph",
            [
                f"This graph holds {kinds}.",
                f"Its commonest relationship is :{most}, {_times(types[most])}.",
                "A click on a query puts it into the editor; the blue arrow runs it.",
            ],
            self._steps(("browse/overview", "How many there are of each, as a table.")),
            "Bring the style in first, if circles are grey: drop style.grass onto this window.",
        )

    def _map(self, types: Mapping[str, int]) -> Lesson:
        return Lesson(
            "The map",
            [
                f"There are {len(types)} types of relationships. One of each draws the map.",
                "Users do things with items and write reviews.",
                "Reviews speak of aspects and topics; items have attributes.",
            ],
            self._steps(("browse/overview_picture", "One relationship of each type.")),
            "Click a circle to read its properties; double-click it to see its neighbours.",
        )

    def _person(self) -> Lesson:
        here = self.examples
        wrote = f"{_count(here.reviews)} review{_s(here.reviews)}"
        return Lesson(
            f"One person: {here.user}",
            [f"{here.user} did something with items {_times(here.deeds)} and wrote {wrote}."],
            self._steps(
                ("browse/user_picture", f"{here.user} among what they did and care about."),
            ),
            "Drag a circle to hold it; change the LIMIT at the end to see more or less.",
        )

    def _interests(self) -> Lesson:
        rows = self._ask("browse/user_profile")
        told = [
            "What a user says and does shows what they care for: :INTERESTED_IN, with a weight."
        ]
        if rows:
            best = max(rows, key=lambda row: float(str(row["weight"])))
            told.append(
                f"The strongest interest of {self.examples.user} is {best['name']} "
                f"({str(best['kind']).lower()}), by {_rests(best['support'])}."
            )
        return Lesson(
            "What they care for",
            told,
            self._steps(("browse/user_profile", "By kind, strongest first.")),
            "sentiment tells whether they speak well of it, from -1 to 1.",
        )

    def _list(self) -> Lesson:
        here = self.examples
        if not here.listed:
            return Lesson(
                "What to recommend",
                [_NO_LIST],
                self._steps(("recommend/people_alike", "What people alike enjoy.")),
            )
        first = self._ask("recommend/for_user")[0]
        return Lesson(
            "What is recommended",
            [
                "A published list is a row of :RECOMMENDED relationships with a rank.",
                f"First for {here.user} is {first['title']}{_chance(first['probability'])}.",
            ],
            self._steps(
                ("recommend/for_user", "The list, best first."),
                ("recommend/people_alike", "Beside it: what people with a like taste enjoy."),
            ),
            "What carries the user's `listAt` is one whole list, also during a publish.",
        )

    def _why(self) -> Lesson:
        here = self.examples
        told = ["A list keeps its reasons, and a query walks them in the graph as it is now."]
        steps = self._steps(
            ("browse/why_paths", f"From {here.user} to {here.title}, drawn."),
            ("recommend/why", "The same as rows, with what each reason rests on."),
        )
        if not here.listed:
            return Lesson("Why", [_NO_LIST.split(".")[0] + "."], [])
        rows = self._ask("recommend/why")
        if rows:
            told.append(
                f"The strongest reason for {here.title} is of the kind {rows[0]['kind']}: "
                f"{rows[0]['name']}, resting on {rows[0]['evidence']}."
            )
        return Lesson("Why", told, steps, "Where evidence is gone, its reason gives no path.")

    def _opinions(self) -> Lesson:
        rows = self._ask("browse/item_opinions")
        told = ["Reviews speak of aspects, and each mention has a sentiment of its own clause."]
        if rows:
            most = rows[0]
            told.append(
                f"Of {self.examples.title} people speak most of {most['aspect']}: "
                f"{most['praise']} praise it and {most['blame']} blame it."
            )
        return Lesson(
            "What people say of an item",
            told,
            self._steps(
                ("browse/item_opinions", "Aspects with a quote each."),
                ("browse/item_quotes", "Quotes for one aspect, best and worst first."),
                ("browse/item_picture", f"What describes {self.examples.title}, drawn."),
            ),
        )

    def _divided(self) -> Lesson:
        rows = self._ask("browse/divided_opinions")
        told = ["A mean hides a quarrel. This counts praise and blame apart."]
        if rows:
            most = rows[0]
            told.append(
                f"Most divided are opinions on {most['aspect']} of {most['title']}: "
                f"{most['praise']} against {most['blame']}."
            )
        return Lesson(
            "Where opinions divide",
            told,
            self._steps(
                ("browse/divided_opinions", "Items and aspects that some praise and others blame."),
                ("browse/aspects", "What people talk about at all."),
            ),
        )

    def _time(self) -> Lesson:
        rows = self._ask("browse/reviews_over_time")
        told = ["Reviews have dates, so all that they say has a course."]
        if rows:
            told.append(
                f"The reviews of this graph go from {rows[0]['bucket']} to {rows[-1]['bucket']}."
            )
        steps = self._steps(
            ("browse/reviews_over_time", "How much is written, and how well it speaks."),
            ("browse/topics_over_time", "Topics by year."),
            ("browse/alerts", "What went beyond what the time before foretold."),
            ("browse/alert_picture", "The surest alert, with its evidence."),
        )
        alerts = self._ask("browse/alerts")
        told.append(
            f"The surest alert: {alerts[0]['sentence']}"
            if alerts
            else "No alert was raised here yet: kgrec trends raises them."
        )
        return Lesson("What changes", told, steps)

    def _onwards(self) -> Lesson:
        rows = self._ask("browse/hidden_gems")
        told = ["Every question of this guide is a saved query, and there are more of them."]
        if rows:
            gem = rows[0]
            told.append(
                f"One of them finds hidden gems, such as {gem['title']}: {gem['people']} people "
                f"know it and {float(str(gem['liked'])):.0%} of them like it."
            )
        return Lesson(
            "Where to go on",
            told,
            self._steps(
                ("browse/hidden_gems", "What few know and nearly all of them like."),
                ("recommend/similar_items", f"What is near {self.examples.title}."),
                ("browse/most_recommended", "What fills the lists."),
            ),
            "Put your own: change a query, then save it with the star.",
        )

    def _ask(self, name: str) -> Rows:
        asked = self.saved.get(name)
        return self.store.read(name, None, **asked.arguments) if asked else []

    def _steps(self, *asked: tuple[str, str]) -> list[Step]:
        return [
            Step(shows, self.saved[name].statement) for name, shows in asked if name in self.saved
        ]


def _by_size(label: Label) -> tuple[int, str]:
    return -label.nodes, label.name


def _count(number: int) -> str:
    return f"{number:,}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{_count(number)} times"


def _rests(support: object) -> str:
    number = int(str(support or 0))
    return f"{_count(number)} piece{_s(number)} of evidence"


def _chance(probability: object) -> str:
    return "" if probability is None else f", with a chance of {float(str(probability)):.0%}"
