"""Renders the last line of a check: the verdict, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migguard.diagnostics import Diagnostic, Severity, is_cannot_check
from migguard.report.color import paint
from migguard.report.escape import escape_controls


@dataclass(frozen=True)
class Coverage:
    """What was checked. `engines` are those that compared schemas: none where only the graph was looked at.

    `complete` is False where something was left unchecked that no diagnostic tells.
    """

    environments: int
    revisions: int
    engines: tuple[str, ...] = ()
    complete: bool = True


def render_summary(diagnostics: Sequence[Diagnostic], coverage: Coverage, *, color: bool = False) -> str:
    """One line with a newline: counts of what was found, or `clean:` and what that covers.

    Never `clean` where something could not be checked, waived or not.
    """
    if not coverage.environments and not diagnostics:
        return "no Alembic environment: nothing was checked\n"
    complete = coverage.complete and not any(is_cannot_check(diagnostic.code) for diagnostic in diagnostics)
    counted = [diagnostic for diagnostic in diagnostics if diagnostic.waived is None]
    waived = _count(len(diagnostics) - len(counted), "waived", "waived")
    if not counted and complete:
        return f"{paint('clean', 'clean', color=color)}: {', '.join([_describe(coverage), *waived])}\n"
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in counted)
    counts = [*_count(errors, "error"), *_count(len(counted) - errors, "warning"), *waived]
    verdict = ", ".join(counts or ["nothing found"]) + f" in {_describe_affected(counted, coverage)}"
    painted = paint(verdict, "error" if errors else "warning", color=color)
    return painted + ("\n" if complete else "; not everything was checked\n")


def _count(number: int, noun: str, plural: str | None = None) -> list[str]:
    if number == 0:
        return []
    return [f"{number} {noun if number == 1 else plural or noun + 's'}"]


def _describe(coverage: Coverage) -> str:
    engines = ", ".join(map(escape_controls, coverage.engines))
    compared = f"{'engine' if len(coverage.engines) == 1 else 'engines'} {engines}" if engines else "graph only"
    environments = _count(coverage.environments, "environment") or ["0 environments"]
    revisions = _count(coverage.revisions, "revision") or ["0 revisions"]
    return ", ".join([*environments, *revisions, compared])


def _describe_affected(counted: Sequence[Diagnostic], coverage: Coverage) -> str:
    total = _count(coverage.environments, "environment") or ["0 environments"]
    affected = len({diagnostic.environment for diagnostic in counted})
    if 0 < affected < coverage.environments:
        return f"{affected} of {total[0]}"
    return total[0]
