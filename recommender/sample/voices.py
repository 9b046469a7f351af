"""How different people write: what they include, and how it looks on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from recommender.sample.grammar import Phrase
from recommender.sample.lexicon import Stories

_CONTRACTIONS = {
    "it is": "it's", "I am": "I'm", "do not": "don't", "did not": "didn't", "cannot": "can't",
    "does not": "doesn't", "is not": "isn't", "I have": "I've", "I would": "I'd",
    "that is": "that's",
    "they are": "they're", "could not": "couldn't", "was not": "wasn't", "will not": "won't",
}  # fmt: skip
_SPOKEN = re.compile(r"\b(" + "|".join(_CONTRACTIONS) + r")\b(?! (?:[a-z]+ )?(?:to|had|since)\b)")
_WORD = re.compile(r"\b[a-z]{5,}\b")
_APOSTROPHE = re.compile(r"(?<=[a-z])'(?=[a-z])")
_KINDS_OF_WRITER = ("terse", "plain", "chatty", "precise", "gushing")
_SHARES = (0.2, 0.36, 0.2, 0.14, 0.1)
_LENGTH = {"terse": 1.7, "plain": 2.9, "chatty": 3.7, "precise": 4.8, "gushing": 2.7}
_LISTS = {"terse": 0.55, "plain": 0.08, "chatty": 0.03, "precise": 0.22, "gushing": 0.1}
_AROUND = {"terse": 0.15, "plain": 0.5, "chatty": 0.9, "precise": 0.5, "gushing": 0.5}


@dataclass(frozen=True)
class Voice:
    """One person's habits: probabilities unless said otherwise.

    Attributes:
        length: mean number of opinions in a review.
        lists: opinions as bare phrases ("great sound, weak battery").
        around: openings, stories, comparisons.
        closing: a last word.
        title: a headline.
        exclaims: an exclamation mark where a full stop would do.
        contracts: "it's" for "it is".
        slips: typing errors per word of five letters or more.
        lower: writes everything in lower case.
        bare: leaves out apostrophes.
        paragraphs: breaks a long text in two.
        friends: who turns up in the stories (not a probability).
    """

    length: float
    lists: float
    around: float
    closing: float
    title: float
    exclaims: float
    contracts: float
    slips: float
    lower: bool
    bare: bool
    paragraphs: float
    friends: dict[str, str]

    def styled(self, phrase: Phrase, random: Random, *, cheerful: bool) -> Phrase:
        """Return the sentence as this person would type it."""
        if random.random() < self.contracts:
            phrase = phrase.rewritten(_SPOKEN, lambda found: _CONTRACTIONS[found[1]])
        if cheerful and phrase.text.endswith(".") and random.random() < self.exclaims:
            marks = random.choice(("!", "!", "!!"))
            phrase = Phrase(phrase.text[:-1] + marks, phrase.mentions)
        if self.slips:
            phrase = phrase.rewritten(_WORD, lambda found: self._typed(found[0], random))
        if self.bare:
            phrase = phrase.rewritten(_APOSTROPHE, lambda _: "")
        return Phrase(phrase.text.lower(), phrase.mentions) if self.lower else phrase

    def _typed(self, word: str, random: Random) -> str:
        if random.random() >= self.slips:
            return word
        at = random.randrange(1, len(word) - 1)
        slip = random.randrange(3)
        if slip == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + (word[at + 1 :] if slip == 1 else word[at] + word[at:])


def make_voice(random: Random, stories: Stories) -> Voice:
    """Return a person's way of writing."""
    writer = random.choices(_KINDS_OF_WRITER, _SHARES)[0]
    careless = random.random() < 0.18
    return Voice(
        length=_LENGTH[writer],
        lists=_LISTS[writer],
        around=_AROUND[writer],
        closing=random.uniform(0.2, 0.8),
        title=random.choice((0.0, 0.4, 0.9)),
        exclaims=0.4 if writer == "gushing" else random.choice((0.0, 0.0, 0.0, 0.06)),
        contracts=random.choice((0.0, 0.5, 1.0)),
        slips=random.uniform(0.01, 0.035) if careless else random.choice((0.0, 0.002)),
        lower=careless and random.random() < 0.35,
        bare=careless and random.random() < 0.4,
        paragraphs=random.choice((0.0, 0.0, 0.3)),
        friends={
            "partner": random.choice(stories.partners),
            "city": random.choice(stories.cities),
        },
    )
