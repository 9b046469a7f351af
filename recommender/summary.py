"""The closing words of a run: counts, metrics beside the baselines, and what to do next."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from embeddings.comparison import MAE, MAIN, RMSE
from recommender.cli.options import DEFAULT_RUNS
from recommender.cli.output import print_recommendations
from recommender.graph import Graph
from recommender.recommendations import recommendations_of, users_with_lists
from recommender.runner import Outcome
from recommender.terminal import escape
from recommender.verdicts import CLICK_FIGURES, clicks_title, comparisons_of, headline, verdict

SHOWN: Final = ("ndcg@10", "recall@20", "mrr@10", "hit_rate@10", "coverage@10")
SAMPLE_USERS: Final = 3
TOP: Final = 5


def print_summary(outcome: Outcome, graph: Graph, *, samples: bool, as_json: bool) -> None:
    """Print what a run left behind, on standard output.

    Args:
        samples: also three users' best items with reasons.
        as_json: one JSON object for programs.
    """
    record = outcome.run.record()
    published = "publish" in record.stages and record.stages["publish"].finished
    if as_json:
        json.dump(
            {
                "run": record.id,
                "folder": str(outcome.run.path.resolve()),
                "status": record.status,
                "nothing_to_do": outcome.nothing_to_do,
                "stages": {name: stage.counts for name, stage in record.stages.items()},
                "metrics": _metrics(outcome.run.path),
            },
            sys.stdout,
        )
        print()
        return
    console = Console(highlight=False)
    if outcome.nothing_to_do:
        console.print(
            f"\n[green]Nothing to do:[/] run {record.id} has done all this, "
            f"and the {graph.target} holds it. (--force does it again.)"
        )
    metrics = _metrics(outcome.run.path)
    _print_metrics(console, metrics)
    _print_clicks(console, metrics)
    _print_ratings(console, metrics.get("ratings"))
    if published and samples:
        for row in users_with_lists(graph.store, SAMPLE_USERS):
            user = str(row["userId"])
            print_recommendations(console, user, recommendations_of(graph.store, user, TOP))
    _print_next(console, outcome.run.path, graph, published=published)


def _metrics(folder: Path) -> dict[str, Any]:
    place = folder / "metrics.json"
    if not place.is_file():
        return {}
    metrics: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return metrics


def _print_metrics(console: Console, metrics: dict[str, Any]) -> None:
    tests = {name: _test(model) for name, model in metrics.get("models", {}).items()}
    columns = [name for name in SHOWN if any(name in test for test in tests.values())]
    if not columns:
        return
    ours = next(iter(tests))
    comparisons = comparisons_of(metrics)
    verdicts = {each.against: verdict(each) for each in comparisons if each.metric == MAIN}
    best = {name: max(test.get(name, float("-inf")) for test in tests.values()) for name in columns}
    headers = [*columns, f"{ours} is"] if verdicts else columns
    table = Table("model", *headers, box=None, header_style="bold", pad_edge=False)
    table.title, table.title_justify = "[bold]Held-out test, full ranking[/]", "left"
    for name, test in sorted(tests.items(), key=lambda pair: -pair[1].get(columns[0], 0.0)):
        cells = [
            f"[bold]{test[c]:.4f}[/]" if test.get(c) == best[c] else f"{test.get(c, 0.0):.4f}"
            for c in columns
        ]
        shown = f"[cyan]{escape(name)}[/]" if name == ours else escape(name)
        table.add_row(shown, *cells, verdicts.get(name, ""))
    console.print()
    console.print(table)
    said = headline(comparisons, metrics.get("best_baseline"))
    if said:
        console.print(f"\n{escape(said)}")


def _print_clicks(console: Console, metrics: dict[str, Any]) -> None:
    """The sampled-negative protocol, if it was asked for."""
    clicks = metrics.get("clicks")
    if not clicks:
        return
    table = Table("model", *CLICK_FIGURES.values(), box=None, header_style="bold", pad_edge=False)
    tests = {name: told["test"] for name, told in clicks["models"].items()}
    for name, test in sorted(tests.items(), key=lambda pair: -pair[1]["auc"]["mean"]):
        cells = [f"{test[key]['mean']:.4f} ± {test[key]['sd']:.4f}" for key in CLICK_FIGURES]
        shown = f"[cyan]{escape(name)}[/]" if name == next(iter(tests)) else escape(name)
        table.add_row(shown, *cells)
    console.print(f"\n[bold]{clicks_title(clicks)}[/]", soft_wrap=True)
    console.print(table)


def _print_ratings(console: Console, ratings: dict[str, Any] | None) -> None:
    if not ratings:
        return
    verdicts = {e.against: verdict(e) for e in comparisons_of(ratings) if e.metric == RMSE}
    tests = {name: _test(model) for name, model in ratings["models"].items()}
    ours = next(iter(tests))
    table = Table("model", RMSE, MAE, f"{ours} is", box=None, header_style="bold", pad_edge=False)
    table.title, table.title_justify = "[bold]Held-out test, predicted ratings[/]", "left"
    for name, test in sorted(tests.items(), key=lambda pair: pair[1][RMSE]):
        shown = f"[cyan]{escape(name)}[/]" if name == ours else escape(name)
        table.add_row(shown, f"{test[RMSE]:.4f}", f"{test[MAE]:.4f}", verdicts.get(name, ""))
    console.print()
    console.print(table)


def _test(model: object) -> dict[str, float]:
    test = model.get("test", {}) if isinstance(model, dict) else {}
    return {name: value for name, value in test.items() if isinstance(value, int | float)}


def _print_next(console: Console, folder: Path, graph: Graph, *, published: bool) -> None:
    lines = [("The run's folder", str(folder.resolve()))]
    report = folder / "report.html"
    if report.is_file():
        lines.append(("Open the report", report.resolve().as_uri()))
    if published:
        runs = "" if folder.parent == DEFAULT_RUNS else f" --runs-dir {folder.parent}"
        lines += [
            ("Ask for a user", f"kgrec recommend USER{runs}"),
            ("Ask why", f"kgrec explain USER ITEM{runs}"),
            ("Ask in Cypher", f"kgrec queries   then   kgrec query NAME --param k=v{runs}"),
        ]
    lines.append(("Look at the graph", "kgrec graph status   (address and sign-in)"))
    if not published:
        lines.append(("Go on", "kgrec run with the same config"))
    table = Table(box=None, show_header=False, pad_edge=False)
    for what, how in lines:
        table.add_row(f"[dim]{what}[/]", escape(how))
    console.print()
    console.print(table, soft_wrap=True)
