"""Reads what operators stand between: literals, names, calls, and all that has a syntax of its own (gram.y: c_expr)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..model import Sequence, TypeRef
from ..scanner import COLUMN_NAMES, FUNCTION_NAMES, RESERVED, open_cursor
from ..types import read_interval_fields, read_type
from .nodes import (
    ArrayOf,
    Call,
    Case,
    Cast,
    Choice,
    Literal,
    Name,
    RowOf,
    SequenceName,
    Special,
    Syntax,
    words,
)

if TYPE_CHECKING:
    from ..catalog import Catalog

_SPECIALS = words(
    "current_date current_time current_timestamp localtime localtimestamp current_role current_user session_user user "
    "current_catalog current_schema"
)
_WITH_PRECISION = frozenset(["current_time", "current_timestamp", "localtime", "localtimestamp"])
_TYPED = words(
    "bigint bit boolean char character dec decimal double float int integer interval national nchar numeric real "
    "smallint time timestamp varchar"
)
_SEQUENCE_FUNCTIONS = frozenset(["nextval", "currval", "setval"])


class PrimaryReader:
    """Reads one c_expr at the cursor; the subclass knows the operators."""

    def __init__(self, cursor: Cursor, catalog: Catalog) -> None:
        self.cursor = cursor
        self.catalog = catalog

    def inner(self) -> Syntax:
        raise NotImplementedError

    def restricted(self) -> Syntax:
        raise NotImplementedError

    def primary(self) -> Syntax:
        token = self.cursor.peek()
        if token is None:
            self.cursor.fail("expression expected")
        if token.kind == "number":
            self.cursor.index += 1
            return _number(token.value)
        if token.kind == "string":
            self.cursor.index += 1
            return Literal("string", token.value)
        if token.kind == "bits":
            self.cursor.index += 1
            return Literal("bits", token.value)
        if token.kind == "punctuation" and token.value == "(":
            return self._group()
        if token.kind == "id":
            return self._word(token.word)
        if token.kind == "quoted":
            return self._reference()
        return self.cursor.fail("expression expected")

    def refuse_query(self) -> None:
        """A query inside an expression is not followed."""
        if self.cursor.word() in ("select", "with", "values", "table") and self.cursor.word(1) not in (")", ",", "."):
            raise NotUnderstood("a query inside an expression")

    def items(self, end: str) -> list[Syntax]:
        """Expressions parted by commas, and the end."""
        found = [self.inner()]
        while self.cursor.accept(","):
            found.append(self.inner())
        self.cursor.expect(end)
        return found

    def _group(self) -> Syntax:
        self.cursor.expect("(")
        self.refuse_query()
        items = self.items(")")
        return items[0] if len(items) == 1 else RowOf(tuple(items), is_explicit=False)

    def _word(self, word: str) -> Syntax:
        reader = getattr(self, f"_read_{word}", None)
        if word in ("null", "true", "false"):
            self.cursor.index += 1
            return Literal("null", "") if word == "null" else Literal("boolean", word)
        if word in _SPECIALS and not (word == "current_schema" and self.cursor.at(word, "(")):
            return self._special(word)
        if reader is not None and (self.cursor.word(1) == "(" or word == "case" or self.cursor.at("array", "[")):
            self.cursor.index += 1
            found: Syntax = reader()
            return found
        if word in _TYPED:
            typed = self._typed_literal()
            if typed is not None:
                return typed
        if word in RESERVED:
            self.cursor.fail("expression expected")
        return self._reference()

    def _special(self, word: str) -> Syntax:
        self.cursor.index += 1
        if word in _WITH_PRECISION and self.cursor.accept("("):
            precision = self.cursor.integer()
            self.cursor.expect(")")
            return Special(word, f"({min(precision, 6)})")
        return Special(word)

    def _typed_literal(self) -> Optional[Syntax]:
        """`timestamp with time zone '…'`, `interval '1' day`: a type that the grammar knows, and a string."""
        start = self.cursor.index
        is_interval = self.cursor.at("interval")
        try:
            ref = read_type(self.cursor, self.catalog)
        except NotUnderstood:
            self.cursor.index = start
            return None
        if not self.cursor.at_string() or ref.dimensions:
            self.cursor.index = start
            return None
        value = Literal("string", self.cursor.string())
        if is_interval and not ref.modifiers:
            ref = TypeRef("interval", read_interval_fields(self.cursor))
        return Cast(value, ref)

    def _reference(self) -> Syntax:
        """A column, a call, or a literal of a type by its name (`date '…'`)."""
        start = self.cursor.index
        first = self.cursor.peek()
        is_function = first is not None and first.kind == "id" and first.word in FUNCTION_NAMES
        parts = [self.cursor.label()]
        while self.cursor.at(".") and not self.cursor.at(".", "*"):
            self.cursor.index += 1
            parts.append(self.cursor.label())
        if self.cursor.at("("):
            if len(parts) == 1 and first is not None and first.kind == "id" and first.word in COLUMN_NAMES:
                self.cursor.fail("a syntax that is not followed")
            return self._call(parts)
        if self.cursor.at_string():
            self.cursor.index = start
            ref = read_type(self.cursor, self.catalog)
            return Cast(Literal("string", self.cursor.string()), ref)
        if is_function:
            self.cursor.index = start
            self.cursor.fail("expression expected")
        return Name(tuple(parts))

    def _call(self, parts: list[str]) -> Syntax:
        self.cursor.expect("(")
        arguments: list[Syntax] = []
        is_variadic = False
        if not self.cursor.accept(")"):
            if self.cursor.at("*") or self.cursor.at("distinct") or self.cursor.at("all"):
                raise NotUnderstood("an aggregate call")
            while True:
                is_variadic = self.cursor.accept("variadic")
                arguments.append(self._argument())
                if not self.cursor.accept(","):
                    break
            self.cursor.expect(")")
        if self.cursor.at("over") or self.cursor.at("filter", "(") or self.cursor.at("within", "group"):
            raise NotUnderstood("a window or aggregate call")
        if self.cursor.at_string():
            self.cursor.fail("a syntax that is not followed")
        schema = parts[-2] if len(parts) > 1 else None
        if parts[-1] in _SEQUENCE_FUNCTIONS and schema in (None, "pg_catalog") and arguments:
            arguments[0] = self._sequence(arguments[0])
        return Call(schema, parts[-1], tuple(arguments), is_variadic=is_variadic)

    def _argument(self) -> Syntax:
        if self.cursor.word(1) in (":=", "=>"):
            raise NotUnderstood("named arguments")
        return self.inner()

    def _sequence(self, argument: Syntax) -> Syntax:
        """The sequence that a literal names, at the time the text is read (regclassin)."""
        literal = argument
        if isinstance(argument, Cast) and argument.type.name == "regclass" and not argument.type.dimensions:
            literal = argument.operand
        if not (isinstance(literal, Literal) and literal.kind == "string"):
            return argument
        cursor = open_cursor(literal.value)
        schema, name = cursor.qualified_name()
        cursor.expect_end()
        found = self.catalog.relation(schema, name)
        if not isinstance(found, Sequence):
            raise NotUnderstood(f"{name} is not a sequence")
        return SequenceName(found)

    # ---- syntaxes of their own, by their first word

    def _read_case(self) -> Syntax:
        argument = None if self.cursor.at("when") else self.inner()
        whens: list[tuple[Syntax, Syntax]] = []
        while self.cursor.accept("when"):
            condition = self.inner()
            self.cursor.expect("then")
            whens.append((condition, self.inner()))
        otherwise = self.inner() if self.cursor.accept("else") else None
        self.cursor.expect("end")
        if not whens:
            self.cursor.fail("WHEN expected")
        return Case(argument, tuple(whens), otherwise)

    def _read_cast(self) -> Syntax:
        self.cursor.expect("(")
        operand = self.inner()
        self.cursor.expect("as")
        ref = read_type(self.cursor, self.catalog)
        self.cursor.expect(")")
        return Cast(operand, ref)

    def _read_array(self) -> Syntax:
        if self.cursor.at("("):
            raise NotUnderstood("a query inside an expression")
        return self._array_items()

    def _array_items(self) -> Syntax:
        self.cursor.expect("[")
        if self.cursor.accept("]"):
            return ArrayOf(())
        found: list[Syntax] = []
        while True:
            found.append(self._array_items() if self.cursor.at("[") else self.inner())
            if not self.cursor.accept(","):
                break
        self.cursor.expect("]")
        return ArrayOf(tuple(found))

    def _read_row(self) -> Syntax:
        self.cursor.expect("(")
        return RowOf(() if self.cursor.accept(")") else tuple(self.items(")")), is_explicit=True)

    def _choice(self, word: str) -> Syntax:
        self.cursor.expect("(")
        arguments = tuple(self.items(")"))
        if word == "nullif" and len(arguments) != 2:
            self.cursor.fail("two arguments expected")
        return Choice(word, arguments)

    def _read_coalesce(self) -> Syntax:
        return self._choice("coalesce")

    def _read_greatest(self) -> Syntax:
        return self._choice("greatest")

    def _read_least(self) -> Syntax:
        return self._choice("least")

    def _read_nullif(self) -> Syntax:
        return self._choice("nullif")

    def _read_extract(self) -> Syntax:
        self.cursor.expect("(")
        field = self.cursor.string() if self.cursor.at_string() else self.cursor.label()
        self.cursor.expect("from")
        argument = self.inner()
        self.cursor.expect(")")
        return Call("pg_catalog", "extract", (Literal("string", field), argument), form="extract")

    def _read_position(self) -> Syntax:
        self.cursor.expect("(")
        sought = self.restricted()
        self.cursor.expect("in")
        text = self.restricted()
        self.cursor.expect(")")
        return Call("pg_catalog", "position", (text, sought), form="position")

    def _read_overlay(self) -> Syntax:
        self.cursor.expect("(")
        arguments = [self.inner()]
        if self.cursor.at(","):
            self.cursor.index += 1
            return Call(None, "overlay", (arguments[0], *self.items(")")))
        for word in ("placing", "from"):
            self.cursor.expect(word)
            arguments.append(self.inner())
        if self.cursor.accept("for"):
            arguments.append(self.inner())
        self.cursor.expect(")")
        return Call("pg_catalog", "overlay", tuple(arguments), form="overlay")

    def _read_substring(self) -> Syntax:
        self.cursor.expect("(")
        text = self.inner()
        if self.cursor.accept(","):
            return Call(None, "substring", (text, *self.items(")")))
        if self.cursor.accept(")"):
            return Call(None, "substring", (text,))
        if self.cursor.accept("similar"):
            raise NotUnderstood("SUBSTRING … SIMILAR")
        start = self.inner() if self.cursor.accept("from") else None
        length = self.inner() if self.cursor.accept("for") else None
        if start is None and self.cursor.accept("from"):
            start = self.inner()
        self.cursor.expect(")")
        if start is None and length is not None:
            start, length = Literal("integer", "1"), Cast(length, TypeRef("integer"))
        arguments = (text, *[one for one in (start, length) if one is not None])
        return Call("pg_catalog", "substring", arguments, form="substring")

    def _read_trim(self) -> Syntax:
        self.cursor.expect("(")
        side = self.cursor.accept_one("both", "leading", "trailing") or "both"
        function = {"both": "btrim", "leading": "ltrim", "trailing": "rtrim"}[side]
        if self.cursor.accept("from"):
            return Call("pg_catalog", function, tuple(self.items(")")), form="trim")
        first = self.inner()
        if self.cursor.accept("from"):
            return Call("pg_catalog", function, (*self.items(")"), first), form="trim")
        rest = self.items(")") if self.cursor.accept(",") else []
        if not rest:
            self.cursor.expect(")")
        return Call("pg_catalog", function, (first, *rest), form="trim")


def _number(text: str) -> Literal:
    """Whole numbers above 32 bits are floats for the scanner (process_integer_literal), and typed by their size."""
    return Literal("integer" if text.isdigit() else "float", text)
