"""The wheel is the product: built, installed into an environment of its own, it runs the main job.

Nothing of the checkout is on the path there, and of other packages only those that the wheel asks
for, or that these ask for: links to the installed ones, as torch alone takes minutes to unpack. So
a query file or a sample that is missing from the wheel, or a dependency that is missing from
pyproject, shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
QUICK = ("text.topics.count=2", "text.topics.passes=1", "model.hetero_gat.steps=20")


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=1200
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_query_file_and_the_sample(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    queries = {str(path.relative_to(ROOT)) for path in (ROOT / "cypher").rglob("*.cypher")}
    sample = {
        str(path.relative_to(ROOT)) for path in (ROOT / "recommender/sample").rglob("*.gz")
    } | {"recommender/sample/config.yaml"}
    assert queries
    assert queries <= packed
    assert sample <= packed


def asked_for(
    requirements: Iterable[str], extras: Iterable[str], found: dict[str, Distribution]
) -> dict[str, Distribution]:
    """Add the installed packages that these requirements ask for, and all that those ask for."""
    for requirement in map(Requirement, requirements):
        marker, name = requirement.marker, f"{requirement.name.lower()} {requirement.extras}"
        if name in found or (
            marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *extras))
        ):
            continue
        found[name] = distribution(requirement.name)
        asked_for(found[name].requires or (), requirement.extras, found)
    return found


def link(package: Distribution, site: Path) -> None:
    """Put the files of an installed package into another environment."""
    for top in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        if not (site / top).exists():
            (site / top).symlink_to(str(package.locate_file(top)))


@pytest.mark.slow
@pytest.mark.graph
@pytest.mark.timeout(1500)
def test_an_environment_of_its_own_runs_the_sample(wheel: Path, tmp_path: Path):
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("NEO4J_", "KGREC_", "PYTHON"))
    }
    environment["KGREC_HOME"] = str(tmp_path / "home")
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    pip = (sys.executable, "-m", "pip", "--python", binaries / "python")
    run(*pip, "install", "--quiet", "--no-deps", wheel, cwd=tmp_path, env=environment)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (kgrec,) = distributions(name="kgrec", path=[str(site)])
    for package in asked_for(kgrec.requires or (), ["minilm"], {}).values():
        link(package, site)
    run(*pip, "check", cwd=tmp_path, env=environment)
    changes = [word for change in QUICK for word in ("--set", change)]
    try:
        printed = run(
            binaries / "kgrec", "run", "--sample", *changes, cwd=tmp_path, env=environment
        )
    finally:
        run(binaries / "kgrec", "graph", "stop", cwd=tmp_path, env=environment)
    assert "hetero-gat" in printed
    assert next((tmp_path / "runs").glob("*/report.html")).stat().st_size > 10_000
