"""Fitting the text model on training reviews, in an order that their ids decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

import pyarrow as pa

from etl.keys import normalised
from etl.text.aspect_learner import AspectLearner
from etl.text.boilerplate import blank_boilerplate
from etl.text.gazetteer import ITEM_KIND, Writing, catalogue_names
from etl.text.language import LanguageDetector, common_languages, language_shares
from etl.text.model import TextModel
from etl.text.sentiment import SentimentScorer
from etl.text.settings import TextSettings
from etl.text.tokens import Tokenizer
from etl.text.topics import Words, content_words, fit_topics
from kg.errors import ConfigError
from kg.progress import Progress, no_progress

_BATCH: Final = 20_000
_LANGUAGE_SAMPLE: Final = 20_000


def fit(
    training_reviews: pa.Table,
    items: pa.Table,
    attributes: pa.Table,
    settings: TextSettings,
    seed: int,
    progress: Progress = no_progress,
) -> TextModel:
    """Learn aspects, topics and languages from training reviews, and names from the catalogue.

    The order of the rows does not matter. Held-out reviews must not be among them.

    Args:
        training_reviews: `etl.tables.REVIEWS`.
        items: `etl.tables.ITEMS`.
        attributes: `etl.tables.ATTRIBUTES`.
        settings: sizes and thresholds.
        seed: of the topic model.
        progress: told about reviews read.

    Raises:
        ConfigError: the spaCy pipeline is not installed, or for a language that reviews lack.
    """
    texts = _chosen_texts(training_reviews, settings.fit_reviews)
    shares = language_shares(texts[:_LANGUAGE_SAMPLE])
    main = max(shares.items(), key=lambda entry: (entry[1], entry[0]), default=("en", 1.0))[0]
    names = catalogue_names(items, attributes, settings.entities)
    detector, tokenizer, scorer = (
        LanguageDetector(shares),
        Tokenizer(settings.spacy_model),
        SentimentScorer(),
    )
    _check_model_language(settings.spacy_model, tokenizer.model_language, shares)
    item_names = {
        normalised(n.form) for n in names if n.kind == ITEM_KIND and n.writing is Writing.ANY
    }
    learner = AspectLearner(scorer.opinion_words, item_names, settings.aspects)
    words: list[Words] = []
    for start in range(0, len(texts), _BATCH):
        by_language: dict[str, list[str]] = {}
        for text in texts[start : start + _BATCH]:
            by_language.setdefault(detector.detect(text), []).append(text)
        wanted = {lang for lang in by_language if lang == main or scorer.knows(lang)}
        with tokenizer.memory_zone(sorted(wanted)):
            for language in sorted(wanted):
                for tokens, _ in tokenizer.cut(by_language[language], language):
                    if scorer.knows(language):
                        learner.read(tokens)
                    if language == main:
                        words.append(content_words(tokens))
        progress(min(start + _BATCH, len(texts)), len(texts), "reviews")
    return TextModel(
        shares=shares,
        names=names,
        aspects=learner.lexicon(),
        topics=fit_topics(words, main, settings.topics, seed),
        spacy_model=settings.spacy_model,
    )


def _check_model_language(
    name: str | None, language: str | None, shares: Mapping[str, float]
) -> None:
    if language is None or not shares or language in common_languages(shares):
        return
    commonest = sorted(shares.items(), key=lambda entry: -entry[1])[:3]
    written_in = ", ".join(f"{lang} {share:.0%}" for lang, share in commonest)
    raise ConfigError(
        f"The spaCy pipeline {name!r} (text.spacy_model) is for texts in {language!r}, but "
        f"less than one review in a hundred is; they are in {written_in}.",
        remedy="Name a pipeline of the reviews' language, or leave text.spacy_model out.",
    )


def chosen_ids(review_ids: Iterable[str], limit: int) -> list[str]:
    """Return at most `limit` of some reviews' ids, in an order that the ids alone decide."""
    return sorted(review_ids, key=lambda review_id: (_digest(review_id), review_id))[:limit]


def _digest(review_id: str) -> bytes:
    return hashlib.blake2b(review_id.encode(), digest_size=8).digest()


def _chosen_texts(reviews: pa.Table, limit: int) -> list[str]:
    """Return the texts of `chosen_ids`, without boilerplate."""
    texts = dict(
        zip(
            reviews.column("review_id").to_pylist(),
            reviews.column("text").to_pylist(),
            strict=True,
        )
    )
    return [blank_boilerplate(texts[review_id]) for review_id in chosen_ids(texts, limit)]
