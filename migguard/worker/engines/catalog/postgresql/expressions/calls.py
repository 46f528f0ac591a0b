"""Operators and function calls of the tree: chosen by their arguments' types, which are then coerced to theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...errors import NotUnderstood, Rejected
from .coercion import Coercions
from .nodes import ArrayOp, ArrayTree, Call, Const, Func, Op, Scope, Syntax, Tree, Type
from .resolution import Match, Resolution, resolve_polymorphic
from .system import BOOLEAN, UNKNOWN, system_for
from .whitelist import EXTENSIONS, VERSIONS, Doubts


class CallAnalysis:
    """The part of the analysis that looks names up."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.doubts = Doubts()
        self.system = system_for(scope.extensions)
        self.coercions = Coercions(self.system, self.doubts)
        self.resolution = Resolution(self.system, self.coercions, scope.path)
        if not VERSIONS[0] <= scope.version[0] <= VERSIONS[1]:
            self.doubts.add(f"the server's version {scope.version[0]}")
        for extension, schema in scope.extensions:
            if extension not in EXTENSIONS and schema != "pg_catalog" and self.system.has_facts(extension):
                self.doubts.add(f"the extension {extension}")
        if "cast" in scope.functions:
            self.doubts.add("a cast of the user's own")

    def analyse(self, syntax: Syntax) -> Tree:
        raise NotImplementedError

    def coerce_literal(self, tree: Const, target: Type) -> Tree:
        return self.coercions.coerce(tree, target, "", "implicit", "implicit")

    def operator(self, name: str, left: Optional[Tree], right: Tree, schema: Optional[str] = None) -> Op:
        """make_op."""
        given = [one.type for one in ((right,) if left is None else (left, right))]
        self._check_operator(name)
        self.doubts.check_operator(self.system, name, None if left is None else left.type, right.type)
        operator = self.resolution.operator(name, None if left is None else left.type, right.type, schema)
        arguments, result = self._agree(given, operator.arguments, operator.result)
        trees = (right,) if left is None else (left, right)
        made = tuple(self._argument(tree, type_) for tree, type_ in zip(trees, arguments))  # noqa: B905 (3.9 has no strict)
        return Op(name, operator.schema, made, result)

    def array_operator(self, name: str, left: Tree, right: Tree, schema: Optional[str] = None, *, is_any: bool) -> Tree:
        """make_scalar_array_op: the operator is that of the elements, the right side is coerced as an array."""
        self._check_operator(name)
        base = self.system.base(right.type)
        if right.type != UNKNOWN and not base.is_array:
            raise Rejected("op ANY/ALL (array) requires array on right side", "42809")
        element = UNKNOWN if right.type == UNKNOWN else base.element
        self.doubts.check_operator(self.system, name, left.type, element)
        operator = self.resolution.operator(name, left.type, element, schema)
        (first, second), result = self._agree([left.type, element], operator.arguments, operator.result)
        if result != BOOLEAN:
            raise Rejected("op ANY/ALL (array) requires operator to yield boolean", "42809")
        array = second.array
        if second.is_array:
            raise Rejected("could not find array type", "42809")
        return ArrayOp(
            name, operator.schema, self._argument(left, first), self._argument(right, array), is_any, BOOLEAN
        )

    def _check_operator(self, name: str) -> None:
        if self.system.unknown:
            self.doubts.add(f"the extension {self.system.unknown[0]}")
        if name in self.scope.functions:
            self.doubts.add(f"an operator {name} of the user's own")

    def _agree(self, given: Sequence[Type], wanted: Sequence[Type], result: Type) -> tuple[list[Type], Type]:
        agreed = resolve_polymorphic(self.system, self.coercions, given, wanted, result)
        if agreed is None or agreed[1] is None:
            raise Rejected("the arguments do not go together", "42883")
        return agreed[0], agreed[1]

    def _argument(self, tree: Tree, target: Type) -> Tree:
        """make_fn_arguments."""
        if tree.type == target:
            return tree
        return self.coercions.coerce(tree, target, "", "implicit", "implicit")

    def call(self, syntax: Call) -> Tree:
        """ParseFuncOrColumn: functions of the user's own are not known."""
        arguments = [self.analyse(one) for one in syntax.arguments]
        cast = self._cast_call(syntax, arguments)
        if cast is not None:
            return cast
        functions = self.system.functions.get(syntax.name)
        if syntax.name in self.scope.functions or not functions:
            raise NotUnderstood(f"the function {syntax.name}")
        schema = None if syntax.schema is None else self.home(syntax.schema)
        if not any(schema in (None, one.schema) for one in functions):
            raise NotUnderstood(f"the function {syntax.schema}.{syntax.name}")
        given = [one.type for one in arguments]
        match = self.resolution.function(syntax.name, given, is_variadic=syntax.is_variadic, schema=schema)
        if match.function.kind != "f" or match.function.returns_set:
            raise NotUnderstood(f"an aggregate, window or set function: {syntax.name}")
        self.doubts.check_function(self.system, syntax.name, tuple(given))
        types, result = self._agree(given, match.arguments, match.function.result)
        for type_ in types:
            if type_.name != "any":
                self.doubts.check_type(type_)
        made = [self._argument(tree, type_) for tree, type_ in zip(arguments, types)]  # noqa: B905 (3.9 has no strict)
        return self._made(syntax, match, made, result)

    def _cast_call(self, syntax: Call, arguments: Sequence[Tree]) -> Optional[Tree]:
        """A call by the name of a type is a cast in some cases (func_get_detail)."""
        if len(arguments) != 1 or syntax.form or syntax.is_variadic or syntax.name not in self.system.kinds:
            return None
        target = Type(syntax.name)
        if syntax.name in self.scope.functions or not self.resolution.is_cast(target, syntax.name, arguments[0].type):
            return None
        self.doubts.check_type(target)
        return self.coercions.coerce(arguments[0], target, "", "explicit", "explicit")

    @staticmethod
    def home(schema: str) -> str:
        """A schema as the facts have it."""
        return "" if schema == "pg_catalog" else schema

    def _form(self, syntax: Call, match: Match) -> str:
        """get_func_sql_syntax (since 14) knows SUBSTRING with numbers only."""
        if self.scope.version < (14,) or (syntax.form == "substring" and Type("text") in match.arguments[1:]):
            return ""
        return syntax.form

    def _made(self, syntax: Call, match: Match, arguments: list[Tree], result: Type) -> Tree:
        is_variadic = syntax.is_variadic
        if match.gathered:
            first = len(arguments) - match.gathered
            items = tuple(arguments[first:])
            arguments = [*arguments[:first], ArrayTree(items, items[0].type.array)]
            is_variadic = True
        return Func(
            syntax.name,
            match.function.schema,
            tuple(arguments),
            result,
            form=self._form(syntax, match),
            is_variadic=is_variadic,
        )
