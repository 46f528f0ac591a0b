"""What module-level expressions of a revision file evaluate to, as far as the text alone can tell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from migguard.revisions.names import Known, Names, Unknown, Value

#: Longer values are not built: a few lines of text may double a string beyond all memory.
_LONGEST_TEXT = 10_000
_LONGEST_SEQUENCE = 10_000
_REASON_CALL = "the result of a call"
_CONVERTERS: Mapping[str, type] = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}


def evaluate(names: Names, node: ast.expr) -> Value:
    """The value of an expression, with its effects on `names` (walrus, calls that may rebind or mutate)."""
    return _EVALUATORS.get(type(node), _evaluate_other)(names, node)


def scan(names: Names, node: ast.AST) -> None:
    """Apply to `names` what evaluating `node` may do to them, where its value does not matter."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr):
            names.bind(inner.target.id, Unknown("set within an expression"), inner)
        elif isinstance(inner, ast.Call):
            _apply_call(names, inner)


def _apply_call(names: Names, call: ast.Call) -> None:
    mentioned = {inner.id for inner in ast.walk(call) if isinstance(inner, ast.Name)}
    if mentioned & names.rebinding:
        names.lose_all("may be set by a call that changes this module")
    for name in mentioned:
        names.spoil(name)


def _evaluate_other(names: Names, node: ast.expr) -> Value:
    scan(names, node)
    if isinstance(node, ast.Attribute):
        return Unknown("an attribute of another object")
    return Unknown("known only when the file runs")


def _evaluate_constant(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Constant)
    parts = {node.value: node} if isinstance(node.value, str) else {}
    return Known(node.value, parts)


def _evaluate_name(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Name)
    return names.value(node.id) or Unknown(f"`{node.id}` is not assigned in this file")


def _evaluate_sequence(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Tuple | ast.List | ast.Set)
    gathered = _Gathering()
    for element in node.elts:
        gathered.add(names, element)
    if gathered.unknown is not None:
        return gathered.unknown
    try:
        value = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)](gathered.items)
    except TypeError:
        return Unknown("known only when the file runs")
    return Known(value, gathered.parts)


@dataclass
class _Gathering:
    """The elements of a display so far."""

    items: list[object] = field(default_factory=list)
    parts: dict[str, ast.expr] = field(default_factory=dict)
    unknown: Unknown | None = None

    def add(self, names: Names, element: ast.expr) -> None:
        is_spread = isinstance(element, ast.Starred)
        value = evaluate(names, element.value if isinstance(element, ast.Starred) else element)
        if isinstance(value, Unknown):
            self.unknown = self.unknown or value
            return
        if not is_spread:
            self.items.append(value.value)
        elif isinstance(value.value, str | tuple | list | set | frozenset | dict):
            self.items.extend(value.value)
        else:
            self.unknown = self.unknown or Unknown("known only when the file runs")
        if len(self.items) > _LONGEST_SEQUENCE:
            self.unknown = self.unknown or Unknown("too long")
        self.parts.update(value.parts)


def _evaluate_dict(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Dict)
    built: dict[object, object] = {}
    parts: dict[str, ast.expr] = {}
    unknown: Unknown | None = None
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        key = evaluate(names, key_node) if key_node is not None else Unknown("known only when the file runs")
        value = evaluate(names, value_node)
        if isinstance(key, Unknown) or isinstance(value, Unknown) or not isinstance(key.value, str | int | None):
            unknown = unknown or Unknown("known only when the file runs")
            continue
        built[key.value] = value.value
        parts.update(key.parts)
    return unknown or Known(built, parts)


def _evaluate_joined(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.JoinedStr)
    pieces: list[str] = []
    for part in node.values:
        value = _format_piece(names, part) if isinstance(part, ast.FormattedValue) else evaluate(names, part)
        if isinstance(value, Unknown):
            for rest in node.values:
                scan(names, rest)
            return value
        pieces.append(str(value.value))
    return _text("".join(pieces))


def _format_piece(names: Names, part: ast.FormattedValue) -> Value:
    value = evaluate(names, part.value)
    if isinstance(value, Unknown):
        return value
    # A format specification may ask for any width, so only the plain form is followed.
    if part.format_spec is not None or part.conversion not in {-1, ord("s")} or not isinstance(value.value, str | int):
        return Unknown("known only when the file runs")
    return Known(str(value.value), {})


def _evaluate_operation(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.BinOp)
    left = evaluate(names, node.left)
    right = evaluate(names, node.right)
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    if not isinstance(node.op, ast.Add):
        return Unknown("known only when the file runs")
    return add(left, right)


