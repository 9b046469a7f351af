"""The benchmark of queries asks each of them with keys that the graph has."""

from __future__ import annotations

from query_world import OTHERS, build

from benchmarks.queries import ASKED, each_plan_first, measure, shown
from kg.store import Store


def test_every_query_that_the_graph_can_answer_is_asked(store: Store) -> None:
    build(store).run_text(OTHERS)
    said: list[str] = []
    found = list(measure(store, only=[], keys=2, times=2, seed=1, say=said.append))
    silent = {line.split(":")[0] for line in said if "nothing to ask" in line}
    assert silent == {
        "browse/alert_evidence",
        "browse/alert_picture",
        "browse/segment_people",
        "browse/segment_picture",
    }
    asked = {name for name in store.catalogue if name.startswith(ASKED)}
    assert {each.query for each in found} == asked - silent
    by_name = {each.query: each for each in found}
    why = by_name["recommend/why"]
    assert (why.asked, why.server) == (2, store.capabilities.dialect)
    assert why.rows >= 1, "a pair that is on a list has reasons"
    assert 0 < why.median <= why.p99
    assert why.busy_median is None or 0 < why.busy_median <= why.busy_p99  # type: ignore[operator]
    assert shown(found).row_count == len(found)


def test_keys_of_each_order_of_length_come_first() -> None:
    asked: list[dict[str, object]] = [
        {"userId": user, "limit": 3} for user in ("ann", "bob", "x", "margaret ann", "y")
    ]
    ordered = [each["userId"] for each in each_plan_first(asked)]
    assert ordered == ["ann", "x", "margaret ann", "bob", "y"]
