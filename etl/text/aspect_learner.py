"""Learning the aspect lexicon from opinions in the training reviews.

Candidates are runs of one to three nouns. What tells an aspect from any other noun is how people
judge it: many different opinion words go with it (entropy), it is rarely introduced with "a"
(that is a kind of item) or "this" (the item itself), and it is commoner here than in general
English.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

from wordfreq import word_frequency, zipf_frequency

from etl.text.aspects import MAX_WORDS, Aspect, noun_runs
from etl.text.generic_nouns import GENERIC_NOUNS
from etl.text.inflection import plural, singular
from etl.text.settings import AspectSettings
from etl.text.spacy_alone import STOP_WORDS
from etl.text.tokens import Tokens

_COPULAS: Final = frozenset(
    """
    is are was were be been 's 're sounds sounded sound looks looked look feels felt feel seems
    seemed seem gets got became becomes remains stays works worked tastes tasted smells
    """.split()  # noqa: SIM905
)
_MODIFIERS: Final = frozenset({"JJ", "JJR", "JJS", "CC"})
_BETWEEN: Final = frozenset({"RB", "RBR", "RBS", "VBN", "DT", "PDT", "MD", "JJ"})
_REACH: Final = 4  # tokens between a copula and its adjective
_MIN_NPMI: Final = 0.25
_DETERMINER_PRIOR: Final = 3.0
_INDEFINITE: Final = ("a", "an")
_DEMONSTRATIVES: Final = ("this", "these")
_POSSESSIVES: Final = ("my", "our")
_MOST_INDEFINITE: Final = 0.40
_MOST_THIS: Final = 0.07
_MOST_OWN: Final = 0.12
_MOST_KIND: Final = 0.10
_STEEPNESS: Final = 6
_CONTRAST_SCALE: Final = 3.0
_RARE: Final = 2.5  # Zipf frequency below which a word may be a misspelling

Run = tuple[str, ...]


@dataclass(slots=True)
class Evidence:
    """What the training reviews say of one run of nouns."""

    mentions: int = 0
    surfaces: Counter[str] = field(default_factory=Counter)
    determiners: Counter[str] = field(default_factory=Counter)
    opinions: Counter[str] = field(default_factory=Counter)

    def add(self, other: Evidence) -> None:
        """Take over another run's evidence, except how it is written."""
        self.mentions += other.mentions
        self.determiners.update(other.determiners)
        self.opinions.update(other.opinions)


