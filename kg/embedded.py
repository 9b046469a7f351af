"""The embedded graph: one server process per home folder, started on demand, shared, loopback only.

Everything lies below `home/graph/`: the databases, the generated password (readable by its owner
alone), the log, and `server.json`, by which other processes find the running server.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psutil
from filelock import FileLock, Timeout
from pydantic import SecretStr

from kg.bolt import Connection
from kg.errors import GraphError, GraphUnavailableError

logger = logging.getLogger(__name__)

USERNAME: Final = "root"
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 90.0
COMPACT_SECONDS: Final = 3_600.0
DEFAULT_HEAP: Final = "4g"
"""The most memory the server's heap may take; beyond 512 MB, what is free goes back when idle."""

_MODULE: Final = "kg.embedded_server"
_DATABASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Running:
    """A running embedded server, as `server.json` tells of it."""

    pid: int
    created: float  # when the process was made, seconds since the epoch; tells pids apart
    bolt_port: int
    http_port: int

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def memory(self) -> int:
        """Bytes of memory that the server takes now."""
        return int(psutil.Process(self.pid).memory_info().rss)


@dataclass(frozen=True)
class Folder:
    """The files of an embedded graph."""

    path: Path

    @property
    def state(self) -> Path:
        return self.path / "server.json"

    @property
    def password(self) -> Path:
        return self.path / "password"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def databases(self) -> Path:
        return self.path / "databases"

    @property
    def datasets(self) -> list[str]:
        """Names of the databases that are there."""
        if not self.databases.is_dir():
            return []
        return sorted(path.name for path in self.databases.iterdir() if path.is_dir())

    @classmethod
    def of(cls, home: Path) -> Folder:
        """The graph's folder of a home folder, made if needed, for its owner alone."""
        path = home.expanduser().resolve() / "graph"
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        return cls(path)

    def lock(self) -> FileLock:
        return FileLock(self.path / "lock", timeout=START_SECONDS + STOP_SECONDS)


def start(home: Path, *, database: str, heap: str = DEFAULT_HEAP) -> Connection:
    """The connection to the embedded graph's database, its server started if none runs.

    Raises:
        GraphError: there is no embedded server for this platform, or it does not start.
    """
    if not _DATABASE.fullmatch(database):
        raise GraphError(
            f"{database!r} cannot be the name of a database.",
            remedy="Write a letter, then up to 62 letters, digits, - or _.",
        )
    folder = Folder.of(home)
    try:
        with folder.lock():
            running = status(home) or _launch(folder, heap)
            connection = _connection(folder, running, database)
            if not (folder.databases / database).exists():
                _create_database(running, connection.password.get_secret_value(), database)
    except Timeout as error:
        raise GraphUnavailableError(
            f"Another process has been starting the embedded graph in {folder.path} for "
            f"{START_SECONDS + STOP_SECONDS:.0f} seconds.",
            remedy=f"See {folder.log}, then try again.",
        ) from error
    return connection


def connection_to(home: Path, *, database: str) -> Connection:
    """The connection to the embedded graph's database, if its server runs.

    Raises:
        GraphUnavailableError: none runs.
    """
    running = status(home)
    if running is None:
        raise GraphUnavailableError(
            "The embedded graph does not run.", remedy="Start it: kgrec graph start"
        )
    return _connection(Folder.of(home), running, database)


def _connection(folder: Folder, running: Running, database: str) -> Connection:
    password = SecretStr(folder.password.read_text(encoding="ascii"))
    return Connection(uri=running.uri, username=USERNAME, password=password, database=database)


def status(home: Path) -> Running | None:
    """The server that runs for this home folder, if any. What a killed one left is ignored."""
    folder = Folder.of(home)
    try:
        running = Running(**json.loads(folder.state.read_text(encoding="utf-8")))
        process = psutil.Process(running.pid)
        alive = abs(process.create_time() - running.created) < 1.0 and process.status() != "zombie"
    except (FileNotFoundError, ValueError, TypeError, psutil.NoSuchProcess):
        return None  # none was started, or it was killed, perhaps while it wrote the file
    return running if alive else None


