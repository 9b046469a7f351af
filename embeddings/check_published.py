"""What must hold of the published lists at every moment, asked of the graph."""

from __future__ import annotations

from typing import Final

from kg.progress import Progress, no_progress
from kg.schema import NODES
from kg.store import Store

_REPLAYED_USERS: Final = 100


def check_published(store: Store, *, progress: Progress = no_progress) -> list[str]:
    """Return what is wrong with the published lists, one sentence each; none is right.

    Ranks run 1 … n, no list mixes runs or holds what the user has, and every place has a reason
    that its evidence in the graph still supports.
    """
    found = [
        f"The ranks of user {row['userId']!r} are {row['ranks']}."
        for row in store.read("read/check_ranks")
    ]
    found += [
        f"The list of user {row['userId']!r} mixes the runs {row['runs']}."
        for row in store.read("read/check_runs")
    ]
    found += [
        f"User {row['userId']!r} already has item {row['itemId']!r}."
        for row in store.read("read/check_owned")
    ]
    keys = {"__LABEL__": "User", "__KEY__": NODES["User"].key}
    users = sorted(str(k) for rows in store.stream("read/keys", identifiers=keys) for (k,) in rows)
    for start in range(0, len(users), _REPLAYED_USERS):
        page = users[start : start + _REPLAYED_USERS]
        found += [
            f"No reason for item {row['itemId']!r} on the list of user {row['userId']!r} has"
            f" evidence: {row['reasons']}."
            for row in store.read("read/check_reasons", userIds=page)
        ]
        progress(start + len(page), len(users), "users")
    return found
