"""The fitted text model: what the training reviews taught, applied to any review.

`extract` is a pure function of the model and a review: what else is in the batch, or was read
before, changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.tables import ASPECTS, TOPICS
from etl.text import topic_files
from etl.text.aspects import Aspect, AspectLexicon
from etl.text.boilerplate import blank_boilerplate
from etl.text.clauses import clauses_of
from etl.text.entities import EntityRecognizer
from etl.text.facts import (
    ASPECT_EXTRACTOR,
    REVIEW_EXTRACTOR,
    SENTIMENT_EXTRACTOR,
    TOPIC_EXTRACTOR,
    FactRows,
    Facts,
    Mention,
)
from etl.text.idioms import plain_words, plain_words_of_parts
from etl.text.language import LanguageDetector, common_languages
from etl.text.learnt_sentiment import LearntSentiment, Quality, whole_text
from etl.text.mention_sentiment import mention_sentiments
from etl.text.names import Name, Writing
from etl.text.sentiment import SentimentScorer
from etl.text.spacy_alone import Doc
from etl.text.tokens import Tokenizer, Tokens
from etl.text.topics import TopicModel
from etl.text.vectors import vectors_of
from kg.errors import ExtractionError

READ: Final = ["review_id", "item_id", "text", "title", "positive"]
"""What extraction reads of a review."""

_FORMAT: Final = 2


class TextModel:
    """What is needed to extract facts from reviews.

    Args:
        shares: share of each language among the training reviews.
        names: the gazetteer.
        aspects: the aspect lexicon.
        topics: the topic model.
        sentiment: learnt sentiment by language; the lexicon's is used for the others.
        sentiment_quality: how good what was learnt is, by language, used or not.
        spacy_model: the installed pipeline it was fitted with, or None.
    """

    def __init__(
        self,
        *,
        shares: Mapping[str, float],
        names: Sequence[Name],
        aspects: Sequence[Aspect],
        topics: TopicModel,
        sentiment: Mapping[str, LearntSentiment],
        sentiment_quality: Mapping[str, Quality],
        spacy_model: str | None,
    ) -> None:
        self.shares = dict(shares)
        self.names = list(names)
        self.aspects = list(aspects)
        self.topics = topics
        self.sentiment = dict(sentiment)
        self.sentiment_quality = dict(sentiment_quality)
        self.spacy_model = spacy_model
        self._languages = LanguageDetector(shares)
        self._tokenizer = Tokenizer(
            spacy_model, common_languages(shares) | SentimentScorer.languages | {topics.language}
        )
        self._recognizer = EntityRecognizer(names, self._tokenizer, shares)
        self._lexicon = AspectLexicon(aspects)
        self._scorer = SentimentScorer()

    def extract(self, batch: pa.RecordBatch) -> Facts:
        """Return the facts of a batch of reviews (`etl.tables.REVIEWS`).

        `positive` tells the sentiment of mentions, so held-out reviews must come without it. A
        model that `wants_vectors` takes batches with them (`etl.text.vectors.with_vectors`).
        """
        reviews = batch.select(READ).to_pylist()
        texts = [blank_boilerplate(review["text"]) for review in reviews]
        languages = [self._languages.detect(text) for text in texts]
        rows = FactRows()
        found = self._read(reviews, texts, languages, vectors_of(batch), rows)
        for review, weights in zip(reviews, self.topics.weights(found), strict=True):
            extractor = self._extractor(TOPIC_EXTRACTOR, self.topics.language)
            rows.add_topics(review["review_id"], weights, extractor)
        return rows.tables()

    @property
    def wants_vectors(self) -> bool:
        """Whether the sentiment of some language listens to vectors of whole reviews."""
        return any(learnt.meaning is not None for learnt in self.sentiment.values())

    def _feels_by(self, language: str) -> str:
        """Return what finds the sentiment of whole reviews in a language."""
        learnt = self.sentiment.get(language)
        if learnt is None:
            return REVIEW_EXTRACTOR
        heard = "" if learnt.meaning is None else f"+{learnt.meaning.encoder}"
        return f"{SENTIMENT_EXTRACTOR}{heard}"

    def _extractor(self, name: str, language: str) -> str:
        """Return what finds facts in texts of a language: ours, on an installed pipeline's tags."""
        if self._tokenizer.has_model(language):
            return f"{name}+{self._tokenizer.model_version}"
        return name

    def _read(
        self,
        reviews: Sequence[Mapping[str, Any]],
        texts: Sequence[str],
        languages: Sequence[str],
        vectors: NDArray[np.float16] | None,
        rows: FactRows,
    ) -> list[Tokens]:
        """Add all facts but topics to `rows`; return the tokens of each review."""
        by_language: dict[str, list[int]] = {}
        for position, language in enumerate(languages):
            by_language.setdefault(language, []).append(position)
        for language in by_language:
            self._recognizer.prepare(language)
        tokens: dict[int, Tokens] = {}
        mentions: dict[int, list[Mention]] = {}
        clauses: dict[int, list[str]] = {}
        sentiments: dict[int, float | None] = {}
        with self._tokenizer.memory_zone(by_language):
            for language, positions in by_language.items():
                cut = self._tokenizer.cut([texts[p] for p in positions], language)
                for position, (found, doc) in zip(positions, cut, strict=True):
                    plain = plain_words(found.text)
                    title = reviews[position]["title"]
                    tokens[position] = found
                    sentiments[position] = self._scorer.score_review(found, plain, title)
                    mentions[position], clauses[position] = self._mentions(found, doc, rows)
        for language, positions in by_language.items():
            if language in self.sentiment:
                self._feel(language, positions, reviews, texts, vectors, sentiments)
                self._feel_mentions(language, positions, reviews, clauses, mentions)
        for position, review in enumerate(reviews):
            found, key = tokens[position], review["review_id"]
            extractor = self._extractor(self._feels_by(found.language), found.language)
            verdict = review["positive"]
            rows.add_review(
                key, found.language, sentiments[position], found.count, verdict, extractor
            )
            rows.add_mentions(key, mentions[position])
        return [tokens[position] for position in range(len(reviews))]

    def _feel(
        self,
        language: str,
        positions: Sequence[int],
        reviews: Sequence[Mapping[str, Any]],
        texts: Sequence[str],
        vectors: NDArray[np.float16] | None,
        sentiments: dict[int, float | None],
    ) -> None:
        """Put learnt sentiment in the place of the lexicon's, which it builds upon."""
        scores = self.sentiment[language].score(
            [whole_text(reviews[p]["title"], texts[p]) for p in positions],
            [reviews[p]["item_id"] for p in positions],
            [sentiments[p] for p in positions],
            None if vectors is None else vectors[np.asarray(positions)],
        )
        sentiments.update(zip(positions, scores, strict=True))

    def _feel_mentions(
        self,
        language: str,
        positions: Sequence[int],
        reviews: Sequence[Mapping[str, Any]],
        clauses: Mapping[int, Sequence[str]],
        mentions: dict[int, list[Mention]],
    ) -> None:
        """Add to what the lexicon says of mentions' clauses what was learnt, and the verdict."""
        owners = [position for position in positions for _ in mentions[position]]
        if not owners:
            return
        learnt = self.sentiment[language].odds_of(
            [clause for position in positions for clause in clauses[position]],
            [reviews[position]["item_id"] for position in owners],
            [None] * len(owners),
        )
        found = [mention for position in positions for mention in mentions[position]]
        verdicts = [reviews[position]["positive"] for position in owners]
        scores = mention_sentiments([mention.sentiment for mention in found], learnt, verdicts)
        told: dict[int, list[Mention]] = {position: [] for position in positions}
        for position, mention, score in zip(owners, found, scores, strict=True):
            told[position].append(replace(mention, sentiment=score))
        mentions.update(told)

    def _mentions(
        self, tokens: Tokens, doc: Doc, rows: FactRows
    ) -> tuple[list[Mention], list[str]]:
        """Return the mentions of a review, and the clause of each."""
        aspects_by = self._extractor(ASPECT_EXTRACTOR, tokens.language)
        spans = [
            (aspect.start, aspect.end, "Aspect", aspect.aspect_id, aspects_by)
            for aspect in self._lexicon.mentions(tokens)
        ]
        for entity in self._recognizer.mentions(tokens, doc):
            rows.add_entity(entity.entity_id, entity.name, entity.kind, entity.refers_to)
            spans.append((entity.start, entity.end, "Entity", entity.entity_id, entity.extractor))
        spans.sort()
        places = [(start, end) for start, end, *_ in spans]
        plain = plain_words_of_parts(tokens.text) if places else ""
        clauses = clauses_of(tokens, plain, places, self._scorer)
        mentions = [
            Mention(
                kind, target_id, tokens.starts[start], tokens.end(end - 1), clause.sentiment, by
            )
            for (start, end, kind, target_id, by), clause in zip(spans, clauses, strict=True)
        ]
        return mentions, [clause.text for clause in clauses]

    def aspect_table(self) -> pa.Table:
        """Return the aspect lexicon (`etl.tables.ASPECTS`), best first."""
        rows = [
            {
                "aspect_id": aspect.aspect_id,
                "name": aspect.name,
                "score": aspect.score,
                "extractor": self._extractor(ASPECT_EXTRACTOR, "en"),
            }
            for aspect in self.aspects
        ]
        return pa.Table.from_pylist(rows, schema=ASPECTS)

    def topic_table(self) -> pa.Table:
        """Return the topics (`etl.tables.TOPICS`)."""
        rows = [
            {**asdict(topic), "weak": self.topics.weak, "model_version": self.version}
            for topic in self.topics.topics
        ]
        return pa.Table.from_pylist(rows, schema=TOPICS)

    @cached_property
    def version(self) -> str:
        """A hash of all that was learnt: equal models have equal versions."""
        digest = hashlib.sha256(_to_json(self).encode())
        digest.update(np.ascontiguousarray(self.topics.strengths).tobytes())
        digest.update(np.ascontiguousarray(self.topics.alpha).tobytes())
        for _, learnt in sorted(self.sentiment.items()):
            for array in learnt.arrays().values():
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Write `text_model.json`, `topics.npz` and `sentiment.<language>.npz` in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / topic_files.TEXT_MODEL).write_text(_to_json(self), encoding="utf-8")
        topic_files.save_arrays(self.topics, folder)
        for language, learnt in self.sentiment.items():
            learnt.save(_sentiment_path(folder, language))

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Read a model that `save` wrote.

        Raises:
            ExtractionError: there is none, or of another format.
        """
        path = folder / topic_files.TEXT_MODEL
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            topics = topic_files.from_json(saved["topics"], folder)
            sentiment = {
                language: LearntSentiment.load(_sentiment_path(folder, language))
                for language in saved.get("learnt_sentiment", [])
            }
        except (OSError, ValueError) as error:
            raise ExtractionError(
                f"The text model in {folder} cannot be read: {error}.",
                remedy="Run the extract stage again.",
            ) from error
        if saved["format"] != _FORMAT:
            raise ExtractionError(
                f"The text model in {folder} has format {saved['format']}, wanted {_FORMAT}.",
                remedy="Run the extract stage again.",
            )
        return cls(
            shares=saved["shares"],
            names=[
                Name(**{**name, "writing": Writing(name["writing"])}) for name in saved["names"]
            ],
            aspects=[Aspect(**{**a, "forms": tuple(a["forms"])}) for a in saved["aspects"]],
            topics=topics,
            sentiment=sentiment,
            sentiment_quality={
                language: Quality(**quality)
                for language, quality in saved["sentiment_quality"].items()
            },
            spacy_model=saved["spacy_model"],
        )


def _sentiment_path(folder: Path, language: str) -> Path:
    return folder / f"sentiment.{language}.npz"


def _to_json(model: TextModel) -> str:
    content = {
        "format": _FORMAT,
        "spacy_model": model.spacy_model,
        "learnt_sentiment": sorted(model.sentiment),
        "sentiment_quality": {
            language: asdict(quality) for language, quality in model.sentiment_quality.items()
        },
        "shares": model.shares,
        "names": [asdict(name) for name in model.names],
        "aspects": [asdict(aspect) for aspect in model.aspects],
        "topics": topic_files.to_json(model.topics),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
