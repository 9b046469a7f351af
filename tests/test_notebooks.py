"""The notebooks run to their end on the latest run of a folder, and are kept without outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_run_end_to_end import write_books

from kg import embedded
from recommender.cli.app import run_app

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
HERE = [path for path in NOTEBOOKS if path.stem != "frames_in"]  # which test_gds.py runs
NEEDS = {"objects": "py2neo"}


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the run of a book club, on an embedded graph of its own."""
    folder = tmp_path_factory.mktemp("notebooks")
    write_books(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEO4J_URI", "NEO4J_DATABASE"):
            patch.delenv(name, raising=False)
        patch.setenv("KGREC_HOME", str(folder / "home"))
        patch.chdir(folder)
        try:
            assert run_app(["run", "club.yaml", "--quiet"]) == 0
            yield folder
        finally:
            embedded.stop(folder / "home")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert any(cell["cell_type"] == "code" for cell in cells)
    for cell in cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.slow
@pytest.mark.parametrize("path", HERE, ids=lambda path: path.stem)
def test_notebooks_run_to_their_end(path: Path, club: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="the extra notebooks is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the extra notebooks is not installed")
    if (needed := NEEDS.get(path.stem)) and find_spec(needed) is None:
        pytest.skip(f"the extra {needed} is not installed")
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=500, resources={"metadata": {"path": str(club)}}
    ).execute()
    answers = [
        output["data"]["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "execute_result"
    ]
    assert len(answers) >= 2
