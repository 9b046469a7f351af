"""A picture of an alert: `python -m benchmarks.surge_picture ALERT FILE [--dataset NAME]`.

The graph is that of the environment (`NEO4J_URI`, or the embedded one and `--dataset`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from matplotlib.figure import Figure

from etl.trends.alerts import LEAST_PLACE, LEAST_THING
from etl.trends.clock import CLOCKS
from etl.trends.counts import count, places, read_evidence
from etl.trends.surges import judge, with_bounds
from kg.errors import UnknownKeyError
from kg.store import Store
from recommender.graph import open_graph


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the alert's series: what was seen, what was expected, and a quiet bucket's bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("alert", help="key of an alert, as `kgrec trends` prints it")
    parser.add_argument("file", type=Path, help="where the picture goes")
    parser.add_argument("--dataset", help="whose graph; default: the latest run's")
    options = parser.parse_args(arguments)
    with open_graph(options.dataset, Path("runs")) as graph:
        alert, series = _series(graph.store, options.alert)
    draw(alert, series, options.file)


def draw(alert: dict[str, object], series: pl.DataFrame, path: Path) -> None:
    """Write the picture of one series: start, observed, expected, lower, upper and exposure."""
    if alert["kind"] != "volume":
        names = ("observed", "expected", "lower", "upper")
        series = series.with_columns(
            (100 * pl.col(name) / pl.col("exposure")).alias(name) for name in names
        )
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    start = series["start"].to_list()
    axes.fill_between(
        start,
        series["lower"].to_list(),
        series["upper"].to_list(),
        color="C0",
        alpha=0.15,
        linewidth=0,
        label="a quiet bucket, 95 %",
    )
    axes.plot(start, series["expected"].to_list(), color="C0", linewidth=1.2, label="expected")
    axes.plot(start, series["observed"].to_list(), ".-", color="0.35", linewidth=0.6, label="seen")
    hit = series.filter(pl.col("start").cast(pl.String) == alert["bucket"])
    axes.plot(hit["start"].to_list(), hit["observed"].to_list(), "o", color="C3", label="alert")
    unit = {"volume": "reviews", "share": "% of reviews", "sentiment": "% of opinions good"}
    axes.set_ylabel(unit[str(alert["kind"])])
    axes.set_title(str(alert["sentence"]), fontsize=9)
    axes.grid(visible=True, alpha=0.3)
    figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _series(store: Store, alert_id: str) -> tuple[dict[str, object], pl.DataFrame]:
    """The alert, and every bucket of its series that can be judged."""
    rows = {str(row["alertId"]): row for row in store.read("browse/alerts", limit=1_000_000)}
    if alert_id not in rows:
        raise UnknownKeyError("alert", alert_id, rows)
    row = rows[alert_id]
    clock, evidence = CLOCKS[str(row["every"])], read_evidence(store)
    inside = places(store, str(row["scope"]), evidence.reviews)
    inside = inside.filter(pl.col("place") == str(row["placeId"]))
    counts = count(evidence, inside, clock, least_place=LEAST_PLACE, least_thing=LEAST_THING)
    if counts is None:
        raise SystemExit("Its place has too few reviews now.")
    number = counts.keys.with_row_index().filter(pl.col("thing").fill_null("") == row["aboutId"])
    tested = judge(counts, clock).filter(
        (pl.col("series") == number["index"][0]) & (pl.col("kind") == row["kind"])
    )
    starts = [counts.starts[at] for at in tested["bucket"]]
    series = with_bounds(tested).with_columns(pl.Series("start", starts))
    return row, series


if __name__ == "__main__":
    main()
