"""Questions about the schema that are asked in SQL: SQLite answers them over tables filled from the catalog.

A question is answered twice: over what the catalog holds, and over the same with objects of the server's own added and
everything changed that the catalog does not know. Only an answer that stays the same is the server's.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ..errors import NotUnderstood, Rejected
from ..outline import Group, Node, Reader, word_of
from ..scanner import Token
from ..words import words

#: Casts that change no value of those that the tables hold.
_PLAIN_CASTS = words("text varchar name oid int integer bigint int4 int8 smallint char character bpchar boolean bool")
_OBJECT_CASTS = words("regclass regtype regnamespace")
_CALLS = words(
    """count max min coalesce lower upper length exists in and or not any array values current_schema
    current_database current_schemas version to_regclass to_regtype to_regnamespace format_type
    pg_table_is_visible pg_type_is_visible has_table_privilege has_schema_privilege has_column_privilege
    has_sequence_privilege has_database_privilege cast substring substr replace trim concat current_setting
    setval pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock
    pg_advisory_unlock pg_advisory_lock_shared pg_advisory_xact_lock_shared pg_advisory_unlock_all
    pg_advisory_unlock_shared col_description obj_description pg_get_serial_sequence pg_get_constraintdef
    pg_get_indexdef pg_get_expr quote_ident sum on using as from select where by nullif abs bool_or bool_and
    left right pg_backend_pid pg_is_in_recovery pg_sleep array_agg string_agg starts_with"""
)
_BOOLEAN_SIGNS = words("= <> != < > <= >= and or not is like ilike in exists ~ ~* !~ !~*")


@dataclass
class Filling:
    """One table: its columns as SQLite declares them, and its rows. schema: pg_catalog, information_schema or main."""

    schema: str
    name: str
    columns: str
    rows: Sequence[Sequence[Any]]


class Lookup:
    """One statement, to be run over some fillings."""

    def __init__(self, reader: Reader, functions: dict[str, Callable[..., Any]]) -> None:
        self._reader = reader
        self._functions = functions
        self.refusal: Optional[Rejected] = None
        for schema, name in reader.functions():
            if name not in _CALLS or schema not in {None, "pg_catalog"}:
                raise NotUnderstood(f"the function {name}")
        self.statement = _Writer(reader, functions).statement()

    def run(self, fillings: Iterable[Filling]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names and rows. NotUnderstood: SQLite does not take it; Rejected: a function refuses."""
        connection = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
        try:
            self._prepare(connection, fillings)
            cursor = connection.execute(self.statement)
            rows = cursor.fetchall()
        except (sqlite3.Error, OverflowError, ValueError) as error:
            if self.refusal is not None:
                raise self.refusal from error
            raise NotUnderstood(f"{error}") from error
        finally:
            connection.close()
        is_boolean = self._boolean_items(len(rows[0]) if rows else 0)
        made = [tuple(_decode(value, flag) for value, flag in zip(row, is_boolean)) for row in rows]  # noqa: B905
        return [column[0] for column in cursor.description], made

    def _prepare(self, connection: sqlite3.Connection, fillings: Iterable[Filling]) -> None:
        for schema in ("pg_catalog", "information_schema"):
            connection.execute(f"ATTACH ':memory:' AS {schema}")
        for one in fillings:
            connection.execute(f"CREATE TABLE {one.schema}.{_quote(one.name)} ({one.columns})")
            if one.rows:
                marks = ", ".join("?" * len(one.rows[0]))
                connection.executemany(f"INSERT INTO {one.schema}.{_quote(one.name)} VALUES ({marks})", one.rows)
        for name, function in self._functions.items():
            connection.create_function(name, -1, self._guarded(function))
        connection.create_function("like", -1, _like)
        connection.create_function("match", 2, lambda pattern, value: _like(pattern, value, "\\", re.IGNORECASE))
        connection.create_function("regexp", 2, _regexp)
        aggregate: Any = _ArrayAggregate
        connection.create_aggregate("pg_array", 1, aggregate)

    def _guarded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except Rejected as refusal:
                self.refusal = refusal
                raise

        return call

    def _boolean_items(self, count: int) -> list[bool]:
        try:
            items = self._reader.read_select(self._reader.tree).cores[0].items
        except (NotUnderstood, IndexError):
            items = []
        flags = [_is_boolean(item) for item in items]
        return flags if len(flags) == count else [False] * count


