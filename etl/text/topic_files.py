"""Topic models in a text model's folder: a part of its `text_model.json`, and `topics.npz`."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from etl.text.settings import TopicSettings
from etl.text.topics import Topic, TopicModel

log = logging.getLogger(__name__)

TEXT_MODEL: Final = "text_model.json"
_ARRAYS: Final = "topics.npz"


def to_json(topics: TopicModel) -> dict[str, Any]:
    """Return all of a topic model but its arrays."""
    return {
        "language": topics.language,
        "weak": topics.weak,
        "settings": topics.settings.model_dump(mode="json"),
        "words": topics.words,
        "collocations": sorted(topics.collocations),
        "topics": [asdict(topic) for topic in topics.topics],
        "curve": topics.curve,
    }


def save_arrays(topics: TopicModel, folder: Path) -> None:
    """Write `topics.npz`."""
    np.savez(folder / _ARRAYS, strengths=topics.strengths, alpha=topics.alpha)


def from_json(saved: Mapping[str, Any], folder: Path) -> TopicModel:
    """Return the topic model of `to_json`'s mapping and the arrays in its folder.

    Raises:
        OSError, ValueError, KeyError: there are none, or they are damaged.
    """
    with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
        strengths, alpha = arrays["strengths"], arrays["alpha"]
    return TopicModel(
        words=saved["words"],
        collocations=[(pair[0], pair[1]) for pair in saved["collocations"]],
        strengths=strengths,
        alpha=alpha,
        topics=[
            Topic(**{**t, "words": tuple(t["words"]), "word_weights": tuple(t["word_weights"])})
            for t in saved["topics"]
        ],
        curve={int(count): coherence for count, coherence in saved.get("curve", {}).items()},
        weak=saved["weak"],
        language=saved["language"],
        settings=TopicSettings.model_validate(saved["settings"]),
    )


def earlier_topics(folder: Path) -> TopicModel | None:
    """Return the topics of an earlier run's text model; None where they cannot be read."""
    try:
        saved = json.loads((folder / TEXT_MODEL).read_text(encoding="utf-8"))
        return from_json(saved["topics"], folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("Topics get new keys: those in %s cannot be read: %s", folder, error)
        return None
