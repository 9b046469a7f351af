"""A few disturbed runs: real processes, real servers. The long form is `benchmarks.chaos`."""

from __future__ import annotations

import random
from pathlib import Path

import neo4j_server as neo4j_tool
import pytest

from benchmarks.chaos import Tally, attack
from benchmarks.chaos_faults import Fault
from benchmarks.chaos_ground import SAME_EACH_TIME


@pytest.mark.slow
@pytest.mark.graph
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(
    ("server", "faults"),
    [("embedded", ("program", "full disk")), ("neo4j", ("graph server",))],
)
def test_whatever_befalls_a_run_the_next_one_ends_it(
    server: str, faults: tuple[Fault, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server == "neo4j" and (reason := neo4j_tool.missing()):
        pytest.skip(reason)
    for name, value in SAME_EACH_TIME.items():
        monkeypatch.setenv(name, value)
    tally = Tally()
    told = list(attack(server, tmp_path / "disk", faults, random.Random(5), tally))
    assert tally.survived == tally.tried, "\n".join(told)
    assert tally.tried.total() >= 1  # a full disk needs the right to mount one
