"""The text that MariaDB 10.11 shows for an expression (item*.cc, Item::print); true for what the tests compare."""

from __future__ import annotations

from dataclasses import replace

from ..model import Text, quote_name
from . import nodes
from .functions import TRUTH_FUNCTIONS
from .nodes import Node
from .parse import LEVELS

_FAMILIES = {
    "+": "add", "-": "add", "*": "multiply", "/": "multiply", "MOD": "multiply", "DIV": "multiply",
    "<<": "shift", ">>": "shift", "|": "|", "&": "&", "^": "^", "xor": "xor", "collate": "collate",
}  # fmt: skip
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_BETWEEN_LEVEL, _IN_LEVEL = 6, 7


def show(node: Node) -> Text:
    """The expression without parentheses around it."""
    node = simplify(node)
    return Text(_show(node), exact=all(one.is_exact for one in node.walk()))


def show_default(node: Node) -> Text:
    """After DEFAULT: in parentheses unless it is a call, a column or a literal."""
    node = simplify(node)
    text = show(node)
    is_truth = node.kind == nodes.FUNCTION and node.value in TRUTH_FUNCTIONS
    is_plain = not is_truth and node.kind in (nodes.FUNCTION, nodes.COLUMN, nodes.NULL, nodes.NUMBER, nodes.STRING)
    is_plain = is_plain or (
        node.kind == nodes.CAST and not node.value.startswith(("char", "unsigned", "signed", "dec"))
    )
    return text if is_plain else Text(f"({text})", exact=text.exact)


def simplify(node: Node) -> Node:
    """What the parser and fix_fields change: NOT goes down to the comparisons, AND and OR want truth values."""
    node = replace(node, args=tuple(simplify(one) for one in node.args)) if node.args else node
    if node.kind == nodes.UNARY and node.value == "not":
        return _negate(node.args[0])
    if node.kind == nodes.LIKE and node.value == "not regexp":
        return Node(nodes.UNARY, "not", (replace(node, value="regexp"),))
    if node.kind == nodes.JUNCTION:
        return replace(node, args=tuple(_truth(one) for one in node.args))
    return node


def _negate(node: Node) -> Node:
    if node.kind == nodes.BINARY and node.value in _OPPOSITE:
        return replace(node, value=_OPPOSITE[node.value])
    if node.kind == nodes.JUNCTION:
        word = "or" if node.value == "and" else "and"
        return replace(node, value=word, args=tuple(_negate(one) for one in node.args))
    if node.kind in (nodes.BETWEEN, nodes.IN, nodes.LIKE) and not (node.kind == nodes.LIKE and "regexp" in node.value):
        value = node.value[4:] if node.value.startswith("not ") else f"not {node.value}"
        return replace(node, value=value)
    if node.kind == nodes.POSTFIX and node.value in ("is null", "is not null"):
        return replace(node, value="is not null" if node.value == "is null" else "is null")
    if node.kind == nodes.COLUMN:
        return Node(nodes.BINARY, "=", (node, Node(nodes.NUMBER, "0")))
    return Node(nodes.UNARY, "not", (node,), is_exact=False)


def _truth(node: Node) -> Node:
    is_truth = node.kind in (nodes.JUNCTION, nodes.POSTFIX, nodes.BETWEEN, nodes.IN, nodes.LIKE)
    is_truth = is_truth or (node.kind == nodes.BINARY and _FAMILIES.get(node.value) is None)
    is_truth = is_truth or (node.kind == nodes.UNARY and node.value == "not")
    is_truth = is_truth or (node.kind == nodes.FUNCTION and node.value in TRUTH_FUNCTIONS)
    if is_truth:
        return node
    is_known = node.kind == nodes.COLUMN
    return Node(nodes.BINARY, "<>", (node, Node(nodes.NUMBER, "0")), is_exact=is_known)


def _level(node: Node) -> int:
    if node.kind == nodes.JUNCTION:
        return LEVELS[node.value]
    if node.kind == nodes.BINARY:
        return LEVELS[_FAMILIES.get(node.value, "comparison")]
    if node.kind == nodes.POSTFIX:
        return LEVELS["comparison"]
    if node.kind == nodes.UNARY:
        return LEVELS["unary"]
    return {
        nodes.BETWEEN: _BETWEEN_LEVEL,
        nodes.IN: _IN_LEVEL,
        nodes.LIKE: _IN_LEVEL,
        nodes.INTERVAL: LEVELS["interval"],
    }.get(node.kind, LEVELS["atom"])


def _operand(node: Node, level: int) -> str:
    text = _show(node)
    return f"({text})" if _level(node) < level else text


def _show(node: Node) -> str:
    if node.kind == nodes.COLUMN:
        return quote_name(node.value)
    if node.kind == nodes.STRING:
        return _quote(node.value)
    if node.kind == nodes.JUNCTION:
        return f" {node.value} ".join(_operand(one, LEVELS[node.value]) for one in node.args)
    if node.kind == nodes.BINARY:
        level = _level(node)
        left, right = node.args
        return f"{_operand(left, level)} {node.value} {_operand(right, level + 1)}"
    if node.kind == nodes.UNARY:
        sign = "!" if node.value == "not" else node.value
        return f"{sign}{_operand(node.args[0], LEVELS['unary'])}"
    if node.kind == nodes.POSTFIX:
        return f"{_operand(node.args[0], LEVELS['comparison'])} {node.value}"
    return _show_wordy(node)


def _show_wordy(node: Node) -> str:
    if node.kind == nodes.FUNCTION:
        if node.value.startswith("convert using "):
            return f"convert({_show(node.args[0])} {node.value[len('convert ') :]})"
        return f"{node.value}({','.join(_show(one) for one in node.args)})"
    if node.kind == nodes.CAST:
        return f"cast({_show(node.args[0])} as {node.value})"
    if node.kind == nodes.BETWEEN:
        first, low, high = node.args
        return (
            f"{_operand(first, _BETWEEN_LEVEL + 1)} {node.value} {_operand(low, _BETWEEN_LEVEL + 1)} "
            f"and {_operand(high, _BETWEEN_LEVEL)}"
        )
    if node.kind == nodes.IN:
        members = ",".join(_show(one) for one in node.args[1:])
        return f"{_operand(node.args[0], _IN_LEVEL + 1)} {node.value} ({members})"
    if node.kind == nodes.LIKE:
        return _show_like(node)
    if node.kind == nodes.INTERVAL:
        sign, unit = node.value.split()
        moment, amount = node.args
        return f"{_operand(moment, LEVELS['interval'])} {sign} interval {_show(amount)} {unit}"
    if node.kind == nodes.CASE:
        return _show_case(node)
    return node.value


def _show_like(node: Node) -> str:
    # the server writes two blanks before NOT LIKE
    word = f" {node.value}" if node.value == "not like" else node.value
    text = f"{_operand(node.args[0], _IN_LEVEL)} {word} {_operand(node.args[1], _IN_LEVEL + 1)}"
    return text if len(node.args) == 2 else f"{text} escape {_quote(node.args[2].value)}"


def _show_case(node: Node) -> str:
    args = [_show(one) for one in node.args]
    text = "case "
    if node.value.startswith("subject"):
        text += args.pop(0) + " "
    last = args.pop() if node.value.endswith("else") else None
    for when, then in zip(args[::2], args[1::2]):  # noqa: B905
        text += f"when {when} then {then} "
    return text + (f"else {last} " if last is not None else "") + "end"


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"
