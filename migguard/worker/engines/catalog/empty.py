"""What a SELECT gives where every table that it reads is empty."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from typing import Any, Optional

from .errors import NotUnderstood
from .outline import Core, Group, Node, Reader, Select, word_of
from .scanner import Token
from .words import words

_AGGREGATES = words(
    """count sum max min avg array_agg string_agg bool_and bool_or every json_agg jsonb_agg json_object_agg
    jsonb_object_agg bit_and bit_or stddev variance group_concat json_arrayagg json_objectagg"""
)
_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


#: A value that cannot be told.
UNKNOWN: Any = _Unknown()


class EmptyTables:
    """Evaluates the queries of one statement; every relation that is no CTE has no rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ctes: dict[str, Group] = {}

    def rows(self, group: Group) -> list[tuple[Any, ...]]:
        """The rows of a query, with UNKNOWN for values; NotUnderstood where even their number is unknown."""
        select = self._reader.read_select(group)
        self._ctes.update(select.ctes)
        return self._combine(select)

    def _combine(self, select: Select) -> list[tuple[Any, ...]]:
        parts = [self._core_rows(core) for core in select.cores]
        if len(parts) == 1 or all(not rows for rows in parts):
            return parts[0]
        if set(select.operators) == {"union"} and sum(bool(rows) for rows in parts) == 1:
            return next(rows for rows in parts if rows)
        raise NotUnderstood("set operators over rows")

    def _core_rows(self, core: Core) -> list[tuple[Any, ...]]:
        aggregates = any(self._has_aggregate(item) for item in core.items) or core.has_having
        if core.sources is None:
            condition = self._value(core.where) if core.where else True
            if condition is UNKNOWN or aggregates:
                raise NotUnderstood("a condition without a table")
            return [self._row(core)] if condition and not core.has_limit else self._limited(core, condition)
        if not all(self._is_empty(source.name, source.query) for source in core.sources):
            raise NotUnderstood("rows that are not from tables")
        if not aggregates or core.is_grouped:
            return []
        if core.has_having or core.has_limit:
            raise NotUnderstood("HAVING or LIMIT over an aggregate")
        return [self._row(core)]

    def _limited(self, core: Core, condition: Any) -> list[tuple[Any, ...]]:
        if not condition:
            return []
        raise NotUnderstood("LIMIT over a row")

    def _is_empty(self, name: Optional[tuple[Optional[str], str]], query: Optional[Group]) -> bool:
        if query is not None:
            return not self.rows(query)
        if name is None:
            return False
        if name[0] is None and name[1] in self._ctes:
            group = self._ctes.pop(name[1])
            try:
                return not self.rows(group)
            finally:
                self._ctes[name[1]] = group
        return True

    def _has_aggregate(self, nodes: Sequence[Node]) -> bool:
        for place, node in enumerate(nodes):
            if not isinstance(node, Group) or node.is_query:
                continue
            after = nodes[place + 1] if place + 1 < len(nodes) else None
            if place and word_of(nodes[place - 1]) in _AGGREGATES and word_of(after) != "over":
                return True
            if self._has_aggregate(node.nodes):
                return True
        return False

    def _row(self, core: Core) -> tuple[Any, ...]:
        values = []
        for item in core.items:
            if any(word_of(node) == "*" and place in {0, len(item) - 1} for place, node in enumerate(item)):
                raise NotUnderstood("* without rows")
            values.append(self._value(_without_alias(item)))
        return tuple(values)

    def _value(self, nodes: Sequence[Node]) -> Any:
        try:
            return _Expression(self, list(nodes)).read()
        except NotUnderstood:
            return UNKNOWN

    def scalar(self, group: Group) -> Any:
        """The value of a subquery in an expression."""
        rows = self.rows(group)
        return rows[0][0] if rows else None


def _without_alias(item: Sequence[Node]) -> list[Node]:
    found = list(item)
    while found and word_of(found[0]) in {"distinct", "all"}:
        found.pop(0)
    words = [word_of(node) for node in found]
    if len(found) > 2 and words[-2] == "as":
        return found[:-2]
    last = found[-1] if len(found) > 1 else None
    if isinstance(last, Token) and last.kind in {"id", "quoted"} and isinstance(found[-2], Group):
        return found[:-1]
    return found


