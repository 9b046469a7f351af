"""The report: every section, nothing but text from data, and plain words where data is absent."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_world import write_folder

from recommender.report import write_report
from recommender.report.charts import ticks
from recommender.report.words import count, duration, metric, short_count

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}</style>&amp;"
VOID = {"meta", "img"}


@dataclass
class Page(HTMLParser):
    """A page's elements, its text, and elements that were not closed in order."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(folder: Path) -> Page:
    page = Page()
    page.feed(write_report(folder).read_text(encoding="utf-8"))
    page.close()
    return page


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return read(write_folder(tmp_path / "run"))


@pytest.fixture
def bare(tmp_path: Path) -> Page:
    return read(tmp_path)


def test_the_page_tells_what_happened(page: Page) -> None:
    assert (
        "hetero-gat is 10 % ahead of easeplain, the best baseline of this run, in NDCG@10"
        " (+0.0300, 95 % interval +0.0200 to +0.0400, 1,040 users)." in page.text
    )
    for told in (
        "shop plain",
        "2 January 2026, 03:04 UTC",
        "Stages, 1 h 2 min in all without what was reused",
        "German",
        "5 rows were unfit",
        "a.csv, line 7: plain",
        "0.3100–0.3500",
        "people with 1–4 known items (3)",
        "people praise its bass plain",
        "Liked Lamp plain, Desk.",
        "split.method",
        "AUC of 0.83",
        "Learnt from 6 120 likes and dislikes of training reviews (en), it has 0.87 on texts and",
        "the lexicon 0.74.",
        "1 spellings of attribute values became another one",
        "Halden Inc. plainHalden plaincompany4",
        "learned from 6 500 reviews",
        "music plainkeptwas: sound plain0.250",
        "post plaindied–",
        "5: 0.012, 10: 0.043",
        "hetero-gat less each other model, on the same 1 040 people",
        "easeplainbest",
        "level (+0.0 %)",
        "Expected calibration error 0.0123; a faultless probability would show 0.0045 by chance",
        "Test likes against 1 × as many items drawn evenly, mean ± sd of 2 draws",
        "0.9000 ●± 0.0141",
        "AUC, seed 21",
        "0.8100",
        "Graz plain25",
        "hetero-gat, as published",
        "Miscalibration plain@10",
        "towards the shares that each Genre plain has in what the person liked",
        "Diversity@10",
        "hetero-gat, best 0.6",
    ):
        assert told in page.text, told


def test_a_tradeoff_is_drawn_by_weight(page: Page) -> None:
    labels = [svg["aria-label"] or "" for svg in page.named("svg")]
    drawn = [label for label in labels if "by weight" in label]
    assert drawn == [
        "NDCG@10 by weight. hetero-gat: best 0.3",
        "Diversity@10 by weight. hetero-gat: best 0.6",
        "Coverage@10 by weight. hetero-gat: best 0.2",
        "Miscalibration@10 by weight. hetero-gat: best 0.3",
    ]


def test_reasons_are_drawn_by_how_many_are_taken_away(page: Page) -> None:
    assert "the score of 200 pairs of a person and a recommended item" in page.text
    labels = [svg["aria-label"] or "" for svg in page.named("svg")]
    assert [label for label in labels if "by reasons" in label] == [
        f"The score {change} by reasons. evidence: best 0.25; message plain: best 0.5"
        for change in (
            "falls without the first reasons",
            "rises with the first reasons alone",
        )
    ]


def test_what_was_expected_of_the_lists_is_a_table(page: Page) -> None:
    assert "before anything was learnt or published; the data were forced by ada plain" in page.text
    assert "traininglikes plainfew plainmanynot met" in page.text
    assert "publishingusers plainhalf plainallnot met" in page.text
    assert "publishingqualitynone therea comparisonnot judged" in page.text


def test_the_graph_is_counted_without_its_book_keeping(page: Page) -> None:
    assert "9 nodes and 15 relationships." in page.text
    assert "HAS_CHECKPOINT" not in page.text
    assert ":Brand 2" in page.text


def test_one_persons_neighbourhood_is_drawn(page: Page) -> None:
    labels = [svg["aria-label"] for svg in page.named("svg")]
    assert "Neighbourhood of ada plain: 2 things" in labels
    assert {"Ada plain", "Lamp"} <= set(page.texts)
    (line,) = (a for a in page.named("line") if a.get("stroke-width") == "6.0")
    ends = {(line["x1"], line["y1"]), (line["x2"], line["y2"])}
    assert len(ends) == 2


def test_quotes_are_the_sentence_around_the_mention(page: Page) -> None:
    assert "The bass is superb, but the strap is awful!" in page.text
    assert "Came on Monday. The bass" not in page.text


def test_only_the_best_figure_is_marked(page: Page) -> None:
    marked = [a for a in page.named("td") if "best" in (a.get("class") or "").split()]
    # NDCG@10 among the accuracies, among all figures, among the cold users; AUC, ACC and F1; RMSE
    # and MAE of ratings
    assert len(marked) == 3 + 3 + 2


def test_nothing_from_data_becomes_markup(tmp_path: Path) -> None:
    calm = read(write_folder(tmp_path / "calm"))
    wild = read(write_folder(tmp_path / "wild", HOSTILE))
    assert [tag for tag, _ in wild.elements] == [tag for tag, _ in calm.elements]
    assert wild.text.count("alert(1)") >= 10
    assert "{{ 7*7 }}" in wild.text
    assert not wild.named("script")
    assert not wild.named("img")
    assert not any(name.startswith("on") for _, attributes in wild.elements for name in attributes)


