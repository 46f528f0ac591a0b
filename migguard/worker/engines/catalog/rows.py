"""What is known of a database's rows: which tables may have any, and the version tables exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Optional

from .flags import TableName


@dataclass
class Rows:
    """written: tables that may have rows; None where it may be any. exact: tables whose rows are all known."""

    written: Optional[set[TableName]] = field(default_factory=set)
    exact: dict[TableName, list[dict[str, Any]]] = field(default_factory=dict)

    def copy(self) -> Rows:
        """As it is now, for a transaction that may be rolled back."""
        written = None if self.written is None else set(self.written)
        return Rows(written, {name: [dict(row) for row in rows] for name, rows in self.exact.items()})

    def write(self, tables: Optional[Iterable[TableName]]) -> None:
        """These tables may have rows from now on; None: any table may."""
        if tables is None:
            self.written = None
        elif self.written is not None:
            self.written.update(tables)

    def may_have(self, tables: Optional[Iterable[TableName]]) -> bool:
        """Whether one of these may have rows that are not known; None: whatever table."""
        if self.written is None:
            return True
        return bool(self.written) if tables is None else any(one in self.written for one in tables)

    def forget(self, table: TableName) -> None:
        """The table is gone."""
        if self.written is not None:
            self.written.discard(table)
        self.exact.pop(table, None)

    def rename(self, old: TableName, new: TableName) -> None:
        """The table goes by another name."""
        if self.written is not None and old in self.written:
            self.written.remove(old)
            self.written.add(new)
        if old in self.exact:
            self.exact[new] = self.exact.pop(old)
