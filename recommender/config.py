"""The settings of a run: the rooms' own sections, put together in one strict model.

name: rotten-tomatoes
sources: [...]        # etl.sources
split: {method: …}    # embeddings.split
model: {…}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from embeddings.check_settings import CheckSettings
from embeddings.models.settings import ModelSettings
from embeddings.settings import EncoderSettings, FeatureSettings, PublishSettings, SplitSettings
from etl.settings import InterestSettings
from etl.sources import ReadSettings, Source
from etl.text.settings import TextSettings
from kg.settings import Settings
from recommender.config_file import read_settings
from recommender.evaluation_settings import EvaluateSettings
from recommender.run_folder import write_whole
from recommender.tracking_settings import TrackingSettings

S = TypeVar("S", bound=Settings)
DatasetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]


def _defaults(section: type[S]) -> S:
    """Return a section with nothing set; sections are immutable, so one can serve all."""
    return section.model_validate({})


def _needs_a_base_or_all(schema: dict[str, Any]) -> None:
    """What has no default may stand in the file that a config is based on."""
    needed = schema.pop("required")
    schema["anyOf"] = [{"required": ["base"]}, {"required": needed}]


class Config(Settings):
    """A run's settings. Every section has defaults that work, save `name` and `sources`."""

    model_config = ConfigDict(json_schema_extra=_needs_a_base_or_all)

    base: str = ""
    """Name of a config beside this one, from which all is taken that this one does not set:
    sections key by key, lists and values whole."""

    name: DatasetName
    """The dataset's name, also of its database: a letter, then letters, digits, _ or -. A graph
    refuses another dataset's rows."""

    seed: int = Field(default=20, ge=0, le=4_294_967_295)
    """Seed of everything random: split, topics, training."""

    hint: str = ""
    """What to do when a `${VAR}` in a path is not set: which data to get and where to put it."""

    sources: list[Source] = Field(min_length=1)
    """The files, one entry each; `type` says how one is read."""

    read: ReadSettings = _defaults(ReadSettings)
    """Limits of reading, and how many bad rows are too many."""

    text: TextSettings = _defaults(TextSettings)
    """What is learnt from reviews: aspects, entities, topics."""

    interests: InterestSettings = _defaults(InterestSettings)
    """How what users say and do becomes their interests."""

    split: SplitSettings = _defaults(SplitSettings)
    """What is held out to validate and to test."""

    check: CheckSettings = _defaults(CheckSettings)
    """What must hold of the data before anything is learnt from it."""

    encoder: EncoderSettings = _defaults(EncoderSettings)
    """Which language model turns texts into vectors."""

    features: FeatureSettings = _defaults(FeatureSettings)
    """What of the graph a model sees, and how much language counts."""

    model: ModelSettings = _defaults(ModelSettings)
    """The models, and how they are trained."""

    evaluate: EvaluateSettings = _defaults(EvaluateSettings)
    """How models are judged on what was held out."""

    publish: PublishSettings = _defaults(PublishSettings)
    """What goes back into the graph."""

    tracking: TrackingSettings = _defaults(TrackingSettings)
    """Where a run's figures go besides its folder."""

    @property
    def sentiment_encoder(self) -> EncoderSettings | None:
        """The encoder whose vectors tell of sentiment, as it is before any fine-tuning."""
        if not self.text.sentiment.encoder:
            return None
        return self.encoder.model_copy(update={"fine_tune": None})

    @model_validator(mode="after")
    def _has_an_encoder_to_listen_to(self) -> Config:
        if self.text.sentiment.encoder and self.encoder.model is None:
            raise ValueError("text.sentiment.encoder is true, and encoder.model is null")
        return self

    @model_validator(mode="after")
    def _learns_texts_from_one_split(self) -> Config:
        if self.encoder.fine_tune is not None and self.evaluate.clicks is not None:
            raise ValueError(
                "evaluate.clicks makes splits of its own, and encoder.fine_tune has learnt from"
                " pairs that they hold out; set one of them to null"
            )
        return self

    @model_validator(mode="after")
    def _begins_from_weights_of_the_same_vectors(self) -> Config:
        if self.encoder.fine_tune is not None and self.model.hetero_gat.warm_start:
            raise ValueError(
                "model.hetero_gat.warm_start begins from weights that an earlier run learnt, and"
                " encoder.fine_tune gives each run other vectors of texts; leave one of them out"
            )
        return self

    @model_validator(mode="after")
    def _keeps_rows_apart(self) -> Config:
        names = Counter(each.kept_as for each in self.sources if each.mode == "append")
        if twice := [name for name, count in names.items() if count > 1]:
            raise ValueError(
                f"two sources with mode: append keep their rows under {twice[0]!r}; give one of"
                " them another `name`"
            )
        return self

    def write(self, path: Path) -> None:
        """Write the settings in full as YAML; reading it back gives equal settings."""
        write_whole(
            path, yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        )


def read_config(path: Path, overrides: Sequence[str], variables: Mapping[str, str]) -> Config:
    """Read a config file with `--set` overrides, its paths made absolute.

    Raises:
        ConfigError: with the place and the nearest valid name; see `config_file.read_settings`.
    """
    return read_settings(Config, path, overrides, variables)
