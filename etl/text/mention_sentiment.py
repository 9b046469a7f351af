"""The sentiment of a mention, from all that tells of it where sentiment was learnt.

The lexicon's score of its clause, the learnt log odds of its clause and the like or dislike of its
review add up to the log odds of praise. The weights were fitted by logistic regression without
intercept to the 115 mentions with an opinion of the `develop` half of `tests/mention_polarity.tsv`:
clear words of blame weigh more than the like of the review in which they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEXICON: Final = 3.7
LEARNT: Final = 0.56
VERDICT: Final = 1.3
MOST_LEARNT: Final = 4.0  # log odds of a clause, either way; beyond, a few words say too much


def mention_sentiments(
    lexicon: Sequence[float | None], learnt: Floats, verdicts: Sequence[bool | None]
) -> list[float]:
    """Return the sentiment of each mention, -1 … 1: twice the probability of praise, less one.

    Args:
        lexicon: its score of each mention's clause, -1 … 1.
        learnt: log odds of praise of each clause.
        verdicts: whether the review's writer liked the item; None: not known, or held out.
    """
    said = np.array([score or 0.0 for score in lexicon])
    meant = np.array([0.0 if liked is None else (1.0 if liked else -1.0) for liked in verdicts])
    odds = LEXICON * said + LEARNT * learnt.clip(-MOST_LEARNT, MOST_LEARNT) + VERDICT * meant
    sentiments: list[float] = np.tanh(odds / 2.0).tolist()
    return sentiments
