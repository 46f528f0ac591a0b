"""What `SELECT <default of the database> = <default of the model>` would answer.

Alembic asks it in PostgresqlImpl.compare_server_default.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional, Union

from ..errors import NotUnderstood
from .expressions import bind, parse_expression
from .expressions.nodes import ArrayTree, Coercion, CollateOp, Const, Func, Op, SpecialValue, Tree, Type, words
from .model import Sequence, TypeRef
from .scanner import open_cursor
from .values import cast_value, same_values

if TYPE_CHECKING:
    from .catalog import Catalog

#: Each call gives another value: two of them are never equal.
_UNIQUE = frozenset(["gen_random_uuid", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "nextval"])
#: Same arguments, same value within a transaction, and never NULL for arguments that are not.
_STEADY = words(
    """now transaction_timestamp statement_timestamp timezone date_trunc lower upper md5 btrim concat to_char extract
    date_part jsonb_build_object jsonb_build_array left right length array_fill make_interval round floor ceil abs"""
)
_OPERATORS = frozenset(["+", "-", "*", "||"])
_NOW = frozenset(["now", "transaction_timestamp"])


def compare_defaults(first_sql: str, second_sql: str, type_: Optional[TypeRef], catalog: Catalog) -> Optional[bool]:
    """Are they equal? NULL is no: the caller asks for the truth only. None: not known.

    Rejected: the server would refuse to compare them (json = json, a literal that the type does not take); certain only
    where is_certain says so. `type_`, the column's, does not matter to the server, which sees the two texts alone.
    """
    cursor = open_cursor(f"{first_sql} = {second_sql}")
    try:
        node = parse_expression(cursor, catalog)
        cursor.expect_end()
        node = bind(node, None)
    except NotUnderstood:
        return None
    if node.tree is None or not isinstance(node.tree, Op) or node.tree.operator != "=":
        return None
    return _are_equal(*node.tree.arguments)


def _are_equal(first: Tree, second: Tree) -> Optional[bool]:
    left, right = _value(first), _value(second)
    if left is NULL or right is NULL:
        return False
    if isinstance(left, Const) and isinstance(right, Const):
        return same_values(left, right)
    if left is None or right is None:
        return None
    if _has_unique(left) or _has_unique(right):
        is_literal = isinstance(left, Const) or isinstance(right, Const)
        names = {_plain_unique(left), _plain_unique(right)} - {None}
        return False if names and not (is_literal and "nextval" in names) else None
    if isinstance(left, Const) or isinstance(right, Const):
        return False if "now" in (left, right) else None
    return True if left == right and _is_steady(left) else None


class _Null:
    """The value NULL."""


NULL = _Null()
#: A literal's value, the name or the tuple that stands for what is computed, NULL; None: not known.
_Value = Union[Const, str, tuple[Any, ...], _Null, None]


def _value(tree: Tree) -> _Value:
    """What the tree is worth, as far as that can be told; equal symbols stand for equal values."""
    method = _METHODS.get(type(tree))
    return method(tree) if method is not None else None


def _const(tree: Const) -> _Value:
    if tree.value is None:
        return NULL
    if isinstance(tree.value, Sequence):
        return ("sequence", tree.value.schema, tree.value.name)
    return tree if tree.is_exact else None


def _special(tree: SpecialValue) -> _Value:
    if tree.word == "current_timestamp" and not tree.modifiers:
        return "now"
    word = "current_user" if tree.word in ("user", "current_role") else tree.word
    return ("special", word, tree.modifiers)


def _function(tree: Func) -> _Value:
    if tree.cast:
        return _converted(tree.arguments[0], tree.type, tree.modifiers, "function", is_explicit=tree.cast == "explicit")
    if tree.name in _NOW and not tree.arguments:
        return "now"
    arguments = [_value(one) for one in tree.arguments]
    if any(one is None or one is NULL for one in arguments):
        return None
    return ("call", tree.name, *[_symbol(one) for one in arguments])


def _operation(tree: Op) -> _Value:
    arguments = [_value(one) for one in tree.arguments]
    if tree.operator not in _OPERATORS or any(one is None or one is NULL for one in arguments):
        return None
    return ("operator", tree.operator, *[_symbol(one) for one in arguments])


def _symbol(value: _Value) -> Any:
    return ("literal", value.type, value.value) if isinstance(value, Const) else value


def _coercion(tree: Coercion) -> _Value:
    return _converted(tree.argument, tree.type, tree.modifiers, tree.kind, is_explicit=tree.cast == "explicit")


def _converted(argument: Tree, target: Type, modifiers: str, kind: str, *, is_explicit: bool) -> _Value:
    value = _value(argument)
    if value is None or value is NULL:
        return value
    if isinstance(value, Const):
        return cast_value(value, target, modifiers, is_explicit=is_explicit)
    if kind == "relabel" and not modifiers:
        return value
    return ("cast", target, modifiers, value)


def _array(tree: ArrayTree) -> _Value:
    """Items that are literals, as the literal of an array."""
    items = [_value(one) for one in tree.elements]
    if not all(isinstance(one, Const) and isinstance(one.value, str) for one in items):
        return None
    texts = [str(one.value) for one in items if isinstance(one, Const)]
    if not all(re.fullmatch(r"[A-Za-z0-9_.:+-]+", text) and text.upper() != "NULL" for text in texts):
        return None
    if tree.type.name == "bool":
        texts = [text[0] for text in texts]
    return Const(tree.type, "{" + ",".join(texts) + "}")


def _collated(tree: CollateOp) -> _Value:
    return _value(tree.argument)


_METHODS: dict[type, Callable[[Any], _Value]] = {
    Const: _const,
    SpecialValue: _special,
    Func: _function,
    Op: _operation,
    Coercion: _coercion,
    ArrayTree: _array,
    CollateOp: _collated,
}


def _has_unique(value: _Value) -> bool:
    if isinstance(value, tuple):
        return (len(value) > 1 and value[0] == "call" and value[1] in _UNIQUE) or any(map(_has_unique, value))
    return False


def _plain_unique(value: _Value) -> Optional[str]:
    """The name of the function, where the value is its call, perhaps cast to text."""
    while isinstance(value, tuple) and value[0] == "cast":
        value = value[3]
    is_unique = isinstance(value, tuple) and value[0] == "call" and value[1] in _UNIQUE
    return str(value[1]) if is_unique and isinstance(value, tuple) else None


def _is_steady(value: _Value) -> bool:
    """Is it made of nothing but steady calls, the clock of the transaction, and literals?"""
    if isinstance(value, tuple) and value and value[0] == "call":
        return value[1] in _STEADY and all(map(_is_steady, value[2:]))
    if isinstance(value, tuple) and value and value[0] == "operator":
        return all(map(_is_steady, value[2:]))
    if isinstance(value, tuple) and value and value[0] == "cast":
        return _is_steady(value[3])
    return True
