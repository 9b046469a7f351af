"""The spaCy pipelines that cut texts: blank ones of each language, or an installed one."""

from __future__ import annotations

from typing import Final

from etl.text import spacy_alone
from etl.text.spacy_alone import Language, __version__, blank, is_package
from kg.errors import ConfigError

ANY_LANGUAGE: Final = "xx"  # spaCy's rules for all languages
_MAX_CHARACTERS: Final = 10_000_000


def blank_pipeline(language: str) -> Language:
    """Return a tokenizer of a language; that of all languages where spaCy has none of its own."""
    try:
        pipeline = blank(language)
    except ImportError:  # no such language in spaCy, or its segmenter is not installed
        pipeline = blank(ANY_LANGUAGE)
    pipeline.max_length = _MAX_CHARACTERS
    return pipeline


def load_pipeline(name: str) -> Language:
    """Return an installed pipeline.

    Raises:
        ConfigError: it is not installed, or made for another spaCy.
    """
    if not is_package(name):
        raise ConfigError(
            f"The spaCy pipeline {name!r} (text.spacy_model) is not installed in this environment.",
            remedy=f"Install it (python -m spacy download {name}), or leave text.spacy_model out.",
        )
    try:
        return spacy_alone.load(name, exclude=["lemmatizer"])
    except (ImportError, OSError, ValueError) as error:
        raise ConfigError(
            f"The spaCy pipeline {name!r} (text.spacy_model) is installed, but cannot be loaded by "
            f"spaCy {__version__}: {error}",
            remedy=f"Install one that fits (python -m spacy download {name}).",
        ) from error


def pipeline_version(pipeline: Language) -> str:
    """Return the name and version of an installed pipeline: `en_core_web_sm/3.8.0`."""
    meta = pipeline.meta
    return f"{meta['lang']}_{meta['name']}/{meta['version']}"
