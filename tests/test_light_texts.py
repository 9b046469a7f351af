"""What reads texts loads little, leaves whole what it loads only in part, and counts as they do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from gensim.models import LdaModel
from light_process import run_program
from sklearn.feature_extraction.text import HashingVectorizer

from etl.text.ngrams import FEATURES, PARTS, count_ngrams
from etl.text.settings import TopicSettings
from etl.text.topics import Topic, TopicModel

HEAVY = ("torch", "sklearn", "gensim", "nltk", "scipy.stats")


def alone(program: str, *arguments: str) -> object:
    """What a program in a process of its own prints as JSON."""
    return json.loads(run_program(program, *arguments).stdout)


def test_extraction_is_ready_without_what_only_learns() -> None:
    program = f"import json, sys, etl.extract; print(json.dumps([{HEAVY}, [*sys.modules]]))"
    heavy, loaded = alone(program)  # type: ignore[misc]
    assert not set(heavy) & set(loaded)


def test_who_wants_torch_or_textblob_afterwards_has_all_of_it() -> None:
    program = """\
import json
import etl.extract
from textblob import Word
import torch, transformers
print(json.dumps([Word("films").singularize(), torch.ones(2).sum().item()]))
"""
    assert alone(program) == ["film", 2.0]


def test_a_pipeline_loaded_later_finds_torch_in_thinc(tmp_path: Path) -> None:
    program = """\
import json, sys
from pathlib import Path
from etl.text import spacy_alone
from thinc import compat
from thinc.api import PyTorchWrapper
before = compat.has_torch, "torch" in sys.modules
spacy_alone.blank("en").to_disk(sys.argv[1])
words = [token.text for token in spacy_alone.load(sys.argv[1], exclude=[])("Good film")]
import numpy, torch
layer = PyTorchWrapper(torch.nn.Linear(2, 3))
layer.initialize()
shape = layer.predict(numpy.zeros((1, 2), "float32")).shape
print(json.dumps([before, words, compat.has_torch, shape]))
"""
    assert alone(program, str(tmp_path / "blank")) == [
        *([False, False], ["Good", "film"], True),
        [1, 3],
    ]


def test_torch_that_is_there_already_is_not_hidden() -> None:
    program = "import json, torch, etl.text.spacy_alone; from thinc import compat, util\n"
    program += "print(json.dumps([compat.has_torch, util.torch is torch]))"
    assert alone(program) == [True, True]


@pytest.mark.parametrize(
    "text", ["", "a", "It's a naïve, NAÏVE film… 10/10!!", "İ x\u2028yz  w", "日本 ok"]
)
def test_ngrams_are_counted_as_scikit_learn_counts_them(text: str) -> None:
    kinds = (
        {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+|[^\w\s]+"},
        {"analyzer": "char_wb", "ngram_range": (2, 5)},
    )
    counts = count_ngrams([text, "another one"])
    assert counts.shape == (2, FEATURES)
    for part, kind in zip(PARTS, kinds, strict=True):
        wide = {"n_features": FEATURES // 2, "norm": None, "alternate_sign": False}
        wanted = HashingVectorizer(**wide, **kind).transform([text, "another one"]).toarray()
        assert np.exp(counts[:, part].toarray() - 1.0)[wanted > 0] == pytest.approx(
            wanted[wanted > 0]
        )
        assert (counts[:, part].toarray() > 0).tolist() == (wanted > 0).tolist()


def test_topics_of_a_text_are_those_that_gensim_infers() -> None:
    words = [f"word{number}" for number in range(30)]
    rng = np.random.default_rng(5)
    strengths = rng.gamma(0.3, 10.0, (4, 30)).astype(np.float32) + 0.01
    alpha = np.array([0.4, 0.2, 0.1, 0.3], np.float32)
    topics = [Topic(f"t{k}", f"t{k}", (), (), None, 0.0) for k in range(4)]
    model = TopicModel(
        words=words,
        collocations=(),
        strengths=strengths,
        alpha=alpha,
        topics=topics,
        curve={},
        weak=False,
        language="en",
        settings=TopicSettings(),
    )
    lda = LdaModel(num_topics=4, id2word=dict(enumerate(words)), alpha=alpha, eta=0.0)
    lda.state.sstats = strengths
    lda.sync_state()
    for _ in range(20):
        numbers = sorted(rng.choice(30, rng.integers(1, 12), replace=False).tolist())
        bag = [(number, int(rng.integers(1, 4))) for number in numbers]
        wanted, _ = lda.inference([bag])
        share = model._infer(bag) / model._infer(bag).sum()
        assert share == pytest.approx(wanted[0] / wanted[0].sum(), abs=2e-3)
