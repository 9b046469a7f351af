"""What an earlier run learnt from texts is kept while it is what there is to learn from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from text_world import SMALL, attributes_table, items_table, reviews_table, shop_reviews

from etl.carried import carried_facts
from etl.extract import MODEL_FOLDER, extract_reviews
from etl.extract_report import ExtractReport
from etl.staging import Staging
from etl.tables import FACT_TABLES, REVIEWS
from etl.text.kept_model import note_origin, still_holds
from etl.text.model import TextModel

KEEPING = SMALL.model_copy(update={"refit_share": 1.0})
NEW = {
    "new01": "The battery of the Quietside Hush is awful.",
    "new02": "QUIETSIDE HUSH has superb sound, and a lovely battery!",
    "new03": "No idea.",
}


def staged(folder: Path, texts: dict[str, str]) -> Staging:
    staging = Staging(folder)
    staging.write("reviews", [reviews_table(texts)])
    staging.write("items", [items_table({"headphones": "Quietside Hush"})])
    staging.write("attributes", [attributes_table([("headphones", "Brand", "Quietside")])])
    return staging


def extract(
    staging: Staging, earlier: Staging | None = None, held_out: Collection[str] = ()
) -> ExtractReport:
    before = earlier.folder if earlier else None
    return extract_reviews(staging, held_out, KEEPING, 1, earlier=before, terms="the same")


def rows(staging: Staging) -> dict[str, list[str]]:
    """All facts, in no order."""
    return {name: sorted(map(repr, staging.read(name).to_pylist())) for name in FACT_TABLES}


def read_whole(staging: Staging) -> dict[str, list[str]]:
    """What the staging's text model finds when it reads every review."""
    model = TextModel.load(staging.folder / MODEL_FOLDER)
    [batch] = staging.read("reviews").combine_chunks().to_batches()
    facts = model.extract(batch)
    found = {
        "review_facts": facts.review_facts,
        "entities": facts.entities,
        "aspects": model.aspect_table(),
        "mentions": facts.mentions,
        "topics": model.topic_table(),
        "review_topics": facts.review_topics,
    }
    return {name: sorted(map(repr, found[name].to_pylist())) for name in FACT_TABLES}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Staging:
    staging = staged(tmp_path_factory.mktemp("first"), shop_reviews() | {"old": NEW["new02"]})
    extract(staging)
    return staging


def test_only_new_reviews_are_read(first: Staging, tmp_path: Path) -> None:
    second = staged(tmp_path, shop_reviews() | {"old": NEW["new02"]} | NEW)
    report = extract(second, first)
    assert report.kept_model
    assert (report.reviews, report.carried) == (124, 121)
    assert rows(second) == read_whole(second)
    assert rows(second)["topics"] == rows(first)["topics"]


def test_a_third_run_keeps_what_the_first_one_learnt(first: Staging, tmp_path: Path) -> None:
    second = staged(tmp_path / "2", shop_reviews() | {"new01": NEW["new01"]})
    third = staged(tmp_path / "3", shop_reviews() | NEW)
    extract(second, first)
    report = extract(third, second)
    assert report.kept_model
    assert report.training_reviews == 121
    assert rows(third) == read_whole(third)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gone=st.sets(st.sampled_from(["old", *sorted(shop_reviews())]), max_size=20),
    changed=st.sets(st.sampled_from(["old", *sorted(shop_reviews())]), max_size=3),
    new=st.sets(st.sampled_from(sorted(NEW))),
)
def test_carried_facts_are_those_that_reading_again_would_find(
    first: Staging,
    tmp_path_factory: pytest.TempPathFactory,
    gone: set[str],
    changed: set[str],
    new: set[str],
) -> None:
    texts = shop_reviews() | {"old": NEW["new02"]} | {key: NEW[key] for key in new}
    texts |= dict.fromkeys(changed, NEW["new01"])
    texts = {key: text for key, text in texts.items() if key not in gone - changed}
    second = staged(tmp_path_factory.mktemp("second"), texts)
    extract(second, first)
    assert rows(second) == read_whole(second)


