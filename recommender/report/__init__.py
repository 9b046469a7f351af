"""The report of a run: one self-contained page made from the run's folder alone."""

from __future__ import annotations

from recommender.report.page import write_report

__all__ = ["write_report"]
