"""The message of a revision, derived from its operations."""

from __future__ import annotations

from collections.abc import Iterable

from .protocol import Operation

_WORDS = {
    "add_index": ("add", "index on"),
    "remove_index": ("drop", "index on"),
    "add_constraint": ("add", "constraint on"),
    "remove_constraint": ("drop", "constraint on"),
    "add_fk": ("add", "foreign key on"),
    "remove_fk": ("drop", "foreign key on"),
    "modify_type": ("change", "type of"),
    "modify_default": ("change", "default of"),
    "modify_comment": ("change", "comment of"),
    "add_table_comment": ("change", "comment of"),
    "remove_table_comment": ("drop", "comment of"),
}


def derive_message(operations: Iterable[Operation]) -> str:
    """One short lower-case phrase: "add email to user", "create table tag and drop legacy from user".

    What comes with something larger (the index of a new table or column) is not mentioned. Up to two phrases are
    joined; beyond that the tables are counted. The same operations give the same text.
    """
    told = _without_companions(list(operations))
    phrases = _phrases(told)
    if not phrases:
        return "update schema"
    if len(phrases) <= 2:
        return " and ".join(phrases).lower()
    tables = list(dict.fromkeys(_table(operation) for operation in told if operation.table))
    if not tables:
        return "update schema"
    others = len(tables) - 1
    if not others:
        return f"update {tables[0]}".lower()
    return f"update {tables[0]} and {others} other table{'s' if others > 1 else ''}".lower()


def _phrases(operations: list[Operation]) -> list[str]:
    phrases: dict[str, None] = {}
    columns: dict[tuple[str, str], list[str]] = {}
    for operation in operations:
        if operation.kind in {"add_column", "remove_column"}:
            key = (operation.kind, _table(operation))
            if key not in columns:
                columns[key] = []
                phrases["\0".join(key)] = None
            columns[key].append(operation.column or "")
        else:
            phrases[_phrase(operation)] = None
    return [_column_phrase(phrase, columns) if "\0" in phrase else phrase for phrase in phrases]


def _column_phrase(marker: str, columns: dict[tuple[str, str], list[str]]) -> str:
    kind, table = marker.split("\0")
    names = columns[kind, table]
    listed = " and ".join(names) if len(names) <= 2 else f"{len(names)} columns"
    return f"add {listed} to {table}" if kind == "add_column" else f"drop {listed} from {table}"


def _phrase(operation: Operation) -> str:
    table = _table(operation)
    target = f"{table}.{operation.column}" if operation.column else table
    if operation.kind == "add_table":
        return f"create table {table}"
    if operation.kind == "remove_table":
        return f"drop table {table}"
    if operation.kind == "modify_nullable":
        return f"make {target} {'not null' if operation.detail == 'nullable to not null' else 'nullable'}"
    if operation.kind in _WORDS:
        verb, noun = _WORDS[operation.kind]
        if operation.kind.endswith("_constraint") and (operation.detail or "").startswith("unique"):
            noun = "unique " + noun
        return f"{verb} {noun} {target}"
    return f"update {table}" if operation.table else "update schema"


def _without_companions(operations: list[Operation]) -> list[Operation]:
    whole = {(_table(one), one.kind[: one.kind.index("_")]) for one in operations if one.kind.endswith("_table")}
    columns = {
        (_table(one), one.kind[: one.kind.index("_")], one.column)
        for one in operations
        if one.kind in {"add_column", "remove_column"}
    }
    told = []
    for one in operations:
        side = one.kind.split("_")[0]
        is_part = one.kind.endswith(("_index", "_constraint", "_fk", "_comment"))
        if is_part and ((_table(one), side) in whole or (_table(one), side, one.column) in columns):
            continue
        told.append(one)
    dropped = sorted((one for one in told if one.kind == "remove_table"), key=_table)
    # Alembic takes dropped tables from a set: their order means nothing
    order = iter(dropped)
    return [next(order) if one.kind == "remove_table" else one for one in told]


def _table(operation: Operation) -> str:
    return operation.table or ""
