"""What the home folder and the environment say of people: the salt, and who was forgotten."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from etl.people import People
from recommender.environment import Environment
from recommender.erasure.suppressed import Suppressed
from recommender.secrets import Secret

_DIGITS = 32
"""Hex digits of a pseudonym: 128 bits."""


@dataclass(frozen=True)
class Privacy:
    """How the sources of a dataset are to be read here.

    Attributes:
        pseudonymize: whether the config asks for pseudonyms.
    """

    environment: Environment
    dataset: str
    pseudonymize: bool

    @cached_property
    def suppressed(self) -> Suppressed:
        """Who was forgotten."""
        return Suppressed.of(self.environment.home, self.dataset)

    @cached_property
    def salt(self) -> Secret:
        """What pseudonyms are made with: KGREC_SALT, else the file `salt` of the home folder."""
        given = self.environment.salt
        if given is not None:
            return Secret(given.encode())
        return Secret.of_file(self.environment.home / "salt")

    def pseudonym(self, kind: str, key: str) -> str:
        """Return the key that stands for a user's or a review's own."""
        return self.salt.keyed(kind, key)[:_DIGITS]

    @property
    def people(self) -> People:
        """What reading does to keys."""
        listed = bool(self.suppressed.hashes)
        return People(
            pseudonym=self.pseudonym if self.pseudonymize else None,
            forgotten_user=self.suppressed.user if listed else None,
            forgotten_review=self.suppressed.review if listed else None,
        )

    @property
    def digest(self) -> str:
        """Return a hash of the salt and of the list; empty where neither has a say."""
        return self.digest_with(self.suppressed)

    def digest_with(self, suppressed: Suppressed) -> str:
        """Return the same with another list."""
        salted = self.salt.keyed("check", "") if self.pseudonymize else ""
        told = f"{salted} {suppressed.digest}".strip()
        return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""
