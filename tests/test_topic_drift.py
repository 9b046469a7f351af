"""Topics after a refit: the same ones keep their keys, and the rest is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from run_world import make_run
from test_extract import CANARY, staged
from text_world import SMALL, shop_reviews

from etl.extract import extract_reviews
from etl.text.topic_drift import TopicChange, lasting_ids, topic_changes
from etl.text.topics import Topic, TopicModel
from recommender.run_folder import RunFolder, StageRecord, Status
from recommender.stages.extract import earlier_staging

KITCHEN = {"kettle": 40, "coffee": 30, "cup": 20, "milk": 10}
TRAIL = {"tent": 40, "boots": 30, "rain": 20, "hike": 10}
MUSIC = {"piano": 40, "choir": 30, "organ": 20, "hymn": 10}


def fitted(language: str = "en", **topics: dict[str, int]) -> TopicModel:
    """Return a model whose topics, by key, have words this often."""
    words = sorted({word for uses in topics.values() for word in uses})
    strengths = np.array([[uses.get(word, 0) for word in words] for uses in topics.values()])
    return TopicModel(
        words=words,
        collocations=[],
        strengths=strengths.astype(np.float32) + np.float32(1e-3),
        alpha=np.full(len(topics), 0.1, np.float32),
        topics=[Topic(key, f"about {key}", ("a",), (1.0,), None, 1.0) for key in topics],
        curve={},
        weak=False,
        language=language,
        settings=SMALL.topics,
    )


def told(changes: list[TopicChange]) -> list[tuple[str, str, str | None]]:
    return [(each.change, each.topic_id, each.other_id) for each in changes]


def test_topics_keep_their_keys_in_another_order_and_with_other_weights() -> None:
    before = fitted(kitchen=KITCHEN, trail=TRAIL)
    after = fitted(first=TRAIL | {"rain": 35, "mud": 5}, second=KITCHEN | {"cup": 30})
    assert lasting_ids(after, before) == ["trail", "kitchen"]
    renamed = after.with_ids(lasting_ids(after, before))
    assert [topic.label for topic in renamed.topics] == ["about first", "about second"]
    changes = topic_changes(renamed, before)
    assert told(changes) == [("kept", "trail", "trail"), ("kept", "kitchen", "kitchen")]
    assert all(change.distance is not None and 0 < change.distance < 0.3 for change in changes)


def test_the_same_fit_keeps_everything_at_no_distance() -> None:
    model = fitted(kitchen=KITCHEN, trail=TRAIL)
    assert [change.distance for change in topic_changes(model, model)] == [0.0, 0.0]
    assert lasting_ids(model, model) == ["kitchen", "trail"]


def test_a_topic_is_born_and_another_one_dies() -> None:
    before, after = fitted(kitchen=KITCHEN, trail=TRAIL), fitted(kitchen=KITCHEN, music=MUSIC)
    assert [each[:2] for each in told(topic_changes(after, before))] == [
        ("kept", "kitchen"),
        ("born", "music"),
        ("died", "trail"),
    ]


def test_a_topic_that_falls_in_two_was_split_and_the_way_back_is_a_merger() -> None:
    whole = fitted(home=KITCHEN | MUSIC, trail=TRAIL)
    halves = fitted(kitchen=KITCHEN, music=MUSIC, trail=TRAIL)
    ids = lasting_ids(halves, whole)
    assert ids == ["home", "music", "trail"]
    changes = topic_changes(halves.with_ids(ids), whole)
    assert told(changes)[1] == ("split", "music", "home")
    assert changes[1].distance == pytest.approx(0.558, abs=0.002)  # of a half and its whole
    back = topic_changes(whole, halves)
    assert [each[0] for each in told(back)] == ["kept", "kept", "merged"]
    assert told(back)[2][2] == "home"


def test_a_new_topic_never_takes_the_key_of_one_that_was_something_else() -> None:
    before, after = fitted(a=KITCHEN, b=TRAIL), fitted(b=KITCHEN, a=MUSIC)
    assert lasting_ids(after, before) == ["a", "a-2"]


def test_topics_of_another_language_are_other_topics() -> None:
    before, after = fitted("de", kitchen=KITCHEN), fitted("en", kitchen=KITCHEN)
    assert lasting_ids(after, before) == ["kitchen-2"]
    assert [each[0] for each in told(topic_changes(after, before))] == ["born", "died"]


def test_without_topics_before_or_after_nothing_is_the_same() -> None:
    assert told(topic_changes(fitted(kitchen=KITCHEN), fitted())) == [("born", "kitchen", None)]
    assert told(topic_changes(fitted(), fitted(kitchen=KITCHEN))) == [("died", "kitchen", None)]


def test_an_earlier_run_gives_keys_and_nothing_else(tmp_path: Path) -> None:
    alone = staged(tmp_path / "alone", shop_reviews())
    extract_reviews(alone, set(), SMALL, 1)
    earlier = staged(tmp_path / "earlier", shop_reviews() | CANARY)
    extract_reviews(earlier, set(), SMALL, 2)
    later = staged(tmp_path / "later", shop_reviews())
    report = extract_reviews(later, set(), SMALL, 1, earlier=earlier.folder)

    learnt = ["label", "words", "word_weights", "coherence", "distinctness", "weak"]
    assert later.read("topics", learnt) == alone.read("topics", learnt)
    drift = later.read("topic_drift").to_pylist()
    assert report.topic_changes.total() == len(drift) >= 2
    kept = {row["topic_id"] for row in drift if row["change"] == "kept"}
    before = set(earlier.read("topics").column("topic_id").to_pylist())
    now = set(later.read("topics").column("topic_id").to_pylist())
    assert now & before == kept


def test_the_same_run_again_keeps_every_key(tmp_path: Path) -> None:
    first, again = (staged(tmp_path / name, shop_reviews()) for name in ("first", "again"))
    extract_reviews(first, set(), SMALL, 1)
    assert first.read("topic_drift").num_rows == 0
    report = extract_reviews(again, set(), SMALL, 1, earlier=first.folder)
    assert again.read("topics") == first.read("topics")
    assert again.read("review_topics") == first.read("review_topics")
    assert report.topic_changes == {"kept": 2}


def test_an_earlier_run_that_cannot_be_read_gives_no_keys(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, again = (staged(tmp_path / name, shop_reviews()) for name in ("first", "again"))
    extract_reviews(first, set(), SMALL, 1)
    (first.folder / "text_model" / "topics.npz").write_bytes(b"not arrays")
    report = extract_reviews(again, set(), SMALL, 1, earlier=first.folder)
    assert not report.topic_changes
    assert "Topics get new keys" in caplog.text


def extracted(runs: Path, run_id: str, status: Status = "done", dataset: str = "shop") -> Path:
    folder = make_run(runs, run_id, dataset)
    (folder / "staging" / "text_model").mkdir(parents=True)
    (folder / "staging" / "text_model" / "topics.npz").touch()
    run = RunFolder(folder)
    record = run.record()
    record.stages["extract"] = StageRecord(
        fingerprint="f", status=status, by=run_id, started_at=record.started_at
    )
    run.save(record)
    return folder


def test_the_earlier_topics_are_those_of_the_newest_other_run(tmp_path: Path) -> None:
    extracted(tmp_path, "20260101")
    february = extracted(tmp_path, "20260201", "reused")
    extracted(tmp_path, "20260301", "failed")
    extracted(tmp_path, "20260401", dataset="another shop")
    make_run(tmp_path, "20260501")
    own = extracted(tmp_path, "20260601")
    assert earlier_staging(own, "shop") == february / "staging"
    assert earlier_staging(own, "a third shop") is None
