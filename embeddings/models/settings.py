"""Which models are trained, and the settings of our own."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from embeddings.baselines.choices import expand
from embeddings.baselines.settings import (
    AlsSettings,
    AttributeKnnSettings,
    BiasedMfSettings,
    BprMfSettings,
    ContentKnnSettings,
    EaseSettings,
    ItemKnnSettings,
    LightGcnSettings,
    NeuMfSettings,
    PureSvdSettings,
    RatingMeanSettings,
    RecentPopularitySettings,
    Rp3BetaSettings,
    SasRecSettings,
    TimeEaseSettings,
    TimePopularitySettings,
    UserKnnSettings,
)
from embeddings.settings import DeviceName
from kg.settings import Settings

ModelName = Literal[
    "hetero-gat",
    "popularity",
    "recent-popularity",
    "time-popularity",
    "item-knn",
    "user-knn",
    "ease",
    "time-ease",
    "rp3beta",
    "pure-svd",
    "als",
    "bpr-mf",
    "lightgcn",
    "neumf",
    "sasrec",
    "content-knn",
    "attribute-knn",
    "rating-mean",
    "biased-mf",
]
EncoderName = Literal["attention", "gatv2", "lightgcn", "sage", "hgt"]
RUNS_ON_DRAWS: Final[tuple[EncoderName, ...]] = ("attention", "gatv2", "lightgcn")
STOPS_EARLY: Final[frozenset[ModelName]] = frozenset(
    {"hetero-gat", "bpr-mf", "lightgcn", "neumf", "sasrec", "biased-mf"}
)

RATES: Final[frozenset[ModelName]] = frozenset({"rating-mean", "biased-mf"})
"""Models that predict ratings, and rank by them."""


class HeteroGatSettings(Settings):
    """The heterogeneous graph attention network; the defaults work across sets."""

    width: int = Field(default=64, ge=2)
    """d, numbers per node vector."""
    layers: int = Field(default=2, ge=1, le=6)
    """L, how many edges a message travels."""
    encoder: EncoderName = "attention"
    """What runs along the edges. attention: typed attention; gatv2: the same with the logits of
    GATv2; lightgcn: no attention, messages count by degrees; sage: GraphSAGE; hgt: the graph
    transformer."""
    heads: int = Field(default=1, ge=1)
    """Heads of attention, gatv2 and hgt; each attends with its own slice of the vector."""
    neighbours: int | None = Field(default=None, ge=1)
    """Most messages that a training step draws for a node, relation and layer; null takes all. Not
    with sage and hgt."""
    dropout: float = Field(default=0.4, ge=0.0, lt=1.0)
    """Share of the input numbers set to 0 in a training step."""
    user_ids: bool = True
    """Give users an id embedding. On very small sets a user is better described by edges alone."""
    use_mentions: bool = True
    """Let messages run between users and what their reviews mention."""

    temperature: float = Field(default=0.4, gt=0.0)
    """τ, by which cosines are divided. The most telling setting: 0.3 for dense, 0.5 for sparse, 0.1
    for tens of thousands of items."""
    residual: float = Field(default=1.0, ge=0.0)
    """Initial weight g of the closed-form item–item score beside the network's."""
    residual_boost: float = Field(default=1.0, gt=0.0)
    """Lists weigh the closed form by this times g: more than 1 where it tells more of lists than of
    hidden edges, as with `components`."""
    popularity: float = Field(default=0.5, ge=0.0)
    """Initial item bias: this times the log of how many liked it. 1 is popularity's own ranking."""
    similar_items: int = Field(default=20, ge=0)
    """Edges from each item's closest items, taken from the closed form."""
    l2: float = Field(default=200.0, gt=0.0)
    """λ of the closed form: more for few users."""
    time_share: float = Field(default=0.6, ge=0.0, le=1.0)
    """r of the closed form: how much closeness in time counts, where times are known."""
    time_scale_days: float = Field(default=365.0, gt=0.0)
    """T of the closed form: days after which two acts of a user count 1/e of two at once."""
    content_l2: float = Field(default=20.0, gt=0.0)
    """λ of the closed form that scores new items by their texts and attributes."""
    exact_items: int = Field(default=5000, ge=0)
    """Catalogues larger than this take normalised co-occurrence in place of the closed form's
    inverse."""
    components: int = Field(default=0, ge=0)
    """Beside co-occurrence: leading singular vectors of who liked what that speak too, and from
    which ids start. 1000 to 2000 for tens of thousands of items; 0 for none."""

    loss: Literal["softmax", "sampled_softmax", "bpr", "bce"] = "softmax"
    """`softmax` is over all items where they fit into a step, else sampled; `bce`: taken or not,
    as many unseen items as hidden edges."""
    sampled_items: int = Field(default=8192, ge=1)
    """Items drawn in a step of the sampled softmax."""
    cells_per_step: int = Field(default=8_000_000, ge=1)
    """Users × items scored in a step; beyond it, a step takes part of the users."""
    hide: Literal["any", "latest", "future"] = "any"
    """What a step hides and asks for, like the split. any: pairs at random; latest: each user's
    last ones, and it learns when items are around; future: all after a drawn point in time, and it
    learns what the past of that point tells of what comes next."""
    mask_share: float = Field(default=0.5, gt=0.0, lt=1.0)
    """Share of the edges that a step hides; `future` draws points in time instead."""
    user_exponent: float = Field(default=0.5, ge=0.0, le=1.0)
    """0: hidden edges count alike; 1: users count alike."""
    blind_share: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the items that a step shows without history, to learn to rank new ones."""

    objective: Literal["ranking", "rating", "joint"] = "ranking"
    """`rating` learns to predict ratings alone, and ranks by them; `joint` learns both, the ratings
    from what it learns for ranking, too. Both need ratings."""
    rating_width: int = Field(default=64, ge=1)
    """Numbers per vector that ratings are predicted from."""
    rating_dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    """Share of these numbers set to 0 in a training step."""
    rating_l2: float = Field(default=0.02, ge=0.0)
    """Ridge of these numbers."""
    rating_learning_rate: float = Field(default=0.003, gt=0.0)
    """Of Adam, for what predicts ratings alone."""
    rating_steps: int | None = Field(default=None, ge=1)
    """Steps after which ratings are taken; by default what validation says, without it `steps`."""

    learning_rate: float = Field(default=0.03, gt=0.0)
    """Of Adam."""
    clip_norm: float = Field(default=10.0, gt=0.0)
    """Longest gradient step."""
    steps: int = Field(default=400, ge=1)
    """Most steps; without validation targets, exactly this many."""
    check_every: int = Field(default=10, ge=1)
    """Steps between validations."""
    patience: int = Field(default=8, ge=1)
    """Validations without a better one before training stops."""
    warm_start: bool = False
    """Begin from the weights that the run before has left, if it was of the same settings and has
    learnt from no pair that is held out now; and leave some. Set split.keep with it."""
    seeds: int = Field(default=1, ge=1)
    """Networks trained with different seeds; their scores are averaged."""
    device: DeviceName = "auto"
    """Where to train: a GPU where there is one."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> HeteroGatSettings:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads")
        return self

    @model_validator(mode="after")
    def _the_future_has_new_items_of_its_own(self) -> HeteroGatSettings:
        if self.hide == "future" and self.blind_share:
            raise ValueError(
                "blind_share is for hide: any and latest; future shows as new what was new then"
            )
        return self

    @model_validator(mode="after")
    def _draws_where_it_can(self) -> HeteroGatSettings:
        if self.neighbours is None:
            return self
        if self.encoder not in RUNS_ON_DRAWS:
            raise ValueError(
                f"the encoder {self.encoder} runs on whole graphs alone: set neighbours to null, "
                f"or take {', '.join(RUNS_ON_DRAWS[:-1])} or {RUNS_ON_DRAWS[-1]}"
            )
        if self.rates:
            raise ValueError(
                f"neighbours goes with the objective ranking alone, not with {self.objective}, "
                "whose ratings need every user's vector in each step: set neighbours to null"
            )
        return self

    @property
    def ranks(self) -> bool:
        """Whether it learns to rank."""
        return self.objective != "rating"

    @property
    def rates(self) -> bool:
        """Whether it learns to predict ratings."""
        return self.objective != "ranking"

    def samples(self, items: int) -> bool:
        """Whether a step draws items instead of scoring all of them."""
        return self.loss == "sampled_softmax" or items > 4 * self.sampled_items


