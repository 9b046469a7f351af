# ruff: noqa: S603, S607 - it runs java and mvn from the PATH, with arguments of its own
"""A real Neo4j Community server without Docker: jars by Maven, started by a small launcher.

    python tools/neo4j/neo4j_server.py HOME [--browser] [--gds]

serves from the folder HOME until Ctrl-C and prints how to connect, with Neo4j Browser or the Graph
Data Science library where asked. Tests use `serve`. The jars are fetched once into
KGREC_NEO4J_HOME, or the user's cache folder. Needs Java 17 or newer, and Maven for the first time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock

HERE: Final = Path(__file__).resolve().parent
POM: Final = HERE / "pom.xml"
LAUNCHER: Final = HERE / "Launcher.java"
COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
PASSWORD: Final = "kgrec-tests"  # noqa: S105 - of a server on loopback that lives for one test run
FETCH_SECONDS: Final = 900
START_SECONDS: Final = 300.0
STOP_SECONDS: Final = 60.0
OLDEST_JAVA: Final = 17

CONFIG: Final = """\
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{bolt}
server.bolt.advertised_address=127.0.0.1:{bolt}
server.http.enabled=true
server.http.listen_address=127.0.0.1:{http}
server.http.advertised_address=127.0.0.1:{http}
server.https.enabled=false
dbms.security.auth_enabled=true
server.memory.heap.max_size={heap}
server.memory.pagecache.size=128m
dbms.usage_report.enabled=false
browser.remote_content_hostname_whitelist=127.0.0.1,localhost
dbms.security.procedures.unrestricted=gds.*
"""
PROCEDURES: Final = "META-INF/services/org.neo4j.procedure."


@dataclass(frozen=True)
class Server:
    """Where a started server listens, and its process."""

    uri: str
    http: str
    username: str
    password: str
    pid: int


class CannotServeError(Exception):
    """This machine lacks what a server needs; says what."""


def missing(*, browser: bool = False, gds: bool = False) -> str | None:
    """Why no server can be started on this machine, or None if one can."""
    if shutil.which("java") is None:
        return "there is no Java"
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    found = re.search(r'version "(\d+)', version.stderr)
    if not found or int(found[1]) < OLDEST_JAVA:
        return f"Java is older than {OLDEST_JAVA}: {version.stderr.splitlines()[0]}"
    if not _jars_complete(_library(browser=browser, gds=gds)) and shutil.which("mvn") is None:
        return "there is no Maven to fetch Neo4j with"
    return None


def fetch(*, browser: bool = False, gds: bool = False) -> Path:
    """The folder of the server's jars, fetched if they are not there.

    Raises:
        CannotServeError: Maven failed.
    """
    library = _library(browser=browser, gds=gds)
    library.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(library.with_suffix(".lock")):
        if _jars_complete(library):
            return library
        command = ["mvn", "-q", "-B", "-f", str(POM), COPY, f"-DoutputDirectory={library}"]
        command += ["-DincludeScope=runtime", *(f"-P{name}" for name in _profiles(browser, gds))]
        maven = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS)
        if maven.returncode != 0:
            raise CannotServeError(f"Maven cannot fetch Neo4j: {maven.stdout[-2000:]}")
        _done(library).touch()
    return library


@contextmanager
def serve(
    home: Path,
    *,
    browser: bool = False,
    gds: bool = False,
    heap: str = "512m",
    ports: tuple[int, int] | None = None,
    settings: Sequence[str] = (),
) -> Iterator[Server]:
    """A server with its data under `home`, up until the block is left.

    Args:
        ports: for Bolt and HTTP; free ones if not given.
        settings: further lines of neo4j.conf.

    Raises:
        CannotServeError: the jars cannot be fetched, or the server does not start.
    """
    library = fetch(browser=browser, gds=gds)
    bolt, http = ports or free_ports()
    (home / "conf").mkdir(parents=True, exist_ok=True)
    config = CONFIG.format(bolt=bolt, http=http, heap=heap)
    (home / "conf" / "neo4j.conf").write_text("\n".join([config, *settings, ""]))
    if not (home / "data").exists():
        _set_password(home, library)
    if gds:
        _offer_procedures(home, library)
    command = ["java", f"-Xmx{heap}", "-cp", f"{library}/*", str(LAUNCHER), str(home)]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _await_ready(process, bolt, home / "server.log")
        yield Server(
            uri=f"bolt://127.0.0.1:{bolt}",
            http=f"http://127.0.0.1:{http}",
            username="neo4j",
            password=PASSWORD,
            pid=process.pid,
        )
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _profiles(browser: bool, gds: bool) -> list[str]:
    return [name for name, asked in (("browser", browser), ("gds", gds)) if asked]


def _library(*, browser: bool, gds: bool) -> Path:
    given = os.environ.get("KGREC_NEO4J_HOME")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = re.search(r"<neo4j.version>(.+?)<", POM.read_text(encoding="utf-8"))
    if version is None:
        raise CannotServeError(f"{POM} names no neo4j.version.")
    root = Path(given) if given else cache / "kgrec" / "neo4j"
    return root / "-".join([version[1], *_profiles(browser, gds)])


def _done(library: Path) -> Path:
    return library / "complete"


def _jars_complete(library: Path) -> bool:
    return _done(library).exists()


def _set_password(home: Path, library: Path) -> None:
    command = ["java", "-cp", f"{library}/*", "org.neo4j.cli.AdminTool", "dbms"]
    environment = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    subprocess.run(
        [*command, "set-initial-password", PASSWORD],
        env=environment,
        check=True,
        capture_output=True,
    )


def _offer_procedures(home: Path, library: Path) -> None:
    """Lay the jars with procedures into `plugins`, where alone the server looks for them."""
    plugins = home / "plugins"
    plugins.mkdir(exist_ok=True)
    for jar in library.glob("*.jar"):
        with zipfile.ZipFile(jar) as archive:
            offers = any(name.startswith(PROCEDURES) for name in archive.namelist())
        if offers and not (plugins / jar.name).exists():
            shutil.copy(jar, plugins / jar.name)


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens at."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


def _await_ready(process: subprocess.Popen[bytes], bolt: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotServeError(f"Neo4j ended while it started: {log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", bolt), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise CannotServeError(f"Neo4j was not ready after {START_SECONDS:.0f} seconds; see {log}")


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path, help="folder for the server's data")
    parser.add_argument("--browser", action="store_true", help="with Neo4j Browser, over HTTP")
    parser.add_argument("--gds", action="store_true", help="with Graph Data Science")
    parser.add_argument("--heap", default="512m", help="Java heap (default 512m)")
    arguments = parser.parse_args()
    home: Path = arguments.home.resolve()
    asked = {"browser": arguments.browser, "gds": arguments.gds, "heap": arguments.heap}
    with serve(home, **asked) as server:
        sys.stdout.write(
            f"NEO4J_URI={server.uri}\nNEO4J_USERNAME={server.username}\n"
            f"NEO4J_PASSWORD={server.password}\nHTTP: {server.http}\n"
        )
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            sys.stdout.write("stopping\n")


if __name__ == "__main__":
    main()
