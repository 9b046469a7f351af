"""Streaming readers: files in, typed Arrow batches of `etl.tables.SOURCE_TABLES` out.

One file per format. A source is a settings model with a `type`; `read_source` reads any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated

from pydantic import Field

from etl.sources.adjacency import AdjacencySource, read_adjacency
from etl.sources.amazon import AmazonSource, read_amazon
from etl.sources.base import Batch, Batches, Declared, ReadSettings, Reason
from etl.sources.delimited import DelimitedSource, read_delimited
from etl.sources.recbole import RecboleSource, read_recbole
from etl.sources.triples import TriplesSource, read_triples

Source = Annotated[
    DelimitedSource | AmazonSource | RecboleSource | TriplesSource | AdjacencySource,
    Field(discriminator="type"),
]

__all__ = [
    "AdjacencySource",
    "AmazonSource",
    "Batch",
    "Batches",
    "Declared",
    "DelimitedSource",
    "ReadSettings",
    "Reason",
    "RecboleSource",
    "Source",
    "TriplesSource",
    "declared",
    "read_source",
]


def read_source(source: Source, folder: Path, limits: ReadSettings) -> Batches:
    """Yield the batches of one source; relative paths are relative to `folder`.

    Raises:
        SourceError: a file is missing, damaged, or not what the settings say.
    """
    match source:
        case DelimitedSource():
            return read_delimited(source, folder, limits)
        case AmazonSource():
            return read_amazon(source, folder, limits)
        case RecboleSource():
            return read_recbole(source, folder, limits)
        case TriplesSource():
            return read_triples(source, folder, limits)
        case AdjacencySource():
            return read_adjacency(source, folder, limits)


def declared(sources: Sequence[Source]) -> Declared:
    """Return all behaviours, attribute kinds and relation types that the sources bring."""
    return reduce(or_, (source.declares() for source in sources), Declared())
