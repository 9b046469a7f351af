"""A run that fails tells no secret: not in output, logs, its folder, the graph or process lists."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from kg import embedded
from kg.errors import ConfigError
from kg.store import Store
from recommender.config import read_config
from recommender.secrets import Secret

ROOT = Path(__file__).parents[1]
SALT = "salt-of-the-sea-5c1f"
WRONG = "hunter2-is-no-password"
CONFIG = """\
name: book-club
sources:
  - {type: delimited, path: loans.csv, columns: {user: reader, item: book}}
read: {pseudonymize: true}
encoder: {model: null}
"""
PROGRAM = """\
import sys
from importlib import import_module
from recommender.cli import main

stage = sys.argv[1]
if stage != "none":
    def fail(context):
        known = [context, context.graph.environment, context.graph.connect(), context.people]
        raise RuntimeError(f"this broke: {known!r}")
    setattr(import_module(f"recommender.stages.{stage}"), stage, fail)
main(sys.argv[2:])
"""


@dataclass(frozen=True)
class Failed:
    """How a run ended, what it said, and the command lines of its processes."""

    code: int
    said: str
    commands: frozenset[str]


def run(folder: Path, environment: Mapping[str, str], *, broken: str, how: str) -> Failed:
    """Run the club in a process of its own, and look at its processes meanwhile."""
    command = [sys.executable, "-c", PROGRAM, broken, "run", "club.yaml", how]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "KGREC_"))}
    told = {"PYTHONPATH": str(ROOT), "KGREC_HOME": str(folder / "home"), "KGREC_SALT": SALT}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env={**kept, **told, **environment}, stdout=said, stderr=said
        )
        commands = set()
        while process.poll() is None:
            commands |= set(_commands(process.pid))
            time.sleep(0.05)
    text = (folder / "said").read_text(encoding="utf-8")
    (folder / "said").unlink()
    return Failed(process.returncode, text, frozenset(commands))


def _commands(pid: int) -> Iterator[str]:
    try:
        own = psutil.Process(pid)
        for each in (own, *own.children(recursive=True)):
            yield " ".join(each.cmdline())
    except psutil.Error:  # it has just ended
        return


@pytest.fixture
def club(tmp_path: Path) -> Path:
    (tmp_path / "club.yaml").write_text(CONFIG)
    rows = "".join(f"reader-{n % 12},book-{n % 7}\n" for n in range(84))
    (tmp_path / "loans.csv").write_text("reader,book\n" + rows)
    return tmp_path


def leaks(secret: str, folder: Path, failed: Failed) -> list[str]:
    """Where a secret can be read."""
    own = folder / "home" / "graph" / "password"
    files = [place for place in folder.rglob("*") if place.is_file() and place != own]
    found = [str(place) for place in files if secret.encode() in place.read_bytes()]
    found += [line for line in failed.said.splitlines() if secret in line]
    return found + [command for command in failed.commands if secret in command]


def in_graph(store: Store, secret: str) -> list[str]:
    rows = store.run_text("MATCH (n) RETURN properties(n) AS told")
    return [str(row["told"]) for row in rows if secret in str(row["told"])]


@pytest.mark.parametrize(
    ("server", "how"),
    [("embedded", "--verbose"), ("neo4j", "--json-logs")],
    indirect=["server"],
)
def test_a_wrong_password_is_never_told(server: Store, club: Path, how: str) -> None:
    uri = server.connection.uri
    told = {"NEO4J_URI": uri, "NEO4J_PASSWORD": WRONG, "NEO4J_USERNAME": "nobody"}
    failed = run(club, told, broken="none", how=how)
    assert failed.code == 3
    assert "refused the password of user 'nobody'" in failed.said
    assert not leaks(WRONG, club, failed) + leaks(SALT, club, failed)


def test_a_server_that_is_away_is_told_no_secret(club: Path) -> None:
    told = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": WRONG}
    failed = run(club, told, broken="none", how="--verbose")
    assert failed.code == 3
    assert "does not answer" in failed.said
    assert not leaks(WRONG, club, failed) + leaks(SALT, club, failed)


def test_a_stage_that_breaks_with_all_it_knows_tells_no_secret(store: Store, club: Path) -> None:
    here = store.connection
    password = here.password.get_secret_value()
    told = {"NEO4J_URI": here.uri, "NEO4J_PASSWORD": password, "NEO4J_USERNAME": here.username}
    told |= {"NEO4J_DATABASE": here.database} if here.database else {}
    failed = run(club, told, broken="derive", how="--verbose")
    assert failed.code == 1
    assert "this broke" in failed.said
    (log,) = club.glob("runs/*/log.jsonl")
    assert "this broke" in log.read_text()
    assert store.run_text("MATCH (r:EtlRun) RETURN count(r) AS runs") == [{"runs": 1}]
    for secret in (password, SALT):
        assert not leaks(secret, club, failed)
        assert not in_graph(store, secret)


def test_the_embedded_graph_keeps_its_password_to_its_owner(club: Path) -> None:
    try:
        failed = run(club, {}, broken="load", how="--verbose")
        assert failed.code == 1
        assert "this broke" in failed.said
        assert any("kg.embedded_server" in command for command in failed.commands)
        place = club / "home" / "graph" / "password"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        password = place.read_text()
        assert len(password) > 20
        assert not leaks(password, club, failed) + leaks(SALT, club, failed)
    finally:
        embedded.stop(club / "home")


@pytest.mark.parametrize("name", ["NEO4J_PASSWORD", "KGREC_SALT"])
def test_no_path_of_a_config_takes_a_secret(tmp_path: Path, name: str) -> None:
    source = {"type": "adjacency", "path": f"${{{name}}}/x.txt"}
    (tmp_path / "c.yaml").write_text(json.dumps({"name": "club", "sources": [source]}))
    with pytest.raises(ConfigError, match=f"names {name}, a secret") as refused:
        read_config(tmp_path / "c.yaml", (), {name: WRONG})
    assert WRONG not in str(refused.value)


def test_a_file_of_a_secret_is_made_for_its_owner_and_others_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "home" / "salt"
    secret = Secret.of_file(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert Secret.of_file(place) == secret
    assert secret.key.decode() not in repr(secret)
    place.chmod(0o640)
    with pytest.raises(ConfigError, match="may be read by others"):
        Secret.of_file(place)
