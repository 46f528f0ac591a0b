"""The last line of a check."""

from __future__ import annotations

from collections.abc import Sequence

import click
import pytest

from migguard.diagnostics import Diagnostic, Severity
from migguard.report.summary import Coverage, render_summary

ERROR = Diagnostic("MG101", "2 heads")
WARNING = Diagnostic("MG302", "staged in part", severity=Severity.WARNING)
WAIVED = Diagnostic("MG202", "kept", waived="on purpose")
UNCHECKED = Diagnostic("MG001", "env.py cannot be loaded", severity=Severity.WARNING)
ONE = Coverage(1, 7, ("sqlite",))
TWO = Coverage(2, 14, ("sqlite",))


def _in(environment: str) -> Diagnostic:
    return Diagnostic("MG101", "2 heads", environment=environment)


@pytest.mark.parametrize(
    ("diagnostics", "coverage", "line"),
    [
        pytest.param([ERROR, WARNING, ERROR], ONE, "2 errors, 1 warning in 1 environment", id="errors and warnings"),
        pytest.param([WARNING], ONE, "1 warning in 1 environment", id="only warnings"),
        pytest.param([_in("a")], TWO, "1 error in 1 of 2 environments", id="one of two environments"),
        pytest.param([_in("a"), _in("b")], TWO, "2 errors in 2 environments", id="both environments"),
        pytest.param([ERROR, WAIVED], ONE, "1 error, 1 waived in 1 environment", id="waived ones are counted apart"),
        pytest.param([], TWO, "clean: 2 environments, 14 revisions, engine sqlite", id="clean"),
        pytest.param([], Coverage(1, 1), "clean: 1 environment, 1 revision, graph only", id="clean graph"),
        pytest.param([], Coverage(1, 0), "clean: 1 environment, 0 revisions, graph only", id="no revisions"),
        pytest.param(
            [],
            Coverage(2, 5, ("catalog", "sqlite")),
            "clean: 2 environments, 5 revisions, engines catalog, sqlite",
            id="two engines",
        ),
        pytest.param([WAIVED], ONE, "clean: 1 environment, 7 revisions, engine sqlite, 1 waived", id="all waived"),
        pytest.param([], Coverage(0, 0), "no Alembic environment: nothing was checked", id="nothing to check"),
        pytest.param(
            [UNCHECKED], ONE, "1 warning in 1 environment; not everything was checked", id="could not check, allowed"
        ),
        pytest.param(
            [],
            Coverage(1, 7, complete=False),
            "nothing found in 1 environment; not everything was checked",
            id="incomplete without a finding",
        ),
        pytest.param(
            [Diagnostic("MG002", "a dialect", waived="no driver here")],
            ONE,
            "1 waived in 1 environment; not everything was checked",
            id="could not check, waived, is not clean",
        ),
    ],
)
def test_summary_says_what_was_found_and_where(
    diagnostics: Sequence[Diagnostic], coverage: Coverage, line: str
) -> None:
    assert render_summary(diagnostics, coverage) == line + "\n"
    assert click.unstyle(render_summary(diagnostics, coverage, color=True)) == line + "\n"
