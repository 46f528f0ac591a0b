"""Runs tables of cases on a pair: a family at a time, one comparison for all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from .cases import Case
from .judge import Difference, Verdict
from .pair import Outcome, Pair, Ran

_FINE = {Outcome.ACCEPTED, Outcome.FLAGGED, Outcome.CATALOG_DOUBTS}


@dataclass
class CaseResult:
    """refused: statements that did not come out as a case's should. flags: what the catalog said it does not know."""

    refused: list[Ran] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def silent(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.flag is None]

    def describe(self) -> str:
        """What is wrong, for an assertion's message."""
        refused = [f"{ran.outcome.value}: {ran.sql}\n  {ran.message}" for ran in self.refused]
        return "\n".join([*refused, *map(str, self.differences), *self.flags])


class FamilyRunner:
    """Families of cases by name; one is run when the first of its cases is asked for."""

    def __init__(self, pair: Pair, empty: Callable[[Pair], None], families: Mapping[str, Mapping[str, Case]]) -> None:
        self._pair = pair
        self._empty = empty
        self._families = families
        self._results: dict[tuple[str, str], CaseResult] = {}

    def result(self, family: str, name: str) -> CaseResult:
        """What came of one case."""
        if (family, name) not in self._results:
            self._run_family(family)
        return self._results[family, name]

    def _run_family(self, family: str) -> None:
        cases = self._families[family]
        together = {name: case for name, case in cases.items() if not case.is_alone}
        self._run_together(family, together)
        for name, case in cases.items():
            if case.is_alone:
                self._run_together(family, {name: case})

    def _run_together(self, family: str, cases: Mapping[str, Case]) -> None:
        self._empty(self._pair)
        prefixes = {name: f"case{number:02}x" for number, name in enumerate(cases)}
        for name, case in cases.items():
            result = self._results[family, name] = CaseResult()
            for statement in case.named(prefixes[name]):
                self._run_statement(result, statement, is_autocommit=case.is_autocommit)
        if not cases:
            return
        verdict = self._pair.compare()
        verdict.add(self._pair.compare_rendered(sa.MetaData()))
        self._attribute(family, prefixes, verdict)

    def _run_statement(self, result: CaseResult, statement: str, *, is_autocommit: bool) -> None:
        ran = self._pair.run(statement, keep_flagged=True, is_autocommit=is_autocommit)
        if ran.outcome not in _FINE:
            result.refused.append(ran)
        if ran.outcome in (Outcome.FLAGGED, Outcome.CATALOG_DOUBTS):
            result.flags.append(f"{ran.sql}: {ran.message}")

    def _attribute(self, family: str, prefixes: Mapping[str, str], verdict: Verdict) -> None:
        for difference in verdict.differences:
            owners = _owners(difference, prefixes)
            for name in owners:
                self._results[family, name].differences.append(difference)
        for flag in self._pair.reading_flags:
            for name, prefix in prefixes.items():
                tables = {table.name for table in flag.tables or ()}
                if len(prefixes) == 1 or any(prefix in table for table in tables) or prefix in flag.text:
                    self._results[family, name].flags.append(f"{flag.kind}: {flag.text}: {flag.printed}")


def _owners(difference: Difference, prefixes: Mapping[str, str]) -> Sequence[str]:
    """The cases whose names stand in a difference; in a list of names, those that only one side has."""
    sides = [str(difference.key) + difference.real, str(difference.key) + difference.catalog]
    only = [name for name, prefix in prefixes.items() if sides[0].count(prefix) != sides[1].count(prefix)]
    named = [name for name, prefix in prefixes.items() if any(prefix in side for side in sides)]
    return only or named or list(prefixes)
