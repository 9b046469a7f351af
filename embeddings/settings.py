"""What the stages of learning can be told; the models' own settings are in `models/settings.py`.

Only types: a config is checked without loading torch or a language model.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from kg.settings import Settings

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
Hide = Literal["seen", "liked", "nothing"]
PACKAGED: Final = "minilm-packaged"


class SplitSettings(Settings):
    """How pairs are held out to validate and to test."""

    method: Literal["random", "temporal", "global_time", "leave_last_out", "given"] = "random"
    """random: a share of each user's pairs; temporal: each user's latest share; global_time: all
    pairs after a point in time; leave_last_out: each user's last liked item and the one before;
    given: as the source says (without validation rows, a random share of its training rows)."""

    valid: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Share of pairs held out for validation: early stopping, and every choice of settings."""

    test: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Share of pairs held out for the test."""

    cold_items: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the items that are held out with all their pairs and reviews, half of them for
    validation and half for the test; `method` splits the pairs of the others."""

    k_core: int = Field(default=0, ge=0)
    """Leave users and items with fewer liked pairs than this out of the experiment, repeatedly
    until all that are left have as many; 0 keeps everything. Publishing is not limited by it."""

    min_pairs: int = Field(default=3, ge=3)
    """Users with fewer pairs (leave_last_out: fewer liked ones) than this give all of them to
    training; global_time and given do not ask."""

    keep: bool = False
    """Pairs stay in the part where the newest earlier run of the same data set and split settings
    had them; new ones are drawn. For data that grows; with method random, without cold_items."""

    @model_validator(mode="after")
    def _keeps_what_was_drawn_by_pair(self) -> SplitSettings:
        if self.keep and (self.method != "random" or self.cold_items):
            raise ValueError(
                f"keep goes with method random and cold_items 0, got {self.method} and "
                f"{self.cold_items}"
            )
        return self

    @model_validator(mode="after")
    def _leaves_something_to_learn_from(self) -> SplitSettings:
        if self.valid + self.test >= 1.0:
            raise ValueError(
                f"valid ({self.valid}) and test ({self.test}) leave no share for training"
            )
        return self


class ClickSettings(Settings):
    """The sampled-negative protocol of the KGCN family: which held-out pairs are likes?

    Only for tables that others published with it."""

    negatives_per_positive: int = Field(default=1, ge=1)
    """Items drawn for each liked one, evenly from those that the user never had."""
    seeds: int = Field(default=5, ge=1)
    """Draws and splits, from the run's `seed` on; every model is trained anew for each."""
    valid: float = Field(default=0.2, gt=0.0, lt=1.0)
    """Share of likes and drawn items held out for validation."""
    test: float = Field(default=0.2, gt=0.0, lt=1.0)
    """Share of likes and drawn items held out for the test."""

    @model_validator(mode="after")
    def _leaves_something_to_learn_from(self) -> ClickSettings:
        if self.valid + self.test >= 1.0:
            raise ValueError(
                f"valid ({self.valid}) and test ({self.test}) leave no share for training"
            )
        return self


class FineTuneSettings(Settings):
    """How the language model learns from training pairs which texts belong together (LoRA)."""

    rank: int = Field(default=8, ge=1)
    """r, the rank of the change of each linear map."""

    alpha: int = Field(default=16, ge=1)
    """The change counts alpha / rank."""

    layers: int | None = Field(default=2, ge=1)
    """How many of the top layers change; null: all."""

    rounds: int = Field(default=10, ge=1)
    """Rounds at most; after each, validation tells whether the model became better."""

    pairs: int = Field(default=512, ge=2)
    """Liked training pairs of a round, or all of them where there are fewer."""

    batch_size: int = Field(default=32, ge=2)
    """Pairs of a step; the items of the others are what a pair's item is told apart from."""

    texts: int = Field(default=4, ge=1)
    """Texts that are drawn for the user and for the item of a pair; their means are compared."""

    learning_rate: float = Field(default=2e-3, gt=0.0)
    """Of AdamW."""

    temperature: float = Field(default=0.2, gt=0.0)
    """τ of the softmax over cosines."""

    max_length: int = Field(default=64, ge=8)
    """Tokens of a text that are read while learning."""

    @model_validator(mode="after")
    def _has_a_whole_batch(self) -> FineTuneSettings:
        if self.pairs < self.batch_size:
            raise ValueError(f"pairs ({self.pairs}) is less than batch_size ({self.batch_size})")
        return self


