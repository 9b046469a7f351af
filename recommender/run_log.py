"""Logging: JSON lines into the run's folder and, when asked, to standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from recommender.terminal import json_text, plain

OURS = ("cypher", "kg", "etl", "embeddings", "recommender")
_at_work: list[str] = []
"""The run at work in this process, for all its threads; a list, as runs of tests may nest."""


class JsonLines(logging.Formatter):
    """One JSON object a line: at, run, level, logger, message, the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            **run_at_work(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json_text(line)


class PlainLines(logging.Formatter):
    """Lines for people, on whose terminal nothing of a message is obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, with its traceback."""
        return plain(super().format(record))


def run_at_work() -> dict[str, str]:
    """Return the id of the run at work in this process, for lines of a log; empty without one."""
    return {"run": _at_work[-1]} if _at_work else {}


@contextmanager
def logging_to(path: Path, *, run: str) -> Iterator[None]:
    """Append what our packages log, and everybody's warnings, to the file while the block runs.

    Args:
        run: id of the run, which every line tells.
    """
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    _at_work.append(run)
    try:
        yield
    finally:
        _at_work.pop()
        root.removeHandler(handler)
        handler.close()


def set_up_logging(*, verbose: bool, json_logs: bool) -> None:
    """Send our log, and other people's warnings, to standard error if asked to.

    Else they go to the run's folder only, and errors are told once, as messages.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO if verbose or json_logs else logging.CRITICAL)
    handler.setFormatter(
        JsonLines() if json_logs else PlainLines("%(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if type(h) is logging.StreamHandler]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
