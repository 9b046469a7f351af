"""A language model's vectors of whole reviews, as a column beside what extraction reads of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.text.boilerplate import blank_boilerplate
from etl.text.learnt_sentiment import whole_text


@dataclass(frozen=True)
class Encoder:
    """A language model, as far as extraction knows it.

    Attributes:
        name: of the model, for the record.
        encode: texts to their vectors, (n, d).
    """

    name: str
    encode: Callable[[Sequence[str]], NDArray[np.float16]]


READ: Final = ("title", "text")
_VECTOR: Final = "vector"


def encoded_text(review: Mapping[str, Any]) -> str:
    """Return what is encoded of a review, of which `READ` is read."""
    return whole_text(review["title"], blank_boilerplate(review["text"]))


def with_vectors(batch: pa.RecordBatch, encoder: Encoder) -> pa.RecordBatch:
    """Return a batch of reviews with a column of vectors."""
    vectors = encoder.encode([encoded_text(review) for review in batch.select(READ).to_pylist()])
    flat = pa.array(vectors.ravel(), pa.float16())
    return batch.append_column(_VECTOR, pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))


def vectors_of(batch: pa.RecordBatch) -> NDArray[np.float16] | None:
    """Return the vectors that a batch brings along, (n, d); None where it brings none."""
    if _VECTOR not in batch.schema.names:
        return None
    column = batch.column(_VECTOR)
    numbers: NDArray[np.float16] = column.flatten().to_numpy(zero_copy_only=False)
    return numbers.reshape(len(column), column.type.list_size)
