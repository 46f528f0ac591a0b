"""The operations that autogenerate asks for, said in words and gathered by what caused them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migguard.worker.protocol import Operation

#: Operations by which the revisions lose something that the models do not have.
REMOVALS = frozenset(
    {"remove_table", "remove_column", "remove_index", "remove_constraint", "remove_fk", "remove_table_comment"}
)
_DROPS = frozenset({"remove_table", "remove_column"})
_CHANGES = {
    "modify_nullable": "nullability",
    "modify_type": "type",
    "modify_default": "server default",
    "modify_comment": "comment",
}
_OBJECTS = {
    "index": "index",
    "constraint": "constraint",
    "fk": "foreign key",
    "table_comment": "comment",
}


@dataclass(frozen=True)
class Finding:
    """One cause: an operation, and those that only follow from it (the indexes of a new table)."""

    operation: Operation
    followers: tuple[Operation, ...] = ()


def gather_findings(operations: Sequence[Operation]) -> tuple[Finding, ...]:
    """Join what belongs to one added or removed table, or to one added or removed column.

    An index, constraint or foreign key that comes with a new column (Alembic names its first column) is that
    column's; the same holds for removals. The order is that of the operations.
    """
    causes = {
        (item.kind.split("_")[0], _table(item), item.column if item.kind.endswith("_column") else None): item
        for item in operations
        if item.kind.endswith(("_table", "_column"))
    }
    followers: dict[int, list[Operation]] = {id(item): [] for item in causes.values()}
    findings = []
    for item in operations:
        verb = item.kind.split("_")[0]
        cause = causes.get((verb, _table(item), None)) or causes.get((verb, _table(item), item.column))
        if cause is None or cause is item:
            findings.append(item)
        else:
            followers[id(cause)].append(item)
    return tuple(Finding(item, tuple(followers.get(id(item), ()))) for item in findings)


def name_object(operation: Operation) -> str:
    """What the operation is about: "column `user.email`", "index `ix_user_email` on `user`"."""
    table = _table(operation)
    if operation.kind in {"add_table", "remove_table"}:
        return f"table `{table}`"
    if operation.kind in {"add_column", "remove_column"} or operation.kind in _CHANGES:
        return f"column `{table}.{operation.column}`"
    _, _, thing = operation.kind.partition("_")
    if thing not in _OBJECTS:
        return f"`{operation.kind}`" + (f" on `{table}`" if table else "")
    name = f" `{operation.name}`" if operation.name else ""
    column = f" ({operation.column})" if operation.column and not operation.name else ""
    return f"{_OBJECTS[thing]}{name} on `{table}`{column}"


def name_change(operation: Operation) -> str | None:
    """What changes of a column that exists on both sides ("type"), or None for additions and removals."""
    return _CHANGES.get(operation.kind)


def is_removal(operation: Operation) -> bool:
    """Whether the revisions build something that the models do not have."""
    return operation.kind in REMOVALS


def find_drops(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Those that would lose data: a table or a column that is dropped."""
    return tuple(item for item in operations if item.kind in _DROPS)


def subject_of(operation: Operation) -> dict[str, str]:
    """What `expected-drift` matches against."""
    subject = {"operation": operation.kind}
    if operation.table:
        subject["table"] = _table(operation)
    if operation.column:
        subject["column"] = operation.column
    return subject


def _table(operation: Operation) -> str:
    return f"{operation.schema}.{operation.table}" if operation.schema else operation.table or ""
