"""Expressions whose text is kept as it stands: what a server printed, and what was not followed.

In a dump's text they are calls of two functions that no server has: migguard_canonical(text, columns …) and
migguard_inexact(text, columns …).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

from ...errors import NotUnderstood
from ..model import Domain, Index, Table
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


def write_kept(node: Node, shown: str) -> str:
    """The other way round, for a node without a tree or with doubts; shown: what it prints now."""
    name, text = (_CANONICAL, node.text) if node.is_canonical else (_INEXACT, shown)
    arguments = [quote_literal(text), *(quote_identifier(column.name) for column in node.columns.values())]
    return f"{name}({', '.join(arguments)})"


def freeze(node: Node) -> Node:
    """A canonical text that was not followed holds as long as its columns are what they are now."""
    if not node.is_canonical:
        return node
    snapshot = {key: (column.name, replace(column.type)) for key, column in node.columns.items()}
    return replace(node, snapshot=snapshot)


def settle(catalog: Catalog) -> None:
    """Look at all canonical texts, when the catalog is there and its search path is that of the texts: what the tree
    prints just so is followed, whatever the doubts; of others the tree is not to be believed."""
    for node in _nodes(catalog):
        if not node.is_canonical or node.tree is None:
            continue
        if _prints(node, catalog):
            node.is_settled = True
        elif node.doubts:
            node.tree = None
            node.snapshot = freeze(node).snapshot


def _prints(node: Node, catalog: Catalog) -> bool:
    assert node.tree is not None
    try:
        return Printer(catalog, is_pretty=False).print(node.tree) == node.text
    except NotUnderstood:
        return False


def _nodes(catalog: Catalog) -> Iterator[Node]:
    """Every expression of the catalog."""
    found: list[Any] = []
    for user in catalog.types.values():
        if isinstance(user, Domain):
            found += [user.default, *(check.expression for check in user.checks)]
    for relation in catalog.relations():
        if isinstance(relation, Table):
            found += [check.expression for check in relation.constraints]
            for column in relation.columns.values():
                found += [column.default, column.generated]
        elif isinstance(relation, Index):
            found += [relation.where, *(element.what for element in relation.elements)]
    return (one for one in found if isinstance(one, Node))
