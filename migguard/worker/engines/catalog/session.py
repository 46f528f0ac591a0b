"""One connection: its transaction, its savepoints, and the way of each statement to those who know it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Callable, Optional

from ...origin import TableWatch
from .answer import Answer
from .data import answer_data
from .database import Change, Database
from .errors import NotUnderstood, Rejected
from .flags import OPAQUE, READ, STEER, FlagLog, TableName
from .flavour import Flavour, Query
from .parameters import is_empty, write_parameters
from .scanner import Cursor
from .shared import Mark, Shared
from .traits import DriverTraits

#: PostgreSQL's schema of what only one connection sees.
_TEMPORARY = "pg_temp"
_BEGIN = frozenset({"begin", "start"})
_COMMIT = frozenset({"commit", "end"})
_ROLLBACK = frozenset({"rollback", "abort"})


class Reads:
    """Where rows were asked for that the replay does not have: DDL that follows there may depend on them."""

    def __init__(self, flags: FlagLog) -> None:
        self._flags = flags
        self._places: dict[object, str] = {}

    def note(self, text: str, tables: Optional[frozenset[TableName]]) -> None:
        """Record a read."""
        self._flags.add(READ, text, tables)
        self._places.setdefault(self._here(), " ".join(text.split()))

    def before(self) -> Optional[str]:
        """The unknown read that came earlier in the revision that runs now."""
        return self._places.get(self._here())

    def _here(self) -> object:
        if self._flags.revision is not None:
            return self._flags.revision
        place = self._flags.paths.innermost_place(sys._getframe(1))
        return place.path if place is not None else None


class Session:
    """What the server keeps for one connection."""

    def __init__(
        self,
        number: int,
        shared: Shared,
        flavour: Flavour,
        traits: DriverTraits,
        watch: TableWatch,
        reads: Reads,
    ) -> None:
        self.number = number
        self.shared = shared
        self.flavour = flavour
        self.traits = traits
        self.autocommit = False
        self._watch = watch
        self._reads = reads
        self._start: Optional[Mark] = None
        self._is_believed = False
        self._is_aborted = False
        self._savepoints: list[tuple[str, Mark]] = []

    @property
    def flags(self) -> FlagLog:
        return self.shared.flags

    @property
    def in_transaction(self) -> bool:
        return self._start is not None

    def execute(self, sql: str, parameters: Any = None, context: Any = None, times: int = 1) -> Answer:
        """Run a text as the driver would send it, with one set of parameters.

        Rejected: the server would refuse; the driver turns it into its error.
        """
        self._begin_implicitly()
        reflect = self.flavour.reflect(context) if context is not None else None
        if reflect is not None:
            self._refuse_if_aborted()
            return self._reflect(reflect)
        try:
            statements = self._prepare(sql, parameters)
        except NotUnderstood as error:
            self.note_opaque(sql, str(error))
            return Answer(rowcount=0)
        except Rejected:
            self._abort(None)
            raise
        return self._run_all(statements, context, times)

    def configure(self, sql: str) -> None:
        """Run a statement that belongs to the connection's start."""
        before, self.autocommit = self.autocommit, True
        try:
            self.execute(sql)
        finally:
            self.autocommit = before

    def commit(self) -> None:
        """COMMIT, by the driver's own method."""
        self._is_believed = False
        if self._is_aborted:
            self.rollback()
        else:
            self._end()

    def rollback(self) -> None:
        """ROLLBACK, by the driver's own method."""
        self._is_believed = False
        if self._start is not None:
            self.shared.return_to(self._start, self.number)
        self._end()

    def close(self) -> None:
        """The connection ends; what was not committed is undone."""
        self.rollback()
        self.shared.close(self.number)

    def view(self) -> Database:
        """The database as this connection reads it (for reflection)."""
        self._begin_implicitly()
        self._refuse_if_aborted()
        return self.shared.view(self.number)

    def note_opaque(self, sql: str, reason: str) -> None:
        """A statement was not followed: all tables that it may have changed are unknown from here on."""
        tables = self.shared.view(self.number).mentioned_tables(sql)
        self.flags.add(OPAQUE, f"{reason}: {_shorten(sql)}", tables)
        self.shared.rows.write(tables)

    def note_read(self, text: str, tables: Optional[frozenset[TableName]]) -> None:
        """Rows were fetched that the server may have otherwise."""
        self._reads.note(_shorten(text), tables)

    def _reflect(self, reflect: Callable[[Database, FlagLog], Answer]) -> Answer:
        try:
            return reflect(self.shared.view(self.number), self.flags)
        except NotUnderstood as error:
            self.flags.add(OPAQUE, str(error), None)
            return Answer([], [], 0)

    def _begin_implicitly(self) -> None:
        if self.autocommit or self._start is not None:
            return
        if not self._is_believed or self.traits.begins_again:
            self._begin()
            self._is_believed = True

    def _begin(self) -> None:
        self._start = self.shared.mark()
        self.shared.open[self.number] = self._start

    def _end(self) -> None:
        self.shared.end_transaction(self.number)
        self._start, self._savepoints, self._is_aborted = None, [], False

    def _abort(self, mark: Optional[Mark]) -> None:
        """The server has refused a statement."""
        if self._start is not None and self.shared.database(self.number).is_transactional:
            self._is_aborted = True
        elif mark is not None:
            self.shared.return_to(mark, self.number)

    def _refuse_if_aborted(self) -> None:
        if self._is_aborted:
            text = "current transaction is aborted, commands ignored until end of transaction block"
            raise Rejected(text, "25P02")

    def _prepare(self, sql: str, parameters: Any) -> Sequence[Cursor]:
        traits, database = self.traits, self.shared.view(self.number)
        has_none = is_empty(parameters)
        if parameters is not None and (traits.reads_percent_always or not has_none):
            sql = write_parameters(sql, parameters, traits.style, self.flavour.quote)
        elif traits.style == "unquoted-percent":
            sql = write_parameters(sql, (), traits.style, self.flavour.quote) if "%%" in sql else sql
        statements = database.split(sql)
        if len(statements) > 1 and (traits.texts == "one" or (traits.texts == "unbound" and not has_none)):
            raise Rejected("cannot insert multiple commands into a prepared statement", "42601")
        if not has_none and not traits.binds_itself:
            for statement in statements:
                if statement.word() not in self.flavour.data_verbs and not statement.at("("):
                    raise Rejected("parameters in a statement that takes none", "42P18", is_certain=False)
        return statements

    def _run_all(self, statements: Sequence[Cursor], context: Any, times: int) -> Answer:
        mark = self.shared.mark() if self._start is None else None
        answers = []
        try:
            for statement in statements:
                answers.append(self._run(statement, context if len(statements) == 1 else None, times))
        except Rejected:
            self._abort(mark)
            raise
        if not answers:
            return Answer()
        return answers[0] if self.traits.shows_first else answers[-1]

    def _run(self, statement: Cursor, context: Any, times: int) -> Answer:
        verb = next((token.word for token in statement.tokens if token.word != "("), "")
        controlled = self._control(statement, verb)
        if controlled:
            return Answer()
        self._refuse_if_aborted()
        text = statement.text_between(0, len(statement.tokens))
        forbidden = self.flavour.is_forbidden_in_transaction(statement) if self._start is not None else None
        if forbidden:
            raise Rejected(forbidden, "25001")
        if verb in self.flavour.data_verbs:
            return self._answer(statement, text, context, times)
        self._change(text, statement)
        return Answer()

    def _answer(self, statement: Cursor, text: str, context: Any, times: int) -> Answer:
        database = self.shared.view(self.number)

        def note_read(what: str) -> None:
            self.note_read(what, database.mentioned_tables(text))

        def run(other: str) -> None:
            for one in database.split(other):
                self._change(other, one)

        query = Query(statement, database, self.shared.rows, self.flags, context, times, note_read, run)
        try:
            return self.flavour.answer(query) or answer_data(query)
        except NotUnderstood as error:
            self.note_opaque(text, str(error))
            return Answer()

    def _change(self, text: str, statement: Cursor) -> None:
        """A statement for the interpreter of DDL."""
        before = self.shared.database(self.number)
        read = self._reads.before()
        if read is not None:
            self.flags.add(STEER, f"{_shorten(text)} (after {read})", before.mentioned_tables(text))
        is_rename = any(token.word in {"rename", "schema"} for token in statement.tokens)
        names = before.relation_names() if is_rename else set()
        if not before.is_transactional and self._start is not None:
            self._end()
            self._begin()
        try:
            leftovers, changes = self.shared.run(self.number, text)
        except NotUnderstood as error:
            self.note_opaque(text, str(error))
            return
        except (Rejected, MemoryError):
            raise
        except Exception as error:  # the interpreter itself is at fault: not the project's matter
            self.note_opaque(text, f"{type(error).__name__} while it was read ({error})")
            return
        self._follow_rows(changes, names)
        for leftover in leftovers:
            self.note_opaque(leftover.text, f"a {leftover.verb.upper()} inside another statement")
        for change in changes:
            if change.schema == _TEMPORARY:
                continue
            self.flags.follow(change)
            self._watch.note(self.shared.identity, change.verb, change.kind, self._name_of(change))

    def _follow_rows(self, changes: Sequence[Change], names: set[TableName]) -> None:
        rows = self.shared.rows
        if names:
            now = self.shared.database(self.number).relation_names()
            gone, new = sorted(names - now, key=str), sorted(now - names, key=str)
            if len(gone) == len(new) == 1:
                rows.rename(gone[0], new[0])
            for one in gone if len(gone) > 1 else ():
                same = [other for other in new if other.name == one.name]
                if len(same) == 1:
                    rows.rename(one, same[0])
        for change in changes:
            if change.kind == "table" and change.verb == "dropped" and not names:
                rows.forget(TableName(change.schema, change.name))

    def _name_of(self, change: Change) -> str:
        plain = change.schema == (self.flavour.default_schema or change.schema)
        return change.name if plain else f"{change.schema}.{change.name}"

    def _control(self, statement: Cursor, verb: str) -> bool:
        """Take a statement that begins or ends a transaction or a savepoint."""
        second = statement.word(1)
        if verb in _BEGIN and (verb == "begin" or second == "transaction"):
            if self._start is None:
                self._begin()
        elif verb in _COMMIT and second != "prepared":
            self.commit()
            self._go_on(statement)
        elif verb in _ROLLBACK and second not in {"to", "prepared"} and "to" not in _words(statement):
            self.rollback()
            self._go_on(statement)
        elif verb in {"savepoint", "release"} or (verb == "rollback" and "to" in _words(statement)):
            self._control_savepoint(statement, verb)
        else:
            return False
        return True

    def _go_on(self, statement: Cursor) -> None:
        """After COMMIT or ROLLBACK in the text: the driver may believe that its transaction goes on."""
        self._is_believed = not self.autocommit
        if "chain" in _words(statement) and "no" not in _words(statement):
            self._begin()

    def _control_savepoint(self, statement: Cursor, verb: str) -> None:
        name = statement.fold(statement.tokens[-1])
        places = [place for place, one in enumerate(self._savepoints) if one[0] == name]
        if verb == "savepoint":
            self._refuse_if_aborted()
            self._savepoints.append((name, self.shared.mark()))
            return
        if self._start is None or not places:
            self._abort(None)
            raise Rejected(f'savepoint "{name}" does not exist', "3B001")
        if verb == "release":
            self._refuse_if_aborted()
            del self._savepoints[places[-1] :]
            return
        mark = self._savepoints[places[-1]][1]
        self.shared.return_to(mark, self.number)
        del self._savepoints[places[-1] + 1 :]
        self._is_aborted = False


def _words(statement: Cursor) -> list[str]:
    return [token.word for token in statement.tokens]


def _shorten(text: str) -> str:
    """One line for people."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:197] + "..."
