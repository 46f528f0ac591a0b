"""The concise form: one line each."""

from __future__ import annotations

from pathlib import Path

from migguard.report.concise import render_concise
from tests.report.samples import DIAGNOSTICS

EXPECTED = Path(__file__).parent / "expected"


def test_samples_render_as_stored() -> None:
    assert render_concise(DIAGNOSTICS) == (EXPECTED / "concise.txt").read_text(encoding="utf-8")


def test_each_diagnostic_is_one_line() -> None:
    assert len(render_concise(DIAGNOSTICS).splitlines()) == len(DIAGNOSTICS)


def test_no_diagnostics_render_as_nothing() -> None:
    assert render_concise(()) == ""
