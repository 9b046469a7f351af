"""The forms in which RDF is kept in files, by the ending of a file's name."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, Final, Literal, cast

from kg.errors import ConfigError

Form = Literal["turtle", "ntriples", "jsonld", "trig", "nquads"]
_ENDINGS: Final[dict[str, Form]] = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".jsonld": "jsonld",
    ".trig": "trig",
    ".nq": "nquads",
}
FORMS: Final = tuple(_ENDINGS.values())


def form_of(path: Path, given: str | None = None) -> Form:
    """The form that is named, else the one of the file's ending (`.gz` aside).

    Raises:
        ConfigError: neither says one.
    """
    if given is not None:
        if given not in FORMS:
            raise ConfigError(f"{given!r} is no form of RDF; wanted one of {', '.join(FORMS)}.")
        return given
    ending = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if ending not in _ENDINGS:
        raise ConfigError(
            f"The ending of {path.name!r} names no form of RDF.",
            remedy=f"End it with one of {', '.join(_ENDINGS)}, or name the form with --format.",
        )
    return _ENDINGS[ending]


def open_text(path: Path, mode: Literal["r", "w"], *, packed: bool) -> IO[str]:
    """Open a file of text, packed by gzip or not; lines end with \\n and nothing else."""
    if packed:
        return cast(IO[str], gzip.open(path, f"{mode}t", encoding="utf-8", newline="\n"))
    return path.open(mode, encoding="utf-8", newline="\n")
