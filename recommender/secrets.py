"""Secrets of the home folder: files for their owner alone, and what is hashed with them."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from kg.errors import ConfigError

_BYTES = 32
NEVER_IN_PATHS = frozenset({"NEO4J_PASSWORD", "KGREC_SALT", "KGREC_API_KEY"})
"""Variables whose values stand in no config, message or file."""


def read_private(path: Path) -> bytes:
    """Return what a file of a secret holds, without blanks around it.

    Raises:
        ConfigError: it cannot be read, or others may read it.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(
                f"The secret {path} may be read by others (mode {mode:o}).",
                remedy=f"chmod 600 {path}",
            )
        return path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"The secret {path} cannot be read: {type(error).__name__}.",
            remedy="Correct its name, or its owner and mode (600).",
        ) from error


@dataclass(frozen=True)
class Secret:
    """A key for HMAC-SHA256. It is never shown."""

    key: bytes

    def __repr__(self) -> str:
        return "Secret(…)"

    @classmethod
    def of_file(cls, path: Path) -> Secret:
        """Read a secret, or make one where there is none, readable by its owner alone.

        Raises:
            ConfigError: others may read the file, or it is empty.
        """
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.{os.getpid()}")
            new = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(new, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_BYTES))
            try:
                os.link(part, path)  # unlike a replacement, it fails where another was faster
            except FileExistsError:
                pass
            finally:
                part.unlink()
        key = read_private(path)
        if not key:
            raise ConfigError(
                f"The secret {path} is empty.",
                remedy="Put it back from a copy; without it earlier hashes mean nothing.",
            )
        return cls(key)

    def keyed(self, kind: str, value: str) -> str:
        """Return a hash of a value of some kind, 64 hex digits, that nobody without it can make."""
        return hmac.digest(self.key, f"{kind}\0{value}".encode(), "sha256").hex()

    def signs(self, text: str, signature: str) -> bool:
        """Tell whether a signature is that of the text."""
        return hmac.compare_digest(self.keyed("signature", text), signature)
