"""What every dialect's catalog offers to the connection layer: one database, its schema only, no rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .flags import FlagLog, TableName
from .scanner import Cursor


@dataclass(frozen=True)
class Change:
    """A change of the schema. verb: created, altered, dropped; kind: table, index, view, sequence, type, schema."""

    verb: str
    kind: str
    schema: str
    name: str


@dataclass(frozen=True)
class Leftover:
    """A statement that is not DDL. verb: its first word in lower case (select, insert, with, call, copy, …)."""

    verb: str
    text: str


class Database(ABC):
    """One database of a dialect, schema only.

    `flags` and `changes` belong to the run and not to the schema: they are left out of a pickle, and whoever loads
    one calls `attach`. Nobody outside keeps references to objects of the catalog across statements: a rollback puts
    another `Database` in its place.
    """

    #: Whether DDL takes part in transactions (PostgreSQL), or commits (MySQL).
    is_transactional: bool = True

    def __init__(self, flags: FlagLog, version: tuple[int, ...]) -> None:
        self.flags = flags
        self.version = version
        #: Appended by the interpreter, drained by the session after each statement.
        self.changes: list[Change] = []

    @abstractmethod
    def run(self, sql: str) -> list[Leftover]:
        """Apply every DDL statement of the text in order, and return those that are no DDL.

        It need not be atomic: the session restores the state from before by its journal. The session has split the
        text with `split` and kept transaction control and data statements for itself, so that this is one statement
        as a rule. Raises NotUnderstood and Rejected.
        """

    @abstractmethod
    def split(self, sql: str) -> Sequence[Cursor]:
        """The statements of a text by the dialect's lexical rules, a cursor each; empty ones left out."""

    @abstractmethod
    def relation_names(self) -> set[TableName]:
        """All tables and views, for scoping flags."""

    @abstractmethod
    def find_table(self, schema: Optional[str], name: str) -> Optional[TableName]:
        """The table or view that a name means now (search_path, default database), or None. Names are as stored."""

    @abstractmethod
    def mentioned_tables(self, sql: str) -> Optional[frozenset[TableName]]:
        """The tables that a statement which is not followed may create or change, for scoping its flag.

        Relations that are there among the identifiers and in the words of the string literals, and names that the
        statement may create or rename to, whether or not they are there. An index stands for its table; a type, a
        sequence, a function, a schema, an extension for every table that depends on it, where the statement is about
        it. None where that cannot be told: the statement may build names at run time (EXECUTE, a function call in DO,
        …). The verdict lets a flag pass only where every one of these tables is dropped later, or is not compared.
        """

    def sources_of(self, table: TableName) -> Optional[frozenset[TableName]]:
        """The tables whose rows reading this one may show: itself, its partitions and children; None where unknown
        (a view)."""
        return frozenset([table])

    def written_with(self, table: TableName) -> Optional[frozenset[TableName]]:
        """The tables that writing this one may write: itself, its partitions; None: any (it has triggers or rules)."""
        return frozenset([table])

    def leave_connection(self) -> Any:
        """Take out what belongs to one connection only (search_path, temporary tables), for `enter_connection`."""
        return None

    def enter_connection(self, state: Any) -> None:  # noqa: B027
        """Put back what `leave_connection` gave; None for a connection that is new."""

    def end_transaction(self) -> None:  # noqa: B027
        """The connection's transaction was committed: SET LOCAL ends, tables ON COMMIT DROP go."""

    @property
    def awaits_end(self) -> bool:
        """Would `end_transaction` change something now? (Outside of a transaction it comes after each statement.)"""
        return False

    def column_names(self, table: TableName) -> Optional[list[str]]:
        """The columns of a table or view in order, None where they cannot be told."""
        return None

    def attach(self, flags: FlagLog) -> None:
        """Give a loaded database the flags of this run."""
        self.flags = flags

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in {"flags", "changes"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.changes = []
