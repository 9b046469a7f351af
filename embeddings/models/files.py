"""How a model lies on disk: `model.json` for its settings, `arrays.safetensors` for its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix

from kg.errors import ModelError
from kg.settings import Settings

Array = NDArray[np.generic]
S = TypeVar("S", bound=Settings)
PARTS = ("data", "indices", "indptr", "shape")


def save_model(
    folder: Path, name: str, settings: Settings, arrays: Mapping[str, Array | csr_matrix]
) -> None:
    """Write a model's settings and arrays into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    dense: dict[str, Array] = {}
    for key, value in arrays.items():
        dense |= dense_parts(key, value) if isinstance(value, csr_matrix) else {key: value}
    save_file(
        {key: np.asarray(value, order="C") for key, value in dense.items()},
        folder / "arrays.safetensors",
    )
    description = {"model": name, "settings": settings.model_dump(mode="json")}
    (folder / "model.json").write_text(json.dumps(description, indent=2), encoding="utf-8")


def load_model(folder: Path, name: str, settings: type[S]) -> tuple[S, dict[str, Array]]:
    """Read what `save_model` wrote.

    Raises:
        ModelError: a file is missing or broken, or holds another model.
    """
    try:
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        arrays: dict[str, Array] = load_file(folder / "arrays.safetensors")
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"There is no readable model in {folder}: {error}",
            remedy="Train again, or name the folder of a finished run.",
        ) from error
    if description["model"] != name:
        raise ModelError(f"Wanted a {name!r} model in {folder}, found {description['model']!r}.")
    return settings.model_validate(description["settings"]), arrays


def sparse(arrays: Mapping[str, Array], key: str) -> csr_matrix:
    """Return the sparse matrix that was saved as `key`."""
    data, indices, indptr, shape = (arrays[f"{key}.{part}"] for part in PARTS)
    return csr_matrix(
        (data, indices.astype(np.int32), indptr.astype(np.int32)),
        shape=(int(shape[0]), int(shape[1])),
    )


def dense_parts(key: str, matrix: csr_matrix) -> dict[str, Array]:
    """Return the arrays that a sparse matrix is saved as."""
    values = (matrix.data, matrix.indices, matrix.indptr, np.array(matrix.shape))
    return {f"{key}.{part}": value for part, value in zip(PARTS, values, strict=True)}
