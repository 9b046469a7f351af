"""The bundled sample: a small made-up shop whose tastes, aspects and sentiments are known."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
CONFIG = FOLDER / "config.yaml"
DATA = FOLDER / "data"
