"""Prints a tree as ruleutils.c does (15), plainly or pretty (pg_get_expr's flag: fewer parentheses)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from ...errors import NotUnderstood
from ..model import Sequence as SequenceObject
from ..model import TypeRef
from ..names import quote_identifier, quote_literal, quote_qualified
from ..types import format_type
from .nodes import (
    ArrayOp,
    ArrayTree,
    BoolOp,
    CaseOp,
    CaseTest,
    ChoiceOp,
    Coercion,
    CollateOp,
    Const,
    DistinctOp,
    DomainValueOf,
    Func,
    IsTest,
    Op,
    RowTree,
    SpecialValue,
    SubscriptOp,
    Tree,
    Type,
    Var,
)
from .system import BOOLEAN, ref_of

if TYPE_CHECKING:
    from ..catalog import Catalog

_CASTS = ("explicit", "implicit")
#: Nodes inside which an operator needs no parentheses of its own (isSimpleNode).
_SEPARATORS = (SubscriptOp, ArrayTree, RowTree, ChoiceOp, CaseOp)
_CHOICES = {"coalesce": "COALESCE", "greatest": "GREATEST", "least": "LEAST", "nullif": "NULLIF"}


class Printer:
    """One text. is_exact is False where a name's visibility is not known."""

    def __init__(self, catalog: Catalog, *, is_pretty: bool) -> None:
        self.catalog = catalog
        self.is_pretty = is_pretty
        self.is_exact = True
        self.indent = 0
        self.parts: list[str] = []

    def print(self, tree: Tree) -> str:
        self.parts = []
        self._show(tree, with_implicit=False)
        return "".join(self.parts)

    def _put(self, text: str) -> None:
        self.parts.append(text)

    def _show(self, tree: Tree, *, with_implicit: bool) -> None:
        """get_rule_expr."""
        _METHODS[type(tree)](self, tree, with_implicit)

    def _nested(self, tree: Tree, parent: Tree, *, with_implicit: bool) -> None:
        """get_rule_expr_paren."""
        needs = self.is_pretty and not self._is_simple(tree, parent)
        if needs:
            self._put("(")
        self._show(tree, with_implicit=with_implicit)
        if needs:
            self._put(")")

    def _listed(self, trees: Sequence[Tree]) -> None:
        for place, tree in enumerate(trees):
            if place:
                self._put(", ")
            self._show(tree, with_implicit=True)

    def _open(self) -> None:
        if not self.is_pretty:
            self._put("(")

    def _close(self) -> None:
        if not self.is_pretty:
            self._put(")")

    # ---- what is simple (pretty only)

    def _is_simple(self, tree: Tree, parent: Tree) -> bool:
        """isSimpleNode."""
        if isinstance(tree, Coercion):
            return self._is_simple(tree.argument, tree)
        if isinstance(tree, Op) and isinstance(parent, Op):
            return _is_simple_operator(tree, parent)
        if isinstance(tree, (Op, IsTest, DistinctOp)):
            return isinstance(parent, (BoolOp, *_SEPARATORS)) or _is_call(parent)
        if isinstance(tree, BoolOp):
            if isinstance(parent, BoolOp):
                return parent.word == "or" or (parent.word == "and" and tree.word != "or")
            return isinstance(parent, _SEPARATORS) or _is_call(parent)
        return not isinstance(tree, (ArrayOp, CollateOp, CaseTest))

    # ---- leaves

    def var(self, tree: Var, _: bool) -> None:
        self._put(quote_identifier(tree.column.name))

    def const(self, tree: Const, _: bool) -> None:
        self._const(tree, with_type=True)

    def _const(self, tree: Const, *, with_type: bool) -> None:
        """get_const_expr: a label unless the text alone has that type."""
        if tree.value is None:
            self._put("NULL")
            if with_type:
                self._put("::" + self.type_text(tree.type, tree.modifiers))
            return
        if isinstance(tree.value, SequenceObject):
            self._put(quote_literal(self._relation(tree.value)))
            needs = True
        else:
            needs = self._value(tree, tree.value)
        if with_type and needs:
            self._put("::" + self.type_text(tree.type, tree.modifiers))

    def _value(self, tree: Const, value: str) -> bool:
        """The text; does it need a label?"""
        if tree.type == BOOLEAN:
            self._put(value)
            return False
        is_plain = tree.type.user is None and not tree.type.is_array
        if is_plain and tree.type.name == "int4" and not value.startswith("-"):
            self._put(value)
            return False
        if is_plain and tree.type.name == "numeric" and value[0].isdigit() and any(sign in value for sign in "eE."):
            self._put(value)
            return bool(tree.modifiers)
        self._put(quote_literal(value))
        return not (is_plain and tree.type.name == "unknown")

    def type_text(self, type_: Type, modifiers: str) -> str:
        """format_type_with_typemod."""
        return format_type(self._ref(type_, modifiers), self.catalog)

    def _ref(self, type_: Type, modifiers: str) -> TypeRef:
        ref = ref_of(type_, modifiers)
        if type_.user is None:
            for user in self.catalog.types.values():
                if user.name == type_.name and getattr(user, "extension", None):
                    ref.user = user
        return ref

    def _relation(self, sequence: SequenceObject) -> str:
        """regclassout: qualified where search_path does not find it."""
        if self.catalog.lookup(None, sequence.name) is sequence:
            return quote_identifier(sequence.name)
        return quote_qualified(sequence.schema, sequence.name)

    def special(self, tree: SpecialValue, _: bool) -> None:
        self._put(tree.word.upper() + tree.modifiers)

    def domain_value(self, _tree: DomainValueOf, _: bool) -> None:
        self._put("VALUE")

    def case_test(self, _tree: CaseTest, _: bool) -> None:
        self._put("CASE_TEST_EXPR")

    # ---- calls and operators

    def function(self, tree: Func, with_implicit: bool) -> None:
        """get_func_expr."""
        if tree.cast == "implicit" and not with_implicit:
            self._nested(tree.arguments[0], tree, with_implicit=False)
        elif tree.cast:
            self._cast(tree.arguments[0], tree, tree.type, tree.modifiers)
        elif tree.form:
            self._special_form(tree)
        else:
            self._put(self._function_name(tree) + "(")
            self._arguments(tree)
            self._put(")")

    def _arguments(self, tree: Func) -> None:
        for place, argument in enumerate(tree.arguments):
            if place:
                self._put(", ")
            if tree.is_variadic and place == len(tree.arguments) - 1:
                self._put("VARIADIC ")
            self._show(argument, with_implicit=True)

    def _function_name(self, tree: Func) -> str:
        """generate_function_name: qualified where search_path does not find it."""
        if not tree.schema or tree.schema in self.catalog.search_path:
            return quote_identifier(tree.name)
        return quote_qualified(tree.schema, tree.name)

    def _special_form(self, tree: Func) -> None:
        """get_func_sql_syntax (since 14)."""
        arguments = tree.arguments
        if tree.form == "at time zone":
            self._put("(")
            self._nested(arguments[1], tree, with_implicit=False)
            self._put(" AT TIME ZONE ")
            self._nested(arguments[0], tree, with_implicit=False)
            self._put(")")
        elif tree.form == "extract":
            field = arguments[0]
            assert isinstance(field, Const)
            self._joined((f"EXTRACT({field.value} FROM ", arguments[1], ")"))
        elif tree.form == "position":
            self._joined(("POSITION((", arguments[1], ") IN (", arguments[0], "))"))
        elif tree.form == "overlay":
            self._words("OVERLAY", arguments, ("", " PLACING ", " FROM ", " FOR "))
        elif tree.form == "substring":
            self._words("SUBSTRING", arguments, ("", " FROM ", " FOR "))
        else:
            side = {"btrim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}[tree.name]
            self._joined(
                (f"TRIM({side}", *((" ", arguments[1]) if len(arguments) > 1 else ()), " FROM ", arguments[0], ")")
            )

    def _words(self, name: str, arguments: Sequence[Tree], words: Sequence[str]) -> None:
        self._put(name + "(")
        for argument, word in zip(arguments, words):  # noqa: B905 (3.9 has no strict)
            self._joined((word, argument))
        self._put(")")

    def _joined(self, parts: Sequence[Any]) -> None:
        for part in parts:
            if isinstance(part, str):
                self._put(part)
            else:
                self._show(part, with_implicit=False)

    def operator(self, tree: Op, _: bool) -> None:
        """get_oper_expr."""
        self._open()
        name = self._operator_name(tree.operator, tree.schema)
        if len(tree.arguments) == 1:
            self._put(name + " ")
        else:
            self._nested(tree.arguments[0], tree, with_implicit=True)
            self._put(f" {name} ")
        self._nested(tree.arguments[-1], tree, with_implicit=True)
        self._close()

    def _operator_name(self, name: str, schema: str) -> str:
        if not schema or schema in self.catalog.search_path:
            return name
        return f"OPERATOR({quote_identifier(schema)}.{name})"

    def array_operator(self, tree: ArrayOp, _: bool) -> None:
        self._open()
        self._nested(tree.left, tree, with_implicit=True)
        name = self._operator_name(tree.operator, tree.schema)
        self._put(f" {name} {'ANY' if tree.is_any else 'ALL'} (")
        self._nested(tree.right, tree, with_implicit=True)
        self._put(")")
        self._close()

    def logic(self, tree: BoolOp, _: bool) -> None:
        self._open()
        if tree.word == "not":
            self._put("NOT ")
        for place, argument in enumerate(tree.arguments):
            if place:
                self._put(f" {tree.word.upper()} ")
            self._nested(argument, tree, with_implicit=False)
        self._close()

    def test(self, tree: IsTest, _: bool) -> None:
        self._open()
        self._nested(tree.argument, tree, with_implicit=tree.word == "null")
        self._put(f" IS {'NOT ' if tree.is_negated else ''}{tree.word.upper()}")
        self._close()

    def distinct(self, tree: DistinctOp, _: bool) -> None:
        self._open()
        self._nested(tree.left, tree, with_implicit=True)
        self._put(" IS DISTINCT FROM ")
        self._nested(tree.right, tree, with_implicit=True)
        self._close()

    # ---- casts

    def coercion(self, tree: Coercion, with_implicit: bool) -> None:
        if tree.cast == "implicit" and not with_implicit:
            if tree.kind == "domain":
                self._show(tree.argument, with_implicit=False)
            else:
                self._nested(tree.argument, tree, with_implicit=False)
        else:
            self._cast(tree.argument, tree, tree.type, tree.modifiers)

    def _cast(self, argument: Tree, parent: Tree, type_: Type, modifiers: str) -> None:
        """get_coercion_expr: a length coercion of a literal of the type is no cast of its own."""
        if isinstance(argument, Const) and argument.type == type_ and not argument.modifiers:
            self._const(argument, with_type=False)
        else:
            self._open()
            self._nested(argument, parent, with_implicit=False)
            self._close()
        self._put("::" + self.type_text(type_, modifiers))

    def collate(self, tree: CollateOp, with_implicit: bool) -> None:
        self._open()
        self._nested(tree.argument, tree, with_implicit=with_implicit)
        self._put(f" COLLATE {quote_identifier(tree.collation)}")
        self._close()

    # ---- the rest

    def case(self, tree: CaseOp, _: bool) -> None:
        self._keyword("CASE", 0, 4)
        if tree.argument is not None:
            self._put(" ")
            self._show(tree.argument, with_implicit=True)
        for condition, result in tree.whens:
            self._keyword("WHEN ", 0, 0)
            self._show(_when(condition) if tree.argument is not None else condition, with_implicit=False)
            self._put(" THEN ")
            self._show(result, with_implicit=True)
        if tree.otherwise is not None:
            self._keyword("ELSE ", 0, 0)
            self._show(tree.otherwise, with_implicit=True)
        self._keyword("END", -4, 0)

    def _keyword(self, word: str, before: int, after: int) -> None:
        """appendContextKeyword: on a line of its own, whether pretty or not."""
        self.indent += before
        text = "".join(self.parts).rstrip(" ")
        self.parts = [text, "\n" + " " * max(self.indent, 0) + word]
        self.indent = max(self.indent + after, 0)

    def array(self, tree: ArrayTree, _: bool) -> None:
        self._put("ARRAY[")
        self._listed(tree.elements)
        self._put("]")
        if not tree.elements:
            self._put("::" + self.type_text(tree.type, ""))

    def row(self, tree: RowTree, _: bool) -> None:
        self._put("ROW(")
        self._listed(tree.elements)
        self._put(")")

    def choice(self, tree: ChoiceOp, _: bool) -> None:
        self._put(_CHOICES[tree.word] + "(")
        self._listed(tree.arguments)
        self._put(")")

    def subscript(self, tree: SubscriptOp, with_implicit: bool) -> None:
        needs = not isinstance(tree.argument, Var)
        self._put("(" if needs else "")
        self._show(tree.argument, with_implicit=with_implicit)
        self._put(")[" if needs else "[")
        self._optional(tree.lower)
        if tree.is_slice:
            self._put(":")
            self._optional(tree.upper)
        self._put("]")

    def _optional(self, tree: Optional[Tree]) -> None:
        if tree is not None:
            self._show(tree, with_implicit=False)


def _when(condition: Tree) -> Tree:
    """CASE x WHEN y: the parser made `x = y` of it, of which y alone is printed."""
    stripped = condition
    if isinstance(stripped, (Op,)) and len(stripped.arguments) == 2:
        return stripped.arguments[1]
    raise NotUnderstood("a CASE whose comparison is not plain")


def _is_call(tree: Tree) -> bool:
    return isinstance(tree, Func) and tree.cast not in _CASTS


def _is_simple_operator(tree: Op, parent: Op) -> bool:
    """Only + - and * / % are known to bind in order, and (a - b) - c from the left."""
    if any(len(one.arguments) != 2 or one.operator not in "+-*/%" or len(one.operator) != 1 for one in (tree, parent)):
        return False
    is_tight, is_parent_tight = tree.operator in "*/%", parent.operator in "*/%"
    if is_tight != is_parent_tight:
        return is_tight
    return tree is parent.arguments[0]


def looks_like_function(tree: Tree) -> bool:
    """looks_like_function: an index needs no parentheses around it."""
    return isinstance(tree, ChoiceOp) or (isinstance(tree, Func) and not tree.cast and tree.form != "at time zone")


_METHODS: dict[type, Any] = {
    Var: Printer.var,
    Const: Printer.const,
    Func: Printer.function,
    Op: Printer.operator,
    ArrayOp: Printer.array_operator,
    BoolOp: Printer.logic,
    IsTest: Printer.test,
    DistinctOp: Printer.distinct,
    Coercion: Printer.coercion,
    CaseOp: Printer.case,
    CaseTest: Printer.case_test,
    ArrayTree: Printer.array,
    RowTree: Printer.row,
    ChoiceOp: Printer.choice,
    SpecialValue: Printer.special,
    CollateOp: Printer.collate,
    SubscriptOp: Printer.subscript,
    DomainValueOf: Printer.domain_value,
}
