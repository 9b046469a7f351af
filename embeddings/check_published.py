"""What must hold of the published lists at every moment, asked of the graph."""

from __future__ import annotations

from embeddings.replay import Evidence, places
from kg.progress import Progress, no_progress
from kg.store import Store


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
    evidence = Evidence.read(store)
    done = 0
    for page in places(store):
        found += [
            f"No reason for item {row['item']!r} on the list of user {row['user']!r} has"
            f" evidence: {row['reasons']}."
            for row in evidence.unsupported(page).sort("user", "item").to_dicts()
        ]
        done += len(page)
        progress(done, None, "users")
    return found
