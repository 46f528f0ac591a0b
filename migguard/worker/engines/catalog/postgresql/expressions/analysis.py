"""Types an expression as parse_expr.c does (15): from what is written to the tree that PostgreSQL stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ...errors import NotUnderstood, Rejected
from ..model import Column, Composite, Domain, TypeRef
from .calls import CallAnalysis
from .coercion import modifiers_of, split_ref
from .nodes import (
    Among,
    ArrayOf,
    ArrayTree,
    BoolOp,
    Call,
    Case,
    CaseOp,
    CaseTest,
    Cast,
    Choice,
    ChoiceOp,
    Collated,
    CollateOp,
    Const,
    Distinct,
    DistinctOp,
    DomainValue,
    DomainValueOf,
    IsTest,
    Literal,
    Logic,
    Name,
    Operation,
    Quantified,
    RowOf,
    RowTree,
    SequenceName,
    Special,
    SpecialValue,
    Subscript,
    SubscriptOp,
    Syntax,
    Test,
    Tree,
    Type,
    Var,
)
from .system import BOOLEAN, INTEGER, RECORD, TEXT, UNKNOWN, type_of

_SPECIAL_TYPES = {
    "current_date": "date",
    "current_time": "timetz",
    "current_timestamp": "timestamptz",
    "localtime": "time",
    "localtimestamp": "timestamp",
}
#: FLOAT8OID and the like do not matter here: a number with a point is numeric.
_LIMITS = ((31, INTEGER), (63, Type("int8")))


class Analysis(CallAnalysis):
    """One expression. columns: what names may mean; value: the type of VALUE in a domain's check."""

    columns: Mapping[str, Column]
    value: Optional[TypeRef] = None

    def analyse(self, syntax: Syntax) -> Tree:
        tree: Tree = _METHODS[type(syntax)](self, syntax)
        return tree

    def literal(self, syntax: Literal) -> Tree:
        if syntax.kind == "string":
            return Const(UNKNOWN, syntax.value)
        if syntax.kind == "null":
            return Const(UNKNOWN, None)
        if syntax.kind == "boolean":
            return Const(BOOLEAN, syntax.value)
        if syntax.kind == "bits":
            return self._bits(syntax.value)
        return self._number(syntax.value)

    def _number(self, text: str) -> Tree:
        """make_const: the smallest of integer, bigint and numeric."""
        if text.lstrip("-").isdigit():
            number = int(text)
            for bits, type_ in _LIMITS:
                if -(2**bits) <= number < 2**bits:
                    return Const(type_, str(number))
        return self.coerce_literal(Const(UNKNOWN, text), Type("numeric"))

    def _bits(self, text: str) -> Tree:
        digits = text[1:]
        if text[0] == "x":
            digits = "".join(f"{int(digit, 16):04b}" for digit in digits)
        return self.coerce_literal(Const(UNKNOWN, digits), Type("bit"))

    def name(self, syntax: Name) -> Tree:
        name = syntax.parts[-1]
        if self.value is not None and syntax.parts == ("value",):
            return DomainValueOf(*split_ref(self.value))
        column = self.columns.get(name)
        if column is None:
            raise Rejected(f'column "{name}" does not exist', "42703")
        type_, modifiers = split_ref(column.type)
        self.doubts.check_type(type_)
        return Var(column, type_, modifiers)

    def domain_value(self, _: DomainValue) -> Tree:
        raise NotUnderstood("VALUE")

    def sequence(self, syntax: SequenceName) -> Tree:
        return Const(Type("regclass"), syntax.sequence)

    def operation(self, syntax: Operation) -> Tree:
        if isinstance(syntax.left, RowOf) and isinstance(syntax.right, RowOf):
            return self._rows(syntax.operator, syntax.left, syntax.right)
        left = None if syntax.left is None else self.analyse(syntax.left)
        schema = None if syntax.schema is None else self.home(syntax.schema)
        return self.operator(syntax.operator, left, self.analyse(syntax.right), schema)

    def _rows(self, operator: str, left: RowOf, right: RowOf) -> Tree:
        """make_row_comparison_op, for = and <>: the items are compared one by one."""
        if operator not in ("=", "<>") or len(left.items) != len(right.items) or not left.items:
            raise NotUnderstood("a comparison of rows")
        pairs = zip(left.items, right.items)  # noqa: B905 (3.9 has no strict)
        tests = tuple(self.operator(operator, self.analyse(one), self.analyse(other)) for one, other in pairs)
        if len(tests) == 1:
            return tests[0]
        return BoolOp("and" if operator == "=" else "or", tests, BOOLEAN)

    def quantified(self, syntax: Quantified) -> Tree:
        schema = None if syntax.schema is None else self.home(syntax.schema)
        left, right = self.analyse(syntax.left), self.analyse(syntax.right)
        return self.array_operator(syntax.operator, left, right, schema, is_any=syntax.is_any)

    def among(self, syntax: Among) -> Tree:
        """transformAExprIn: items without columns go into one array where they have a type in common."""
        operator = "<>" if syntax.is_negated else "="
        if isinstance(syntax.left, RowOf):
            if not all(isinstance(item, RowOf) for item in syntax.items):
                raise NotUnderstood("a comparison of rows")
            rows = [self.operation(Operation(operator, syntax.left, item)) for item in syntax.items]
            return self._chain("and" if syntax.is_negated else "or", rows)
        left = self.analyse(syntax.left)
        items = [self.analyse(item) for item in syntax.items]
        constant = [item for item in items if not has_columns(item)]
        tests: list[Tree] = []
        if len(constant) > 1:
            test = self._among_constants(left, constant, is_negated=syntax.is_negated)
            if test is not None:
                tests.append(test)
                items = [item for item in items if has_columns(item)]
        tests += [self.coercions.to_boolean(self.operator(operator, left, item), "IN") for item in items]
        if len(tests) == 1:
            return tests[0]
        return self._chain("and" if syntax.is_negated else "or", tests)

    def _chain(self, word: str, tests: Sequence[Tree]) -> Tree:
        """Each test is joined to those before it (makeBoolExpr of two)."""
        made = tests[0]
        for test in tests[1:]:
            made = BoolOp(word, (made, test), BOOLEAN)
        return made

    def _among_constants(self, left: Tree, items: list[Tree], *, is_negated: bool) -> Optional[Tree]:
        common = self.coercions.common_of_types([left.type, *[item.type for item in items]])
        if common is None or common == RECORD or common.is_array:
            return None
        if not all(self.coercions.can_coerce(one.type, common, "implicit") for one in [left, *items]):
            return None
        elements = tuple(self.coercions.to_common(item, common, "IN") for item in items)
        array = ArrayTree(elements, common.array)
        return self.array_operator("<>" if is_negated else "=", left, array, is_any=not is_negated)

    def logic(self, syntax: Logic) -> Tree:
        what = syntax.word.upper()
        operands = tuple(self.coercions.to_boolean(self.analyse(one), what) for one in syntax.operands)
        return BoolOp(syntax.word, operands, BOOLEAN)

    def test(self, syntax: Test) -> Tree:
        argument = self.analyse(syntax.operand)
        if syntax.word == "null":
            if isinstance(argument.type.user, Composite) or argument.type == RECORD:
                raise NotUnderstood("IS NULL of a row")
            return IsTest("null", syntax.is_negated, argument, BOOLEAN)
        argument = self.coercions.to_boolean(argument, f"IS {syntax.word.upper()}")
        return IsTest(syntax.word, syntax.is_negated, argument, BOOLEAN)

    def distinct(self, syntax: Distinct) -> Tree:
        """make_distinct_op; against a NULL literal it is a test (make_nulltest_from_distinct)."""
        if isinstance(syntax.left, RowOf) or isinstance(syntax.right, RowOf):
            raise NotUnderstood("a comparison of rows")
        left, right = syntax.left, syntax.right
        for one, other in ((right, left), (left, right)):
            if isinstance(one, Literal) and one.kind == "null":
                return self.test(Test(other, "null", not syntax.is_negated))
        compared = self.operator("=", self.analyse(left), self.analyse(right))
        made: Tree = DistinctOp(compared.arguments[0], compared.arguments[1], BOOLEAN)
        return BoolOp("not", (made,), BOOLEAN) if syntax.is_negated else made

    def case(self, syntax: Case) -> Tree:
        argument, test = self._case_argument(syntax)
        whens: list[tuple[Tree, Tree]] = []
        for condition, result in syntax.whens:
            found = self.analyse(condition)
            if test is not None:
                found = self.operator("=", test, found)
            whens.append((self.coercions.to_boolean(found, "CASE/WHEN"), self.analyse(result)))
        otherwise = Const(UNKNOWN, None) if syntax.otherwise is None else self.analyse(syntax.otherwise)
        common = self.coercions.common_type([otherwise, *(result for _, result in whens)], "CASE")
        results = [(condition, self.coercions.to_common(result, common, "CASE")) for condition, result in whens]
        last = self.coercions.to_common(otherwise, common, "CASE")
        return CaseOp(argument, tuple(results), last, common)

    def _case_argument(self, syntax: Case) -> tuple[Optional[Tree], Optional[CaseTest]]:
        if syntax.argument is None:
            return None, None
        argument = self.analyse(syntax.argument)
        if argument.type == UNKNOWN:
            argument = self.coercions.to_common(argument, TEXT, "CASE")
        return argument, CaseTest(argument.type, modifiers_of(argument))

    def cast(self, syntax: Cast) -> Tree:
        target, modifiers = split_ref(syntax.type)
        self.doubts.check_type(target)
        if isinstance(syntax.operand, ArrayOf) and self.coercions.system.base(target).is_array:
            base = self.coercions.system.base(target)
            kept = modifiers if base == target else self.coercions.system.base_modifiers(target)
            operand: Tree = self.array(syntax.operand, base, kept)
        else:
            operand = self.analyse(syntax.operand)
        made = self.coercions.coerce_to_target(operand, target, modifiers, "explicit", "explicit")
        if made is None:
            raise Rejected("cannot cast to that type", "42846")
        return made

    def array(self, syntax: ArrayOf, target: Optional[Type] = None, modifiers: str = "") -> Tree:
        """transformArrayExpr: with the type that a cast around it asks for, or the common type of the items."""
        items = []
        for item in syntax.items:
            items.append(self.array(item, target, modifiers) if isinstance(item, ArrayOf) else self.analyse(item))
        if target is not None:
            return ArrayTree(tuple(self._hard_element(item, target, modifiers) for item in items), target)
        if not items:
            raise Rejected("cannot determine type of empty array", "42P18")
        common = self.coercions.common_type(items, "ARRAY")
        elements = tuple(self.coercions.to_common(item, common, "ARRAY") for item in items)
        return ArrayTree(elements, common if common.is_array else common.array)

    def _hard_element(self, item: Tree, target: Type, modifiers: str) -> Tree:
        if item.type.is_array and isinstance(item, ArrayTree):
            return item
        made = self.coercions.coerce_to_target(item, target.element, modifiers, "explicit", "explicit")
        if made is None:
            raise Rejected("cannot cast to that type", "42846")
        return made

    def row(self, syntax: RowOf) -> Tree:
        self.doubts.add("a row")
        return RowTree(tuple(self.analyse(item) for item in syntax.items), syntax.is_explicit, RECORD)

    def choice(self, syntax: Choice) -> Tree:
        arguments = [self.analyse(one) for one in syntax.arguments]
        if syntax.word == "nullif":
            compared = self.operator("=", arguments[0], arguments[1])
            return ChoiceOp("nullif", compared.arguments, compared.arguments[0].type)
        what = syntax.word.upper()
        common = self.coercions.common_type(arguments, what)
        made = tuple(self.coercions.to_common(one, common, what) for one in arguments)
        return ChoiceOp(syntax.word, made, common)

    def special(self, syntax: Special) -> Tree:
        return SpecialValue(syntax.word, syntax.modifiers, Type(_SPECIAL_TYPES.get(syntax.word, "name")))

    def collated(self, syntax: Collated) -> Tree:
        argument = self.analyse(syntax.operand)
        if argument.type == UNKNOWN:
            argument = self.coercions.to_common(argument, TEXT, "COLLATE")
        if not self.coercions.system.is_collatable(argument.type):
            raise Rejected("collations are not supported by this type", "42804")
        if syntax.schema not in (None, "pg_catalog"):
            self.doubts.add("a collation of the user's own")
        return CollateOp(argument, syntax.collation, argument.type)

    def subscript(self, syntax: Subscript) -> Tree:
        argument = self.analyse(syntax.operand)
        base = self.coercions.system.base(argument.type)
        if not base.is_array or isinstance(argument.type.user, Domain):
            raise NotUnderstood("a subscript of something that is no array")
        bounds = [None if one is None else self._bound(one) for one in (syntax.lower, syntax.upper)]
        if isinstance(syntax.operand, Subscript):
            raise NotUnderstood("several subscripts")
        return SubscriptOp(argument, bounds[0], bounds[1], syntax.is_slice, base if syntax.is_slice else base.element)

    def _bound(self, syntax: Syntax) -> Tree:
        made = self.coercions.coerce_to_target(self.analyse(syntax), INTEGER, "", "assignment", "implicit")
        if made is None:
            raise Rejected("array subscript must have type integer", "42804")
        return made

    def refuse(self, syntax: Syntax) -> Tree:
        raise NotUnderstood(f"{type(syntax).__name__} in an expression")


_METHODS: dict[type, Any] = {
    Literal: Analysis.literal,
    Name: Analysis.name,
    Call: Analysis.call,
    Operation: Analysis.operation,
    Quantified: Analysis.quantified,
    Among: Analysis.among,
    Logic: Analysis.logic,
    Test: Analysis.test,
    Distinct: Analysis.distinct,
    Case: Analysis.case,
    Cast: Analysis.cast,
    ArrayOf: Analysis.array,
    RowOf: Analysis.row,
    Choice: Analysis.choice,
    Special: Analysis.special,
    Collated: Analysis.collated,
    Subscript: Analysis.subscript,
    DomainValue: Analysis.domain_value,
    SequenceName: Analysis.sequence,
}


def has_columns(value: Any) -> bool:
    """contain_vars_of_level."""
    if isinstance(value, Var):
        return True
    if isinstance(value, tuple):
        return any(map(has_columns, value))
    if isinstance(value, (Const, Type, str)) or value is None:
        return False
    return any(map(has_columns, vars(value).values())) if hasattr(value, "__dataclass_fields__") else False


def column_type(column: Column) -> Type:
    return type_of(column.type)
