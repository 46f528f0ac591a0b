"""Expressions whose text is kept as it stands: what a server printed, and what was not followed.

In a dump's text they are calls of two functions that no server has: migguard_canonical(text, columns …) and
migguard_inexact(text, columns …).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from ..names import quote_identifier, quote_literal
from .nodes import Call, Literal, Name, Node, Scope, Syntax
from .printing import Printer

if TYPE_CHECKING:
    from ..catalog import Catalog

_CANONICAL, _INEXACT = "migguard_canonical", "migguard_inexact"
_reading_canonical: ContextVar[bool] = ContextVar("reading_canonical", default=False)


@contextmanager
def reading_canonical() -> Iterator[None]:
    """While this lasts, the texts that are read are as a server printed them."""
    token = _reading_canonical.set(True)
    try:
        yield
    finally:
        _reading_canonical.reset(token)


def is_canonical() -> bool:
    return _reading_canonical.get()


def read_kept(syntax: Syntax, scope: Scope) -> Optional[Node]:
    """The node of a text that a dump has kept."""
    if not isinstance(syntax, Call) or syntax.name not in (_CANONICAL, _INEXACT) or not syntax.arguments:
        return None
    text, *columns = syntax.arguments
    if not isinstance(text, Literal) or not all(isinstance(one, Name) for one in columns):
        return None
    is_exact = syntax.name == _CANONICAL
    return Node(syntax, scope, text=text.value, doubts=["kept as text"], is_canonical=is_exact)


def write_kept(node: Node) -> str:
    """The other way round, for a node without a tree or with doubts."""
    name = _CANONICAL if node.is_canonical else _INEXACT
    arguments = [quote_literal(node.text), *(quote_identifier(column.name) for column in node.columns.values())]
    return f"{name}({', '.join(arguments)})"


def freeze(node: Node) -> Node:
    """A canonical text that was not followed holds as long as its columns are what they are now."""
    if not node.is_canonical:
        return node
    snapshot = {key: (column.name, replace(column.type)) for key, column in node.columns.items()}
    return replace(node, snapshot=snapshot)


def settle(node: Node, catalog: Catalog) -> Node:
    """A canonical text that the tree prints just so is followed, whatever the doubts; else the tree is not to be
    believed."""
    if not node.is_canonical or not node.doubts or node.tree is None:
        return node
    if Printer(catalog, is_pretty=False).print(node.tree) == node.text:
        return replace(node, doubts=[])
    return node
