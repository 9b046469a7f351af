"""Tokens, sentences and part-of-speech tags, made once and shared by all extractors.

Tokens come from spaCy: a blank pipeline of the text's language, or an installed pipeline, which
also brings its tagger and its named entities. Without a tagger, English is tagged by the lexicon
of Pattern that textblob carries, mended by a few rules of context.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from etl.text.pattern import parser as pattern_parser
from etl.text.pipelines import ANY_LANGUAGE, blank_pipeline, load_pipeline, pipeline_version
from etl.text.spacy_alone import IDX, ORTH, Doc, Language, StringStore

_MAX_WORDS: Final = 20_000  # remembered
_ENDS_SENTENCE: Final = re.compile(r"[.!?…。！？]+|\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text.

    Attributes:
        text: the text they were cut from; offsets refer to it.
        language: ISO 639-1.
        words: the tokens as written.
        lower: the tokens in lower case.
        starts: character offset of each token.
        tags: Penn Treebank tag of each token; empty where no tagger knows the language.
        sentences: position of each sentence's first token, ending with the number of tokens.
    """

    text: str
    language: str
    words: list[str]
    lower: list[str]
    starts: list[int]
    tags: list[str]
    sentences: list[int]

    def end(self, position: int) -> int:
        """Return the character offset behind the token at `position`."""
        return self.starts[position] + len(self.words[position])

    @property
    def count(self) -> int:
        """Return the number of tokens, white space aside."""
        return len(self.words) - sum(map(str.isspace, self.words))

    def sentence_spans(self) -> Iterator[tuple[int, int]]:
        """Yield (start, end) token positions of each sentence."""
        return pairwise(self.sentences)


class Tokenizer:
    """Cuts texts of any language; spaCy pipelines are made when first needed.

    Args:
        spacy_model: an installed spaCy pipeline for texts of its language, or None.
        languages: those that get a pipeline of their own; the others share one. None: all do.

    Attributes:
        model_language: the language of the installed pipeline, or None.
        model_version: its name and version, or None.

    Raises:
        ConfigError: `spacy_model` is not installed, or cannot be loaded.
    """

    def __init__(
        self, spacy_model: str | None = None, languages: Collection[str] | None = None
    ) -> None:
        self._languages = languages
        self._pipelines: dict[str, Language] = {}
        self._warm: set[str] = set()
        self._words: dict[str, _Words] = {}
        self.model_language: str | None = None
        self.model_version: str | None = None
        if spacy_model is not None:
            model = load_pipeline(spacy_model)
            self.model_language = str(model.lang)
            self.model_version = pipeline_version(model)
            self._pipelines[self.model_language] = model

    def has_model(self, language: str) -> bool:
        """Return whether an installed pipeline handles this language."""
        return language == self.model_language

    def pipeline(self, language: str) -> Language:
        """Return the pipeline that cuts texts of a language."""
        rules = self._rules(language)
        if rules not in self._pipelines:
            self._pipelines[rules] = blank_pipeline(rules)
        return self._pipelines[rules]

    def _rules(self, language: str) -> str:
        """Return the language whose pipeline cuts texts of `language`."""
        own = self._languages is None or language in self._languages or self.has_model(language)
        return language if own else ANY_LANGUAGE

    @contextmanager
    def memory_zone(self, languages: Iterable[str]) -> Iterator[None]:
        """Give back, at its end, what texts cut inside it took in spaCy's vocabularies.

        What the first zone of a language took stays, so that its common words are cached.
        No `Doc` may outlive the zone, and no matcher may be made inside it.
        """
        with ExitStack() as stack:
            for rules in dict.fromkeys(map(self._rules, languages)):
                if rules in self._warm:
                    stack.enter_context(self.pipeline(rules).memory_zone())
                self._warm.add(rules)
            yield

    def cut(self, texts: Sequence[str], language: str) -> Iterator[tuple[Tokens, Doc]]:
        """Yield tokens, and the spaCy document they come from, of texts in one language."""
        pipeline = self.pipeline(language)
        known = self._words.setdefault(self._rules(language), _Words(pipeline.vocab.strings))
        for text, doc in zip(texts, pipeline.pipe(texts), strict=True):
            keys, starts = doc.to_array([ORTH, IDX]).T.tolist()
            found = [known[key] for key in keys]
            words = [word.text for word in found]
            if doc.has_annotation("SENT_START"):
                sentences = [*(sentence.start for sentence in doc.sents), len(words)]
            else:
                sentences = _sentences(found)
            if doc.has_annotation("TAG"):
                tags = [token.tag_ for token in doc]
            else:
                tags = tag_english(words, sentences) if language == "en" else []
            yield (
                Tokens(
                    text=text,
                    language=language,
                    words=words,
                    lower=[word.lower for word in found],
                    starts=starts,
                    tags=tags,
                    sentences=sentences,
                ),
                doc,
            )
            known.trim()


