"""One database as all its connections share it: the catalog, what is known of its rows, and the way back."""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .database import Change, Database, Leftover
from .errors import NotUnderstood, Rejected
from .flags import FlagLog
from .rows import Rows


@dataclass(frozen=True)
class Entry:
    """One accepted text, and the connection that ran it. text: None where its transaction, "" where itself ended."""

    connection: int
    text: Optional[str]


@dataclass
class Mark:
    """A state to come back to: how many entries there were, and the rows then."""

    entries: int
    rows: Rows


@dataclass
class Snapshot:
    """The state after some entries, pickled."""

    entries: int
    state: bytes


@dataclass
class World:
    """A database, whose connection's own things are in it now, and those of the other connections."""

    database: Database
    current: int = 0
    others: dict[int, Any] = field(default_factory=dict)

    def enter(self, connection: int) -> Database:
        """The database as one connection sees it."""
        if self.current != connection:
            self.others[self.current] = self.database.leave_connection()
            self.database.enter_connection(self.others.pop(connection, None))
            self.current = connection
        return self.database

    def apply(self, entry: Entry) -> list[Leftover]:
        """Run one entry of the journal."""
        if entry.text == "":
            if self.current == entry.connection:
                self.enter(0)
            self.others.pop(entry.connection, None)
            return []
        database = self.enter(entry.connection)
        if entry.text is None:
            database.end_transaction()
            return []
        return database.run(entry.text)


class Shared:
    """The journal of accepted texts lets a state from before be built again, so that interpreters need no undo."""

    def __init__(self, identity: str, make: Callable[[FlagLog], Database], flags: FlagLog) -> None:
        self.identity = identity
        self.flags = flags
        self._make = make
        self.rows = Rows()
        #: Marks of the transactions that are open now, by connection.
        self.open: dict[int, Mark] = {}
        self._world = World(self._make(self.flags))
        self._journal: list[Entry] = []
        self._snapshots: list[Snapshot] = []
        self._is_broken = False
        self._seen: Optional[tuple[tuple[int, int], World]] = None

    def database(self, connection: int) -> Database:
        """The database to change."""
        if self._is_broken:
            self._rebuild(self._journal)
        return self._world.enter(connection)

    def view(self, connection: int) -> Database:
        """The database to read: without what other connections have not committed."""
        pending = self._pending_of_others(connection)
        if not pending:
            return self.database(connection)
        key = (len(self._journal), connection)
        if self._seen is None or self._seen[0] != key:
            first = min(self.open[one].entries for one in pending)
            kept = [entry for entry in self._journal[first:] if entry.connection not in pending]
            self._seen = (key, self._build(self._journal[:first] + kept, first))
        return self._seen[1].enter(connection)

    def run(self, connection: int, text: str) -> tuple[list[Leftover], list[Change]]:
        """Apply one statement. NotUnderstood, Rejected: as the interpreter says; either leaves nothing behind."""
        database = self.database(connection)
        try:
            found = database.run(text)
        except Exception:
            # what was done before it stopped is not in the journal
            self._is_broken = True
            raise
        finally:
            changes = list(database.changes)
            database.changes.clear()
        self._journal.append(Entry(connection, text))
        if connection not in self.open and database.awaits_end:
            self._append(Entry(connection, None))
        return found, changes

    def end_transaction(self, connection: int) -> None:
        """The connection's transaction is over, with all that it did."""
        mark = self.open.pop(connection, None)
        if mark is not None and any(one.connection == connection for one in self._journal[mark.entries :]):
            self._append(Entry(connection, None))

    def close(self, connection: int) -> None:
        """The connection is gone, with all that was its own."""
        self.open.pop(connection, None)
        if any(one.connection == connection for one in self._journal):
            self._append(Entry(connection, ""))

    def mark(self) -> Mark:
        """The state now."""
        return Mark(len(self._journal), self.rows.copy())

    def return_to(self, mark: Mark, connection: int) -> None:
        """Undo what the connection has done since; what others did meanwhile stays."""
        later = self._journal[mark.entries :]
        kept = [entry for entry in later if entry.connection != connection]
        if len(kept) < len(later):
            self.flags.undo()
        if len(kept) < len(later) or self._is_broken:
            self._rebuild(self._journal[: mark.entries] + kept, mark.entries)
        written = self.rows.written
        self.rows = mark.rows.copy()
        if kept:
            self.rows.write(written)

    def dump(self) -> Optional[bytes]:
        """The state as bytes, None where it cannot be pickled."""
        if self._is_broken:
            self._rebuild(self._journal)
        try:
            # objects of the catalog that are put aside with a connection would come back as other objects
            if b"catalog" in pickle.dumps(self._world.others, protocol=4):
                return None
            return pickle.dumps((self._world, self.rows), protocol=4)
        except (RecursionError, pickle.PicklingError, TypeError, AttributeError):
            return None

    def load(self, state: bytes) -> None:
        """Start from what `dump` gave."""
        self._world, self.rows = pickle.loads(state)
        self._world.database.attach(self.flags)
        self._journal, self._snapshots, self.open = [], [Snapshot(0, state)], {}
        self._is_broken, self._seen = False, None

    def _append(self, entry: Entry) -> None:
        if self._is_broken:
            self._rebuild(self._journal)
        self._world.apply(entry)
        self._world.database.changes.clear()
        self._journal.append(entry)

    def _pending_of_others(self, connection: int) -> set[int]:
        return {
            one
            for one, mark in self.open.items()
            if one != connection and any(entry.connection == one for entry in self._journal[mark.entries :])
        }

    def _rebuild(self, journal: list[Entry], sure: Optional[int] = None) -> None:
        """Put the state after these entries in place; `sure`: how many of them are as they were."""
        sure = len(journal) if sure is None else sure
        while self._snapshots and self._snapshots[-1].entries > sure:
            self._snapshots.pop()
        self._world = self._build(journal, sure)
        self._journal = list(journal)
        self._is_broken, self._seen = False, None
        self._keep_snapshot()

    def _build(self, journal: list[Entry], sure: int) -> World:
        start = next((one for one in reversed(self._snapshots) if one.entries <= sure), None)
        quiet = FlagLog(self.flags.paths)
        if start is None:
            world, done = World(self._make(quiet)), 0
        else:
            world, done = pickle.loads(start.state)[0], start.entries
            world.database.attach(quiet)
        for entry in journal[done:]:
            # what follows a statement that was half understood may now be refused: its tables are flagged
            with contextlib.suppress(NotUnderstood, Rejected):
                world.apply(entry)
        world.database.changes.clear()
        world.database.attach(self.flags)
        return world

    def _keep_snapshot(self) -> None:
        if self._snapshots and self._snapshots[-1].entries + 50 > len(self._journal):
            return
        state = self.dump()
        if state is not None:
            self._snapshots.append(Snapshot(len(self._journal), state))
