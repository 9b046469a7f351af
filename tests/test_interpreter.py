"""An interpreter that cannot work is refused at once, with a sentence that says what to do."""

import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[1] / "tools" / "check_python.py"


def test_this_interpreter_is_accepted():
    done = subprocess.run([sys.executable, CHECK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_old_interpreter_is_refused_with_what_to_do():
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 2);"
        f"sys.argv = ['check']; runpy.run_path({str(CHECK)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "3.9.2" in done.stderr
    assert "PYTHON=" in done.stderr
