"""The text model that training reviews teach, with topics that keep an earlier one's keys.

Imported only where something is to be learnt: the libraries that learn take two seconds to load.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from etl.staging import Staging
from etl.tables import REVIEWS
from etl.text.fit import fit
from etl.text.kept_model import note_origin
from etl.text.model import READ, TextModel
from etl.text.settings import TextSettings
from etl.text.teachers import chosen_ids
from etl.text.topic_drift import TopicChange, lasting_ids, topic_changes
from etl.text.topic_files import earlier_topics
from etl.text.vectors import Encoder
from kg.progress import Progress

log = logging.getLogger(__name__)

_LEARNT_FROM: Final = [*READ, "content_hash"]


@dataclass(frozen=True)
class Learnt:
    """A text model, and what became of the earlier one's topics."""

    model: TextModel
    changes: list[TopicChange]


def learn(
    staging: Staging,
    held_out: Collection[str],
    settings: TextSettings,
    seed: int,
    progress: Progress,
    *,
    folder: Path,
    earlier: Path | None,
    terms: str,
    encoder: Encoder | None,
) -> Learnt:
    """Fit the text model on the training reviews, and save it with what it was learnt from.

    Args:
        staging: holds `reviews`, `items`, `attributes` and `resolved`.
        held_out: ids of the reviews that must not teach anything.
        settings: what to learn.
        seed: of everything random.
        progress: told about reviews read.
        folder: where the model is saved.
        earlier: folder of an earlier run's text model; topics that are the same keep their keys.
        terms: names what, beside the reviews, decides what is learnt.
        encoder: gives vectors of texts, for sentiment to listen to.
    """
    training = _training_reviews(staging, held_out, settings.fit_reviews)
    log.info("Learning aspects and topics from %d training reviews", training.num_rows)
    items = staging.read("items", ["item_id", "title"])
    attributes = staging.read("attributes", ["item_id", "kind", "value"])
    settings = _with_merged_names(settings, staging.read("resolved"))
    model = fit(training, items, attributes, settings, seed, progress, encoder)
    before = None if earlier is None else earlier_topics(earlier)
    if before is not None:
        model.topics = model.topics.with_ids(lasting_ids(model.topics, before))
    model.save(folder)
    note_origin(folder, training, terms)
    return Learnt(model, [] if before is None else topic_changes(model.topics, before))


def _training_reviews(staging: Staging, held_out: Collection[str], limit: int) -> pa.Table:
    """Return the training reviews that `fit` will choose, without reading all texts at once."""
    ids = staging.read("reviews", ["review_id"]).column("review_id")
    held_out = frozenset(held_out)
    training = (review_id for review_id in ids.to_pylist() if review_id not in held_out)
    chosen = pa.array(chosen_ids(training, limit), pa.string())
    parts = [
        pa.Table.from_batches([batch]).filter(pc.is_in(batch.column("review_id"), chosen))
        for batch in staging.batches("reviews", columns=_LEARNT_FROM)
    ]
    return pa.concat_tables(parts) if parts else REVIEWS.empty_table().select(_LEARNT_FROM)


def _with_merged_names(settings: TextSettings, resolved: pa.Table) -> TextSettings:
    """Return the settings with spellings that were merged as aliases of the one that stays."""
    aliases = dict(settings.entities.aliases)
    for row in resolved.to_pylist():
        name = row["merged_into"]
        aliases[name] = (*aliases.get(name, ()), row["value"])
    entities = settings.entities.model_copy(update={"aliases": aliases})
    return settings.model_copy(update={"entities": entities})
