"""An installed spaCy pipeline: its tags, sentences and names are used, and facts say so.

No pipeline can be downloaded here, so one is trained on a handful of sentences and laid out as an
installed package. It is taught two things that the packaged tagger would not say: "battery" is a
foreign word, and Zoltar is a person.
"""

from __future__ import annotations

import random
from importlib import invalidate_caches
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from text_world import ASPECTS, BLAME, PRAISE, SMALL, attributes_table, items_table, reviews_table

from etl.text.fit import fit
from etl.text.pool import extract_parallel
from etl.text.settings import TextSettings
from etl.text.tokens import Tokenizer
from kg.errors import ConfigError

NAME = "en_tiny_shop"
VERSION = "1.2.3"
WITH_MODEL = SMALL.model_copy(update={"spacy_model": NAME})
ITEMS, ATTRIBUTES = items_table({"headphones": "Quietside Hush"}), attributes_table([])

Tagged = list[tuple[str, str]]


def sentence(rng: random.Random) -> Tagged:
    noun = rng.choice([aspect for aspect in ASPECTS if " " not in aspect])
    subject = [("The", "DT"), (noun, "FW" if noun == "battery" else "NN")]
    person = [("Zoltar", "NNP"), ("likes", "VBZ"), *subject]
    judged = [*subject, ("is", "VBZ"), (rng.choice(PRAISE + BLAME), "JJ")]
    return [*rng.choice([person, judged, judged]), (".", ".")]


def example(nlp: Language, tagged: Tagged) -> Example:
    doc = spacy.tokens.Doc(nlp.vocab, words=[word for word, _ in tagged])
    return Example.from_dict(
        doc,
        {
            "tags": [tag for _, tag in tagged],
            "sent_starts": [i == 0 or tagged[i - 1][0] == "." for i in range(len(tagged))],
            "entities": ["U-PERSON" if word == "Zoltar" else "O" for word, _ in tagged],
        },
    )


def trained() -> Language:
    spacy.util.fix_random_seed(1)
    rng = random.Random(1)
    nlp = spacy.blank("en")
    for component in ("tagger", "senter", "ner"):
        nlp.add_pipe(component)
    examples = [example(nlp, sentence(rng) + sentence(rng)) for _ in range(60)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(6):
        for batch in spacy.util.minibatch(examples, 4):
            nlp.update(batch, sgd=optimizer)
    return nlp


def install(nlp: Language, name: str, site: Path) -> None:
    """Lay a pipeline out as `pip install` would."""
    language, rest = name.split("_", 1)
    nlp.meta.update({"lang": language, "name": rest, "version": VERSION})
    package = site / name
    package.mkdir()
    nlp.to_disk(package / f"{name}-{VERSION}")
    (package / "meta.json").write_text((package / f"{name}-{VERSION}" / "meta.json").read_text())
    (package / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n\n\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    info = site / f"{name}-{VERSION}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-packages")
    install(trained(), NAME, folder)
    install(spacy.blank("en"), "en_bare", folder)
    install(spacy.blank("de"), "de_bare", folder)
    install(spacy.blank("en"), "en_broken", folder)
    (folder / "en_broken" / f"en_broken-{VERSION}" / "config.cfg").unlink()
    return folder


@pytest.fixture(autouse=True)
def _installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(site))
    invalidate_caches()


def texts(count: int = 120) -> dict[str, str]:
    rng = random.Random(2)
    return {
        f"r{number}": " ".join(word for word, _ in sentence(rng) + sentence(rng))
        for number in range(count)
    }


def test_its_tags_decide_what_is_an_aspect() -> None:
    reviews = reviews_table(texts())
    packaged = fit(reviews, ITEMS, ATTRIBUTES, SMALL, 1)
    installed = fit(reviews, ITEMS, ATTRIBUTES, WITH_MODEL, 1)
    assert {"battery", "sound"} <= {aspect.aspect_id for aspect in packaged.aspects}
    found = {aspect.aspect_id for aspect in installed.aspects}
    assert "sound" in found
    assert "battery" not in found


def test_its_tags_and_sentences_are_those_of_the_tokens() -> None:
    ((tokens, _),) = Tokenizer(NAME).cut(["The battery is bad . Zoltar likes the sound ."], "en")
    assert tokens.tags[:5] == ["DT", "FW", "VBZ", "JJ", "."]
    assert tokens.sentences == [0, 5, 10]


def test_its_names_become_entities_and_every_fact_names_it(tmp_path: Path) -> None:
    fitted = fit(reviews_table(texts()), ITEMS, ATTRIBUTES, WITH_MODEL, 1)
    review = {"r": "Zoltar likes the sound . The Quietside Hush is great ."}
    batch = reviews_table(review).combine_chunks().to_batches()[0]
    facts = fitted.extract(batch)
    extractors = {
        row["target_id"]: row["extractor"].split("+") for row in facts.mentions.to_pylist()
    }
    assert extractors == {
        "PERSON:zoltar": [f"{NAME}/{VERSION}"],
        "Item:quietside hush": ["kgrec-gazetteer/2"],
        "sound": ["kgrec-aspects/2", f"{NAME}/{VERSION}"],
    }
    assert facts.entities.column("kind").to_pylist() == ["Item", "PERSON"]
    assert facts.review_facts.column("extractor").to_pylist() == [
        f"kgrec-review/2+{NAME}/{VERSION}"
    ]
    assert set(fitted.aspect_table().column("extractor").to_pylist()) == {
        f"kgrec-aspects/2+{NAME}/{VERSION}"
    }


@pytest.mark.slow
def test_a_worker_process_extracts_with_it_too(tmp_path: Path) -> None:
    fitted = fit(reviews_table(texts()), ITEMS, ATTRIBUTES, WITH_MODEL, 1)
    fitted.save(tmp_path)
    batch = reviews_table(texts(20)).combine_chunks().to_batches()[0]
    assert list(extract_parallel([batch], tmp_path, 1)) == [fitted.extract(batch)]


def test_one_without_tagger_and_sentences_falls_back_on_ours() -> None:
    text = "These picks are great. The cable is bad."
    ((bare, _),), ((ours, _),) = (
        tokenizer.cut([text], "en") for tokenizer in (Tokenizer("en_bare"), Tokenizer())
    )
    assert bare == ours


def test_one_of_a_language_that_reviews_lack_is_refused() -> None:
    german = TextSettings(spacy_model="de_bare")
    message = r"'de_bare'.*is for texts in 'de'.*they are in en 100%"
    with pytest.raises(ConfigError, match=message):
        fit(reviews_table(texts()), ITEMS, ATTRIBUTES, german, 1)


def test_one_that_cannot_be_loaded_is_refused_with_its_reason() -> None:
    with pytest.raises(ConfigError, match=r"'en_broken'.*cannot be loaded by spaCy.*config\.cfg"):
        Tokenizer("en_broken")