class _ArrayAggregate:
    def __init__(self) -> None:
        self.values: list[Any] = []

    def step(self, value: Any) -> None:
        self.values.append(value)

    def finalize(self) -> str:
        return "\x00" + json.dumps(self.values)


sqlite3.register_converter("BOOLEAN", lambda value: value == b"1")


def _decode(value: Any, is_boolean: bool) -> Any:
    if isinstance(value, str) and value.startswith("\x00"):
        return json.loads(value[1:])
    return bool(value) if is_boolean and isinstance(value, int) else value


def _is_boolean(item: Sequence[Node]) -> bool:
    plain = [word_of(node) for node in item]
    if "case" in plain or "coalesce" in plain:
        return False
    if len(item) in {1, 3} and isinstance(item[0], Group) and not item[0].is_query:
        return _is_boolean(item[0].nodes)
    first = plain[0] if plain else ""
    truths = {"has_table_privilege", "has_schema_privilege", "pg_table_is_visible", "pg_type_is_visible"}
    truths |= {"pg_try_advisory_lock", "pg_try_advisory_xact_lock", "pg_advisory_unlock", "pg_is_in_recovery"}
    return first in truths or any(word in _BOOLEAN_SIGNS for word in plain)


def _like(pattern: Any, value: Any, escape: str = "\\", flags: int = 0) -> Optional[bool]:
    if pattern is None or value is None:
        return None
    parts, place, text = [], 0, str(pattern)
    while place < len(text):
        sign = text[place]
        if sign == escape and place + 1 < len(text):
            place += 1
            parts.append(re.escape(text[place]))
        else:
            parts.append({"%": ".*", "_": "."}.get(sign, re.escape(sign)))
        place += 1
    return re.fullmatch("".join(parts), str(value), re.DOTALL | flags) is not None


