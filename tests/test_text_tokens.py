"""Tokens, languages and boilerplate: what all extractors stand on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.text.boilerplate import blank_boilerplate
from etl.text.language import UNDETERMINED, LanguageDetector, language_shares
from etl.text.tokens import Tokenizer, Tokens, tag_english
from kg.errors import ConfigError

TOKENIZER = Tokenizer()


def cut(text: str, language: str = "en") -> Tokens:
    return next(tokens for tokens, _ in TOKENIZER.cut([text], language))


def tags_of(*words: str) -> list[str]:
    return tag_english(words, [0, len(words)])


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_every_token_stands_where_its_offset_says(text: str) -> None:
    tokens = cut(text)
    for position, word in enumerate(tokens.words):
        assert text[tokens.starts[position] : tokens.end(position)] == word


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_sentences_cover_all_tokens_without_gaps(text: str) -> None:
    tokens = cut(text)
    spans = list(tokens.sentence_spans())
    covered = [position for start, end in spans for position in range(start, end)]
    assert covered == list(range(len(tokens.words)))
    assert all(start < end for start, end in spans)


def test_sentences_end_at_punctuation_and_line_breaks() -> None:
    tokens = cut("Nice sound!! Bad cable\nI sent it back")
    sentences = [" ".join(tokens.words[s:e]).strip() for s, e in tokens.sentence_spans()]
    assert sentences == ["Nice sound ! !", "Bad cable", "I sent it back"]


@pytest.mark.parametrize("language", ["en", "es", "ja", "th", "ko", "zh", "no-such-language"])
def test_any_language_can_be_cut_offline(language: str) -> None:
    assert cut("Hola 世界, hello", language).words


def test_the_same_word_is_a_noun_after_an_article_and_a_verb_after_a_pronoun() -> None:
    assert tags_of("the", "build", "quality")[1] == "NN"
    assert tags_of("this", "sounds", "great")[1] == "VBZ"
    assert tags_of("I", "sound", "sad")[1] == "VB"
    assert tags_of("the", "acting", "is", "fine")[1] == "NN"


def test_a_verb_that_disagrees_with_this_or_these_is_a_noun() -> None:
    assert tags_of("this", "strap", "is", "fine")[1] == "NN"
    assert tags_of("these", "picks", "are", "fine")[1] == "NNS"
    assert tags_of("these", "hold", "tight")[1] == "VB"
    assert tags_of("this", "fit", "my", "guitar")[1] != "NN"


def test_shouting_does_not_make_a_word_a_noun() -> None:
    assert tags_of("GREAT", "BATTERY") == ["JJ", "NN"]


def test_a_missing_spacy_pipeline_is_refused_with_its_remedy() -> None:
    with pytest.raises(ConfigError, match=r"xx_no_such_model.*not installed"):
        Tokenizer("xx_no_such_model")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The sound of this guitar is really good.", "en"),
        ("No se trata de una obra de arte ni nada parecido.", "es"),
        ("Das Gerät funktioniert leider überhaupt nicht mehr.", "de"),
        ("景色很美，值得一去", "zh"),
        ("これはとても良い映画でした", "ja"),
        ("10/10 :)", UNDETERMINED),
        ("", UNDETERMINED),
    ],
)
def test_languages_are_named(text: str, language: str) -> None:
    assert LanguageDetector().detect(text) == language


def test_a_short_text_is_decided_by_what_the_collection_is_written_in() -> None:
    text = "dope"
    english = ["I really enjoyed playing this game with friends."] * 99
    spanish = ["Este juego es muy divertido para jugar con amigos."]
    shares = language_shares(english + spanish)
    assert shares == {"en": 0.99, "es": 0.01}
    assert LanguageDetector().detect(text) != "en"
    assert LanguageDetector(shares | {"it": 0.5}).detect(text) == "it"
    assert LanguageDetector(shares).detect("good strings") == "en"
    assert LanguageDetector(shares).detect(spanish[0]) == "es"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Bella y triste. [Full review in Spanish]", "Bella y triste."),
        ("Good. (Full Review in Portuguese.)", "Good."),
        ("A romp click to read the full review", "A romp"),
        ("Nice<br />strings &#34;really&#34;", "Nice strings really"),
        ("[h1]Fun[/h1] [b]indeed[/b]", "Fun indeed"),
        ("See https://example.org/a?b=c for more", "See for more"),
        ("I read the full script of it", "I read the full script of it"),
        ("tuned to 3 < 4 and 5 > 2", "tuned to 3 < 4 and 5 > 2"),
    ],
)
def test_boilerplate_is_blanked(text: str, kept: str) -> None:
    blanked = blank_boilerplate(text)
    assert " ".join(blanked.split()) == kept
    assert len(blanked) == len(text)


@given(st.text(max_size=300))
def test_blanking_keeps_every_offset(text: str) -> None:
    blanked = blank_boilerplate(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ", "'", '"') for old, new in zip(text, blanked, strict=True))
