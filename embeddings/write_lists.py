"""Users' lists in the graph, so that whoever reads one sees the old list or the new one, whole.

A server that commits a transaction may show a reader half of it, so no list is changed in place:

1. the new list is written beside the old one, marked by its `at`;
2. the user's `listAt` is set to it, one property of one node: readers follow this mark;
3. the old list goes when no reader can be at it any more, `GRACE_SECONDS` later; or, if it is to be
   kept, with the next publication: until then the mark alone brings it back.

A reader takes the mark once and then the places that carry it (`cypher/recommend/for_user.cypher`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa

from kg.progress import Progress, no_progress
from kg.repeat import repeat_write
from kg.store import Store

GRACE_SECONDS: Final = 1.0
"""How long an old list stays after the new one is shown; reading one user's list may take that."""
_BATCH_USERS: Final = 2_000


def write_lists(
    store: Store,
    blocks: Iterable[pa.Table],
    *,
    run_id: str,
    at: int,
    users: int,
    keep: str | None = None,
    progress: Progress = no_progress,
) -> int:
    """Replace the lists of all users; those whom no block names have none afterwards.

    Args:
        blocks: rows as `embeddings.publication.LIST_SCHEMA`, each one transaction.
        at: epoch milliseconds, later than that of any list in the graph (`next_mark`).
        users: how many there are in all blocks, for `progress`.
        keep: the run whose lists stay in the graph, unread.

    Returns:
        How many places were removed that no block replaced.
    """
    replaced: deque[tuple[float, list[str]]] = deque()
    done = 0
    for block in blocks:
        keys: list[str] = block["user_id"].to_pylist()
        if _write_and_show(store, block, run_id, at):
            replaced.append((time.monotonic(), keys))
        while replaced and replaced[0][0] + GRACE_SECONDS < time.monotonic():
            store.write("write/remove_old_lists", userIds=replaced.popleft()[1], keep=keep)
        done += len(keys)
        progress(done, users, "users")
    hidden = repeat_write(store, "write/hide_lists", at=at, limit=_BATCH_USERS)
    if replaced or hidden:
        time.sleep(GRACE_SECONDS)
    for _, keys in replaced:
        store.write("write/remove_old_lists", userIds=keys, keep=keep)
    return repeat_write(store, "write/remove_hidden_lists", limit=_BATCH_USERS, keep=keep)


def show_kept_lists(
    store: Store, users: Sequence[str], *, run_id: str, progress: Progress = no_progress
) -> tuple[int, int]:
    """Let all users' readers see the lists that a run left in the graph; no list is removed.

    Args:
        users: everybody in the graph.

    Returns:
        How many users have such a list, and how many places these have.
    """
    shown = places = 0
    for first in range(0, len(users), _BATCH_USERS):
        keys = list(users[first : first + _BATCH_USERS])
        [found] = store.write("write/show_kept_lists", userIds=keys, runId=run_id)
        shown, places = shown + int(str(found["users"])), places + int(str(found["places"]))
        progress(first + len(keys), len(users), "users")
    return shown, places


def add_lists(store: Store, blocks: Iterable[pa.Table], *, run_id: str, at: int) -> None:
    """Write the lists of users who have none; all others keep theirs.

    Args:
        blocks, at: as `write_lists` has them.
    """
    for block in blocks:
        if block.num_rows:
            _write_and_show(store, block, run_id, at)


def _write_and_show(store: Store, block: pa.Table, run_id: str, at: int) -> bool:
    """Write the lists of some users; return whether any of them had another one until now."""
    size, keys = max(1, block.num_rows), block["user_id"].to_pylist()
    store.write_rows("write/lists", block, key=["user_id"], batch_size=size, runId=run_id, at=at)
    return bool(store.write("write/show_lists", userIds=keys, at=at)[0]["replaced"])


def next_mark(store: Store, now: int) -> int:
    """Return `now`, or a millisecond after the newest list if that is not earlier."""
    newest = store.read("read/newest_list")[0]["at"]
    return now if newest is None else max(now, int(str(newest)) + 1)
