"""Mutated models and random migrations against a real PostgreSQL and the catalog; part of `postgresql_fuzz`."""

from __future__ import annotations

from dataclasses import dataclass, field

from migguard.worker.engines.catalog.flags import READ, STEER

from .judge import Verdict
from .pair import Pair
from .postgresql_migrations import Migration
from .postgresql_models import make_models
from .postgresql_pair import empty


@dataclass
class Tally:
    """What came of one kind of campaign. faults: where the catalog alone raised, as text."""

    identical: int = 0
    flagged: int = 0
    silent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unflagged_identical: int = 0

    @property
    def total(self) -> int:
        return self.identical + self.flagged + len(self.silent)

    def note(self, verdict: Verdict, title: str, *, has_flags: bool) -> None:
        if verdict.silent:
            self.silent.append(f"{title}\n" + "\n".join(map(str, verdict.silent[:4])))
        elif verdict.differences:
            self.flagged += 1
        else:
            self.identical += 1
            self.unflagged_identical += not has_flags

    def describe(self, what: str) -> str:
        exact = f"{self.identical} identical ({self.unflagged_identical} without any flag)"
        wrong = f"{len(self.silent)} silent, {len(self.faults)} where the catalog alone raised"
        return f"{what}: {exact}, {self.flagged} different and flagged, {wrong}"


def fuzz_models(pair: Pair, seed: int, mutations: int, tally: Tally) -> None:
    """Tables from models on both sides; then what Alembic writes for several changed forms of these models."""
    empty(pair)
    called = pair.call(lambda connection: make_models(seed).create_all(connection))
    if called.is_fault:
        tally.faults.append(f"models {seed}: {called.catalog}")
    if called.real or called.catalog:
        return
    tally.note(pair.compare(), f"models {seed}", has_flags=bool(pair.reading_flags))
    for number in range(mutations):
        changes = 1 + number % 6
        verdict = pair.compare_rendered(make_models(seed, changes, number), make_models(seed, changes, number))
        tally.note(verdict, f"models {seed}, {changes} changes, {number}", has_flags=bool(pair.reading_flags))


def fuzz_migrations(pair: Pair, seed: int, revisions: int, tally: Tally) -> None:
    """A history of random migrations on both sides, compared after each."""
    empty(pair)
    for number in range(revisions):
        title = f"migration {seed}-{number}"
        called = pair.call(lambda connection, n=number: Migration(connection, f"{seed}-{n}", n).run())  # type: ignore[misc]
        if called.is_fault:
            tally.faults.append(f"{title}: {type(called.catalog).__name__}: {called.catalog}")
        if called.real or called.catalog:
            continue
        verdict = pair.compare()
        if verdict.silent and any(flag.kind in (READ, STEER) for flag in called.flags):
            # from there on the migration may have gone another way, whatever it did then
            tally.flagged += 1
            return
        tally.note(verdict, title, has_flags=bool(called.flags))
        if verdict.differences:
            return
