"""Business keys that are made from other data: a kind and a normalised name."""

from __future__ import annotations

import unicodedata

import polars as pl


def normalised(name: str) -> str:
    """Return a name as keys hold it: NFKC, lower case, its words parted by one space."""
    return " ".join(unicodedata.normalize("NFKC", name).lower().split())


def attribute_id(kind: str, value: str) -> str:
    """Return the key of an attribute: its kind and normalised value."""
    return f"{kind}:{normalised(value)}"


def attribute_ids() -> pl.Expr:
    """Return `attribute_id` of the columns `kind` and `value`, as an expression."""
    name = (
        pl.col("value")
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
    return pl.concat_str(pl.col("kind"), name, separator=":")
