"""Expressions as trees: one frozen class, so that renaming a column makes a new tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

COLUMN, STRING, NUMBER, BITS, NULL = "column", "string", "number", "bits", "null"
#: value: the operator as it is shown; args: its operands.
BINARY, UNARY = "binary", "unary"
#: value: and, or. args: two or more.
JUNCTION = "junction"
#: value: the name as shown.
FUNCTION = "function"
#: value: what follows the operand: "is null", "is not true", …
POSTFIX = "postfix"
#: value: between, not between, in, not in, like, " not like" …
BETWEEN, IN, LIKE = "between", "in", "like"
#: value: the type as shown.
CAST = "cast"
CASE = "case"
#: value: INTERVAL's unit; args: the moment, the amount. `+` or `-` stands before the unit.
INTERVAL = "interval"
#: value: the text as it was written.
RAW = "raw"


@dataclass(frozen=True)
class Node:
    """kind: one of the constants above. is_exact: false where the server may show this part otherwise."""

    kind: str
    value: str = ""
    args: tuple[Node, ...] = ()
    is_exact: bool = True

    def walk(self) -> Iterator[Node]:
        yield self
        for one in self.args:
            yield from one.walk()


def rename_columns(node: Node, names: dict[str, str]) -> Node:
    """The tree with columns renamed. names: old name in lower case → new name."""
    if node.kind == COLUMN:
        return replace(node, value=names.get(node.value.lower(), node.value))
    return replace(node, args=tuple(rename_columns(one, names) for one in node.args)) if node.args else node


def columns_of(node: Node) -> list[str]:
    """The names of the columns in it."""
    return [one.value for one in node.walk() if one.kind == COLUMN]


def functions_of(node: Node) -> set[str]:
    """The names of the functions in it, as shown."""
    return {one.value for one in node.walk() if one.kind == FUNCTION}


def is_certain(node: Node) -> bool:
    """Was all of it understood?"""
    return all(one.kind != RAW for one in node.walk())
