"""The command line: one file per command, and this entry point that turns errors into messages.

This module must load on any Python 3, so that an interpreter that is too old is told so.
"""

import gc
import os
import sys

OLDEST = (3, 11)


def main(arguments: "list[str] | None" = None) -> None:
    """Run `kgrec` with `arguments` (default: the process's) and leave with its exit code."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.stderr.write(
            "kgrec needs Python 3.11 or newer; %s is Python %s.\n"  # noqa: UP031
            "Make an environment with a newer one: python3.12 -m venv .venv\n"
            % (sys.executable, found)
        )
        sys.exit(2)
    # OpenMP's threads otherwise spin for one another; beside another busy process that made
    # training several times slower than with one thread. To be set before torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Libraries make hundreds of thousands of objects that stay; to look for cycles among them after
    # every 700 new ones takes a sixth of the program's start.
    gc.set_threshold(50_000)
    from recommender.cli.app import run_app

    code = run_app(sys.argv[1:] if arguments is None else list(arguments))
    gc.freeze()  # nor when the program ends
    sys.exit(code)