class _Expression:
    """A few operators over values that are the same on every server."""

    def __init__(self, tables: EmptyTables, nodes: list[Node]) -> None:
        self._tables = tables
        self._nodes = nodes
        self._place = 0

    def read(self) -> Any:
        value = self._or()
        if self._place != len(self._nodes):
            raise NotUnderstood("more of an expression")
        return value

    def _word(self) -> str:
        return word_of(self._nodes[self._place]) if self._place < len(self._nodes) else ""

    def _accept(self, *words: str) -> bool:
        if self._word() in words and self._place < len(self._nodes):
            self._place += 1
            return True
        return False

    def _or(self) -> Any:
        value = self._and()
        while self._accept("or"):
            other = self._and()
            value = True if value is True or other is True else _strict(lambda a, b: a or b, value, other)
        return value

    def _and(self) -> Any:
        value = self._not()
        while self._accept("and"):
            other = self._not()
            value = False if value is False or other is False else _strict(lambda a, b: a and b, value, other)
        return value

    def _not(self) -> Any:
        if self._accept("not"):
            return _strict(lambda a: not a, self._not())
        return self._comparison()

    def _comparison(self) -> Any:
        value = self._sum()
        word = self._word()
        if word in _COMPARISONS:
            self._place += 1
            return _strict(lambda a, b: _compare(a, word, b), value, self._sum())
        if self._accept("is"):
            negated = self._accept("not")
            if not self._accept("null"):
                raise NotUnderstood("IS")
            return UNKNOWN if value is UNKNOWN else (value is None) != negated
        return value

    def _sum(self) -> Any:
        value = self._primary()
        while self._word() in {"+", "-"}:
            sign = self._word()
            self._place += 1
            value = _strict(lambda a, b, sign=sign: a + b if sign == "+" else a - b, value, self._primary())
        return value

    def _primary(self) -> Any:
        if self._place >= len(self._nodes):
            raise NotUnderstood("an expression ends")
        node = self._nodes[self._place]
        self._place += 1
        value = self._group(node) if isinstance(node, Group) else self._token(node)
        while self._accept("::"):
            value = self._cast(value)
        return value

    def _group(self, group: Group) -> Any:
        return self._tables.scalar(group) if group.is_query else _Expression(self._tables, list(group.nodes)).read()

    def _token(self, token: Token) -> Any:
        if token.kind == "number":
            return int(token.value) if token.value.isdigit() else decimal.Decimal(token.value)
        if token.kind == "string":
            return token.value
        word = token.word
        if word in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[word]
        following = self._nodes[self._place] if self._place < len(self._nodes) else None
        if isinstance(following, Group):
            self._place += 1
            return self._call(word, following)
        raise NotUnderstood(f"the value of {token.value}")

    def _call(self, word: str, group: Group) -> Any:
        if self._word() in {"over", "filter", "within"}:
            raise NotUnderstood("a window or a filter")
        if word == "exists":
            return bool(self._tables.rows(group))
        if word == "count":
            return 0
        if word in _AGGREGATES:
            return None
        if word in {"coalesce", "ifnull"}:
            for part in _arguments(group):
                value = _Expression(self._tables, part).read()
                if value is not None:
                    return value
            return None
        raise NotUnderstood(f"the function {word}")

    def _cast(self, value: Any) -> Any:
        while self._place < len(self._nodes) and self._word() not in _COMPARISONS | {"and", "or", "is", "+", "-", "::"}:
            self._place += 1
        if value is None:
            return None
        raise NotUnderstood("a cast")


def _arguments(group: Group) -> list[list[Node]]:
    parts: list[list[Node]] = [[]]
    for node in group.nodes:
        if word_of(node) == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


def _strict(operation: Any, *values: Any) -> Any:
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    if any(value is None for value in values):
        return None
    return operation(*values)


def _compare(first: Any, word: str, second: Any) -> Any:
    if isinstance(first, str) or isinstance(second, str):
        # collations and implicit casts
        return UNKNOWN
    results = {"=": first == second, "<>": first != second, "!=": first != second, "<": first < second}
    results.update({">": first > second, "<=": first <= second, ">=": first >= second})
    return results[word]
