"""Write the bundled sample again: `python -m recommender.sample.generate [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from recommender.sample import DATA
from recommender.sample.files import (
    bad_behaviour,
    bad_reviews,
    csv_lines,
    json_lines,
    mixed_in,
    write_gz,
)
from recommender.sample.knowledge import knowledge
from recommender.sample.lexicon import read_catalogue, read_lexicon
from recommender.sample.shop import behaviour_rows, item_rows, review_rows, user_rows
from recommender.sample.truth import truth_of
from recommender.sample.voices import make_voice
from recommender.sample.world import make_world
from recommender.sample.writer import Writer

SEED = 20_240


def generate(folder: Path, seed: int = SEED) -> None:
    """Write all files of the sample into a folder that exists.

    Args:
        folder: where to.
        seed: of everything random; the bundled files have the default.
    """
    random = Random(seed)  # noqa: S311
    catalogue = read_catalogue()
    lexicon = read_lexicon(catalogue)
    world = make_world(random, catalogue, lexicon)
    writer = Writer(random, lexicon, catalogue, world)
    voices = {user.user_id: make_voice(random, lexicon.stories) for user in world.users}
    reviews = [writer.write(p, voices[p.user.user_id]) for p in world.purchases]
    reviews.sort(key=lambda review: (review.purchase.at, review.purchase.user.user_id))

    items = item_rows(random, world)
    behaviour = csv_lines(behaviour_rows(random, world, catalogue))
    written = json_lines(review_rows(reviews))
    triples, links = knowledge(world)
    _save(folder, "reviews.jsonl", mixed_in(random, list(written), bad_reviews(written), 0))
    _save(folder, "behaviour.csv", mixed_in(random, list(behaviour), bad_behaviour(behaviour), 1))
    _save(folder, "items.jsonl", b"\n".join(json_lines(items)) + b"\n")
    users = csv_lines(user_rows(random, world, voices))
    _save(folder, "users.csv", b"\n".join(users) + b"\n")
    _save(folder, "knowledge.tsv", triples)
    _save(folder, "links.tsv", links)
    truth = truth_of(world, catalogue, lexicon, reviews)
    _save(folder, "truth.json", json.dumps(truth, ensure_ascii=False).encode())


def _save(folder: Path, name: str, content: bytes) -> None:
    write_gz(folder / f"{name}.gz", content)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
