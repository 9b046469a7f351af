"""Which reviews teach a text model, where there are more than it is to learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def chosen_ids(review_ids: Iterable[str], limit: int) -> list[str]:
    """Return at most `limit` of some reviews' ids, in an order that the ids alone decide."""
    return sorted(review_ids, key=lambda review_id: (_digest(review_id), review_id))[:limit]


def _digest(review_id: str) -> bytes:
    return hashlib.blake2b(review_id.encode(), digest_size=8).digest()
