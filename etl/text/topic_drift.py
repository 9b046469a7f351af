"""Topics before and after a refit: which are the same, which were born, died, split or merged.

Only the keys of topics come from here. Words, labels and weights are those of the present fit, so
that nothing of what an earlier run read, which may be held out now, reaches training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from etl.text.topic_labels import free_key
from etl.text.topics import TopicModel

SAME: Final = 0.6
"""Largest distance of two topics that are taken for the same. Topics of one model are rarely nearer
than 0.68; a topic that falls in two equal halves without a common word is 0.56 from each."""

Change = Literal["kept", "born", "split", "died", "merged"]


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What became of a topic.

    Attributes:
        change: kept: the same topic before and after; split: new, from one that was kept; born:
            new, like none before; merged: gone into one that was kept; died: gone, like none now.
        topic_id: its key; of kept ones before and after.
        label: its label; of kept ones after.
        other_id: the topic of the other fit that it is kept from, split from or merged into; of
            the born and the died the nearest one.
        other_label: the label of that one.
        distance: to that one, from 0 (equal words) to 1 (no common word).
    """

    change: Change
    topic_id: str
    label: str
    other_id: str | None
    other_label: str | None
    distance: float | None


def lasting_ids(topics: TopicModel, earlier: TopicModel) -> list[str]:
    """Return the topics' keys: an earlier one's where a topic is the same, else one of its own."""
    same = _same(_distances(topics, earlier))
    ids = {new: earlier.topics[old].topic_id for new, old in same.items()}
    taken = {topic.topic_id for topic in earlier.topics}
    for number, topic in enumerate(topics.topics):
        if number not in ids:
            ids[number] = free_key(topic.topic_id, taken)
            taken.add(ids[number])
    return [ids[number] for number in range(len(topics.topics))]


def topic_changes(topics: TopicModel, earlier: TopicModel) -> list[TopicChange]:
    """Return what became of each topic, of these and of the earlier ones that are gone."""
    distances = _distances(topics, earlier)
    same = _same(distances)
    changes = []
    for number in range(len(topics.topics)):
        if number in same:
            changes.append(_change("kept", topics, number, earlier, same[number], distances))
        else:
            near = _nearest(distances[number])
            is_near = near is not None and distances[number, near] <= SAME
            changes.append(
                _change("split" if is_near else "born", topics, number, earlier, near, distances)
            )
    for number in sorted(set(range(len(earlier.topics))) - set(same.values())):
        near = _nearest(distances[:, number])
        is_near = near is not None and distances[near, number] <= SAME
        kind: Change = "merged" if is_near else "died"
        changes.append(_change(kind, earlier, number, topics, near, distances.T))
    return changes


def _change(
    kind: Change,
    ours: TopicModel,
    number: int,
    others: TopicModel,
    other: int | None,
    distances: NDArray[np.float64],
) -> TopicChange:
    known = None if other is None else others.topics[other]
    return TopicChange(
        change=kind,
        topic_id=ours.topics[number].topic_id,
        label=ours.topics[number].label,
        other_id=known.topic_id if known else None,
        other_label=known.label if known else None,
        distance=None if other is None else float(distances[number, other]),
    )


def _nearest(distances: NDArray[np.float64]) -> int | None:
    return int(distances.argmin()) if len(distances) else None


def _same(distances: NDArray[np.float64]) -> dict[int, int]:
    """Return the pairs of the best assignment that are near enough, by position, new to old."""
    # what is too far costs as much as being left alone, so that it does not bend the rest
    rows, columns = linear_sum_assignment(np.minimum(distances, SAME + 1e-9))
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {new: old for new, old in pairs if distances[new, old] <= SAME}


def _distances(topics: TopicModel, others: TopicModel) -> NDArray[np.float64]:
    """Return the Jensen-Shannon distances of the topics' words, (K, K'); base 2, so at most 1.

    Topics of texts in another language are as far as can be.
    """
    shape = (len(topics.topics), len(others.topics))
    if topics.language != others.language or not all(shape):
        return np.ones(shape)
    union = dict.fromkeys([*topics.words, *others.words])
    numbers = {word: number for number, word in enumerate(union)}
    ours, theirs = _shares(topics, numbers), _shares(others, numbers)
    distances: NDArray[np.float64] = cdist(ours, theirs, "jensenshannon") / np.sqrt(np.log(2))
    return np.nan_to_num(distances)  # equal ones, whose divergence is rounded below 0


def _shares(topics: TopicModel, numbers: dict[str, int]) -> NDArray[np.float64]:
    shares = np.zeros((len(topics.topics), len(numbers)))
    strengths = topics.strengths.astype(np.float64)
    shares[:, [numbers[word] for word in topics.words]] = strengths / strengths.sum(
        axis=1, keepdims=True
    )
    return shares
