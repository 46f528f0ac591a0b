"""Data statements on a database without rows: exact where tables were never written, recorded where they were."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, Optional

from .answer import Answer, UnknownNumber
from .columns import column_names
from .empty import UNKNOWN, EmptyTables
from .errors import NotUnderstood, Rejected
from .flags import OPAQUE, TableName
from .flavour import Query
from .functions import is_harmless
from .outline import Group, Name, Reader, word_of
from .version_table import answer_version_table

_WRITING = frozenset({"insert", "update", "delete", "merge"})
_NO_TABLE = frozenset({"show", "listen", "unlisten", "notify", "discard", "analyze", "analyse", "vacuum", "checkpoint"})


#: Statements that write, or do, what is not taken apart.
_OTHER = frozenset({"copy", "truncate", "call", "do", "execute", "load"})


def answer_data(query: Query) -> Answer:
    """Answer any data statement. NotUnderstood: its effect is unknown; Rejected: a relation is missing."""
    if query.verb in _NO_TABLE:
        return Answer([query.verb], [], 0, unknown=query.text)
    reader = Reader(query.cursor)
    if query.verb in _OTHER:
        return _write_unknown(query, reader)
    tables = _find_tables(query, reader.relations())
    exact = answer_version_table(query, reader, tables)
    if exact is not None:
        return exact
    _watch_functions(query, reader)
    writes = _writing_words(reader.tree)
    if query.verb in {"insert", "update", "delete", "replace"}:
        return _Writing(query, reader).answer()
    if query.verb == "merge" or writes:
        return _write_unknown(query, reader)
    return _select(query, reader, tables)


def _find_tables(query: Query, names: set[Name]) -> frozenset[TableName]:
    """The relations, which must exist."""
    found = set()
    for schema, name in names:
        table = query.database.find_table(schema, name)
        if table is None:
            raise Rejected(f'relation "{f"{schema}." if schema else ""}{name}" does not exist', "42P01")
        found.add(table)
    return frozenset(found)


def _watch_functions(query: Query, reader: Reader) -> None:
    """A function of the project may do anything."""
    for schema, name in sorted(reader.functions(), key=str):
        if not is_harmless(schema, name):
            query.rows.write(None)
            query.flags.add(OPAQUE, f"the function {name}() is called: {query.text}", None)


def _may_have_rows(query: Query, tables: frozenset[TableName]) -> bool:
    for table in tables:
        sources = query.database.sources_of(table)
        if sources is None or query.rows.may_have(sources) or any(query.rows.exact.get(one) for one in sources):
            return True
    return False


def _select(query: Query, reader: Reader, tables: frozenset[TableName]) -> Answer:
    columns = column_names(query, reader)
    may_have = _may_have_rows(query, tables)
    empty = EmptyTables(reader)
    try:
        rows = empty.rows(reader.tree)
    except NotUnderstood:
        return Answer(columns, [], 0, unknown=query.text)
    is_known = not may_have and all(value is not UNKNOWN for row in rows for value in row)
    unknown = "" if is_known else query.text

    def use() -> None:
        query.note_read(query.text)

    made = [tuple(_stand_in(value, may_have, use) for value in row) for row in rows]
    if made and len(made[0]) != len(columns):
        return Answer(columns, [], 0, unknown=query.text)
    if may_have and made and all(isinstance(value, UnknownNumber) for row in made for value in row):
        unknown = ""
    return Answer(columns, made, len(made), unknown=unknown)


def _stand_in(value: Any, may_have: bool, use: Any) -> Any:
    if value is UNKNOWN:
        return None
    if may_have and isinstance(value, int) and not isinstance(value, bool):
        return UnknownNumber.make(value, use)
    return value


def _write_unknown(query: Query, reader: Reader) -> Answer:
    """A statement that writes in ways that are not taken apart: whatever it names may have rows."""
    mentioned = query.database.mentioned_tables(query.text)
    _write(query, mentioned)
    if query.verb in {"call", "do", "execute"}:
        raise NotUnderstood(f"{query.verb.upper()} runs code")
    if query.verb in {"copy", "truncate", "load"}:
        return Answer(rowcount=_unknown_count(query))
    return Answer(column_names(query, reader), [], 0, unknown=query.text)


def _write(query: Query, tables: Optional[frozenset[TableName]]) -> None:
    if tables is None:
        query.rows.write(None)
        return
    for table in tables:
        query.rows.write(query.database.written_with(table))


def _unknown_count(query: Query, value: int = 0) -> int:
    return UnknownNumber.make(value, lambda: query.note_read(query.text))


class _Writing:
    """INSERT, UPDATE and DELETE on a table that is not the version table."""

    def __init__(self, query: Query, reader: Reader) -> None:
        self.query = query
        self.reader = reader
        self.nodes = reader.tree.nodes
        self.words = [word_of(node) for node in self.nodes]
        self.target = self._find_target()

    def answer(self) -> Answer:
        """Its count and its RETURNING."""
        if self.query.verb in {"insert", "replace"}:
            return self._insert()
        sources = self.query.database.sources_of(self.target)
        if not self._may_have(sources):
            return self._counted(0)
        _write(self.query, frozenset([self.target]))
        if self.returns_rows:
            return Answer(column_names(self.query, self.reader), [], 0, unknown=self.query.text)
        return Answer(rowcount=_unknown_count(self.query))

    @property
    def returns_rows(self) -> bool:
        return "returning" in self.words

    def _may_have(self, sources: Optional[frozenset[TableName]]) -> bool:
        rows = self.query.rows
        return sources is None or rows.may_have(sources) or any(rows.exact.get(one) for one in sources)

    def _find_target(self) -> TableName:
        verb = self.query.verb
        place = self.words.index(verb) + 1
        skipped = {"into", "from", "only", "ignore", "low_priority", "quick", "delayed", "high_priority"}
        while place < len(self.nodes) and self.words[place] in skipped:
            place += 1
        schema, name = self.reader.read_name(self.nodes, place)[0]
        found = self.query.database.find_table(schema, name)
        if found is None:
            raise Rejected(f'relation "{name}" does not exist', "42P01")
        return found

    def _counted(self, count: int) -> Answer:
        if self.returns_rows:
            return Answer(column_names(self.query, self.reader), [], count)
        return Answer(rowcount=count)

    def _insert(self) -> Answer:
        values = self._count_values()
        if values is None and self._selects_nothing():
            return self._counted(0)
        _write(self.query, frozenset([self.target]))
        is_certain = values is not None and "conflict" not in self.words and "duplicate" not in self.words
        is_certain = is_certain and self.query.database.written_with(self.target) is not None
        count = (values or 0) * self.query.times
        if not self.returns_rows:
            key = UnknownNumber.make(1, lambda: self.query.note_read(self.query.text))
            return Answer(rowcount=count if is_certain else _unknown_count(self.query, count), lastrowid=key)
        return self._made_up(values or 0)

    def _count_values(self) -> Optional[int]:
        """How many rows VALUES gives; None where it is a query."""
        if "default" in self.words and "values" in self.words and "select" not in self.words:
            place = self.words.index("values")
            if self.words[place - 1] == "default":
                return 1
        if "set" in self.words and "values" not in self.words and "select" not in self.words:
            return 1
        nodes, words = self.nodes, self.words
        if "from" in words and not {"where", "join", "limit", "with", "union", "distinct"} & set(words):
            # SQLAlchemy inserts many rows by SELECT … FROM (VALUES …) AS imp_sen
            source = nodes[words.index("from") + 1]
            if isinstance(source, Group) and word_of(source.nodes[0]) == "values":
                nodes, words = source.nodes, [word_of(node) for node in source.nodes]
        place = next((at for at, word in enumerate(words) if word in {"values", "value"}), -1)
        if place < 0:
            return None
        count = 0
        for node in nodes[place + 1 :]:
            if isinstance(node, Group):
                count += 1
            elif node.word not in {",", "row"}:
                break
        return count

    def _selects_nothing(self) -> bool:
        if "with" in self.words or not {"select"} & set(self.words):
            return False
        start = self.words.index("select")
        stop = next((at for at in range(start, len(self.words)) if self.words[at] in {"on", "returning"}), None)
        query = Group(list(self.nodes[start:stop]))
        tables = _find_tables(self.query, self.reader.relations(query))
        if _may_have_rows(self.query, tables):
            return False
        try:
            return not EmptyTables(self.reader).rows(query)
        except NotUnderstood:
            return False

    def _made_up(self, count: int) -> Answer:
        """Rows for RETURNING: keys that the server would have made."""
        columns = column_names(self.query, self.reader)
        types = _column_types(self.query.context)
        if len(types) != len(columns):
            types = [None] * len(columns)
        rows, plain = [], True
        for number in range(1, count + 1):
            row = tuple(_fabricate(kind, number, self.query) for kind in types)
            plain = plain and all(isinstance(value, UnknownNumber) for value in row)
            rows.append(row)
        return Answer(columns, rows, count, unknown="" if plain and count else self.query.text)


def _fabricate(kind: Any, number: int, query: Query) -> Any:
    name = {base.__name__ for base in type(kind).__mro__} if kind is not None else {"Integer"}
    if "Integer" in name:
        return UnknownNumber.make(number, lambda: query.note_read(query.text))
    if name & {"Uuid", "UUID"}:
        return uuid.UUID(int=number)
    if "DateTime" in name:
        return datetime.datetime(2020, 1, 1)
    if "Date" in name:
        return datetime.date(2020, 1, 1)
    if "Numeric" in name:
        return decimal.Decimal(number)
    if "Boolean" in name:
        return False
    return str(number) if "String" in name else None


def _column_types(context: Any) -> list[Any]:
    compiled = getattr(context, "compiled", None)
    return [entry[3] for entry in getattr(compiled, "_result_columns", None) or ()]


def _writing_words(group: Group) -> bool:
    """Is there a statement inside that writes? (Not FOR UPDATE.)"""
    before = ""
    for node in group.nodes:
        if isinstance(node, Group):
            if _writing_words(node):
                return True
        elif node.word in _WRITING and node.kind == "id" and before not in {"for", "key", ".", "as"}:
            return True
        before = word_of(node)
    return False
