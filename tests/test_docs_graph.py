"""docs/graph.md is the schema's own page."""

from __future__ import annotations

import re
from pathlib import Path

from kg.schema import NODES, RELATIONSHIP_TYPES
from kg.schema_page import schema_page

PAGE = Path(__file__).parent.parent / "docs" / "graph.md"


def test_the_page_in_docs_is_the_one_that_the_schema_gives() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == schema_page(), "kgrec schema --format markdown > docs/graph.md"


def test_every_label_type_and_property_is_on_the_page() -> None:
    page = schema_page()
    for kind in (*NODES.values(), *RELATIONSHIP_TYPES):
        name = kind.label if hasattr(kind, "label") else kind.type
        assert f":{name}" in page
        for each in kind.properties:
            assert f"`{each.name}`" in page
            assert each.meaning.replace("|", r"\|") in page


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    width = 0
    for line in schema_page().splitlines():
        cells = len(re.split(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert cells in (0, width) or width == 0
        width = cells