def test_who_called_it_so_is_gone_and_the_others_are_read_again(tmp_path: Path) -> None:
    one = staged(tmp_path / "1", {"a": "In LEEDS.", "b": "In Leeds, at Hob.", "c": "At Hob."})
    two = staged(tmp_path / "2", {"b": "In Leeds, at Hob.", "c": "At Hob.", "d": "Now."})
    three = staged(tmp_path / "3", {"a": "In LEEDS.", "b": "In Leeds, at Hob.", "c": "Hm."})
    one.write("review_facts", [facts("review_facts", *({"review_id": key} for key in "abc"))])
    met = [("a", "GPE:leeds"), ("b", "GPE:leeds"), ("b", "Brand:hob"), ("c", "Brand:hob")]
    mentions = ({"review_id": key, "target_kind": "Entity", "target_id": to} for key, to in met)
    one.write("mentions", [facts("mentions", *mentions)])
    known = {"entity_id": "Brand:hob", "refers_to": "Brand:hob"}
    one.write("entities", [facts("entities", {"entity_id": "GPE:leeds"}, known)])
    left = carried_facts(one, two, ())
    assert left.review_facts["review_id"].to_pylist() == ["c"], "b may say LEEDS, or Leeds"
    assert left.entities["entity_id"].to_pylist() == ["Brand:hob"]
    assert carried_facts(one, three, ()).review_facts["review_id"].to_pylist() == ["a", "b"]


def test_reviews_whose_verdict_is_other_or_must_tell_nothing_now_are_read_again(
    tmp_path: Path,
) -> None:
    one, two = (staged(tmp_path / name, dict.fromkeys("abcd", "In Leeds.")) for name in "12")
    for staging, told in ((one, (True, False, None, True)), (two, (True, True, None, True))):
        table = staging.read("reviews")
        place = REVIEWS.get_field_index("positive")
        table = table.set_column(place, REVIEWS.field(place), pa.array(told))
        staging.write("reviews", [table])
    verdicts = zip("abcd", (True, False, None, True), strict=True)
    told = [{"review_id": key, "verdict": verdict} for key, verdict in verdicts]
    one.write("review_facts", [facts("review_facts", *told)])
    for name in ("mentions", "entities", "review_topics"):
        one.write(name, [facts(name)])
    assert carried_facts(one, two, {"d"}).review_facts["review_id"].to_pylist() == ["a", "c"]


def facts(name: str, *said: dict[str, Any]) -> pa.Table:
    """Rows of a fact table that say only what is asked of them."""
    empty = {"string": "", "int64": 0, "double": 0.0, str(pa.list_(pa.int32())): []}
    schema = FACT_TABLES[name]
    blank = {field.name: None if field.nullable else empty[str(field.type)] for field in schema}
    return pa.Table.from_pylist([blank | row for row in said], schema=schema)


def reviews(*names: str) -> pa.Table:
    hashes = [f"hash of {name.rstrip('*')}{'*' * name.endswith('*')}" for name in names]
    ids = [name.rstrip("*") for name in names]
    return pa.table({"review_id": ids, "content_hash": hashes})


@pytest.mark.parametrize(
    ("now", "held_out", "terms", "share", "kept"),
    [
        ("abcd", "", "t", 0.0, True),
        ("abcde", "", "t", 0.19, False),  # e of five is new
        ("abcde", "", "t", 0.2, True),
        ("abcde", "e", "t", 0.0, True),  # would not teach
        ("abc", "", "t", 0.33, False),  # d is gone, of three that are there
        ("abc", "", "t", 0.34, True),
        ("abcd", "a", "t", 1.0, False),  # taught, and is held out now
        ("abcd", "", "other", 1.0, False),
    ],
)
def test_it_is_kept_until_too_much_is_new_or_held_out(
    tmp_path: Path, now: str, held_out: str, terms: str, share: float, kept: bool
) -> None:
    note_origin(tmp_path, reviews(*"dcba"), "t")
    assert (
        still_holds(tmp_path, reviews(*now), tuple(held_out), 100, terms=terms, refit_share=share)
        == kept
    )


def test_a_review_that_says_something_else_counts_as_gone_and_new(tmp_path: Path) -> None:
    note_origin(tmp_path, reviews(*"abcd"), "t")
    now = reviews("a", "b", "c", "d*")
    assert not still_holds(tmp_path, now, (), 100, terms="t", refit_share=0.49)
    assert still_holds(tmp_path, now, (), 100, terms="t", refit_share=0.5)


def test_nothing_is_kept_of_a_run_that_did_not_say_what_it_learnt_from(tmp_path: Path) -> None:
    assert not still_holds(tmp_path, reviews("a"), (), 100, terms="t", refit_share=1.0)
