"""The statements that a finding takes, and no others."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from .judge import Difference
from .pair import Pair, Ran


def minimise(
    pair: Pair, empty: Callable[[Pair], None], history: list[str], subject: Ran | Difference, tries: int = 150
) -> list[str]:
    """A part of `history` after which the finding is still there: large pieces are left out first, then small ones."""

    def is_shown(statements: list[str]) -> bool:
        empty(pair)
        for statement in statements:
            pair.run(statement)
        if isinstance(subject, Ran):
            return pair.run(subject.sql).outcome is subject.outcome
        verdict = pair.compare()
        if subject.key.kind == "rendered":
            verdict = pair.compare_rendered(sa.MetaData())
        return any(_is_alike(subject, other) for other in verdict.silent)

    kept = list(history)
    size = max(1, len(kept) // 2)
    while tries > 0:
        start = 0
        while start < len(kept) and tries > 0:
            tries -= 1
            shorter = kept[:start] + kept[start + size :]
            if is_shown(shorter):
                kept = shorter
            else:
                start += size
        if size == 1:
            break
        size = max(1, size // 2)
    return kept


def _is_alike(subject: Difference, other: Difference) -> bool:
    """The same texts differ; names may have come out otherwise."""
    return subject.key.kind == other.key.kind and (subject.real == other.real or subject.catalog == other.catalog)
