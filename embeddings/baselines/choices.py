"""Settings with several values per field: every combination of one value each."""

from __future__ import annotations

import itertools
from typing import TypeVar

from kg.settings import Settings

S = TypeVar("S", bound=Settings)


def expand(settings: S) -> list[S]:
    """Return the settings that take one value of each tuple, in order, the first values first."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    several = {name: value for name, value in values.items() if isinstance(value, tuple)}
    return [
        settings.model_copy(update={name: (v,) for name, v in zip(several, chosen, strict=True)})
        for chosen in itertools.product(*several.values())
    ]
