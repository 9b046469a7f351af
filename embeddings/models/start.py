"""What a training leaves for a later one to begin from, and how that one begins.

    start/weights.safetensors   the networks' parameters, and the axes of their text inputs
          nodes.parquet         kind and key of each node, in the order of the parameters' rows
          pairs.parquet         every pair that the parameters have ever learnt from
          start.json            steps so far, relations, and which run this one began from

Ids of nodes are found by their keys; what takes whitened text vectors is turned to the axes of now;
the encoder is carried over where it has the same relations. The rest begins as in any training, as
do the optimiser and what predicts ratings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from embeddings.models.fused_graph import FusedGraph
from embeddings.models.network import HeteroGatNetwork
from embeddings.training_data import TrainingData

FOLDER: Final = "start"
WEIGHTS: Final = "weights.safetensors"
NODES: Final = "nodes.parquet"
PAIRS: Final = "pairs.parquet"
_TOLD: Final = "start.json"


@dataclass(frozen=True, kw_only=True)
class Start:
    """See the module.

    Attributes:
        weights: parameters of each seed's network, by name.
        axes: see `Inputs`.
        nodes: kind, key, in the order of the fused nodes.
        pairs: user_id, item_id.
        relations: with direction and shades, in the order of the encoder's parameters.
        steps: so far, of this training and those that it began from.
        run: the one that left it.
        began_from: the run whose start that one had; None where it began anew.
    """

    weights: Sequence[Mapping[str, Tensor]]
    axes: Mapping[str, Tensor]
    nodes: pl.DataFrame
    pairs: pl.DataFrame
    relations: Mapping[str, object]
    steps: int
    run: str = ""
    began_from: str | None = None

    @classmethod
    def of(
        cls,
        data: TrainingData,
        networks: Sequence[HeteroGatNetwork],
        *,
        steps: int,
        start: Start | None,
    ) -> Start:
        """Return what a training leaves that took so many steps, and had this start."""
        pairs = _pairs(data)
        if start is not None:
            pairs = pl.concat([pairs, start.pairs]).unique(maintain_order=True)
            steps += start.steps
        return cls(
            weights=[
                {name: each.detach().cpu() for name, each in network.named_parameters()}
                for network in networks
            ],
            axes={name: axes.cpu() for name, axes in networks[0].inputs.axes.items()},
            nodes=_nodes(data, networks[0].graph),
            pairs=pairs,
            relations=_relations(networks[0].graph),
            steps=steps,
            began_from=None if start is None else start.run,
        )

    @torch.no_grad()
    def begin(self, network: HeteroGatNetwork, data: TrainingData, number: int) -> None:
        """Put the parameters of the network with this number into a new one.

        Args:
            network: as a training without a start would begin.
            data: what it is to learn from.
            number: of the networks that were left, as many as are trained now.
        """
        same = self.relations == _relations(network.graph)
        rows = self._rows(network, data)
        for name, parameter in network.named_parameters():
            earlier = self.weights[number].get(name)
            if earlier is None or (name.startswith("encoder.") and not same):
                continue
            earlier = earlier.to(parameter.device)
            if name in self.axes:
                axes = network.inputs.axes[name]
                earlier = torch.linalg.lstsq(axes, self.axes[name].to(axes.device) @ earlier)[0]
            if name in rows:
                known = rows[name] >= 0
                parameter[known] = earlier[rows[name][known]]
            else:
                parameter.copy_(earlier)

    def _rows(self, network: HeteroGatNetwork, data: TrainingData) -> dict[str, Tensor]:
        """Where each row of the parameters with nodes for rows was, -1 where it was not there."""
        there = self.nodes.with_row_index("row")
        now = _nodes(data, network.graph)
        found = now.join(there, on=["kind", "key"], how="left", maintain_order="left")
        nodes = found["row"].cast(pl.Int64).fill_null(-1).to_torch().to(network.e.device)
        items = nodes[network.users : network.users + network.items]
        users = int((self.nodes["kind"] == "user").sum())
        return {"e": nodes, "b": items.where(items < 0, items - users)}

    def save(self, folder: Path) -> None:
        """Write it into `folder`, which is made; the weights come last."""
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "steps": self.steps,
            "began_from": self.began_from,
            "networks": len(self.weights),
            "relations": self.relations,
        }
        tensors = {f"axes.{name}": tensor for name, tensor in self.axes.items()}
        for number, weights in enumerate(self.weights):
            tensors |= {f"{number}.{name}": tensor for name, tensor in weights.items()}
        (folder / _TOLD).write_text(json.dumps(told, indent=1), encoding="utf-8")
        self.nodes.write_parquet(folder / NODES)
        self.pairs.write_parquet(folder / PAIRS)
        save_file({k: tensor.contiguous() for k, tensor in tensors.items()}, folder / WEIGHTS)

    @classmethod
    def load(cls, folder: Path, run: str) -> Start | None:
        """Read what `save` wrote; None where nothing was left, or it had to go.

        Args:
            folder: where it lies.
            run: the one that left it.
        """
        if not (folder / WEIGHTS).is_file():
            return None
        told, tensors = read_told(folder), load_file(folder / WEIGHTS)
        return cls(
            weights=[_below(f"{number}.", tensors) for number in range(told["networks"])],
            axes=_below("axes.", tensors),
            nodes=pl.read_parquet(folder / NODES),
            pairs=pl.read_parquet(folder / PAIRS),
            relations=told["relations"],
            steps=told["steps"],
            run=run,
            began_from=told["began_from"],
        )


def read_told(folder: Path) -> dict[str, Any]:
    """Return what `start.json` tells; it stays where the rest had to go."""
    told: dict[str, Any] = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
    return told


def _nodes(data: TrainingData, graph: FusedGraph) -> pl.DataFrame:
    """Kind and key of each node of the fused graph, in its order."""
    keys = [
        pl.DataFrame({"kind": kind, "key": pl.Series(data.keys[kind].keys, dtype=pl.String)})
        for kind in graph.start
    ]
    return pl.concat(keys)


def _pairs(data: TrainingData) -> pl.DataFrame:
    ends = {"user_id": (data.users, data.pairs.user), "item_id": (data.items, data.pairs.item)}
    return pl.DataFrame(
        {
            name: pl.Series(index.keys, dtype=pl.String).gather(positions)
            for name, (index, positions) in ends.items()
        }
    )


def _relations(graph: FusedGraph) -> dict[str, object]:
    return {
        "types": [["/".join(each.type), each.liked] for each in graph.relations],
        "shades": graph.shades.tolist(),
    }


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
