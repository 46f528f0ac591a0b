"""Alembic's operations as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Optional

from .protocol import Operation

#: What loses data, and is never written by a hook.
DROPS = frozenset({"remove_table", "remove_column"})


def list_operations(directives: Iterable[Any], dialect: Any) -> list[tuple[Operation, Any]]:
    """Every operation of the revisions that autogenerate would write, with the model object that it is about."""
    found = []
    for directive in directives:
        for ops in getattr(directive, "upgrade_ops_list", None) or []:
            for op in _flatten(ops):
                found.extend(_describe(op, dialect))
    return found


def type_text(kind: Any, dialect: Any) -> str:
    """A type as DDL would say it."""
    try:
        return str(kind.compile(dialect=dialect))
    except Exception:  # a type that this dialect cannot spell
        return str(type(kind).__name__)


def default_text(default: Any, dialect: Any) -> str:
    """A server default as text; the same in every run."""
    if default is None or default is False:
        return "none"
    argument = getattr(default, "arg", getattr(default, "sqltext", default))
    if isinstance(argument, str):
        return repr(argument)
    try:
        return str(argument.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    except Exception:  # an expression that cannot be compiled alone
        return type(argument).__name__


def _flatten(op: Any) -> Iterator[Any]:
    children = getattr(op, "ops", None)
    if children is None:
        if op is not None:
            yield op
        return
    for child in children:
        yield from _flatten(child)


def _describe(op: Any, dialect: Any) -> list[tuple[Operation, Any]]:
    try:
        diff = op.to_diff_tuple()
    except Exception:  # operations of projects and plugins need not have one
        diff = None
    entries = diff if isinstance(diff, list) else [diff]
    return [_describe_entry(op, entry, dialect) for entry in entries]


def _describe_entry(op: Any, entry: Any, dialect: Any) -> tuple[Operation, Any]:
    kind = entry[0] if isinstance(entry, tuple) and entry and isinstance(entry[0], str) else ""
    if kind in {"add_table", "remove_table", "add_table_comment", "remove_table_comment"}:
        return Operation(kind, entry[1].name, entry[1].schema), entry[1]
    if kind in {"add_column", "remove_column"}:
        column = entry[3]
        return Operation(kind, entry[2], entry[1], column.name, None, type_text(column.type, dialect)), column
    if kind.startswith("modify_"):
        detail = _change_text(kind, entry[5], entry[6], dialect)
        return Operation(kind, entry[2], entry[1], entry[3], None, detail), None
    if kind in {"add_index", "remove_index", "add_constraint", "remove_constraint", "add_fk", "remove_fk"}:
        return _describe_element(kind, entry[1]), entry[1]
    table, schema = getattr(op, "table_name", None), getattr(op, "schema", None)
    return Operation(kind or type(op).__name__, table, schema), None


def _describe_element(kind: str, element: Any) -> Operation:
    table = getattr(element, "table", None)
    columns = element_columns(element)
    detail = "on " + ", ".join(columns) if columns else None
    if kind.endswith("_fk"):
        targets = [str(key.target_fullname) for key in element.elements]
        detail = f"{', '.join(columns)} to {', '.join(targets)}"
    elif kind.endswith("_constraint"):
        detail = f"{type(element).__name__.replace('Constraint', '').lower()} {detail or ''}".strip()
    elif getattr(element, "unique", False):
        detail = f"unique {detail or ''}".strip()
    return Operation(
        kind,
        getattr(table, "name", None),
        getattr(table, "schema", None),
        columns[0] if len(columns) == 1 else None,
        _plain_name(element),
        detail,
    )


def element_columns(element: Any) -> list[str]:
    """Names of the columns of an index or constraint; expressions are left out."""
    try:
        return [column.name for column in element.columns]
    except Exception:  # a constraint without a table yet
        return []


def _plain_name(element: Any) -> Optional[str]:
    name = getattr(element, "name", None)
    return str(name) if isinstance(name, str) else None


def _change_text(kind: str, old: Any, new: Any, dialect: Any) -> str:
    if kind == "modify_type":
        return f"{type_text(old, dialect)} to {type_text(new, dialect)}"
    if kind == "modify_nullable":
        return "nullable to not null" if new is False else "not null to nullable"
    if kind == "modify_default":
        return f"{default_text(old, dialect)} to {default_text(new, dialect)}"
    return f"{old!r} to {new!r}" if kind == "modify_comment" else "changed"
