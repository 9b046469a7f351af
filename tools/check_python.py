"""Refuse an interpreter that cannot work, before anything is installed.

Runs on any Python, also on version 2: no modern syntax in here.
"""

import sys

OLDEST = (3, 11)


def problem():
    """Return what is wrong with this interpreter, or an empty string."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in OLDEST)
    if sys.version_info[:2] < OLDEST:
        return (
            "kgrec needs Python %s or newer; %s is Python %s.\n"
            "Name another one: make demo PYTHON=python3.12" % (wanted, sys.executable, found)
        )
    if sys.maxsize <= 2**32:
        return "kgrec needs a 64-bit Python; %s is a 32-bit build." % sys.executable
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            "%s cannot make virtual environments: its venv module is missing.\n"
            "On Debian or Ubuntu: apt install python3-venv" % sys.executable
        )
    return ""


if __name__ == "__main__":
    message = problem()
    if message:
        sys.stderr.write(message + "\n")
        sys.exit(2)
