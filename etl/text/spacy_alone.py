"""spaCy without torch: all that this package takes of spaCy comes from here.

Its thinc imports torch wherever that is installed: three times the cost of spaCy itself, for what
no tokenizer needs. So torch is hidden while spaCy is imported, and `load`, whose pipelines may need
it, shows it to thinc. What is imported already is left as it is. Who loads a pipeline that needs
torch by spaCy itself, in the process of this package, has to import torch before this package.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import reload


@contextmanager
def _hidden(library: str) -> Iterator[None]:
    """Let imports of a library fail as if it were not installed."""
    if library in sys.modules:
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment]  # the import system's word for absent
    try:
        yield
    finally:
        del sys.modules[library]


with _hidden("torch"):
    import spacy
    import thinc.compat
    from spacy import blank
    from spacy.about import __version__
    from spacy.attrs import IDX, ORTH
    from spacy.lang.en.stop_words import STOP_WORDS
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.strings import StringStore
    from spacy.tokens import Doc, Span
    from spacy.util import filter_spans, get_lang_class, is_package

__all__ = [
    "IDX",
    "ORTH",
    "STOP_WORDS",
    "Doc",
    "Language",
    "PhraseMatcher",
    "Span",
    "StringStore",
    "__version__",
    "blank",
    "filter_spans",
    "get_lang_class",
    "is_package",
    "load",
]


def load(name: str, exclude: list[str]) -> Language:
    """Load an installed pipeline, which may need torch.

    Raises:
        OSError, ImportError, ValueError: what spaCy says of one that it cannot load.
    """
    if not thinc.compat.has_torch:
        _show_torch_to_thinc()
    return spacy.load(name, exclude=exclude)


def _show_torch_to_thinc() -> None:
    """Let thinc look for torch again, and tell its modules, which keep what was found."""
    found = {name: value for name, value in vars(reload(thinc.compat)).items() if "torch" in name}
    for name, module in list(sys.modules.items()):
        if name.startswith("thinc."):
            vars(module).update({key: found[key] for key in found.keys() & vars(module).keys()})
