"""What text extraction can be told."""

from __future__ import annotations

from etl.text.aspects import AspectSettings
from etl.text.gazetteer import EntitySettings
from etl.text.topics import TopicSettings
from kg.settings import Settings


class TextSettings(Settings):
    """What is learnt from reviews, and how."""

    spacy_model: str | None = None
    """An installed spaCy pipeline (en_core_web_sm) whose tagger, parser and named entities are used
    for texts of its language; unset: tokens only, and a packaged tagger for English."""
    fit_reviews: int = 100_000
    """At most so many training reviews teach aspects and topics, chosen by a hash of their id."""
    workers: int = 0
    """Processes that extract; 0: as many as there are processors, and one for small inputs."""
    entities: EntitySettings = EntitySettings()
    """The names to look for."""
    aspects: AspectSettings = AspectSettings()
    """The things people talk about."""
    topics: TopicSettings = TopicSettings()
    """What reviews are about."""
