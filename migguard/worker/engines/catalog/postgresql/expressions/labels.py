"""The name that an expression would give a column (parse_target.c, 15: FigureColnameInternal)."""

from __future__ import annotations

from typing import Optional

from ..types import SHORT_NAMES
from .nodes import (
    ArrayOf,
    Call,
    Case,
    Cast,
    Choice,
    Collated,
    Field,
    Name,
    Node,
    RowOf,
    Special,
    Subscript,
    Syntax,
)


def function_name(node: Node) -> Optional[str]:
    """The name that FigureIndexColname gives an index on it; None: `expr`."""
    return _figure(node.syntax)[0] if node.syntax is not None else None


def _figure(syntax: Syntax) -> tuple[Optional[str], int]:
    """The name, and how good it is: 0 none, 1 a last resort, 2 a proper one."""
    if isinstance(syntax, Name):
        return syntax.parts[-1], 2
    if isinstance(syntax, Field):
        return syntax.name, 2
    if isinstance(syntax, Subscript):
        return _figure(syntax.operand)
    if isinstance(syntax, Call):
        return syntax.name, 2
    if isinstance(syntax, (Choice, Special)):
        return syntax.word, 2
    if isinstance(syntax, ArrayOf):
        return "array", 2
    if isinstance(syntax, RowOf):
        return "row", 2
    if isinstance(syntax, Collated):
        return _figure(syntax.operand)
    if isinstance(syntax, Case):
        inner = _figure(syntax.otherwise) if syntax.otherwise is not None else (None, 0)
        return inner if inner[1] > 1 else ("case", 1)
    if isinstance(syntax, Cast):
        inner = _figure(syntax.operand)
        return inner if inner[1] > 1 else (SHORT_NAMES.get(syntax.type.name, syntax.type.name), 1)
    return None, 0
