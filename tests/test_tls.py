"""A real Neo4j with a certificate of an authority of our own: trusted, or refused in words."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import neo4j_server as neo4j_tool
import pytest
from pydantic import SecretStr

from kg.bolt import Connection
from kg.errors import ConfigError, GraphError
from kg.store import Store
from recommender.cli.app import run_app
from recommender.environment import Environment
from recommender.graph import Graph

SETTINGS = """\
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={folder}
dbms.ssl.policy.bolt.private_key=server.key
dbms.ssl.policy.bolt.public_certificate=server.pem
dbms.ssl.policy.bolt.client_auth=NONE
server.bolt.tls_level=REQUIRED
"""


def openssl(folder: Path, *arguments: str) -> None:
    command = ["openssl", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str) -> Path:
    """Make an authority, and return its certificate."""
    made = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *made)
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates: of the server, for 127.0.0.1 alone, and of two authorities."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")
    authority(folder, "ours")
    authority(folder, "others")
    asked = ("-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=graph")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", *asked)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    signed = ("-CA", "ours.pem", "-CAkey", "ours.key", "-CAcreateserial", "-extfile", "names")
    out = ("-in", "server.csr", "-out", "server.pem", "-days", "2")
    openssl(folder, "x509", "-req", *out, *signed)
    return folder


@pytest.fixture(scope="module")
def place(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of a Neo4j that takes no connection without TLS."""
    if reason := neo4j_tool.missing(browser=True):
        pytest.skip(f"no Neo4j: {reason}")
    settings = SETTINGS.format(folder=folder).splitlines()
    home = tmp_path_factory.mktemp("secured")
    with neo4j_tool.serve(home, browser=True, heap="384m", settings=settings) as server:
        yield server.uri.removeprefix("bolt://")


def connection(uri: str, ca: Path | None = None) -> Connection:
    return Connection(uri=uri, password=SecretStr(neo4j_tool.PASSWORD), ca=ca)


@pytest.mark.graph
@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_a_certificate_of_our_own_authority_is_trusted(
    place: str, folder: Path, scheme: str
) -> None:
    with Store.connect(connection(f"{scheme}://{place}", folder / "ours.pem")) as store:
        assert store.run_text("RETURN 1 AS one") == [{"one": 1}]


@pytest.mark.graph
@pytest.mark.parametrize("scheme", ["bolt+ssc", "neo4j+ssc"])
def test_any_certificate_is_taken_where_the_address_says_so(place: str, scheme: str) -> None:
    with Store.connect(connection(f"{scheme}://{place}")) as store:
        assert store.run_text("RETURN 1 AS one") == [{"one": 1}]


@pytest.mark.graph
@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
@pytest.mark.parametrize("ca", [None, "others.pem"])
def test_a_certificate_of_nobody_known_is_refused(
    place: str, folder: Path, scheme: str, ca: str | None
) -> None:
    with pytest.raises(GraphError, match=r"is not trusted: .*certificate") as refused:
        Store.connect(connection(f"{scheme}://{place}", folder / ca if ca else None))
    assert "NEO4J_CA=ca.pem" in refused.value.remedy
    assert not refused.value.transient


@pytest.mark.graph
def test_a_certificate_for_another_host_is_refused(place: str, folder: Path) -> None:
    port = place.rpartition(":")[2]
    with pytest.raises(GraphError, match=r"is not trusted: Hostname mismatch.*'localhost'"):
        Store.connect(connection(f"bolt+s://localhost:{port}", folder / "ours.pem"))


@pytest.mark.graph
def test_the_command_line_says_what_to_do(
    place: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NEO4J_URI", f"neo4j+s://{place}")
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_tool.PASSWORD)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    asked = ["query", "browse/overview"]
    assert run_app(asked) == 3
    assert "NEO4J_CA=ca.pem" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("NEO4J_CA", str(folder / "ours.pem"))
    assert run_app(asked) == 0


@pytest.mark.graph
def test_an_address_without_tls_is_refused_by_such_a_server(place: str) -> None:
    with pytest.raises(GraphError) as refused:
        Store.connect(connection(f"bolt://{place}"))
    assert "bolt+s://" in refused.value.remedy


def test_a_server_without_tls_is_told_apart(embedded: Connection) -> None:
    with pytest.raises(GraphError, match="it speaks no TLS there"):
        Store.connect(embedded.model_copy(update={"uri": embedded.uri.replace("bolt", "bolt+s")}))


def test_what_holds_no_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for ca in (tmp_path / "ca.pem", tmp_path / "gone.pem", tmp_path):
        with pytest.raises(GraphError, match="holds no certificates"):
            Store.connect(connection("bolt+s://127.0.0.1:1", ca))
    with pytest.raises(GraphError, match=r"asks the server for none"):
        Store.connect(connection("bolt://127.0.0.1:1", tmp_path / "ca.pem"))


@pytest.mark.parametrize("uri", ["bolt://graph:bolt", "bolt://graph:99999", "bolt+s://[::1"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(GraphError, match="is no address of a graph server") as refused:
        Store.connect(connection(uri))
    assert "NEO4J_URI" in refused.value.remedy


def test_an_address_holds_no_password() -> None:
    with pytest.raises(ConfigError, match="holds a user name or a password") as refused:
        Environment.read({"NEO4J_URI": "neo4j+s://ada:hunter2@graph.example.org"})
    assert "hunter2" not in str(refused.value)


def test_a_password_may_stand_in_a_file_of_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    file.chmod(0o600)
    told = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD_FILE": str(file)}
    environment = Environment.read(told)
    assert Graph(environment, "shop").connect().password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(environment)
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by others"):
        Environment.read(told)
