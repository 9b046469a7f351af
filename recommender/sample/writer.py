"""A purchase made into a review: which aspects it mentions, in which sentences, in whose voice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from recommender.sample.grammar import Mention, Phrase, grow, joined
from recommender.sample.lexicon import Aspect, Catalogue, Lexicon
from recommender.sample.voices import Voice
from recommender.sample.world import Item, Purchase, World

_COMMON = frozenset({"price", "design", "delivery", "packaging", "customer service", "size"})
_TIMELESS = _COMMON | {"build quality", "instructions", "setup"}
_SLOT = re.compile(r"(<\w+>)")
_PLACED = re.compile(
    r",|\b(?:on|in|at|after|for|with|when|from|to|than|past|by|than|within|since)\b"
)
_LONGEST = 8
_ANY_ASPECT = 0.22
Slots = Mapping[str, Sequence[str]]
_POOL = {1: "good", 0: "so", -1: "bad"}


@dataclass(frozen=True)
class Review:
    """A written review with its planted mentions; offsets count characters of `text`."""

    purchase: Purchase
    title: str
    text: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Opinion:
    """What a reviewer will say of one aspect."""

    aspect: Aspect
    polarity: int


@dataclass
class Writer:
    """Writes all reviews of the shop; remembers sentences so that it need not repeat itself."""

    random: Random
    lexicon: Lexicon
    catalogue: Catalogue
    world: World
    _used: set[str] = field(default_factory=set)

    def write(self, purchase: Purchase, voice: Voice) -> Review:
        """Return one review that no earlier one equals."""
        slots = self._slots(purchase.item, voice)
        while True:
            text = self._text(purchase, voice, slots)
            if text.text not in self._used:
                break
        self._used.add(text.text)
        title = ""
        if self.random.random() < voice.title:
            templates = self.lexicon.stories.titles[purchase.rating]
            title = grow(self.random.choice(templates), self.random, slots).text
        return Review(purchase, title.lower() if voice.lower else title, text.text, text.mentions)

    def _text(self, purchase: Purchase, voice: Voice, slots: Slots) -> Phrase:
        kind = purchase.item.kind.name
        body = self._body(self._opinions(purchase, voice), kind, voice, slots)
        stories = self.lexicon.stories
        before = self._perhaps(voice.around, self._of_kind(stories.openings, kind), slots)
        middle = self._perhaps(voice.around * 0.8, self._of_kind(stories.stories, kind), slots)
        middle += self._perhaps(voice.around * 0.3, stories.comparisons, slots)
        middle += self._perhaps(voice.around * 0.3, stories.stories["any"], slots)
        after = self._perhaps(voice.around * 0.3, stories.fillers, slots)
        if self.random.random() < voice.closing:
            closings = stories.closings[purchase.rating]
            after.append(self._grown(closings, slots))
        for sentence in middle:
            body.insert(self.random.randint(0, len(body)), sentence)
        sentences = [*before, *body, *after]
        while len(sentences) > _LONGEST:
            sentences.remove(next(s for s in sentences if not s.mentions))
        cheerful = purchase.rating >= 4
        typed = [
            voice.styled(s, self.random, cheerful=cheerful and bool(s.mentions)) for s in sentences
        ]
        if len(typed) > 4 and self.random.random() < voice.paragraphs:
            at = self.random.randint(2, len(typed) - 2)
            return joined([joined(typed[:at]), joined(typed[at:])], "\n\n")
        return joined(typed)

    def _opinions(self, purchase: Purchase, voice: Voice) -> list[Opinion]:
        item, random = purchase.item, self.random
        cares = self.catalogue.cares(purchase.user.segments)
        names = list(item.quality)
        keys = {}
        for name in names:
            weight = 0.3 + abs(item.quality[name]) + 1.5 * (name in cares)
            keys[name] = random.random() ** (1 / (weight * (0.4 if name in _COMMON else 1.0)))
        count = max(1, min(len(names), 7, round(random.gauss(voice.length, 1.0))))
        chosen = sorted(names, key=lambda name: -keys[name])[:count]
        aspects = [self.lexicon.aspects[name] for name in chosen]
        opinions = [Opinion(aspect, self._polarity(purchase, aspect)) for aspect in aspects]
        return _consistent(opinions, purchase.rating)

    def _polarity(self, purchase: Purchase, aspect: Aspect) -> int:
        if aspect.pools[purchase.item.kind.name]["so"] and self.random.random() < 0.05:
            return 0
        feeling = purchase.item.quality[aspect.name] + 1.1 * (purchase.delight - 0.4)
        return 1 if feeling + self.random.gauss(0, 0.35) > 0 else -1

    def _body(self, opinions: list[Opinion], kind: str, voice: Voice, slots: Slots) -> list[Phrase]:
        left = {sign: [o for o in opinions if o.polarity == sign] for sign in (1, -1, 0)}
        sentences = [self._clause(o, kind, slots).capitalised().ended() for o in left[0]]
        while left[1] or left[-1]:
            if self.random.random() < voice.lists:
                sentences.append(self._list(left, kind, slots))
                continue
            sentences.append(self._fresh_sentence(left, kind, slots))
        if self.random.random() < 0.25:
            self.random.shuffle(sentences)
        return sentences

    def _fresh_sentence(self, left: dict[int, list[Opinion]], kind: str, slots: Slots) -> Phrase:
        first_sign = 1 if left[1] and (not left[-1] or self.random.random() < 0.6) else -1
        first = left[first_sign].pop(0)
        draw = self.random.random()
        if left[-first_sign] and draw < 0.5:
            second = left[-first_sign].pop(0)
            return self._fresh(lambda: self._mixed(first, second, kind, slots))
        if left[first_sign] and draw > 0.65:
            second = left[first_sign].pop(0)
            return self._fresh(lambda: self._same(first, second, kind, slots))
        return self._fresh(lambda: self._clause(first, kind, slots).capitalised().ended())

    def _clause(self, opinion: Opinion, kind: str, slots: Slots) -> Phrase:
        """Return a clause with what may stand around it."""
        pool, stories = _POOL[opinion.polarity], self.lexicon.stories
        clause = self._bare(opinion, kind, slots)
        if self._open(opinion, clause) and self.random.random() < 0.6:
            contexts = self._of_kind(stories.contexts, kind)
            context = grow(self.random.choice(contexts), self.random, slots)
            before = self.random.random() < 0.3
            return context + ", " + clause if before else clause + " " + context
        if self.random.random() < 0.22:
            lead = grow(self.random.choice(stories.leads[pool]), self.random, slots)
            repeated = lead.text.strip(",") in clause.text
            return clause if repeated else lead + " " + clause
        return clause

    def _open(self, opinion: Opinion, clause: Phrase) -> bool:
        """Whether a clause may take a time or place: it has none, and is about the thing itself."""
        return opinion.aspect.name not in _TIMELESS and not _PLACED.search(clause.text)

    def _bare(self, opinion: Opinion, kind: str, slots: Slots) -> Phrase:
        """Return a clause of the aspect's own, or one that fits any aspect."""
        pool = _POOL[opinion.polarity]
        templates = opinion.aspect.pools[kind][pool]
        shapes = self.lexicon.stories.shapes.get(pool, ())
        odd = opinion.aspect.nuisance and opinion.polarity > 0
        if shapes and not odd and self.random.random() < _ANY_ASPECT:
            surface = self.random.choice(opinion.aspect.variants)
            return self._said(opinion, self.random.choice(shapes).replace("*", surface), slots)
        return self._said(opinion, self.random.choice(templates), slots)

    def _said(self, opinion: Opinion, template: str, slots: Slots) -> Phrase:
        aspect, polarity = opinion.aspect.name, opinion.polarity
        return grow(template, self.random, slots, aspect, polarity).trimmed()

    def _mixed(self, one: Opinion, two: Opinion, kind: str, slots: Slots) -> Phrase:
        joins = self.lexicon.stories.joins
        first, second = self._bare(one, kind, slots), self._bare(two, kind, slots)
        if self.random.random() < 0.2:
            opened = Phrase(self.random.choice(joins["first"])) + first + ", " + second
            return opened.capitalised().ended()
        return (first + self.random.choice(joins["mixed"]) + second).capitalised().ended()

    def _same(self, one: Opinion, two: Opinion, kind: str, slots: Slots) -> Phrase:
        join = self.random.choice(self.lexicon.stories.joins["same"])
        second = self._bare(two, kind, slots)
        return (self._clause(one, kind, slots).capitalised() + join + second).ended()

    def _list(self, left: dict[int, list[Opinion]], kind: str, slots: Slots) -> Phrase:
        style = "mixed" if left[1] and left[-1] else "good" if left[1] else "bad"
        have = {"good": left[1], "bad": left[-1]}
        fitting = [
            template
            for template in self.lexicon.stories.lists[style]
            if "2>" not in template or len(have[style]) > 1
        ]
        sentence = Phrase("")
        for piece in _SLOT.split(self.random.choice(fitting)):
            if not _SLOT.fullmatch(piece):
                sentence = sentence + piece
                continue
            pool = piece.strip("<>2").lower()
            opinion = have[pool].pop(0)
            templates = opinion.aspect.pools[kind][f"{pool}_np"]
            phrase = self._said(opinion, self.random.choice(templates), slots)
            start = not sentence.text or piece[1].isupper()
            sentence = sentence + (phrase.capitalised() if start else phrase)
        return sentence

    def _of_kind(self, pool: dict[str, list[str]], kind: str) -> list[str]:
        return pool[kind if self.random.random() < 0.45 else "any"]

    def _perhaps(self, chance: float, templates: list[str], slots: Slots) -> list[Phrase]:
        return [self._grown(templates, slots)] if self.random.random() < chance else []

    def _grown(self, templates: list[str], slots: Slots) -> Phrase:
        make = partial(grow, random=self.random, slots=slots)
        return self._fresh(lambda: make(self.random.choice(templates))).capitalised()

    def _fresh(self, make: Callable[[], Phrase]) -> Phrase:
        phrase = make()
        for _ in range(12):
            if phrase.text not in self._used:
                break
            phrase = make()
        self._used.add(phrase.text)
        return phrase

    def _slots(self, item: Item, voice: Voice) -> Slots:
        plural, noun = item.kind.plural, item.kind.noun
        brands = [b for b in self.catalogue.brands[item.kind.department] if b != item.brand]
        others = [i for i in self.world.items if i.kind == item.kind and i is not item]
        other = self.random.choice(others)
        words = {
            "it": "they" if plural else "it",
            "It": "They" if plural else "It",
            "it0": "them" if plural else "it",
            "them": "them" if plural else "it",
            "this": "these" if plural else "this one",
            "is": "are" if plural else "is",
            "has": "have" if plural else "has",
            "s": "" if plural else "s",
            "one": "pair" if plural else "one",
            "noun0": noun,
            "noun1": f"pair of {noun}" if plural else noun,
            "brand": self.random.choice(brands),
            "item": _short(item),
            "other": _short(other),
            "friend": self.random.choice(self.lexicon.stories.friends),
        }
        fixed = {name: [word] for name, word in (words | voice.friends).items()}
        return self.lexicon.stories.words | fixed


def _short(item: Item) -> str:
    title = item.title
    for descriptor in sorted(item.kind.descriptors, key=len, reverse=True):
        title = title.removesuffix(" " + descriptor)
    return title


def _consistent(opinions: list[Opinion], rating: int) -> list[Opinion]:
    """Return the opinions with at most one against the stars at either end of the scale."""
    if rating in (2, 3, 4):
        return opinions
    sign = 1 if rating == 5 else -1
    allowed = 1 if len(opinions) > 1 else 0
    kept = []
    for opinion in opinions:
        against = opinion.polarity == -sign
        kept.append(Opinion(opinion.aspect, sign) if against and not allowed else opinion)
        allowed -= against and allowed > 0
    return kept
