"""What `kgrec doctor` finds on each server and on poor machines, and that it changes nothing."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from server_environment import point_at

from kg.errors import GraphError
from kg.store import Store
from recommender import doctor
from recommender.cli.app import run_app
from recommender.doctor import GIB, checks
from recommender.environment import Environment

ROOT = Path(__file__).parents[1]


def states(folder: Path, config: Path | None = None) -> dict[str, str]:
    return {each.check: each.state for each in checks(Environment.read(), folder, config)}


def said(folder: Path, what: str, config: Path | None = None) -> doctor.Check:
    found = list(checks(Environment.read(), folder, config))
    return next(each for each in found if each.check == what)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a graph server, in its own folder."""
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_server_that_is_well_is_told_line_by_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    point_at(store, tmp_path, monkeypatch)
    before = store.run_text("MATCH (n) RETURN count(n) AS nodes")
    assert run_app(["doctor", "--json"]) == 0
    found = {each["check"]: each for each in json.loads(capsys.readouterr().out)["checks"]}
    for name in ("Python", "packages", "graph", "rights", "constraints", "indexes"):
        assert (found[name]["state"], found[name]["remedy"]) == ("ok", ""), found[name]
    assert store.capabilities.version in found["graph"]["said"]
    assert store.run_text("MATCH (n) RETURN count(n) AS nodes") == before


def test_a_graph_without_the_newest_schema_is_a_warning(
    server: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(server, tmp_path, monkeypatch)
    monkeypatch.setattr(doctor, "pending_migrations", lambda _store: ["V001__unique_keys"])
    monkeypatch.setattr(doctor, "unready_indexes", lambda _store: ["item_words (POPULATING)"])
    assert said(tmp_path, "constraints").state == "warn"
    assert "V001__unique_keys" in said(tmp_path, "constraints").said
    assert "item_words (POPULATING)" in said(tmp_path, "indexes").said


def test_who_may_not_write_is_told_so(
    server: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(server, tmp_path, monkeypatch)

    def refused(_store: Store) -> None:
        raise GraphError("The server does not allow writing.")

    monkeypatch.setattr(doctor, "require_writing", refused)
    found = said(tmp_path, "rights")
    assert (found.state, found.remedy) == ("fail", "Sign in as somebody else.")


def test_an_embedded_graph_that_sleeps_is_not_woken(here: Path) -> None:
    assert "starts when needed" in said(here, "graph").said
    assert "rights" not in states(here)


@pytest.mark.parametrize(
    ("free", "state"), [(9 * GIB, "ok"), (2 * GIB, "warn"), (GIB // 4, "fail")]
)
def test_little_room_is_a_warning_and_none_a_failure(
    here: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    found = states(here)
    assert [found[name] for name in ("disk of runs", "disk of graph", "memory")] == [state] * 3
    assert bool(said(here, "memory").remedy) is (state != "ok")


def test_every_extra_is_looked_for_but_those_of_developers_and_the_encoder() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {*doctor.EXTRAS, "dev", "minilm"} == set(project["optional-dependencies"])


def test_a_package_of_the_wrong_version_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["numpy>=99", "no-such-thing>=1", "psutil", 'optuna>=99; extra == "tune"']
    monkeypatch.setattr(doctor, "requires", lambda _package: wanted)
    found = said(here, "packages")
    assert found.state == "fail"
    assert "numpy is " in found.said
    assert "no-such-thing is missing, wanted >=1" in found.said
    assert "psutil" not in found.said
    assert "optuna" not in found.said, "nobody asked for that extra"


@pytest.mark.parametrize(
    ("torch", "state"), [("2.13.0+cpu", "warn"), ("2.13.0+cu130", "ok"), ("2.13.0", "ok")]
)
def test_a_gpu_wants_a_torch_that_can_use_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, torch: str, state: str
) -> None:
    tool = here / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771 MiB'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(here), prepend=":")
    monkeypatch.setattr(doctor, "_version", lambda _package: torch)
    found = said(here, "GPU")
    assert found.state == state
    assert "H200" in found.said
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert "nvidia-smi fails" in said(here, "GPU").said


def test_a_config_is_looked_at_with_its_files(here: Path) -> None:
    config = here / "my.yaml"
    config.write_text(
        "name: shop\nsources: [{type: delimited, path: a.csv, columns: {user: u, item: i}}]\n"
    )
    assert "a.csv does not exist" in said(here, "config", config).said
    (here / "a.csv").write_text("u,i\nada,lamp\n")
    assert said(here, "config", config).said.startswith("shop: 1 files")
    assert run_app(["doctor", str(here / "absent.yaml")]) == 1
