"""Pictures of a part of the graph: an interactive page, or a still one for papers and reports."""

from __future__ import annotations
