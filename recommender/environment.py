"""The only reader of the environment.

| variable | means | unset |
|---|---|---|
| `NEO4J_URI` | the graph server to use | the embedded graph |
| `NEO4J_USERNAME`, `NEO4J_PASSWORD` | who we are there | `neo4j`, and a message that asks for it |
| `NEO4J_PASSWORD_FILE` | a file with the password, for its owner alone | `NEO4J_PASSWORD` |
| `NEO4J_CA` | certificates (PEM) by which a bolt+s:// or neo4j+s:// is trusted | the system's |
| `NEO4J_DATABASE` | the database there | the server's default |
| `KGREC_HOME` | where the embedded graph and the caches live | the user's data folder |
| `KGREC_SALT` | what `read.pseudonymize` hashes keys with | the file `salt` in KGREC_HOME |
| `KGREC_API_KEY` | what callers of `kgrec serve` must know | it listens on loopback only |
| `KGREC_DATA` | where configs find public data sets | a message that says what to get |
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from kg.errors import ConfigError
from recommender.secrets import read_private

_NAMED_IN_URI = re.compile(r"^\w[\w+]*://[^/@]*@")


@dataclass(frozen=True)
class Environment:
    """The variables that `kgrec` knows.

    Attributes:
        home: folder of the embedded graph and of locks.
        cache: folder of what can be made again (text vectors).
        variables: all variables, for `${VAR}` in a config's paths.
        ca: file of the certificates by which the server is trusted.
    """

    home: Path
    cache: Path
    uri: str | None
    username: str
    password: str | None = field(repr=False)
    database: str | None
    salt: str | None = field(repr=False)
    api_key: str | None = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    ca: Path | None = None

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> Environment:
        """Read the process's environment, or the mapping given.

        Raises:
            ConfigError: NEO4J_URI holds a password, or NEO4J_PASSWORD_FILE may be read by others.
        """
        found = dict(os.environ if variables is None else variables)
        home = found.get("KGREC_HOME")
        uri, ca = found.get("NEO4J_URI") or None, found.get("NEO4J_CA")
        if uri and _NAMED_IN_URI.match(uri):
            raise ConfigError(
                "NEO4J_URI holds a user name or a password, which addresses do not keep secret.",
                remedy="Write it as scheme://host:port; set NEO4J_USERNAME and NEO4J_PASSWORD.",
            )
        return cls(
            home=Path(home).expanduser().resolve() if home else user_data_path("kgrec"),
            cache=Path(home).expanduser().resolve() / "cache" if home else user_cache_path("kgrec"),
            uri=uri,
            username=found.get("NEO4J_USERNAME") or "neo4j",
            password=found.get("NEO4J_PASSWORD") or _in_file(found.get("NEO4J_PASSWORD_FILE")),
            database=found.get("NEO4J_DATABASE") or None,
            salt=found.get("KGREC_SALT") or None,
            api_key=found.get("KGREC_API_KEY") or None,
            variables=found,
            ca=Path(ca).expanduser().resolve() if ca else None,
        )

    @property
    def embedded(self) -> bool:
        """Whether the embedded graph is used."""
        return self.uri is None


def _in_file(path: str | None) -> str | None:
    return read_private(Path(path).expanduser()).decode("utf-8", "replace") if path else None
