"""Nothing is unpickled or evaluated: what a file holds is data, whoever wrote it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("cypher", "kg", "etl", "embeddings", "recommender", "benchmarks", "tools")
MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
CALLS = {"eval", "exec", "__import__", "compile"}
LOADS = {"torch.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "pd.read_pickle"}


def faults(text: str) -> Iterator[str]:
    """What of a module runs what a file says."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        yield from (f"import {name}" for name in names if name.partition(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            told = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if called in CALLS or (called in LOADS and told.get("weights_only") != "True"):
                yield ast.unparse(node)
            if called.endswith(("np.load", "numpy.load")) and told.get("allow_pickle") != "False":
                yield ast.unparse(node)
            if told.get("shell") == "True" or told.get("trust_remote_code") == "True":
                yield ast.unparse(node)


def test_no_module_unpickles_or_evaluates_anything() -> None:
    places = [place for room in ROOMS for place in (ROOT / room).rglob("*.py")]
    found = {
        str(place.relative_to(ROOT)): faulty
        for place in places
        if (faulty := list(faults(place.read_text(encoding="utf-8"))))
    }
    assert len(places) > 300
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "import torch\ntorch.load('x')",
        "torch.load('x', weights_only=False)",
        "np.load('x')",
        "np.load('x', allow_pickle=True)",
        "yaml.load(text)",
        "eval(text)",
        "subprocess.run(text, shell=True)",
        "AutoModel.from_pretrained(x, trust_remote_code=True)",
    ],
)
def test_each_of_these_would_be_found(text: str) -> None:
    assert len(list(faults(text))) == 1


def test_what_is_safe_is_let_be() -> None:
    safe = "np.load('x', allow_pickle=False)\ntorch.load('x', weights_only=True)\nyaml.safe_load(t)"
    assert list(faults(safe)) == []
