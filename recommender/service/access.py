"""Who may ask: an API key, or nobody but this machine."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from kg.errors import ConfigError
from recommender.secrets import read_private

SHORTEST: Final = 16
"""Characters of a key, at least."""
_NEW_KEY: Final = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


@dataclass(frozen=True)
class Access:
    """The rule for one service.

    Attributes:
        key: what callers must know; None only where the service listens on loopback.
    """

    key: SecretStr | None

    @classmethod
    def of(cls, host: str, variable: str | None, file: Path | None) -> Access:
        """Return the rule for a service that listens at `host`.

        Args:
            variable: the key from the environment.
            file: a file that holds the key, readable by its owner alone; counts before it.

        Raises:
            ConfigError: others may read the file, the key is short, or there is none and the
                service would listen to other machines.
        """
        key = read_private(file).decode("utf-8", "replace") if file else variable
        if key is None:
            if is_loopback(host):
                return cls(None)
            raise ConfigError(
                f"Without an API key the service listens on this machine only, not at {host}.",
                remedy=f"Set KGREC_API_KEY, or name a file with --key-file. {_NEW_KEY}",
            )
        if len(key) < SHORTEST or not key.isascii():
            raise ConfigError(
                f"The API key has {len(key)} characters; wanted {SHORTEST} or more, all of ASCII.",
                remedy=_NEW_KEY,
            )
        return cls(SecretStr(key))

    def knows(self, told: str) -> bool:
        """Tell whether a caller has the key; it takes as long for any wrong one."""
        if self.key is None:
            return True
        return hmac.compare_digest(told.encode(), self.key.get_secret_value().encode())

    def meant_for_us(self, host_header: str) -> bool:
        """Tell whether a request names this machine, where no key is asked for.

        Else a page in a browser could read the answers under a name of its own for 127.0.0.1.
        """
        return self.key is not None or is_loopback(_host(host_header))


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens at `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
