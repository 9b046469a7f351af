"""A command line in a process of its own, which tells what heavy libraries it has loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
HEAVY: Final = frozenset(
    {
        *("torch", "torch_geometric", "transformers", "spacy", "gensim"),
        *("scipy", "sklearn", "rdflib"),
    }
)
_PROGRAM: Final = """\
import json, sys
from recommender.cli.app import run_app
code = run_app(sys.argv[1:])
sys.stdout.flush()
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@dataclass(frozen=True)
class Done:
    """How it ended."""

    code: int
    heavy: frozenset[str]
    out: str


def run_program(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program that can import this project."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def run_alone(*arguments: str) -> Done:
    """Run `kgrec` with these arguments."""
    done = run_program(_PROGRAM, *arguments)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return Done(code, HEAVY.intersection(modules), done.stdout)
