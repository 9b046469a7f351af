"""Numbers, times and names as people read them."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR = 60, 3600
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese",
    "it": "Italian", "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian",
    "fi": "Finnish", "pl": "Polish", "ru": "Russian", "tr": "Turkish", "zh": "Chinese",
    "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "cs": "Czech", "uk": "Ukrainian",
    "und": "not certain",
}  # fmt: skip


def count(value: float) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{round(value):,}".replace(",", "\u202f")


def short_count(value: float) -> str:
    """Return a count for a small place: 8000 → 8k, 1250000 → 1.3M."""
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if value >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:.0f}{letter}" if scaled >= 10 else f"{scaled:.1f}{letter}"
    return count(value)


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.{digits}f}\u202f%"


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def duration(seconds: float) -> str:
    """Return a time span: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f}\u202fs"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}\u202fs"
    if whole < _HOUR:
        return f"{whole // _MINUTE}\u202fmin {whole % _MINUTE}\u202fs"
    return f"{whole // _HOUR}\u202fh {whole % _HOUR // _MINUTE}\u202fmin"


def moment(text: object) -> str:
    """Return an ISO time as a date and time, anything else as it is."""
    try:
        return f"{datetime.fromisoformat(str(text)):%-d %B %Y, %H:%M} UTC"
    except ValueError:
        return str(text)


def language(code: str) -> str:
    """Return a language's English name, or its code."""
    return LANGUAGES.get(code, code)


def metric(name: str) -> str:
    """Return a metric's name as the field writes it: ndcg@10 → NDCG@10."""
    plain, at, cut = name.partition("@")
    known = {"ndcg": "NDCG", "mrr": "MRR", "auc": "AUC", "hit": "Hit rate", "hit_rate": "Hit rate",
             "rmse": "RMSE", "mae": "MAE"}  # fmt: skip
    return known.get(plain, plain[:1].upper() + plain[1:].replace("_", " ")) + at + cut
