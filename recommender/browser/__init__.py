"""A pack for Neo4j Browser, made from the live graph: style, saved queries and a guide."""

from __future__ import annotations

from recommender.browser.pack import Pack, write_pack

__all__ = ["Pack", "write_pack"]
