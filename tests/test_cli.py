"""The command line: answers, messages and exit codes, without a graph server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from light_process import run_alone

from recommender.cli.app import run_app
from recommender.run_folder import Runs

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("NEO4J_URI", "NEO4J_PASSWORD", "KGREC_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


COMMANDS = [
    *(
        "run",
        "etl",
        "train",
        "evaluate",
        "publish",
        "rollback",
        "tune",
        "new-users",
        "faithfulness",
        "init",
        "recommend",
        "explain",
        "query",
    ),
    *(
        "queries",
        "interests",
        "segments",
        "serve",
        "trends",
        "schema",
        "doctor",
        "config schema",
        "config check",
        "graph start",
        "graph stop",
    ),
    *(
        "export split",
        "graph status",
        "graph clear",
        "runs path",
        "runs list",
        "runs show",
        "runs compare",
        "runs prune",
    ),
    *("rdf export", "rdf import", "rdf link", "rdf vocabulary", "rdf shapes"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    assert run_app([*command.split(), "--help"]) == 0
    assert f"kgrec {command}" in capsys.readouterr().out


SAMPLE = ROOT / "recommender" / "sample" / "config.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["queries"],
        ["config", "check", str(SAMPLE)],
        ["init", str(SAMPLE.parent / "data" / "users.csv.gz")],
        ["runs", "list"],
        ["doctor"],
    ],
)
def test_looking_loads_none_of_the_heavy_libraries(arguments):
    done = run_alone(*arguments)
    assert done.code == 0
    assert done.heavy == set()


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "recommender", "--help"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0
    assert "kgrec run --sample" in done.stdout


def test_an_old_interpreter_is_refused_at_once():
    program = (
        "import sys; import recommender.cli;"
        "sys.version_info = (3, 9, 2, 'final', 0); recommender.cli.main(['--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "3.9.2" in done.stderr


def test_an_unknown_command_suggests_a_near_one(capsys):
    assert run_app(["recomend"]) == 2
    assert "recommend" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "neither a config nor --sample"),
        (["run", "my.yaml", "--sample"], "both a config and --sample"),
        (["run", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["etl", "my.yaml", "--force-data"], "No such option: --force-data"),
        (["runs", "path"], "no run 'latest'"),
        (["query", "recommend/nothing"], "no query 'recommend/nothing'"),
        (["query", "write/clear_nodes"], "only reads"),
        (["recommend", "ann"], "Which dataset?"),
        (["recommend"], "neither a user nor --likes"),
        (["recommend", "ann", "--likes", "lamp"], "both a user and --likes"),
        (["recommend", "--likes", "lamp"], "No run in runs has a published model"),
    ],
)
def test_mistakes_leave_with_2_a_message_and_no_traceback(arguments, message, capsys):
    assert run_app(arguments) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_verbose_adds_the_traceback(capsys):
    assert run_app(["run", "nowhere.yaml", "--verbose"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_config_without_its_data_says_what_to_get(tmp_path, capsys):
    (tmp_path / "my.yaml").write_text(
        "name: reviews\nhint: Get the reviews from the library.\n"
        "sources:\n  - type: delimited\n    path: ${KGREC_DATA}/reviews.csv\n"
        "    columns: {user: user, item: item}\n",
        encoding="utf-8",
    )
    assert run_app(["config", "check", "my.yaml"]) == 2
    said = capsys.readouterr().err
    assert "KGREC_DATA" in said
    assert "from the library" in said


def test_config_check_prints_the_config_in_full_and_takes_overrides(tmp_path, capsys):
    (tmp_path / "my.yaml").write_text(
        "name: reviews\nsources:\n  - type: delimited\n    path: reviews.csv\n"
        "    columns: {user: user, item: item}\n",
        encoding="utf-8",
    )
    assert run_app(["config", "check", "my.yaml", "--set", "split.test=0.25"]) == 0
    out = capsys.readouterr().out
    assert "test: 0.25" in out
    assert str(tmp_path / "reviews.csv") in out


def test_the_config_schema_explains_every_key(capsys):
    assert run_app(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"name", "sources", "split", "read"} <= schema["properties"].keys()
    unexplained = [
        f"{title}.{key}"
        for title, section in [("config", schema), *schema["$defs"].items()]
        for key, value in section.get("properties", {}).items()
        if "description" not in value
    ]
    assert unexplained == []


def test_schema_names_every_label(capsys):
    assert run_app(["schema"]) == 0
    table = capsys.readouterr().out
    assert all(label in table for label in (":User", ":Item", ":RECOMMENDED", ":MENTIONS"))
    assert run_app(["schema", "--format", "json"]) == 0
    assert {"nodes", "relationships"} == json.loads(capsys.readouterr().out).keys()


def test_graph_status_and_stop_without_a_server(capsys):
    assert run_app(["graph", "status"]) == 0
    assert "not running" in capsys.readouterr().out
    assert run_app(["graph", "stop"]) == 0
    assert "No embedded graph was running" in capsys.readouterr().out


def test_a_server_without_its_password_is_asked_for(monkeypatch, capsys):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    assert run_app(["graph", "status"]) == 2
    assert "NEO4J_PASSWORD is not set" in capsys.readouterr().err


def test_a_server_that_does_not_answer_leaves_with_3(monkeypatch, capsys):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "hunter-two-two")
    assert run_app(["graph", "status"]) == 3
    said = capsys.readouterr()
    assert "does not answer" in said.err
    assert "hunter-two-two" not in said.err + said.out


def test_doctor_shows_the_stages_and_what_is_unmet(capsys):
    assert run_app(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "source tables" in out
    assert "the latest run (none)" in " ".join(out.split())


def test_doctor_leaves_with_1_where_no_run_can_work(monkeypatch, capsys):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "secret")
    assert run_app(["doctor"]) == 1
    assert "does not answer" in capsys.readouterr().out


def test_locks_tell_who_holds_them(tmp_path, capsys):
    (tmp_path / "my.yaml").write_text(
        "name: reviews\nsources:\n  - type: delimited\n    path: reviews.csv\n"
        "    columns: {user: user, item: item}\n",
        encoding="utf-8",
    )
    program = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from recommender.locks import exclusive\n"
        "now = datetime.now(UTC)\n"
        "with exclusive(Path('runs/.lock'), what='it', now=now):\n"
        "    print(now.isoformat(timespec='seconds'), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert holder.stdout is not None
        since = holder.stdout.readline().strip()
        assert run_app(["run", "my.yaml"]) == 5
        said = capsys.readouterr().err
        assert f"process {holder.pid}, started {since}" in said
    finally:
        holder.kill()
        holder.communicate()
    # A killed holder leaves no lock: now it is the file that is missed.
    assert run_app(["run", "my.yaml"]) == 2
    assert "reviews.csv" in capsys.readouterr().err


FOUR_ROWS = """\
name: village
sources:
  - {type: delimited, path: acts.csv, columns: {user: user, item: item}}
"""


def test_too_little_data_to_learn_from_is_refused_before_the_graph_is_touched(tmp_path, capsys):
    acts = "user,item\nann,tea\nann,rye\nbob,tea\ncid,rye\n"
    (tmp_path / "acts.csv").write_text(acts, encoding="utf-8")
    (tmp_path / "village.yaml").write_text(FOUR_ROWS, encoding="utf-8")
    assert run_app(["run", "village.yaml", "--quiet"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "too little to learn from: 4 pairs" in said
    assert "kgrec etl" in said
    (run,) = Runs(tmp_path / "runs")
    assert {name: stage.status for name, stage in run.record().stages.items()} == {
        "read": "done",
        "split": "failed",
    }
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["locks"]
