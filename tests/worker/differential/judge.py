"""Identical, flagged, or a silent difference: the three answers, for facts of the Inspector and for rendered text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from migguard.worker.engines.catalog.flags import COMPARISON, INEXACT, OPAQUE, READ, STEER, Flag

from .snapshot import Key, Snapshot

_MISSING = "-"
#: Facts that are lists of relations.
_LISTS = frozenset({"tables", "views", "materialized_views", "sequences", "temp_tables"})


@dataclass(frozen=True)
class Difference:
    """One fact on which the two disagree. flag: what covers it; None makes it a silent difference."""

    key: Key
    real: str
    catalog: str
    flag: Flag | None = None

    def __str__(self) -> str:
        where = ".".join(part for part in (self.key.schema, self.key.relation) if part)
        covered = f"  flagged {self.flag.kind}: {self.flag.text}\n" if self.flag else ""
        return f"{where} {self.key.kind} {self.key.name}\n  real    {self.real}\n  catalog {self.catalog}\n{covered}"


@dataclass
class Verdict:
    """What one comparison came to. overflagged: facts that are identical although a flag covers them."""

    identical: int = 0
    overflagged: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def silent(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.flag is None]

    @property
    def flagged(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.flag is not None]

    def add(self, other: Verdict) -> None:
        """Sum up: the differences are kept one after another."""
        self.identical += other.identical
        self.overflagged += other.overflagged
        self.differences += other.differences


def compare_snapshots(real: Snapshot, catalog: Snapshot, flags: Sequence[Flag]) -> Verdict:
    """Hold the catalog's answers against the server's."""
    verdict = Verdict()
    for key in sorted({*real, *catalog}):
        expected, given = real.get(key, _MISSING), catalog.get(key, _MISSING)
        if expected == given:
            verdict.identical += 1
            verdict.overflagged += _covering_text(given, flags) is not None
        else:
            verdict.differences.append(Difference(key, expected, given, covering_flag(key, given, flags, expected)))
    return verdict


def compare_rendered(real: Sequence[str], catalog: Sequence[str], flags: Sequence[Flag]) -> Verdict:
    """Hold the statements rendered from the catalog against those rendered from the server."""
    verdict = Verdict(identical=sum((Counter(real) & Counter(catalog)).values()))
    # a comparison of defaults that the server refuses ends all of Alembic's comparison there
    has_raised = real != catalog and any(statement.startswith("raised ") for statement in real)
    unknown = next((flag for flag in flags if flag.kind in (COMPARISON, OPAQUE)), None) if has_raised else None
    only_real, only_catalog = Counter(real) - Counter(catalog), Counter(catalog) - Counter(real)
    for statement in [*only_real.elements(), *only_catalog.elements()]:
        is_real = statement in only_real
        flag = unknown or covering_statement(statement, only_catalog, flags)
        texts = (statement, _MISSING) if is_real else (_MISSING, statement)
        verdict.differences.append(Difference(Key("", "", "rendered"), *texts, flag))
    return verdict


def covering_flag(key: Key, given: str, flags: Sequence[Flag], expected: str = _MISSING) -> Flag | None:
    """The flag that makes a wrong answer about `key` an honest one."""
    if key.kind in _LISTS:
        return _covering_names(given, flags, expected)
    subject = key.name if key.kind == "domains" else key.relation
    for flag in flags:
        if flag.kind in (OPAQUE, READ, STEER) and (flag.tables is None or _names(flag, subject)):
            return flag
    return _covering_text(given, [flag for flag in flags if _names(flag, subject) or _is_of_domain(flag, given)])


def covering_statement(statement: str, only_catalog: Iterable[str], flags: Sequence[Flag]) -> Flag | None:
    """The flag behind a rendered statement that differs: one about a table that the statement names."""
    for flag in flags:
        tables = {table.name for table in flag.tables or ()}
        if flag.tables is not None and not any(repr(name)[1:-1] in statement for name in tables):
            continue
        if flag.kind in (OPAQUE, READ, STEER, COMPARISON):
            return flag
        if flag.kind == INEXACT and any(_is_printed(flag, other) for other in (statement, *only_catalog)):
            return flag
    return None


def _is_of_domain(flag: Flag, given: str) -> bool:
    """What is said of a column's domain is said of the column."""
    return any(f"DOMAIN('{one.name}'" in given for one in flag.tables or ())


def _covering_names(given: str, flags: Sequence[Flag], expected: str) -> Flag | None:
    """The flags must name every relation that only one of two lists has."""
    sides = [set(json.loads(side)) if side != _MISSING else set() for side in (given, expected)]
    rough = [flag for flag in flags if flag.kind in (OPAQUE, READ, STEER)]
    wide = next((flag for flag in rough if flag.tables is None), None)
    named = {table.name: flag for flag in rough for table in flag.tables or ()}
    apart = sides[0] ^ sides[1]
    return wide or (next((named[name] for name in apart), None) if apart <= named.keys() else None)


def _names(flag: Flag, relation: str) -> bool:
    return flag.tables is None or any(table.name == relation for table in flag.tables)


def _covering_text(given: str, flags: Sequence[Flag]) -> Flag | None:
    return next((flag for flag in flags if flag.kind == INEXACT and _is_printed(flag, given)), None)


def _is_printed(flag: Flag, text: str) -> bool:
    """Whether the inexact text stands in an answer, in whichever way that answer escapes it."""
    if not flag.printed:
        return False
    printed = flag.printed
    escaped = json.dumps(printed, ensure_ascii=False)[1:-1]
    python = repr(printed)[1:-1]
    doubled = printed.replace("'", "\\'")
    return any(form in text for form in (printed, escaped, python, doubled))
