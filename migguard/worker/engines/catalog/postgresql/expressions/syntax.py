"""Reads expressions: the operators and their precedence (gram.y, 15: a_expr and b_expr)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Optional

from ...scanner import Cursor, Token
from ..types import read_type
from .nodes import (
    Among,
    Call,
    Cast,
    Collated,
    Distinct,
    Field,
    Literal,
    Logic,
    Operation,
    Quantified,
    RowOf,
    Subscript,
    Syntax,
    Test,
)
from .primary import PrimaryReader

if TYPE_CHECKING:
    from ..catalog import Catalog

_OR, _AND, _NOT, _IS, _COMPARE, _LIKE, _OTHER, _ADD, _MULTIPLY, _POWER, _AT, _COLLATE, _SIGN = range(1, 14)
_PRECEDENCE = {
    **dict.fromkeys(("=", "<", ">", "<=", ">=", "<>"), _COMPARE),
    **dict.fromkeys(("+", "-"), _ADD),
    **dict.fromkeys(("*", "/", "%"), _MULTIPLY),
    "^": _POWER,
}
_LIKE_OPERATORS = {"like": "~~", "ilike": "~~*", "similar": "~"}


class ExpressionReader(PrimaryReader):
    """One expression at the cursor. is_default: b_expr, which has no AND, NOT, IS NULL, IN, LIKE, AT, COLLATE."""

    def __init__(self, cursor: Cursor, catalog: Catalog, *, is_default: bool = False) -> None:
        super().__init__(cursor, catalog)
        self.is_restricted = is_default

    def read(self) -> Syntax:
        return self._expression(0)

    def inner(self) -> Syntax:
        """An expression inside brackets, where everything is allowed again."""
        saved, self.is_restricted = self.is_restricted, False
        try:
            return self._expression(0)
        finally:
            self.is_restricted = saved

    def restricted(self) -> Syntax:
        """A b_expr (POSITION (b_expr IN b_expr))."""
        saved, self.is_restricted = self.is_restricted, True
        try:
            return self._expression(0)
        finally:
            self.is_restricted = saved

    def _expression(self, minimum: int) -> Syntax:
        left = self._prefixed()
        while True:
            grown = self._grow(left, minimum)
            if grown is None:
                return left
            left = grown

    def _prefixed(self) -> Syntax:
        token = self.cursor.peek()
        if token is not None and token.kind == "id" and token.word == "not" and not self.is_restricted:
            self.cursor.index += 1
            return Logic("not", (self._expression(_NOT),))
        if token is None or token.kind != "operator":
            return self._postfixed(self.primary())
        self.cursor.index += 1
        if token.value in ("+", "-"):
            return _signed(token.value, self._expression(_SIGN))
        return Operation(token.value, None, self._expression(_OTHER + 1))

    def _postfixed(self, operand: Syntax) -> Syntax:
        """`::`, subscripts and fields bind tightest."""
        while True:
            if self.cursor.accept("::"):
                operand = Cast(operand, read_type(self.cursor, self.catalog))
            elif self.cursor.at("["):
                operand = self._subscript(operand)
            elif self.cursor.at(".") and not self.cursor.at(".", "*"):
                self.cursor.index += 1
                operand = Field(operand, self.cursor.label())
            else:
                return operand

    def _subscript(self, operand: Syntax) -> Syntax:
        self.cursor.expect("[")
        lower = None if self.cursor.at(":") else self.inner()
        if self.cursor.accept("]"):
            return Subscript(operand, lower)
        self.cursor.expect(":")
        upper = None if self.cursor.at("]") else self.inner()
        self.cursor.expect("]")
        return Subscript(operand, lower, upper, is_slice=True)

    def _grow(self, left: Syntax, minimum: int) -> Optional[Syntax]:
        """The expression with the operator that comes next, or None where there is none that binds so tightly."""
        token = self.cursor.peek()
        if token is None:
            return None
        if token.kind == "operator":
            return self._operation(left, token, minimum)
        if token.kind != "id":
            return None
        if token.word == "is":
            return self._is(left) if minimum <= _IS else None
        if token.word == "operator" and self.cursor.at("operator", "("):
            return self._named_operation(left, minimum)
        if self.is_restricted:
            return None
        if token.word in ("and", "or"):
            return self._logic(left, token.word, minimum)
        return self._keyword(left, minimum)

    def _operation(self, left: Syntax, token: Token, minimum: int) -> Optional[Syntax]:
        precedence = _PRECEDENCE.get(token.value, _OTHER)
        if precedence < minimum:
            return None
        self.cursor.index += 1
        quantifier = self.cursor.accept_one("any", "some", "all")
        if quantifier is not None:
            return self._quantified(left, token.value, quantifier)
        made = Operation(token.value, left, self._expression(precedence + 1))
        if precedence == _COMPARE and _PRECEDENCE.get(self.cursor.word()) == _COMPARE:
            self.cursor.fail("comparisons do not associate")
        return made

    def _quantified(self, left: Syntax, operator: str, quantifier: str, schema: Optional[str] = None) -> Syntax:
        self.cursor.expect("(")
        self.refuse_query()
        right = self.inner()
        self.cursor.expect(")")
        return Quantified(operator, left, right, quantifier != "all", schema)

    def _named_operation(self, left: Syntax, minimum: int) -> Optional[Syntax]:
        if minimum > _OTHER:
            return None
        self.cursor.expect("operator", "(")
        schema = None
        token = self.cursor.peek()
        if token is not None and token.kind in ("id", "quoted"):
            schema = self.cursor.label()
            self.cursor.expect(".")
        operator = self.cursor.take().value
        self.cursor.expect(")")
        quantifier = self.cursor.accept_one("any", "some", "all")
        if quantifier is not None:
            return self._quantified(left, operator, quantifier, schema)
        return Operation(operator, left, self._expression(_OTHER + 1), schema)

    def _logic(self, left: Syntax, word: str, minimum: int) -> Optional[Syntax]:
        """AND and OR with the same word on their left are one list (makeAndExpr), but not on their right."""
        precedence = _AND if word == "and" else _OR
        if precedence < minimum:
            return None
        self.cursor.index += 1
        right = self._expression(precedence + 1)
        if isinstance(left, Logic) and left.word == word and not left.is_between:
            return Logic(word, (*left.operands, right))
        return Logic(word, (left, right))

    def _is(self, left: Syntax) -> Optional[Syntax]:
        start = self.cursor.index
        self.cursor.expect("is")
        is_negated = self.cursor.accept("not")
        if self.cursor.accept("distinct", "from"):
            return Distinct(left, self._expression(_IS + 1), is_negated)
        if self.is_restricted:
            self.cursor.index = start
            return None
        return Test(left, self.cursor.expect_one("null", "true", "false", "unknown"), is_negated)

    def _keyword(self, left: Syntax, minimum: int) -> Optional[Syntax]:
        """Operators that are words."""
        start = self.cursor.index
        is_negated = self.cursor.accept("not")
        word = self.cursor.word()
        reader, precedence = self._keyword_readers().get(word, (None, 0))
        if reader is None or precedence < minimum or (is_negated and precedence != _LIKE):
            self.cursor.index = start
            return None
        self.cursor.index += 1
        return reader(left, is_negated)

    def _keyword_readers(self) -> dict[str, tuple[Callable[[Syntax, bool], Syntax], int]]:
        return {
            "isnull": (lambda left, _: Test(left, "null", is_negated=False), _IS),
            "notnull": (lambda left, _: Test(left, "null", is_negated=True), _IS),
            "in": (self._in, _LIKE),
            "between": (self._between, _LIKE),
            "like": (lambda left, negated: self._like(left, "like", is_negated=negated), _LIKE),
            "ilike": (lambda left, negated: self._like(left, "ilike", is_negated=negated), _LIKE),
            "similar": (lambda left, negated: self._like(left, "similar", is_negated=negated), _LIKE),
            "at": (self._at_time_zone, _AT),
            "collate": (self._collate, _COLLATE),
        }

    def _in(self, left: Syntax, is_negated: bool) -> Syntax:
        self.cursor.expect("(")
        self.refuse_query()
        items = self.items(")")
        return Among(left, tuple(items), is_negated)

    def _between(self, left: Syntax, is_negated: bool) -> Syntax:
        is_symmetric = self.cursor.accept("symmetric")
        self.cursor.accept("asymmetric")
        lower = self._between_bound()
        self.cursor.expect("and")
        upper = self._expression(_LIKE + 1)
        first = _range_test(left, lower, upper, is_negated=is_negated)
        if not is_symmetric:
            return first
        return Logic(
            "and" if is_negated else "or", (first, _range_test(left, upper, lower, is_negated=is_negated)), True
        )

    def _between_bound(self) -> Syntax:
        saved, self.is_restricted = self.is_restricted, True
        try:
            return self._expression(_LIKE + 1)
        finally:
            self.is_restricted = saved

    def _like(self, left: Syntax, word: str, *, is_negated: bool) -> Syntax:
        if word == "similar":
            self.cursor.expect("to")
        operator = ("!" if is_negated else "") + _LIKE_OPERATORS[word]
        quantifier = self.cursor.accept_one("any", "some", "all")
        if quantifier is not None:
            return self._quantified(left, operator, quantifier)
        pattern = self._expression(_LIKE + 1)
        escape = (self._expression(_LIKE + 1),) if self.cursor.accept("escape") else ()
        if word == "similar":
            pattern = Call("pg_catalog", "similar_to_escape", (pattern, *escape))
        elif escape:
            pattern = Call("pg_catalog", "like_escape", (pattern, *escape))
        return Operation(operator, left, pattern)

    def _at_time_zone(self, left: Syntax, _: bool) -> Syntax:
        self.cursor.expect("time", "zone")
        return Call("pg_catalog", "timezone", (self._expression(_AT + 1), left), form="at time zone")

    def _collate(self, left: Syntax, _: bool) -> Syntax:
        schema, collation = self.cursor.qualified_name()
        return Collated(left, schema, collation)


def _range_test(value: Syntax, lower: Syntax, upper: Syntax, *, is_negated: bool) -> Syntax:
    if is_negated:
        return Logic("or", (Operation("<", value, lower), Operation(">", value, upper)), is_between=True)
    return Logic("and", (Operation(">=", value, lower), Operation("<=", value, upper)), is_between=True)


def _signed(sign: str, operand: Syntax) -> Syntax:
    """A minus before a number is a part of it (doNegate)."""
    if sign == "-" and isinstance(operand, Literal) and operand.kind in ("integer", "float"):
        value = operand.value[1:] if operand.value.startswith("-") else "-" + operand.value
        return Literal(operand.kind, value)
    return Operation(sign, None, operand)


def row_or_group(items: list[Syntax], *, is_explicit: bool) -> Syntax:
    """What stands in parentheses."""
    return items[0] if len(items) == 1 and not is_explicit else RowOf(tuple(items), is_explicit)
