"""Who must not come back: hashes of the keys of those who were forgotten, by dataset.

    home/forgotten/secret          what keys are hashed and reports are signed with
                   <dataset>.json  the list
                   reports/        one signed report each

The list holds no key: without the secret nobody can tell whether a key is on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.errors import ConfigError
from recommender.run_folder import write_whole
from recommender.secrets import Secret

USER, REVIEW = "user", "review"


@dataclass(frozen=True)
class Suppressed:
    """The list of one dataset.

    Attributes:
        folder: `home/forgotten`.
        hashes: what is on the list.
    """

    folder: Path
    dataset: str
    hashes: frozenset[str]

    @classmethod
    def of(cls, home: Path, dataset: str) -> Suppressed:
        """Read a dataset's list; an empty one where nobody was forgotten.

        Raises:
            ConfigError: the file is damaged.
        """
        folder = home / "forgotten"
        place = folder / f"{dataset}.json"
        if not place.is_file():
            return cls(folder, dataset, frozenset())
        try:
            return cls(folder, dataset, frozenset(map(str, json.loads(place.read_bytes()))))
        except ValueError as error:
            raise ConfigError(
                f"{place} cannot be read as the list of those who were forgotten: {error}.",
                remedy="Put it back from a copy: without it they come back with the next run.",
            ) from error

    @cached_property
    def secret(self) -> Secret:
        """What keys are hashed with."""
        return Secret.of_file(self.folder / "secret")

    @property
    def digest(self) -> str:
        """Return a hash of the list; empty for an empty one."""
        if not self.hashes:
            return ""
        return hashlib.sha256("".join(sorted(self.hashes)).encode()).hexdigest()[:16]

    def user(self, key: str) -> bool:
        """Tell whether this person was forgotten."""
        return self.secret.keyed(USER, key) in self.hashes

    def review(self, key: str) -> bool:
        """Tell whether this review was forgotten."""
        return self.secret.keyed(REVIEW, key) in self.hashes

    def and_(self, users: Iterable[str], reviews: Iterable[str]) -> Suppressed:
        """Put people and reviews on the list, and return it."""
        hashes = self.hashes | self._hashed(users, reviews)
        write_whole(
            self.folder / f"{self.dataset}.json", json.dumps(sorted(hashes), indent=0) + "\n"
        )
        return Suppressed(self.folder, self.dataset, hashes)

    def but(self, users: Iterable[str], reviews: Iterable[str]) -> Suppressed:
        """Return the list as it would be without them."""
        hashes = self.hashes - self._hashed(users, reviews)
        return Suppressed(self.folder, self.dataset, hashes)

    def _hashed(self, users: Iterable[str], reviews: Iterable[str]) -> frozenset[str]:
        return frozenset(self.secret.keyed(USER, key) for key in users) | {
            self.secret.keyed(REVIEW, key) for key in reviews
        }
