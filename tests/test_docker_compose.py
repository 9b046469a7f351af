"""docker-compose.yml fits what the program and the other test server expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from kg.bolt import Connection
from kg.store import OLDEST_NEO4J

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def neo4j() -> dict[str, object]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert list(services) == ["neo4j"]
    service: dict[str, object] = services["neo4j"]
    return service


def test_the_image_is_the_version_that_tests_run_against(neo4j: dict[str, object]) -> None:
    pom = (ROOT / "tools" / "neo4j" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<neo4j.version>(.+)</neo4j.version>", pom)
    assert version
    assert neo4j["image"] == f"neo4j:{version[1]}-community"
    assert version[1].startswith(f"{OLDEST_NEO4J}.")


def test_ports_are_on_loopback_and_those_of_bolt_and_browser(neo4j: dict[str, object]) -> None:
    assert neo4j["ports"] == ["127.0.0.1:7474:7474", "127.0.0.1:7687:7687"]


def test_the_password_comes_from_the_environment_and_must_be_set(neo4j: dict[str, object]) -> None:
    environment = neo4j["environment"]
    assert isinstance(environment, dict)
    username, password = environment["NEO4J_AUTH"].split("/", 1)
    assert username == Connection.model_fields["username"].default
    assert re.fullmatch(r"\$\{NEO4J_PASSWORD:\?.+\}", password)


def test_health_is_a_query_with_the_password_that_the_container_was_given(
    neo4j: dict[str, object],
) -> None:
    health = neo4j["healthcheck"]
    assert isinstance(health, dict)
    kind, command = health["test"]
    assert kind == "CMD-SHELL"
    assert command.startswith("cypher-shell -a bolt://127.0.0.1:7687 -u neo4j")
    assert '-p "$${NEO4J_AUTH#*/}"' in command  # $$: compose leaves the variable to the container
    assert '"RETURN 1"' in command


def test_data_outlives_the_container(neo4j: dict[str, object]) -> None:
    assert neo4j["volumes"] == ["neo4j-data:/data", "neo4j-logs:/logs"]
