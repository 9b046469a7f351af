"""How well likes are told from dislikes: by the lexicon, by what was learnt, and with an encoder.

    python -m benchmarks.sentiment runs/20260101-120000-abcdef [another run's folder …]

The area under the ROC curve. Each text is scored by models that saw no text of its item: on the
labels of the training part, on all labels, and with few: of 4,000 random labelled reviews some
teach, and the others are judged, which is repeated; a draw that leaves too few of one kind to learn
from is drawn anew. Texts are those of English reviews.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from embeddings.encoder import TextEncoder, encode_texts
from embeddings.settings import EncoderSettings
from embeddings.split import held_out_reviews
from embeddings.vector_cache import CACHE, VectorCache
from etl.staging import Staging
from etl.text.boilerplate import blank_boilerplate
from etl.text.idioms import plain_words
from etl.text.sentiment import SentimentScorer
from etl.text.sentiment_learner import LabelledText, learn_sentiment
from etl.text.settings import SentimentSettings
from etl.text.tokens import Tokenizer
from etl.text.vectors import Encoder, encoded_text
from recommender.config import read_config
from recommender.environment import Environment

FEW = (100, 250)
DRAWN, DRAWS = 4_000, 8
SEED = 20


@dataclass(frozen=True)
class Labelled:
    """Labelled reviews of one data set.

    Attributes:
        texts: with their labels and what the lexicon makes of them, (n,).
        training: which of them the training part has, (n,).
        clear: which of them are not in the middle of the scale, (n,).
    """

    texts: list[LabelledText]
    training: NDArray[np.bool_]
    clear: NDArray[np.bool_]


def main() -> None:
    """Print a table for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs, past split")
    parser.add_argument("--middle", type=float, help="a rating whose reviews are not judged")
    arguments = parser.parse_args()
    with VectorCache(Environment.read().cache / CACHE) as cache:
        for run in arguments.runs:
            config = read_config(run / "config.yaml", (), {})
            labelled = read(run, arguments.middle)
            encoder = encoder_of(config.encoder, cache, [each.text for each in labelled.texts])
            table = Table("", "labels", "lexicon", "learnt", "with the encoder", title=config.name)
            for name, (labels, lexicon, *learnt) in rows(labelled, encoder):
                table.add_row(name, f"{labels:,}", *(f"{x:.3f}" for x in (lexicon, *learnt)))
            Console().print(table)


def read(run: Path, middle: float | None) -> Labelled:
    """Return the labelled reviews of a run that the extract stage took for English."""
    staging = Staging(run / "staging")
    keys = staging.read("reviews", ["review_id", "user_id", "item_id"])
    held_out = held_out_reviews(pq.read_table(run / "split.parquet"), keys).to_pylist()
    english = staging.scan("review_facts").filter(language="en").select("review_id")
    found = staging.scan("reviews").filter(pl.col("positive").is_not_null())
    reviews = found.join(english, on="review_id").sort("review_id").collect()
    scorer, tokenizer, texts = SentimentScorer(), Tokenizer(), []
    for batch in track(list(reviews.iter_slices(1_000)), "Asking the lexicon"):
        rows = batch.to_dicts()
        cut = tokenizer.cut([blank_boilerplate(row["text"]) for row in rows], "en")
        for row, (tokens, _) in zip(rows, cut, strict=True):
            lexicon = scorer.score_review(tokens, plain_words(tokens.text), row["title"])
            told = row["item_id"], row["positive"], lexicon
            texts.append(LabelledText(encoded_text(row), *told))
    training = ~reviews["review_id"].is_in(held_out).to_numpy()
    clear = ~reviews["rating"].is_in([middle]).fill_null(False).to_numpy()
    return Labelled(texts, training, clear)


def encoder_of(settings: EncoderSettings, cache: VectorCache, texts: Sequence[str]) -> Encoder:
    """Return an encoder that has encoded these texts already."""
    model = TextEncoder(settings, layers="upper half")
    vectors = encode_texts(texts, model, cache)
    return Encoder(model.name, lambda asked: vectors.of(asked).half().numpy())


def rows(labelled: Labelled, encoder: Encoder) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Yield what was judged, and: labels, and AUC by lexicon, learnt, learnt with the encoder."""
    everything = np.arange(len(labelled.texts))
    yield "training part", _learnt(judge(labelled, everything[labelled.training], encoder))
    yield "all", _learnt(judge(labelled, everything, encoder))
    luck = np.random.default_rng(SEED)
    for labels in FEW:
        found: list[tuple[float, ...]] = []
        while len(found) < DRAWS:
            drawn = luck.permutation(everything)[:DRAWN]
            told = judge(labelled, drawn[:labels], encoder, drawn[labels:])
            found += [] if told is None else [told]
        yield f"{DRAWS} draws", tuple(mean(column) for column in zip(*found, strict=True))


def judge(
    labelled: Labelled,
    taught: NDArray[np.int64],
    encoder: Encoder,
    judged: NDArray[np.int64] | None = None,
) -> tuple[float, ...] | None:
    """Return how many texts taught, and the AUC on those to be judged, by default the same.

    None where too few taught, or too few of one kind.
    """
    judged = taught if judged is None else judged
    judged = judged[labelled.clear[judged]]
    teachers = [labelled.texts[place] for place in taught]
    asked = [labelled.texts[place] for place in judged]
    texts, items = [each.text for each in asked], [each.item_id for each in asked]
    lexicon = [each.lexicon for each in asked]
    scores = [[score or 0.0 for score in lexicon]]
    for heard in (None, encoder):
        found = learn_sentiment(teachers, SentimentSettings(min_labels=FEW[0]), SEED, heard)
        if found is None:
            return None
        vectors = None if heard is None else heard.encode(texts)
        scores.append(found[0].score(texts, items, lexicon, vectors))
    liked = [each.positive for each in asked]
    return (len(teachers), *(float(roc_auc_score(liked, each)) for each in scores))


def _learnt(found: tuple[float, ...] | None) -> tuple[float, ...]:
    if found is None:
        raise SystemExit("There are too few labels, or too few of one kind, to learn from.")
    return found


if __name__ == "__main__":
    main()