@pytest.mark.parametrize("which", ["page", "bare"])
def test_the_page_is_well_formed_and_self_contained(
    which: str, request: pytest.FixtureRequest
) -> None:
    page = request.getfixturevalue(which)
    assert not page.misplaced
    assert not page.open
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "data"):
            assert (attributes.get(name) or "#").startswith("#")
    css = "".join(page.texts)
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize("which", ["page", "bare"])
def test_the_page_can_be_heard(which: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(which)
    assert page.named("html")[0]["lang"] == "en"
    assert all(a.get("aria-label") for a in page.named("svg"))
    assert all(a.get("scope") in ("row", "col") for a in page.named("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"] for a in page.named("a")} <= {f"#{name}" for name in ids}


def test_without_inputs_every_section_says_so(bare: Page) -> None:
    for said in (
        "no staged tables",
        "no table of rejected rows",
        "No aspects",
        "No topics",
        "does not say what the graph holds",
        "No model was evaluated",
        "No training curves",
        "Nobody in the test part was new",
        "No lists were made",
        "no record of its stages",
        "no settings",
    ):
        assert said in bare.text, said
    assert "None" not in bare.text
    assert not bare.named("table")


def test_without_examples_the_lists_of_the_test_are_shown(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "run")
    (folder / "examples.json").unlink()
    page = read(folder)
    assert "Lists from the test" in page.text
    assert page.text.count("found again") == 2  # once in the legend, once at the hit


@pytest.mark.parametrize(
    "name", ["metrics.json", "graph.json", "run.json", "config.yaml", "rejected.parquet"]
)
def test_a_damaged_file_counts_as_absent(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_folder(tmp_path / "run")
    (folder / name).write_bytes(b'{"models": [')
    page = read(folder)
    assert "What went in" in page.text
    assert name in caplog.text


def test_higher_means_alone_are_not_called_ahead(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "run")
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["comparisons"] = metrics["ratings"]["comparisons"] = []
    (folder / "metrics.json").write_text(json.dumps(metrics))
    page = read(folder)
    assert "0.3300" in page.text
    assert "ahead of" not in page.text
    assert "% ahead" not in page.text


def test_differences_lie_left_and_right_of_zero(page: Page) -> None:
    lanes = [a for a in page.named("span") if (a.get("class") or "").startswith("lane ")]
    assert [lane["class"] for lane in lanes if "title" in lane] == [
        "lane ahead",
        "lane ahead",
        "lane level",
        "lane level",
    ]
    assert [lane["title"] for lane in lanes if "title" in lane][2] == "−0.0100 to +0.0100"


def test_what_lies_beyond_the_scale_of_the_best_baseline_is_an_arrow(page: Page) -> None:
    # popularity: +0.23 where the best baseline has +0.03.
    assert [a["class"] for a in page.named("b") if a.get("class")] == ["right"]
    assert "▸ ahead, 3.3 ×" in page.text


def test_predicted_ratings_have_a_table_with_the_least_error_marked(page: Page) -> None:
    assert "4 100 held-out ratings of 1 040 people" in page.text
    assert "0.8900 ●0.8800–0.9000" in page.text
    assert "Against biased-mfplain, RMSE: 3.3 % ahead (−0.0300" in page.text


def test_without_ratings_there_is_no_table_of_them(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "run")
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["ratings"] = None
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert "RMSE" not in read(folder).text


def test_too_few_hits_are_said_to_be_so(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "run")
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["probability"] |= {"hits": 7, "calibration_error": None, "chance_error": None}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert "With 7 hits there are too few" in read(folder).text


def test_a_figure_may_bring_its_interval(tmp_path: Path) -> None:
    figure = {"mean": 0.3, "low": 0.25, "high": 0.35}
    models = {"ease": {"test": {"ndcg@10": figure}}}
    (tmp_path / "metrics.json").write_text(json.dumps({"models": models}))
    assert "0.2500–0.3500" in read(tmp_path).text


def test_numbers_as_people_read_them() -> None:
    assert count(1234567) == "1\u202f234\u202f567"
    assert [short_count(n) for n in (9999, 27287, 1_250_000)] == ["9\u202f999", "27k", "1.2M"]
    assert [duration(s) for s in (0.44, 59.7, 61, 7260)] == [
        "0.4\u202fs",
        "1\u202fmin 0\u202fs",
        "1\u202fmin 1\u202fs",
        "2\u202fh 1\u202fmin",
    ]
    assert [metric(m) for m in ("ndcg@10", "hit_rate@5", "mrr")] == ["NDCG@10", "Hit rate@5", "MRR"]


@given(
    low=st.integers(-(10**6), 10**6).map(lambda n: n / 1000),
    span=st.integers(0, 10**9).map(lambda n: n / 1000),
)
def test_ticks_cover_what_is_drawn(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert marks[0] <= low + 1e-6 * abs(low)
    assert marks[-1] >= low + span - 1e-6 * abs(low + span)
    assert 2 <= len(marks) <= 8
    steps = [b - a for a, b in pairwise(marks)]
    assert all(math.isclose(s, steps[0], rel_tol=1e-3, abs_tol=1e-9) for s in steps)
