"""Cases of DDL features: statements that run on both sides, and what is to come of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"@([a-z]\w*)")


@dataclass(frozen=True)
class Case:
    """`@name` in a statement becomes a name that belongs to the case alone.

    is_flagged: the catalog does not follow one of the statements, or not exactly, and says so. may_be_flagged: or it
    answers as the server; both will do. is_alone: it sets what
    belongs to the connection, so that the comparison is made for it alone. is_autocommit: outside transactions.
    """

    statements: tuple[str, ...]
    is_flagged: bool = False
    may_be_flagged: bool = False
    is_alone: bool = False
    is_autocommit: bool = False

    def named(self, prefix: str) -> tuple[str, ...]:
        """The statements with the case's own names."""
        return tuple(_NAME.sub(rf"{prefix}_\1", statement) for statement in self.statements)


def same(*statements: str) -> Case:
    """The catalog answers as the server."""
    return Case(statements)


def flagged(*statements: str) -> Case:
    """The catalog says that it cannot tell."""
    return Case(statements, is_flagged=True)


def either(*statements: str) -> Case:
    """The catalog answers as the server, or says that it cannot tell."""
    return Case(statements, may_be_flagged=True)


def alone(*statements: str) -> Case:
    """As `same`, in a database that has nothing else."""
    return Case(statements, is_alone=True)


def autocommitted(*statements: str) -> Case:
    """As `same`, each statement outside a transaction."""
    return Case(statements, is_autocommit=True)
