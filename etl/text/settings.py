"""What text extraction can be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kg.settings import Settings


class EntitySettings(Settings):
    """Which names of the catalogue are looked for in reviews."""

    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Other names of an item title or attribute value: `{"Grand Theft Auto V": ["GTA V"]}`."""
    exclude_kinds: tuple[str, ...] = ()
    """Attribute kinds whose values are no names to look for."""
    max_words: int = Field(default=8, ge=1)
    """Names of more words are left out: nobody writes them in full."""


class AspectSettings(Settings):
    """Which nouns become aspects."""

    min_mentions: int = Field(default=5, ge=1)
    """Least number of mentions in the training reviews."""
    min_opinions: int = Field(default=3, ge=1)
    """Least number of opinions (a word of praise or blame beside the noun) among them."""
    min_score: float = Field(default=2.0, gt=0.0)
    """Least score; it grows with the number and variety of the opinions."""
    max_aspects: int = Field(default=200, ge=0)
    """At most so many aspects, the best first; 0 for none."""


class TopicSettings(Settings):
    """How topics are learnt."""

    count: Annotated[int, Field(ge=1, le=1000)] | Literal["auto"] = 10
    """Number of topics; auto: the one of `counts` whose topics are the most coherent."""
    counts: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(
        default=(5, 10, 15, 20, 30, 40), min_length=1
    )
    """Numbers of topics that `count: auto` tries; each is learnt from the training reviews."""
    passes: int = Field(default=5, ge=1)
    """How often the training reviews are read."""
    min_reviews: int = Field(default=5, ge=1)
    """Words of fewer training reviews are left out."""
    max_review_share: float = Field(default=0.1, gt=0.0, le=1.0)
    """Words of a larger share of the training reviews are left out as said of everything."""
    max_words: int = Field(default=20_000, ge=10)
    """At most so many words, the commonest first."""
    min_collocation: int = Field(default=20, ge=1)
    """Least number of times that two words stand together to be joined into one."""
    min_weight: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Topics of a smaller share of a review are not recorded."""


class SentimentSettings(Settings):
    """Where the sentiment of whole reviews comes from."""

    method: Literal["auto", "lexicon", "learnt"] = "auto"
    """lexicon: VADER, for English; learnt: from the likes and dislikes that training reviews carry,
    in each language with `min_labels` of them; auto: learnt where that, on texts and items that it
    has not seen, tells liked from disliked better than the lexicon does."""
    encoder: bool = False
    """Where sentiment is learnt, let the vectors of whole reviews tell of it as well (by the text
    encoder of `encoder`): better, and slower, for each review is encoded once more."""
    min_labels: int = Field(default=100, ge=20)
    """Least number of a language's labelled training reviews to learn from; a tenth as many must be
    of the rarer kind."""

    @model_validator(mode="after")
    def _learns_if_it_listens(self) -> SentimentSettings:
        if self.encoder and self.method == "lexicon":
            raise ValueError("encoder goes with method auto or learnt, got lexicon")
        return self


class TextSettings(Settings):
    """What is learnt from reviews, and how."""

    spacy_model: str | None = None
    """An installed spaCy pipeline (en_core_web_sm) whose tagger, parser and named entities are used
    for texts of its language; unset: tokens only, and a packaged tagger for English."""
    fit_reviews: int = Field(default=100_000, ge=1)
    """At most so many training reviews teach aspects and topics, chosen by a hash of their id."""
    refit_share: float = Field(default=0.0, ge=0.0, le=1.0)
    """Keep what the newest earlier run learnt, and what it found in reviews that are the same,
    until this share of the training reviews is new or gone; 0: learn at every run. No review that
    is held out now may have taught it, so a random split needs split.keep. Names of new items are
    looked for only when all is learnt again."""
    workers: int = Field(default=0, ge=0)
    """Processes that extract; 0: as many as there are processors, and one for small inputs."""
    entities: EntitySettings = EntitySettings()
    """The names to look for."""
    aspects: AspectSettings = AspectSettings()
    """The things people talk about."""
    topics: TopicSettings = TopicSettings()
    """What reviews are about."""
    sentiment: SentimentSettings = SentimentSettings()
    """What reviews feel."""