class ModelSettings(Settings):
    """Which models are trained, and how."""

    models: tuple[ModelName, ...] = Field(
        default=("hetero-gat", "popularity", "item-knn", "ease"), min_length=1
    )
    """Models to train and evaluate; the first one is refitted and published."""
    hetero_gat: HeteroGatSettings = Field(default_factory=HeteroGatSettings)
    """Our heterogeneous graph attention network."""
    recent_popularity: RecentPopularitySettings = Field(default_factory=RecentPopularitySettings)
    """The most liked items of the last days."""
    time_popularity: TimePopularitySettings = Field(default_factory=TimePopularitySettings)
    """The most liked items around the time when a user was last seen."""
    item_knn: ItemKnnSettings = Field(default_factory=ItemKnnSettings)
    """Cosine neighbours among items."""
    user_knn: UserKnnSettings = Field(default_factory=UserKnnSettings)
    """Cosine neighbours among users."""
    ease: EaseSettings = Field(default_factory=EaseSettings)
    """Item–item regression in closed form."""
    time_ease: TimeEaseSettings = Field(default_factory=TimeEaseSettings)
    """EASE that counts acts close in time for more."""
    rp3beta: Rp3BetaSettings = Field(default_factory=Rp3BetaSettings)
    """Random walks with discounted popularity."""

    pure_svd: PureSvdSettings = Field(default_factory=PureSvdSettings)
    """The liked pairs at low rank."""
    als: AlsSettings = Field(default_factory=AlsSettings)
    """Weighted factors by alternating least squares; needs the extra `baselines`."""
    bpr_mf: BprMfSettings = Field(default_factory=BprMfSettings)
    """Vectors learnt by ranking."""
    lightgcn: LightGcnSettings = Field(default_factory=LightGcnSettings)
    """Vectors that travel along the liked pairs, learnt by ranking."""
    neumf: NeuMfSettings = Field(default_factory=NeuMfSettings)
    """A product of vectors and a small network, learnt by telling liked items from drawn ones."""
    sasrec: SasRecSettings = Field(default_factory=SasRecSettings)
    """Self-attention over a user's last items."""
    content_knn: ContentKnnSettings = Field(default_factory=ContentKnnSettings)
    """Items whose texts are like those of what a user likes."""
    attribute_knn: AttributeKnnSettings = Field(default_factory=AttributeKnnSettings)
    """Items that share attributes with what a user likes."""
    rating_mean: RatingMeanSettings = Field(default_factory=RatingMeanSettings)
    """Ratings by how kind a user is and how well liked an item."""
    biased_mf: BiasedMfSettings = Field(default_factory=BiasedMfSettings)
    """Ratings by biases and factors."""

    def of(self, name: ModelName) -> Settings | None:
        """Return the settings of one model; None where it has nothing to set."""
        section: Settings | None = getattr(self, name.replace("-", "_"), None)
        return section

    def with_section(self, name: ModelName, section: Settings) -> ModelSettings:
        """Return the same settings with another section for a model."""
        return self.model_copy(update={name.replace("-", "_"): section})

    def rates_only(self, name: ModelName) -> bool:
        """Whether a model learns from ratings alone, so that RMSE chooses its settings."""
        return name in RATES or (name == "hetero-gat" and not self.hetero_gat.ranks)

    @property
    def needs_validation(self) -> bool:
        """Whether a model stops, or chooses among its settings, by what validation says."""
        return any(
            name in STOPS_EARLY or (section is not None and len(expand(section)) > 1)
            for name, section in ((name, self.of(name)) for name in self.models)
        )
