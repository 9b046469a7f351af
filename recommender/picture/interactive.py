"""An interactive page by neo4j-viz: circles to drag, click and search; it needs no network."""

from __future__ import annotations

from pathlib import Path

from recommender.picture.drawing import Drawing

_RADIUS = 16.0


def write_interactive(drawing: Drawing, place: Path) -> None:
    """Write the page."""
    from neo4j_viz import Node, Relationship, VisualizationGraph

    nodes = [
        {
            "id": circle.id,
            "caption": circle.caption,
            "color": circle.colour,
            "size": _RADIUS * circle.size,
            "properties": {"kind": circle.label, **circle.properties},
        }
        for circle in drawing.circles
    ]
    relationships = [
        {
            "source": line.start,
            "target": line.end,
            "caption": line.caption,
            "color": line.colour,
            "width": line.width,
            "properties": {"type": line.type, **line.properties},
        }
        for line in drawing.lines
    ]
    graph = VisualizationGraph(
        nodes=[Node.model_validate(node) for node in nodes],
        relationships=[Relationship.model_validate(each) for each in relationships],
    )
    page = graph.render(height="100vh", theme="light")
    place.write_text(str(page.data), encoding="utf-8")
