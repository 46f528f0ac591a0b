"""Renders diagnostics one to a line, for editors and `grep`."""

from __future__ import annotations

from collections.abc import Iterable

from migguard.diagnostics import Diagnostic
from migguard.report.escape import escape_controls
from migguard.report.text import render_place


def render_concise(diagnostics: Iterable[Diagnostic]) -> str:
    """`path:14:17: MG101 message` per line; the place is left out where a diagnostic has none."""
    return "".join(f"{_render_one(diagnostic)}\n" for diagnostic in diagnostics)


def _render_one(diagnostic: Diagnostic) -> str:
    place = "" if diagnostic.location is None else f"{render_place(diagnostic.location)}: "
    remarks = []
    if diagnostic.environment is not None:
        remarks.append(f"environment `{escape_controls(diagnostic.environment)}`")
    if diagnostic.waived is not None:
        remarks.append(f"waived: {escape_controls(diagnostic.waived)}")
    remark = f" ({', '.join(remarks)})" if remarks else ""
    return f"{place}{diagnostic.code} {escape_controls(diagnostic.message)}{remark}"
