"""The only reader of the environment.

| variable | means | unset |
|---|---|---|
| `NEO4J_URI` | the graph server to use | the embedded graph |
| `NEO4J_USERNAME`, `NEO4J_PASSWORD` | who we are there | `neo4j`, and a message that asks for it |
| `NEO4J_DATABASE` | the database there | the server's default |
| `KGREC_HOME` | where the embedded graph and the caches live | the user's data folder |
| `KGREC_SALT` | what `read.pseudonymize` hashes keys with | the file `salt` in KGREC_HOME |
| `KGREC_DATA` | where configs find public data sets | a message that says what to get |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path, user_data_path


@dataclass(frozen=True)
class Environment:
    """The variables that `kgrec` knows.

    Attributes:
        home: folder of the embedded graph and of locks.
        cache: folder of what can be made again (text vectors).
        variables: all variables, for `${VAR}` in a config's paths.
    """

    home: Path
    cache: Path
    uri: str | None
    username: str
    password: str | None
    database: str | None
    salt: str | None
    variables: Mapping[str, str]

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> Environment:
        """Read the process's environment, or the mapping given."""
        found = dict(os.environ if variables is None else variables)
        home = found.get("KGREC_HOME")
        return cls(
            home=Path(home).expanduser().resolve() if home else user_data_path("kgrec"),
            cache=Path(home).expanduser().resolve() / "cache" if home else user_cache_path("kgrec"),
            uri=found.get("NEO4J_URI") or None,
            username=found.get("NEO4J_USERNAME") or "neo4j",
            password=found.get("NEO4J_PASSWORD") or None,
            database=found.get("NEO4J_DATABASE") or None,
            salt=found.get("KGREC_SALT") or None,
            variables=found,
        )

    @property
    def embedded(self) -> bool:
        """Whether the embedded graph is used."""
        return self.uri is None