class AspectLearner:
    """Gathers evidence from training reviews, then makes the lexicon.

    Args:
        opinion_words: the words that clearly praise or blame.
        names: names of items, in lower case, that are never aspects.
        settings: thresholds.
    """

    def __init__(
        self, opinion_words: Collection[str], names: Collection[str], settings: AspectSettings
    ) -> None:
        self._opinion_words = opinion_words
        self._names = names
        self._settings = settings
        self._runs: dict[Run, Evidence] = {}
        self._words: Counter[str] = Counter()
        self._capitalised: Counter[str] = Counter()
        self._total = 0

    def read(self, tokens: Tokens) -> None:
        """Add one training review's evidence."""
        self._total += len(tokens.lower)
        self._words.update(tokens.lower)
        self._capitalised.update(
            word for word, tag in zip(tokens.lower, tokens.tags, strict=True) if tag == "NNP"
        )
        for first, end in noun_runs(tokens):
            start = max(first, end - MAX_WORDS)
            words = tokens.lower[start:end]
            run = (*words[:-1], _lemma(words[-1], tokens.tags[end - 1]))
            evidence = self._runs.get(run)
            if evidence is None:
                evidence = self._runs[run] = Evidence()
            evidence.mentions += 1
            evidence.surfaces[" ".join(words)] += 1
            before = start - 1
            while before >= 0 and tokens.tags[before] in _MODIFIERS:
                if tokens.lower[before] in self._opinion_words:
                    evidence.opinions[tokens.lower[before]] += 1
                before -= 1
            at_this = before > 0 and tokens.lower[before - 1] in {"at", "for"}  # "at this price"
            if before >= 0 and tokens.tags[before] in {"DT", "PRP$"} and not at_this:
                evidence.determiners[tokens.lower[before]] += 1
            evidence.opinions.update(self._predicates(tokens, end))

    def _predicates(self, tokens: Tokens, end: int) -> Iterator[str]:
        """Yield the opinion words that a verb like "is" ties to the noun that ends at `end`."""
        words, tags = tokens.lower, tokens.tags
        verb = end
        while verb < len(words) and tags[verb] in {"RB", "MD"}:
            verb += 1
        if verb >= len(words) or words[verb] not in _COPULAS:
            return
        for position in range(verb + 1, min(verb + 1 + _REACH, len(words))):
            if words[position] in self._opinion_words and not tags[position].startswith("NN"):
                yield words[position]
            elif tags[position] not in _BETWEEN:
                return

    def lexicon(self) -> list[Aspect]:
        """Return the aspects, best first."""
        evidence = self._fold_loose_compounds()
        kinds = self._kind_shares(evidence)
        opinions = sum(found.opinions.total() for found in evidence.values())
        base_rate = opinions / max(1, sum(found.mentions for found in evidence.values()))
        scored = [
            (self._score(run, evidence, base_rate) * _at_most(kinds.get(run, 0.0), _MOST_KIND), run)
            for run in evidence
        ]
        scored = [entry for entry in scored if entry[0] >= self._settings.min_score]
        scored.sort(key=lambda entry: (-entry[0], entry[1]))
        groups = _merge_spellings([run for _, run in scored], evidence)
        scores = {run: score for score, run in scored}
        return [
            _aspect(variants, evidence, scores[variants[0]])
            for variants in groups[: self._settings.max_aspects]
        ]

    def _fold_loose_compounds(self) -> dict[Run, Evidence]:
        """Count a compound that is no fixed expression as its last word."""
        kept: dict[Run, Evidence] = {}
        heads: list[tuple[Run, Evidence]] = []
        for run, found in sorted(self._runs.items()):
            if len(run) == 1 or self._is_fixed(run, found):
                kept[run] = found
            else:
                heads.append((run[-1:], found))
        for head, found in heads:
            if head in kept:
                kept[head].add(found)
        return kept

    def _kind_shares(self, evidence: dict[Run, Evidence]) -> dict[Run, float]:
        """Return how often a noun only says what kind the item is: "rock album", "action film"."""
        items = {
            run[0]
            for run, found in evidence.items()
            if len(run) == 1 and _share(found.determiners, _DEMONSTRATIVES) > _MOST_THIS
        }
        uses, as_kind = Counter[str](), Counter[str]()
        for run, found in self._runs.items():
            uses.update(dict.fromkeys(run, found.mentions))
            for word, following in pairwise(run):
                if following in items:
                    as_kind[word] += found.mentions
        return {(word,): count / uses[word] for word, count in as_kind.items()}

    def _is_fixed(self, run: Run, found: Evidence) -> bool:
        if found.mentions < self._settings.min_mentions:
            return False
        joint = found.mentions / self._total
        surface = _commonest(found.surfaces).split()
        apart = math.prod(self._words[word] / self._total for word in surface)
        return math.log(joint / apart) / (-math.log(joint) * (len(run) - 1)) >= _MIN_NPMI

    def _score(self, run: Run, evidence: dict[Run, Evidence], base_rate: float) -> float:
        found, settings = evidence[run], self._settings
        opinions = found.opinions.total()
        if (
            found.mentions < settings.min_mentions
            or opinions < settings.min_opinions
            or self._is_excluded(run, found)
        ):
            return 0.0
        lift = opinions / found.mentions / base_rate
        head = evidence.get(run[-1:], found)
        return (
            math.log1p(opinions)
            * _entropy(found.opinions)
            * math.sqrt(min(lift, 3.0))
            * min(_part_factor(found.determiners), _part_factor(head.determiners))
            * self._contrast(run, found)
        )

    def _is_excluded(self, run: Run, found: Evidence) -> bool:
        surface = _commonest(found.surfaces)
        return (
            surface in self._names
            or surface in GENERIC_NOUNS
            or surface in STOP_WORDS
            or run[-1] in GENERIC_NOUNS
            or run[0] in GENERIC_NOUNS
            or zipf_frequency(surface, "en") == 0.0
            or any(self._capitalised[word] >= found.mentions for word in surface.split())
        )

    def _contrast(self, run: Run, found: Evidence) -> float:
        """Return how much commoner a word is here than in general English, 0.1 … 1."""
        if len(run) > 1:
            return 1.0
        surface = _commonest(found.surfaces)
        here = self._words[surface] / self._total
        ratio = math.log(here / max(1e-8, word_frequency(surface, "en")))
        return min(1.0, max(0.1, ratio / _CONTRAST_SCALE))


def _lemma(word: str, tag: str) -> str:
    return singular(word) if tag == "NNS" else word


def _commonest(surfaces: Counter[str]) -> str:
    return max(surfaces.items(), key=lambda entry: (entry[1], entry[0]))[0]


def _entropy(counts: Counter[str]) -> float:
    total = counts.total()
    return -sum(n / total * math.log(n / total) for n in counts.values())


def _part_factor(determiners: Counter[str]) -> float:
    """Return how much the determiners look like a part's, 0 … 1.

    "a thriller" names a kind of item, "this pedal" the item itself, "my computer" what the writer
    has besides; "the dialogue", "its tone" are parts.
    """
    return math.prod(
        _at_most(_share(determiners, words), most)
        for words, most in (
            (_INDEFINITE, _MOST_INDEFINITE),
            (_DEMONSTRATIVES, _MOST_THIS),
            (_POSSESSIVES, _MOST_OWN),
        )
    )


def _share(determiners: Counter[str], words: Iterable[str]) -> float:
    return sum(determiners[word] for word in words) / (determiners.total() + _DETERMINER_PRIOR)


def _at_most(share: float, most: float) -> float:
    """Return 1 for a share up to `most`, and soon less beyond."""
    return min(1.0, most / max(share, 1e-9)) ** _STEEPNESS


def _merge_spellings(runs: list[Run], evidence: dict[Run, Evidence]) -> list[list[Run]]:
    """Group runs that differ by a space ("story line") or look like a rare misspelling.

    Args:
        runs: best first.
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        spelling = "".join(run)
        target = spelling
        if spelling not in groups and zipf_frequency(" ".join(run), "en") < _RARE:
            near = get_close_matches(spelling, groups, n=1, cutoff=0.9)
            if near and evidence[groups[near[0]][0]].mentions >= 5 * evidence[run].mentions:
                target = near[0]
        groups.setdefault(target, []).append(run)
    return list(groups.values())


def _aspect(variants: list[Run], evidence: dict[Run, Evidence], score: float) -> Aspect:
    forms = {form for run in variants for form in evidence[run].surfaces}
    for run in variants:
        forms |= {" ".join(run), " ".join((*run[:-1], plural(run[-1])))}
    main = max(variants, key=lambda run: evidence[run].mentions)
    return Aspect(
        " ".join(main), _commonest(evidence[main].surfaces), round(score, 6), tuple(sorted(forms))
    )
