"""A bar for long work that is no run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bar

from kg.progress import Progress


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """Yield a progress that draws a bar on standard error while the block runs."""
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def progress(done: int, total: int | None = None, unit: str = what) -> None:
            bar.update(task, completed=done, total=total)

        yield progress
