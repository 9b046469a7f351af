"""The workflow is a list of values: its functions are found, its rooms exist, its order holds."""

from __future__ import annotations

import ast
import inspect
import sys

from recommender.fingerprints import code_version
from recommender.stage import StageContext, StageResult, Work
from recommender.workflow import WORKFLOW


def test_every_stage_finds_its_function() -> None:
    for stage in WORKFLOW:
        assert isinstance(stage.function, Work)
        function = stage.function.resolve()
        assert function.__name__ == stage.name
        told = inspect.get_annotations(function, eval_str=True)
        assert told == {"context": StageContext, "return": StageResult}


def test_a_stage_requires_what_earlier_ones_assign() -> None:
    there: set[str] = set()
    for stage in WORKFLOW:
        assert there.issuperset(stage.requires)
        there.update(stage.assigns)


def test_the_code_of_every_stage_has_a_version() -> None:
    for stage in WORKFLOW:
        assert isinstance(stage.function, Work)
        assert stage.function.resolve().__module__ in stage.rooms
        for room in stage.rooms:
            assert len(code_version(room)) == 64


def test_the_code_of_other_stages_that_a_stage_calls_counts_for_it() -> None:
    """Its own, or that of a stage whose artefacts it requires, whose fingerprint it takes in."""
    rooms: dict[str, set[str]] = {}
    for stage in WORKFLOW:
        assert isinstance(stage.function, Work)
        counted = set(stage.rooms).union(*(rooms[artefact] for artefact in stage.requires))
        rooms |= dict.fromkeys(stage.assigns, counted)
        source = inspect.getsource(sys.modules[stage.function.resolve().__module__])
        called = {
            node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)
        }
        assert {name for name in called if name and ".stages." in name} <= counted
