"""Pattern's English lexicon, tagger and inflection, as textblob carries them.

They need nothing of the rest of textblob, which imports nltk, and that scikit-learn: a second of
processor time. So its package is entered without being run, and forgotten again: who imports
textblob afterwards finds all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from typing import cast


@contextmanager
def _not_run(package: str) -> Iterator[None]:
    """Let modules of a package be imported without its `__init__`; as ever if that has run."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = module_from_spec(cast("ModuleSpec", find_spec(package)))
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]


with _not_run("textblob"):
    from textblob.en import lexicon, parser
    from textblob.en.inflect import pluralize, singularize

__all__ = ["lexicon", "parser", "pluralize", "singularize"]
