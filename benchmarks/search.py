"""Known-item search: a held-out review as the query, its item as the only right answer.

    python -m benchmarks.search runs/20260101-120000-abcdef [another run's folder …]

The graph holds what is declared of items and the training part's reviews alone; so do the items'
vectors and the BM25 that they are compared with (Robertson & Zaragoza, 2009; k1 = 1.2, b = 0.75,
one document an item). How much words weigh is chosen on reviews of the validation part; those of
the test part are looked at once. MRR counts the first hundred. On Neo4j where one can be had, and
on the embedded graph.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.empty_graph import RUN, connection, empty
from benchmarks.servers import servers
from embeddings.features import item_texts
from embeddings.pairs import PAIR, frame
from embeddings.search_vectors import search_vectors
from embeddings.split import TEST, TRAIN, VALID
from etl.load import load_staging
from etl.staging import Staging
from kg.store import Store
from recommender.config import read_config
from recommender.search import SEARCH, words_of
from recommender.stages.view import Learning

DEPTH = 100
WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5)
MEANING, WORDS = "meaning alone", "words alone"
REFERENCE = "BM25, a document an item"
Ranks = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Queries whose answer is known.

    Attributes:
        texts: held-out reviews, (Q,).
        items: what they were written about, (Q,).
        vectors: of the texts, (Q, d).
    """

    texts: list[str]
    items: list[str]
    vectors: NDArray[np.float32]


def main() -> None:
    """Print a table for each run and server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs, past encode")
    parser.add_argument("--queries", type=int, default=500, help="of each part")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as (found, why):
        for run in arguments.runs:
            learning = Learning.of(run, read_config(run / "config.yaml", (), {}))
            valid, test = (known(learning, part, arguments.queries) for part in (VALID, TEST))
            for server in found:
                empty(server)
                with Store.connect(connection(server)) as store:
                    fill(store, run, learning, Path(folder) / "staging")
                    told = measure(store, learning, valid, test)
                Console().print(shown(f"{learning.config.name}, {server.name}", told))
    if why:
        print(f"Not on Neo4j: {why}")


def known(learning: Learning, part: str, queries: int) -> Known:
    """Draw reviews of a part that say more than a word or two."""
    assert learning.vectors is not None, "the run has no text vectors"
    reviews = of_part(learning, part).filter(pl.col("text").str.len_chars() > 20)
    drawn = reviews.sample(min(queries, len(reviews)), seed=learning.config.seed)
    texts = drawn["text"].to_list()
    return Known(texts, drawn["item_id"].to_list(), learning.vectors.of(texts).numpy())


def of_part(learning: Learning, part: str) -> pl.DataFrame:
    """Return the reviews of pairs of a part."""
    return frame(learning.whole.reviews).join(pairs(learning, part), on=PAIR, how="semi")


def pairs(learning: Learning, part: str) -> pl.DataFrame:
    """Return the user_id and item_id of a part."""
    return frame(learning.split).filter(part=part)


def fill(store: Store, run: Path, learning: Learning, folder: Path) -> None:
    """Load users, items and the reviews of the training part, and the items' vectors."""
    whole, part = Staging(run / "staging"), Staging(folder)
    for name in ("users", "items"):
        part.write(name, [whole.read(name)])
    reviews = whole.scan("reviews").join(pairs(learning, TRAIN).lazy(), on=PAIR, how="semi")
    part.write("reviews", [reviews.collect().to_arrow()])
    load_staging(store, folder, run_id=RUN, dataset=learning.config.name)
    view = learning.view(frozenset({TRAIN}))
    store.write_rows("write/text_vectors", search_vectors(view, learning.vectors), key=["item_id"])
    if store.capabilities.fulltext_index:
        store.run_text("CALL db.awaitIndexes(600)")


def measure(
    store: Store, learning: Learning, valid: Known, test: Known
) -> dict[str, tuple[Ranks, list[float]]]:
    """Ranks of the right item and seconds of a query, by who was asked."""
    by_weight = {weight: ask(store, valid, weight)[0] for weight in WEIGHTS}
    best = max(by_weight, key=lambda weight: float((1 / by_weight[weight]).mean()))
    return {
        f"both, words weigh {best:g}": ask(store, test, best),
        MEANING: ask(store, test, 0.0),
        WORDS: ask(store, test, 1e6),
        REFERENCE: (bm25(learning, test), []),
    }


def ask(store: Store, queries: Known, weight: float) -> tuple[Ranks, list[float]]:
    """Ask the graph; an item that is not among the first hundred has rank infinity."""
    ranks, seconds = np.full(len(queries.texts), np.inf), []
    for number, text in enumerate(queries.texts):
        started = time.perf_counter()
        rows = store.read(
            SEARCH,
            vector=queries.vectors[number].tolist(),
            words=words_of(text),
            wordsWeight=weight,
            limit=DEPTH,
        )
        seconds.append(time.perf_counter() - started)
        found = [row["itemId"] for row in rows]
        if queries.items[number] in found:
            ranks[number] = found.index(queries.items[number]) + 1
    return ranks, seconds


def bm25(learning: Learning, queries: Known, k1: float = 1.2, b: float = 0.75) -> Ranks:
    """Rank by BM25 of all that is declared of an item and written about it."""
    view = learning.view(frozenset({TRAIN}))
    items = view.items["item_id"].to_pylist()
    documents = dict(zip(items, ([text] for text in item_texts(view)), strict=True))
    for item, text in zip(view.reviews["item_id"].to_pylist(), texts_of(view.reviews), strict=True):
        documents[item].append(text)
    counter = CountVectorizer(token_pattern=r"(?u)\b\w+\b")
    counts = csr_array(counter.fit_transform("\n".join(each) for each in documents.values()))
    lengths = counts.sum(axis=1)
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(items) - having + 0.5) / (having + 0.5))
    rows = np.repeat(np.arange(len(items)), np.diff(counts.indptr))
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    counts.data = idf[counts.indices] * counts.data * (k1 + 1) / (counts.data + norm[rows])
    asked = csr_array(counter.transform(queries.texts) > 0, dtype=np.float64)
    scores = (asked @ counts.T).toarray()
    place = {item: position for position, item in enumerate(items)}
    right = scores[np.arange(len(scores)), [place[item] for item in queries.items]]
    ranks: Ranks = (scores > right[:, None]).sum(axis=1) + 1.0
    ranks[ranks > DEPTH] = np.inf
    return ranks


def texts_of(reviews: pa.Table) -> list[str]:
    """Return the reviews' texts, "" where there is none."""
    return [text or "" for text in reviews["text"].to_pylist()]


def shown(title: str, told: dict[str, tuple[Ranks, list[float]]]) -> Table:
    """Return the table of one run on one server."""
    table = Table(title=title)
    for column in ("", "queries", "MRR", "Recall@10", "median ms", "99 % ms"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (ranks, seconds) in told.items():
        times = [f"{1000 * np.quantile(seconds, q):.0f}" if seconds else "" for q in (0.5, 0.99)]
        figures = f"{(1 / ranks).mean():.4f}", f"{(ranks <= 10).mean():.4f}"
        table.add_row(name, str(len(ranks)), *figures, *times)
    return table


if __name__ == "__main__":
    main()
