"""What forgetting left on record: a signed report without a key or a text in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kg.errors import ConfigError
from recommender.run_folder import write_whole
from recommender.secrets import Secret


@dataclass(frozen=True)
class Report:
    """What was removed, by place. It holds no key and no text.

    Attributes:
        what: user or review.
        hash: of the key, made with the secret in the home folder.
        graph: what went from the graph → how many.
        derived: type → relationships that were derived again, or lost their evidence.
        runs: run → place in its folder → rows, lines or files.
        home: place in the home folder → how many.
        scan: files and values that were read afterwards, and where something is left.
        signature: of all the others.
    """

    what: str
    hash: str
    dataset: str
    target: str
    at: str
    version: str
    graph: dict[str, int] = field(default_factory=dict)
    derived: dict[str, int] = field(default_factory=dict)
    runs: dict[str, dict[str, int]] = field(default_factory=dict)
    home: dict[str, int] = field(default_factory=dict)
    scan: dict[str, Any] = field(default_factory=dict)
    signature: str = ""

    @property
    def text(self) -> str:
        """The report as it is signed."""
        told = asdict(self)
        del told["signature"]
        return json.dumps(told, sort_keys=True, ensure_ascii=False)

    def store(self, folder: Path, secret: Secret) -> tuple[Report, Path]:
        """Sign the report and write it into a folder; return it signed, and where it is."""
        signed = replace(self, signature=secret.keyed("signature", self.text))
        moment = "".join(each for each in self.at[:19] if each.isdigit())
        place = folder / f"{moment}-{self.hash[:8]}.json"
        write_whole(place, json.dumps(asdict(signed), indent=1, ensure_ascii=False) + "\n")
        return signed, place


def check(path: Path, secret: Secret) -> Report:
    """Return a stored report if it is as it was signed.

    Raises:
        ConfigError: it is none, or was changed, or signed with another secret.
    """
    try:
        report = Report(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{path} cannot be read as a report of `kgrec forget`: {error}"
        ) from error
    if not secret.signs(report.text, report.signature):
        raise ConfigError(
            f"{path} is not as it was signed, or was signed with another secret.",
            remedy="Reports are signed with the secret in the home folder that forgot.",
        )
    return report