def stop(home: Path) -> bool:
    """Stop the server of this home folder cleanly; False if none ran.

    Raises:
        GraphError: it does not end.
    """
    folder = Folder.of(home)
    with folder.lock():
        running = status(home)
        if running is None:
            return False
        process = psutil.Process(running.pid)
        ours = process.ppid() == os.getpid()
        process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while not _ended(process):
            if time.monotonic() > deadline:
                raise GraphError(
                    f"The embedded graph (process {running.pid}) did not stop within "
                    f"{STOP_SECONDS:.0f} seconds.",
                    remedy=f"See {folder.log}.",
                )
            time.sleep(0.05)
        if ours:
            process.wait()  # that of another living process stays a zombie
        folder.state.unlink(missing_ok=True)
    return True


def _ended(process: psutil.Process) -> bool:
    """Whether a process is gone, or waits for nothing but somebody to ask how it ended.

    Its first thread can be done, and told as a zombie, while Java's still close the files.
    """
    try:
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() == 1
    except psutil.NoSuchProcess:
        return True


def write_state(folder: Folder, bolt_port: int, http_port: int) -> None:
    """Tell other processes that this one serves the graph. Called by the server itself."""
    running = Running(os.getpid(), psutil.Process().create_time(), bolt_port, http_port)
    new = folder.state.with_suffix(".new")
    new.write_text(json.dumps(asdict(running)), encoding="utf-8")
    new.replace(folder.state)


def _launch(folder: Folder, heap: str) -> Running:
    if not _installed():
        raise GraphError(
            "There is no embedded graph server for this platform.",
            remedy="Set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD to use a Neo4j server.",
        )
    folder.state.unlink(missing_ok=True)
    _make_password(folder)
    arguments = [str(folder.path), *map(str, _free_ports(2)), heap]
    with folder.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", _MODULE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            start_new_session=True,
        )
    logger.info("starting the embedded graph in %s (process %d)", folder.path, process.pid)
    return _await_ready(folder, process)


def _installed() -> bool:
    try:
        return find_spec("arcadedb_embedded") is not None
    except ValueError:  # how find_spec says that an import was blocked
        return False


def _await_ready(folder: Folder, process: subprocess.Popen[bytes]) -> Running:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = status(folder.path.parent)
        if running and running.pid == process.pid:
            return running
        if process.poll() is not None:
            raise GraphUnavailableError(
                f"The embedded graph ended while it started (exit code {process.returncode}): "
                f"{_last_line(folder.log)}",
                remedy=f"See {folder.log}.",
            )
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise GraphUnavailableError(
        f"The embedded graph was not ready after {START_SECONDS:.0f} seconds.",
        remedy=f"See {folder.log}.",
    )


def _make_password(folder: Folder) -> None:
    if not folder.password.exists():
        new = os.open(folder.password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(new, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(24))


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(open_.getsockname()[1]) for open_ in sockets]
    for open_ in sockets:
        open_.close()
    return ports


def compact(home: Path, database: str) -> None:
    """Close up the pages of a database of the running server; bytes that get free become zeros.

    Raises:
        GraphError: it cannot be done.
    """
    folder = Folder.of(home)
    running = status(home)
    if running is None:
        raise GraphUnavailableError(f"No embedded graph runs for {home}.")
    password = folder.password.read_text(encoding="ascii")
    command = {"language": "sql", "command": "CHECK DATABASE COMPRESS"}
    status_, text = _post(running, password, f"command/{database}", command, COMPACT_SECONDS)
    if status_ >= 400:
        raise GraphError(f"The embedded graph cannot compact {database!r}: {text[:300]}")


def _create_database(running: Running, password: str, name: str) -> None:
    status_, text = _post(running, password, "server", {"command": f"create database {name}"}, 30)
    if status_ >= 400:
        raise GraphError(f"The embedded graph cannot make the database {name!r}: {text[:300]}")


def _post(
    running: Running, password: str, path: str, body: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Ask the server something that Bolt has no words for; return status and answer."""
    basic = b64encode(f"{USERNAME}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", running.http_port, timeout=seconds)) as http:
        try:
            http.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
            answer = http.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, HTTPException) as error:
            raise GraphUnavailableError(
                f"The embedded graph (process {running.pid}) does not answer: {error}",
                remedy="Run `kgrec graph stop`, then try again.",
            ) from error


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "its log is empty")
