"""The benchmarks by name: what they measure, how large, and what they aim at.

Imports nothing heavy: the process that starts the measurements must stay small, because a child's
peak memory as the system counts it begins with that of its parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Benchmark:
    """One line of the table, once per server where it needs a graph.

    Attributes:
        name: as in `--only`; as far as the first hyphen, the module with `prepare` and `ours`.
        floor: module with the raw floor.
        size: default size, in `unit`.
        aim: least share of the floor's speed.
        needs_graph: measured on each graph server.
        what: what is compared.
    """

    name: str
    floor: str
    size: int
    unit: str
    aim: float
    needs_graph: bool
    what: str

    @property
    def module(self) -> str:
        """Where `prepare` and `ours` are."""
        return f"benchmarks.{self.name.partition('-')[0]}"


SUITE: Final = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            "extraction",
            "benchmarks.extraction_floor",
            10_000,
            "texts",
            0.7,
            False,
            "TextModel.extract against bare calls of the libraries on the same texts",
        ),
        Benchmark(
            "encoding",
            "benchmarks.encoding_floor",
            1_000,
            "texts",
            3.5,
            False,
            "TextEncoder against transformers in float32 on the same batches",
        ),
        Benchmark(
            "load",
            "benchmarks.raw_writes",
            20_000,
            "reviews",
            0.8,
            True,
            "load_staging against the driver sending the same statements",
        ),
        Benchmark(
            "snapshot",
            "benchmarks.raw_reads",
            40_000,
            "reviews",
            0.8,
            True,
            "read_snapshot against the driver streaming the same statements",
        ),
        Benchmark(
            "training",
            "benchmarks.training_floor",
            40_000,
            "pairs",
            0.7,
            False,
            "a step of HeteroGat against dense products of the same size",
        ),
        Benchmark(
            "layers",
            "benchmarks.layers_floor",
            40_000,
            "pairs",
            1.0,
            False,
            "typed attention, there and back, against gather and scatter-add of the same messages",
        ),
        Benchmark(
            "layers-sum",
            "benchmarks.layers_floor",
            40_000,
            "pairs",
            0.05,
            False,
            "the same against fused sums of the same messages, without weights",
        ),
        Benchmark(
            "layers-gat",
            "benchmarks.layers_floor",
            40_000,
            "pairs",
            1.0,
            False,
            "the same against PyG's HeteroConv of GATConv",
        ),
        Benchmark(
            "layers-hgt",
            "benchmarks.layers_floor",
            40_000,
            "pairs",
            1.0,
            False,
            "the same against PyG's HGTConv",
        ),
        Benchmark(
            "layers-lgc",
            "benchmarks.layers_floor",
            40_000,
            "pairs",
            1.0,
            False,
            "a pass of our lightgcn against PyG's LightGCN, users and items alone",
        ),
        Benchmark(
            "ranking",
            "benchmarks.ranking_floor",
            100_000,
            "pairs",
            0.5,
            False,
            "rank by HeteroGat against bare products and topk",
        ),
        Benchmark(
            "publish",
            "benchmarks.raw_writes",
            20_000,
            "reviews",
            0.8,
            True,
            "publish against the driver sending the same statements",
        ),
        Benchmark(
            "rdf-write",
            "benchmarks.rdf",
            60_000,
            "triples",
            1.0,
            False,
            "the export's writer of N-Triples against Graph.serialize of rdflib",
        ),
        Benchmark(
            "rdf-read",
            "benchmarks.rdf",
            60_000,
            "triples",
            1.0,
            False,
            "the import's reader of N-Triples against Graph.parse of rdflib",
        ),
    )
}
