"""The examples for schedulers: their syntax, and that the program knows every command in them."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import runpy
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from recommender.cli.app import app

FOLDER = Path(__file__).parents[1] / "examples" / "schedules"
UNITS = sorted(path.name for path in FOLDER.glob("*.[st][ei][rm]*"))
PROGRAMS = {"airflow_dag.py": "airflow", "dagster_job.py": "dagster"}
LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
KEYS = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec", "StartLimitBurst"},
    "Service": {
        *("Type", "User", "WorkingDirectory", "Environment", "EnvironmentFile"),
        *("ExecStart", "ExecStopPost"),
        *("Restart", "RestartSec", "RestartPreventExitStatus", "TimeoutStartSec"),
        *("TimeoutStopSec", "NoNewPrivileges", "PrivateTmp", "ProtectSystem", "ReadWritePaths"),
    },
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Install": {"WantedBy"},
}


def commands(text: str) -> list[list[str]]:
    """The words behind each `kgrec` of a shell's line, up to the end of the command."""
    return [shlex.split(found) for found in re.findall(r"bin/kgrec (?=[a-z])([^;&|\n]*)", text)]


def check(words: list[str]) -> None:
    """Let the program parse a command line without running it."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, f"There is no command {name}."
        command = command.commands[name]
    command.make_context(command.name, list(words))


def crontab() -> list[str]:
    lines = (FOLDER / "crontab").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_each_line_of_the_crontab_is_a_variable_or_five_fields_and_a_command() -> None:
    jobs = [line for line in crontab() if not re.fullmatch(r"[A-Z]+=\S+", line)]
    assert len(jobs) == 3
    for job in jobs:
        *fields, command = job.split(maxsplit=5)
        for field, (least, most) in zip(fields, LIMITS, strict=True):
            for part in field.split(","):
                told = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
                assert told, job
                numbers = [int(number) for number in told.groups()[:2] if number]
                assert all(least <= number <= most for number in numbers), job
                assert numbers == sorted(numbers), job
        assert "%" not in command, "cron would take it for the end of a line"
        done = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_units_are_of_the_form_that_systemd_reads(name: str) -> None:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((FOLDER / name).read_text(encoding="utf-8"))
    for section in unit.sections():
        assert set(unit[section]) <= KEYS[section], section
    if name.endswith(".service"):
        assert shlex.split(unit["Service"]["ExecStart"])[0].startswith("/")
    else:
        assert (FOLDER / name).with_suffix(".service").exists(), "what it starts"


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_to_say_of_the_units(name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", str(FOLDER / name)], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "kgrec" in line]
    unknown = [line for line in ours if "not executable" not in line]  # /srv/shop is not here
    assert not unknown


@pytest.mark.parametrize(
    "name", ["crontab", "kgrec.service", "kgrec-serve.service", "airflow_dag.py"]
)
def test_the_program_knows_the_commands(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    if name == "airflow_dag.py":
        text = "\n".join(re.findall(r'f"\{KGREC\} (.*?)"', text))
        text = re.sub("^", "bin/kgrec ", text, flags=re.MULTILINE)
    text = re.sub("^#.*$", "", text, flags=re.MULTILINE)
    found = commands(text)
    assert found
    for words in found:
        check(words)


def test_a_mistake_in_a_command_would_be_found() -> None:
    for line in ("runn my.yaml", "run my.yaml --quite", "runs prune --kep 7"):
        [words] = commands(f"bin/kgrec {line}")
        with pytest.raises(Exception, match=r"No such|There is no"):
            check(words)


@pytest.mark.parametrize(("name", "library"), PROGRAMS.items())
def test_programs_compile_and_load_where_their_library_is(name: str, library: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    ast.parse(text)
    if importlib.util.find_spec(library):
        assert runpy.run_path(str(FOLDER / name))


def test_dagsters_command_is_known() -> None:
    tree = ast.parse((FOLDER / "dagster_job.py").read_text(encoding="utf-8"))
    [words] = [
        [part.value for part in node.elts[1:] if isinstance(part, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.List)
        and node.elts
        and isinstance(node.elts[0], ast.Name)
        and node.elts[0].id == "KGREC"
    ]
    check([str(word) for word in words])
