"""Neo4j's Graph Data Science works on the graph: the notebook's cell, and the docs' recipes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase
from neo4j_server import missing, serve

ROOT = Path(__file__).parents[1]
RECIPES = re.findall(
    r"^```cypher\n(.*?)^```",
    (ROOT / "docs" / "graph-algorithms.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Driver]]:
    """What the notebook prints on a Neo4j with GDS, and a driver of that server."""
    if reason := missing(gds=True):
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    nbformat = pytest.importorskip("nbformat", reason="the extra notebooks is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the extra notebooks is not installed")
    folder = tmp_path_factory.mktemp("gds")
    notebook = nbformat.read(ROOT / "notebooks" / "frames_in.ipynb", as_version=4)
    with serve(folder / "neo4j", gds=True) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEO4J_URI", server.uri)
        patch.setenv("NEO4J_USERNAME", server.username)
        patch.setenv("NEO4J_PASSWORD", server.password)
        resources = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(notebook, timeout=500, resources=resources).execute()
        said = [
            output["text"]
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if output.get("name") == "stdout"
        ]
        auth = (server.username, server.password)
        with GraphDatabase.driver(server.uri, auth=auth) as driver:
            yield "".join(said), driver


def taste(book: str) -> str:
    return book.split("-")[0]


def test_no_community_of_readers_and_books_mixes_the_two_tastes(
    printed: tuple[str, Driver],
) -> None:
    communities = [line.split() for line in printed[0].splitlines() if "-" in line]
    assert all(len(set(map(taste, books))) == 1 for books in communities)
    assert {taste(book) for books in communities for book in books} == {"crime", "garden"}


def test_each_recipe_of_the_docs_answers(printed: tuple[str, Driver]) -> None:
    project, louvain, page_rank, similarity, fast_rp, drop = RECIPES
    driver = printed[1]

    def ask(recipe: str) -> list[dict[str, Any]]:
        return [record.data() for record in driver.execute_query(recipe).records]  # type: ignore[arg-type]

    assert ask(project)[0]["graph"]["nodeCount"] == 36, "20 readers and 16 books"
    assert sum(row["items"] for row in ask(louvain)) == 16
    scores = [row["score"] for row in ask(page_rank)]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    alike = ask(similarity)
    assert alike
    assert all(0 < row["similarity"] <= 1 and row["person"] != row["other"] for row in alike)
    assert [len(row["embedding"]) for row in ask(fast_rp)] == [32] * 5
    assert ask(drop) == [{"graphName": "kgrec"}]
