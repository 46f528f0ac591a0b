"""The statements that a finding takes, and no others."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import sqlalchemy as sa

from .judge import Difference
from .pair import Outcome, Pair, Ran

_WORD = re.compile(r'"[^"]+"|\w+')
_SECONDS = 20.0


def minimise(pair: Pair, empty: Callable[[Pair], None], history: list[str], subject: Ran | Difference) -> list[str]:
    """A part of `history` after which the finding is still there: what names its objects, then ever less of it."""
    deadline = time.monotonic() + _SECONDS

    def is_shown(statements: list[str]) -> bool:
        return time.monotonic() < deadline and _is_shown(pair, empty, statements, subject)

    kept = list(history)
    for depth in (1, 2, 4):
        part = _related(history, _subject_text(subject), depth)
        if is_shown(part):
            kept = part
            break
    size = max(1, len(kept) // 2)
    while True:
        start = 0
        while start < len(kept):
            shorter = kept[:start] + kept[start + size :]
            if is_shown(shorter):
                kept = shorter
            else:
                start += size
        if size == 1 or time.monotonic() > deadline:
            return kept
        size = max(1, size // 2)


def _is_shown(pair: Pair, empty: Callable[[Pair], None], statements: list[str], subject: Ran | Difference) -> bool:
    empty(pair)
    for statement in statements:
        if pair.run(statement).outcome not in (Outcome.ACCEPTED, Outcome.REJECTED):
            return False
    if isinstance(subject, Ran):
        return pair.run(subject.sql).outcome is subject.outcome
    verdict = pair.compare()
    if subject.key.kind == "rendered":
        verdict = pair.compare_rendered(sa.MetaData())
    return any(_is_alike(subject, other) for other in verdict.silent)


def _subject_text(subject: Ran | Difference) -> str:
    if isinstance(subject, Ran):
        return subject.sql
    return f"{subject.key.relation} {subject.key.name} {subject.real} {subject.catalog}"


def _words(text: str) -> set[str]:
    """Names that the generators make: they have a number in them."""
    return {word.strip('"').lower()[:63] for word in _WORD.findall(text) if any(char.isdigit() for char in word)}


def _related(history: list[str], text: str, depth: int) -> list[str]:
    """The statements that name what the text names, or what these name, and so on."""
    names = _words(text)
    for _ in range(depth):
        names |= {name for statement in history if names & _words(statement) for name in _words(statement)}
    return [statement for statement in history if names & _words(statement) or statement.startswith("SET ")]


def _is_alike(subject: Difference, other: Difference) -> bool:
    """The same texts differ; names may have come out otherwise."""
    return subject.key.kind == other.key.kind and (subject.real == other.real or subject.catalog == other.catalog)
