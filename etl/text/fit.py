"""Fitting the text model on training reviews, in an order that their ids decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

from etl.keys import normalised
from etl.text.aspect_learner import AspectLearner
from etl.text.boilerplate import blank_boilerplate
from etl.text.gazetteer import ITEM_KIND, catalogue_names
from etl.text.idioms import plain_words
from etl.text.language import LanguageDetector, common_languages, language_shares
from etl.text.learnt_sentiment import LearntSentiment, Quality, whole_text
from etl.text.model import READ, TextModel
from etl.text.names import Writing
from etl.text.sentiment import SentimentScorer
from etl.text.sentiment_learner import LabelledText, learn_sentiment
from etl.text.settings import SentimentSettings, TextSettings
from etl.text.teachers import chosen_ids
from etl.text.tokens import Tokenizer
from etl.text.topic_fit import fit_topics
from etl.text.topic_words import Words, content_words
from etl.text.vectors import Encoder
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
    encoder: Encoder | None = None,
) -> TextModel:
    """Learn aspects, topics, languages and sentiment from reviews, and names from the catalogue.

    The order of the rows does not matter. Held-out reviews must not be among them.

    Args:
        training_reviews: `etl.tables.REVIEWS`.
        items: `etl.tables.ITEMS`.
        attributes: `etl.tables.ATTRIBUTES`.
        settings: sizes and thresholds.
        seed: of the topic model, and of sentiment.
        progress: told about reviews read.
        encoder: gives the vectors that sentiment is to be learnt from as well.

    Raises:
        ConfigError: the spaCy pipeline is not installed, or for a language that reviews lack; or
            sentiment is to be learnt, and labels do not suffice.
    """
    reviews = _chosen_reviews(training_reviews, settings.fit_reviews)
    texts = [review["text"] for review in reviews]
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
    labelled: dict[str, list[LabelledText]] = {}
    learns_sentiment = settings.sentiment.method != "lexicon"
    for start in range(0, len(reviews), _BATCH):
        by_language: dict[str, list[dict[str, Any]]] = {}
        for review in reviews[start : start + _BATCH]:
            by_language.setdefault(detector.detect(review["text"]), []).append(review)
        wanted = {lang for lang in by_language if lang == main or scorer.knows(lang)}
        with tokenizer.memory_zone(sorted(wanted)):
            for language in sorted(wanted):
                found = by_language[language]
                cut = tokenizer.cut([review["text"] for review in found], language)
                for review, (tokens, _) in zip(found, cut, strict=True):
                    if scorer.knows(language):
                        learner.read(tokens)
                        if learns_sentiment and review["positive"] is not None:
                            plain = plain_words(tokens.text)
                            review["lexicon"] = scorer.score_review(tokens, plain, review["title"])
                    if language == main:
                        words.append(content_words(tokens))
        if learns_sentiment:
            for language, found in by_language.items():
                labelled.setdefault(language, []).extend(_labelled(found))
        progress(min(start + _BATCH, len(texts)), len(texts), "reviews")
    learnt = _learn_sentiment(labelled, shares, settings.sentiment, seed, encoder)
    return TextModel(
        shares=shares,
        names=names,
        aspects=learner.lexicon(),
        topics=fit_topics(words, main, settings.topics, seed, progress),
        sentiment=_used(learnt, settings.sentiment),
        sentiment_quality={language: quality for language, (_, quality) in learnt.items()},
        spacy_model=settings.spacy_model,
    )


def _labelled(reviews: Iterable[Mapping[str, Any]]) -> list[LabelledText]:
    return [
        LabelledText(
            whole_text(review["title"], review["text"]),
            review["item_id"],
            review["positive"],
            review.get("lexicon"),
        )
        for review in reviews
        if review["positive"] is not None
    ]


def _learn_sentiment(
    labelled: Mapping[str, list[LabelledText]],
    shares: Mapping[str, float],
    settings: SentimentSettings,
    seed: int,
    encoder: Encoder | None,
) -> dict[str, tuple[LearntSentiment, Quality]]:
    """Return what could be learnt, by language."""
    found = {
        language: learn_sentiment(labelled[language], settings, seed, encoder)
        for language in sorted(common_languages(shares) & labelled.keys())
    }
    learnt = {language: one for language, one in found.items() if one is not None}
    if settings.method == "learnt" and not learnt:
        counts = {language: len(texts) for language, texts in labelled.items() if texts}
        raise ConfigError(
            "No language has enough labelled training reviews to learn sentiment from "
            f"(text.sentiment.method: learnt): {counts or 'none has a label'}, wanted "
            f"{settings.min_labels}, of both kinds and about several items.",
            remedy="Say in the source what counts as liked, or set text.sentiment.method: auto.",
        )
    return learnt


def _used(
    learnt: Mapping[str, tuple[LearntSentiment, Quality]], settings: SentimentSettings
) -> dict[str, LearntSentiment]:
    every = settings.method == "learnt"
    return {language: one for language, (one, quality) in learnt.items() if every or quality.ahead}


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


def _chosen_reviews(reviews: pa.Table, limit: int) -> list[dict[str, Any]]:
    """Return the reviews of `chosen_ids`, their texts without boilerplate."""
    rows = reviews.select(READ).to_pylist()
    by_id = {row["review_id"]: row for row in rows}
    chosen = [by_id[review_id] for review_id in chosen_ids(by_id, limit)]
    return [{**row, "text": blank_boilerplate(row["text"])} for row in chosen]