def _regexp(pattern: Any, value: Any) -> Optional[bool]:
    if pattern is None or value is None:
        return None
    if not re.fullmatch(r"[\w\s^$.|()%-]*", str(pattern)):
        raise ValueError("a regular expression of PostgreSQL's own")
    return re.search(str(pattern), str(value)) is not None


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class _Writer:
    """The statement as SQLite takes it; NotUnderstood for what has no counterpart."""

    def __init__(self, reader: Reader, functions: dict[str, Callable[..., Any]]) -> None:
        self._reader = reader
        self._functions = functions

    def statement(self) -> str:
        """The whole of it."""
        return self._write(self._reader.tree.nodes)

    def _write(self, nodes: Sequence[Node]) -> str:
        parts: list[str] = []
        place = 0
        while place < len(nodes):
            place = self._step(nodes, place, parts)
        return " ".join(parts)

    def _step(self, nodes: Sequence[Node], place: int, parts: list[str]) -> int:
        node = nodes[place]
        if isinstance(node, Group):
            parts.append(f"({self._write(node.nodes)})")
            return place + 1
        word = node.word
        following = nodes[place + 1] if place + 1 < len(nodes) else None
        if word == "::":
            return self._cast(nodes, place + 1, parts)
        if word == "cast" and isinstance(following, Group):
            parts.append(self._cast_call(following))
            return place + 2
        last = nodes[place + 2] if place + 2 < len(nodes) else None
        if word == "=" and word_of(following) == "any" and isinstance(last, Group):
            parts.append(self._any(last))
            return place + 3
        if word == "array" and isinstance(following, Group):
            parts.append(self._array_query(following))
            return place + 2
        if word == "pg_catalog" and word_of(following) == "." and _is_call(nodes, place + 2):
            return place + 2
        parts.append(self._token(node, following))
        if word == "select" and word_of(following) in {"from", "where"}:
            parts.append("1")
        return place + 1

    def _token(self, node: Token, following: Optional[Node]) -> str:
        if node.kind == "string":
            return "'" + node.value.replace("'", "''") + "'"
        if node.kind == "number":
            return node.value
        if node.kind == "quoted":
            return _quote(self._reader.fold(node))
        word = node.word
        if node.kind == "id":
            if word in {"lateral", "ilike", "unnest", "interval", "array", "similar", "for", "tablesample", "rows"}:
                if word == "ilike":
                    return "MATCH"
                raise NotUnderstood(word)
            if word in {"current_schema", "current_user", "session_user", "user", "current_catalog", "current_role"}:
                return self._bare_call(word, following)
            return word
        signs = {"~": "REGEXP", "!=": "<>", "||": "||"}
        if word in {"(", ")", ",", ".", "=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "||", "~", "!=", ";"}:
            return signs.get(word, word)
        raise NotUnderstood(f"the sign {node.value}")

    def _bare_call(self, word: str, following: Optional[Node]) -> str:
        if word != "current_schema":
            raise NotUnderstood(word)
        return word if isinstance(following, Group) else f"{word}()"

    def _cast(self, nodes: Sequence[Node], place: int, parts: list[str]) -> int:
        while word_of(nodes[place]) == "pg_catalog" and word_of(nodes[place + 1]) == ".":
            place += 2
        name = word_of(nodes[place])
        place += 1
        while place < len(nodes) and (
            word_of(nodes[place]) == "varying" or (name in {"varchar", "char"} and isinstance(nodes[place], Group))
        ):
            place += 1
        if place < len(nodes) and word_of(nodes[place]) == "[":
            raise NotUnderstood("an array")
        if name in _OBJECT_CASTS:
            value = (
                parts.pop()
                if not parts[-1].startswith("(")
                else f"{parts.pop(-2) if _calls(parts) else ''}{parts.pop()}"
            )
            parts.append(f"{name}({value})")
        elif name not in _PLAIN_CASTS:
            raise NotUnderstood(f"a cast to {name}")
        return place

    def _cast_call(self, group: Group) -> str:
        plain = [word_of(node) for node in group.nodes]
        place = len(plain) - 1 - plain[::-1].index("as") if "as" in plain else -1
        if place < 0:
            raise NotUnderstood("CAST")
        value, name = self._write(group.nodes[:place]), plain[-1]
        if name in _OBJECT_CASTS:
            return f"{name}({value})"
        if name not in _PLAIN_CASTS | {"varying"}:
            raise NotUnderstood(f"a cast to {name}")
        return f"({value})"

    def _any(self, group: Group) -> str:
        """= ANY (ARRAY[…]) and = ANY (current_schemas(…)) as IN (…)."""
        nodes = group.nodes
        if word_of(nodes[0]) == "array" and word_of(nodes[1]) == "[":
            stop = next(place for place, node in enumerate(nodes) if word_of(node) == "]")
            rest = nodes[stop + 1 :]
            if rest and not (word_of(rest[0]) == "::" and word_of(rest[1]) in _PLAIN_CASTS):
                raise NotUnderstood("ANY")
            return f"IN ({self._write(nodes[2:stop])})"
        if word_of(nodes[0]) == "current_schemas" and isinstance(nodes[1], Group) and len(nodes) == 2:
            has_implicit = word_of(nodes[1].nodes[0]) == "true"
            names = self._functions["current_schemas"](has_implicit)
            return "IN (" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + ")"
        raise NotUnderstood("ANY")

    def _array_query(self, group: Group) -> str:
        """ARRAY(SELECT …), of one column."""
        select = self._reader.read_select(group)
        if len(select.cores) != 1 or len(select.cores[0].items) != 1:
            raise NotUnderstood("ARRAY")
        first = self._write(select.cores[0].items[0])
        rest = group.nodes[1 + len(select.cores[0].items[0]) :]
        return f"(SELECT pg_array(item) FROM (SELECT {first} AS item {self._write(rest)}))"


def _is_call(nodes: Sequence[Node], place: int) -> bool:
    return place + 1 < len(nodes) and isinstance(nodes[place + 1], Group)


def _calls(parts: Sequence[str]) -> bool:
    return len(parts) > 1 and re.fullmatch(r"[a-z_]+", parts[-2]) is not None and parts[-2] in _CALLS