def add(left: Known, right: Known) -> Value:
    """`left + right` for texts, tuples and lists."""
    one, other = left.value, right.value
    parts = {**left.parts, **right.parts}
    if isinstance(one, str) and isinstance(other, str):
        return _text(one + other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return Known(one + other, parts) if len(one) + len(other) <= _LONGEST_SEQUENCE else Unknown("too long")
    if isinstance(one, list) and isinstance(other, list):
        return Known(one + other, parts) if len(one) + len(other) <= _LONGEST_SEQUENCE else Unknown("too long")
    return Unknown("known only when the file runs")


def _text(text: str) -> Value:
    return Known(text, {}) if len(text) <= _LONGEST_TEXT else Unknown("too long")


def _evaluate_walrus(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.NamedExpr)
    value = evaluate(names, node.value)
    names.bind(node.target.id, value, node.value)
    return value


def _evaluate_choice(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.IfExp)
    test = evaluate(names, node.test)
    if isinstance(test, Known):
        return evaluate(names, node.body if test.value else node.orelse)
    if any(isinstance(inner, ast.NamedExpr | ast.Call) for inner in ast.walk(node)):
        scan(names, node.body)
        scan(names, node.orelse)
        return Unknown("a choice that depends on what is not in this file")
    one, other = evaluate(names, node.body), evaluate(names, node.orelse)
    return one if one.agrees(other) else Unknown("a choice that depends on what is not in this file")


def _evaluate_any_all(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.BoolOp)
    stops_at = isinstance(node.op, ast.Or)
    value: Value = Unknown("known only when the file runs")
    for position, operand in enumerate(node.values):
        value = evaluate(names, operand)
        if isinstance(value, Unknown):
            for rest in node.values[position + 1 :]:
                scan(names, rest)
            return value
        if bool(value.value) is stops_at:
            return value
    return value


def _evaluate_unary(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.UnaryOp)
    value = evaluate(names, node.operand)
    if isinstance(value, Known) and isinstance(node.op, ast.Not):
        return Known(not value.value, {})
    return Unknown("known only when the file runs")


def _evaluate_comparison(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Compare)
    values = [evaluate(names, part) for part in (node.left, *node.comparators)]
    known = [value.value for value in values if isinstance(value, Known)]
    if len(known) != len(values) or len(known) != 2:
        return Unknown("known only when the file runs")
    operator = node.ops[0]
    if isinstance(operator, ast.Eq | ast.NotEq):
        return Known((known[0] == known[1]) is isinstance(operator, ast.Eq), {})
    if isinstance(operator, ast.Is | ast.IsNot) and None in known:
        return Known((known[0] is known[1]) is isinstance(operator, ast.Is), {})
    return Unknown("known only when the file runs")


def _evaluate_subscript(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Subscript)
    scan(names, node)
    if any(isinstance(inner, ast.Call | ast.NamedExpr | ast.Slice) for inner in ast.walk(node)):
        return Unknown("known only when the file runs")
    container, key = evaluate(names, node.value), evaluate(names, node.slice)
    if isinstance(container, Unknown):
        return container
    if isinstance(key, Known) and isinstance(key.value, int | str):
        try:
            found = container.value[key.value]  # type: ignore[index]  # anything else raises, as it does in the file
        except (TypeError, LookupError):
            return Unknown("known only when the file runs")
        return Known(found, {})
    return Unknown("known only when the file runs")


def _evaluate_call(names: Names, node: ast.expr) -> Value:
    assert isinstance(node, ast.Call)
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function in _CONVERTERS and names.value(function) is None and len(node.args) == 1 and not node.keywords:
        value = evaluate(names, node.args[0])
        if isinstance(value, Known) and isinstance(value.value, str | tuple | list | set | frozenset | dict):
            try:
                return Known(_CONVERTERS[function](value.value), value.parts)
            except TypeError:
                return Unknown(_REASON_CALL)
    scan(names, node)
    return Unknown(_REASON_CALL)


_EVALUATORS: Mapping[type[ast.expr], Callable[[Names, ast.expr], Value]] = {
    ast.Constant: _evaluate_constant,
    ast.Name: _evaluate_name,
    ast.Tuple: _evaluate_sequence,
    ast.List: _evaluate_sequence,
    ast.Set: _evaluate_sequence,
    ast.Dict: _evaluate_dict,
    ast.JoinedStr: _evaluate_joined,
    ast.BinOp: _evaluate_operation,
    ast.NamedExpr: _evaluate_walrus,
    ast.IfExp: _evaluate_choice,
    ast.BoolOp: _evaluate_any_all,
    ast.UnaryOp: _evaluate_unary,
    ast.Compare: _evaluate_comparison,
    ast.Subscript: _evaluate_subscript,
    ast.Call: _evaluate_call,
}