class EncoderSettings(Settings):
    """Which language model turns texts into vectors, and how."""

    model: str | None = PACKAGED
    """Name of a model on the Hugging Face hub, path of its folder, or "minilm-packaged" (the extra
    `minilm`); null: no text vectors."""

    revision: str | None = None
    """Commit, branch or tag of a model on the hub; its newest if not given."""

    max_length: int = Field(default=256, ge=8)
    """Tokens of a text that are read; the rest is cut off."""

    batch_size: int = Field(default=32, ge=1)
    """Texts that are encoded at once."""

    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Precision; auto: bfloat16 where the GPU or CPU computes in it, else float32."""

    device: DeviceName = "auto"
    """Where to compute."""

    backend: Literal["auto", "torch", "openvino"] = "auto"
    """What computes; openvino: faster on a CPU, needs the extra `openvino`; auto: that one where it
    is installed, the device is a CPU and the vectors are those of torch, else torch."""

    allow_download: bool = False
    """Fetch a model that is not on this machine from the Hugging Face hub."""

    fine_tune: FineTuneSettings | None = None
    """Fine-tune the model on training pairs first (the extra `finetune`); null: it stays as it is,
    and its vectors serve every split."""

    @model_validator(mode="after")
    def _has_a_backend_for_its_device(self) -> EncoderSettings:
        if self.backend == "openvino" and self.device not in ("auto", "cpu"):
            raise ValueError(f"backend openvino computes on the CPU, not on device {self.device}")
        return self

    @model_validator(mode="after")
    def _fine_tunes_something(self) -> EncoderSettings:
        if self.model is None and self.fine_tune is not None:
            raise ValueError("fine_tune needs a model, and model is null")
        return self


class FeatureSettings(Settings):
    """What of the graph a model sees."""

    min_items: int = Field(default=3, ge=1)
    """Attribute values, aspects, entities and topics of fewer items than this are left out:
    they connect too little to learn from."""

    alpha: float = Field(default=1.0, ge=0.0, le=1.0)
    """How much language counts: 0 ignores the vectors of texts, 1 takes them in full."""

    names: bool = False
    """Attributes, entities, aspects and topics are also what their names say."""


class RerankSettings(Settings):
    """Another order for each user's best items, before the first of them are published."""

    method: Literal["none", "mmr", "calibrated"] = "none"
    """mmr: away from items that are like those above; calibrated: towards the shares that the
    values of `kind` have in what the user liked; none: the model's order."""
    weight: float = Field(default=0.3, ge=0.0, le=1.0)
    """0: the model's order; 1: the other wish alone."""
    kind: str = ""
    """Kind of attribute that `calibrated` looks at, such as Genre."""
    candidates: int = Field(default=100, ge=1)
    """The user's best items that are put into order."""

    @model_validator(mode="after")
    def _calibrates_something(self) -> RerankSettings:
        if self.method == "calibrated" and not self.kind:
            raise ValueError("method calibrated needs a kind of attribute, such as kind: Genre")
        return self


class NewItemSettings(Settings):
    """Places of a list that are kept for items which nobody has had yet."""

    every: int = Field(default=0, ge=0)
    """Keep place `first` and each so manieth place after it; 0: new items compete by score, and
    hardly ever come up."""
    first: int = Field(default=11, ge=1)
    """The first place that is kept."""


class GateSettings(Settings):
    """What keeps a bad run from readers. `kgrec publish RUN --force` passes it, and is recorded."""

    metric: str = "ndcg@10"
    """Of the held-out test, by which a run is compared with the one that is published."""
    margin: float | None = Field(default=0.1, ge=0.0, lt=1.0)
    """A run is held back if it is worse by more than this share, and the published one's figure
    lies above its 95 % interval; null: runs are not compared."""
    users: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of the users who must have a list."""
    items: float = Field(default=0.01, ge=0.0, le=1.0)
    """Share of the items that must be on somebody's list."""
    alike: float = Field(default=0.05, ge=0.0, le=1.0)
    """Largest share of the lists whose scores may all be the same."""
    probability: float | None = Field(default=3.0, ge=1.0)
    """How many times more or less probable the first places of lists may be on average than those
    of the published run; null: not compared."""


class PublishSettings(Settings):
    """What is written back to the graph."""

    top_k: Annotated[int, Field(ge=1, le=1000)] = 50
    """Length of a user's list."""
    hide: Hide = "seen"
    """What a list leaves out: `seen` (all a user has to do with), `liked`, or `nothing`."""
    similar_items: Annotated[int, Field(ge=0, le=200)] = 20
    """Similar items of each item (:SIMILAR_TO); 0 for none."""
    attention: bool = True
    """Whether attention is left on the relationships that carried messages."""
    embeddings: bool = False
    """Whether users and items get the model's vectors as a property."""
    new_items: NewItemSettings = Field(default_factory=NewItemSettings)
    """Places for items that nobody has had yet."""

    rerank: RerankSettings = Field(default_factory=RerankSettings)
    """Lists in another order than the model's."""

    keep_replaced: bool = False
    """Whether the replaced lists stay in the graph, unread: a rollback then takes seconds, and the
    graph holds twice the places; queries of your own must compare `at` with `listAt`."""

    gate: GateSettings = Field(default_factory=GateSettings)
    """What must hold before anything is written."""

    @model_validator(mode="after")
    def _has_one_order(self) -> PublishSettings:
        if self.new_items.every and self.rerank.method != "none":
            raise ValueError("new_items keeps places that rerank would move; choose one of them")
        return self

    @property
    def depth(self) -> int:
        """Places of a model's ranking that a published list may come from."""
        if self.rerank.method == "none":
            return self.top_k
        return max(self.top_k, self.rerank.candidates)