class Word(NamedTuple):
    """What is known of a word wherever it stands."""

    text: str
    lower: str
    ends_sentence: bool


class _Words(dict[int, Word]):
    """Words by spaCy's key; asking spaCy for each token takes as long as cutting."""

    def __init__(self, strings: StringStore) -> None:
        self._strings = strings

    def __missing__(self, key: int) -> Word:
        text = self._strings[key]
        self[key] = word = Word(text, text.lower(), _ends_sentence(text))
        return word

    def trim(self) -> None:
        """Forget all words when they are too many."""
        if len(self) > _MAX_WORDS:
            self.clear()


def _sentences(words: Sequence[Word]) -> list[int]:
    """Cut as spaCy's sentencizer does; it alone would cost as much as the tokenizer."""
    ends = [position for position, word in enumerate(words) if word.ends_sentence]
    starts = [end + 1 for end, following in pairwise([*ends, len(words)]) if end + 1 < following]
    return [0, *starts, len(words)] if words else [0]


def _ends_sentence(word: str) -> bool:
    return not word[0].isalnum() and _ENDS_SENTENCE.fullmatch(word) is not None


def tag_english(words: Sequence[str], sentences: Sequence[int]) -> list[str]:
    """Return Penn tags by Pattern's lexicon and suffix rules, mended by the neighbouring tags.

    Args:
        words: the tokens of a text.
        sentences: position of each sentence's first token; the last one is `len(words)`.
    """
    tags = [_lexical_tag(word, False) for word in words]
    for start in sentences[:-1]:
        if start < len(words):
            tags[start] = _lexical_tag(words[start], True)
    for position in range(1, len(tags)):
        if tags[position - 1] in _BEFORE:
            before = words[position - 1].lower()
            following = tags[position + 1] if position + 1 < len(tags) else "."
            if before not in _PRONOUN_OR_ARTICLE:
                tags[position] = _tag_in_context(tags[position - 1], tags[position], following)
            elif following in _AFTER_NOUN:
                tags[position] = _DISAGREES.get((before, tags[position]), tags[position])
    return tags


_PRONOUN_OR_ARTICLE: Final = frozenset({"this", "that", "these", "those", "all"})
_AFTER_NOUN: Final = frozenset({"VBZ", "VBD", "VBP", "MD", "IN", "CC", ".", ","})
_DISAGREES: Final = {  # as a verb, so it is a noun: "this strap is", "these picks are"
    ("this", "VB"): "NN",
    ("this", "VBP"): "NN",
    ("these", "VBZ"): "NNS",
    ("those", "VBZ"): "NNS",
}
_BEFORE_NOUN: Final = frozenset({"DT", "PRP$", "JJ", "JJS", "JJR"})
_AFTER_SUBJECT: Final = frozenset({"VBZ", "VBD", "MD", ".", ","})
_BEFORE_VERB: Final = frozenset({"PRP", "MD", "TO", "WP"})
_BEFORE: Final = _BEFORE_NOUN | _BEFORE_VERB
_TO_NOUN: Final = {"VB": "NN", "VBP": "NN", "VBG": "NN", "VBZ": "NNS"}
_TO_VERB: Final = {"NN": "VB", "NNS": "VBZ"}


def _tag_in_context(before: str, tag: str, following: str) -> str:
    if tag == "VBG" and following in {"NN", "NNS"}:  # "good sounding strings"
        return tag
    if tag == "JJ" and before in {"DT", "PRP$"} and following in _AFTER_SUBJECT:  # "the manual is"
        return "NN"
    if before in _BEFORE_NOUN:
        return _TO_NOUN.get(tag, tag)
    if before in _BEFORE_VERB:
        return _TO_VERB.get(tag, tag)
    return tag


@lru_cache(maxsize=_MAX_WORDS)
def _lexical_tag(word: str, opens_sentence: bool) -> str:
    if word.isspace():
        return "_SP"
    if word.isupper() and len(word) > 1 and word.lower() in pattern_parser.lexicon:  # shouting
        word = word.lower()
    if not opens_sentence and word in pattern_parser.lexicon:
        return str(pattern_parser.lexicon[word])
    tokens = [word] if opens_sentence else ["the", word]
    return str(pattern_parser.find_tags(tokens)[-1][1])
