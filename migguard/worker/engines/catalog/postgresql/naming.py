"""Names that PostgreSQL makes up: for sequences, indexes and constraints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from .scanner import NAME_LENGTH

if TYPE_CHECKING:
    from .catalog import Catalog


def make_object_name(first: str, second: str, label: str) -> str:
    """`first_second_label`, the longer of the first two cut so that the whole fits (indexcmds.c, makeObjectName).

    An empty second is left out, its underscore too.
    """
    room = NAME_LENGTH - 1 - len(label.encode()) - (1 if second else 0)
    one, two = first.encode(), second.encode()
    one_length, two_length = len(one), len(two)
    while one_length + two_length > room:
        if one_length > two_length:
            one_length -= 1
        else:
            two_length -= 1
    parts = [one[:one_length].decode("utf-8", "ignore")]
    if second:
        parts.append(two[:two_length].decode("utf-8", "ignore"))
    return "_".join([*parts, label])


def choose_relation_name(
    catalog: Catalog, schema: str, first: str, second: str, label: str, *, is_constraint: bool = False
) -> str:
    """The first free name (indexcmds.c, ChooseRelationName): no relation has it and, for the index of a constraint, no
    constraint of the schema."""
    taken: Collection[str] = constraint_names(catalog, schema) if is_constraint else ()
    return catalog.free_name(schema, first, second, label, taken)


def choose_constraint_name(
    catalog: Catalog, schema: str, first: str, second: str, label: str, others: Collection[str] = ()
) -> str:
    """The first name that no constraint of the schema has (pg_constraint.c, ChooseConstraintName)."""
    taken = constraint_names(catalog, schema)
    number = 0
    while True:
        name = make_object_name(first, second, f"{label}{number or ''}")
        if name not in taken and name not in others:
            return name
        number += 1


def constraint_names(catalog: Catalog, schema: str) -> set[str]:
    """The names of all constraints of a schema's tables and domains."""
    found = {constraint.name for table in catalog.tables(schema) for constraint in table.constraints}
    return found | catalog.domain_constraint_names(schema)


def join_names(names: Iterable[str]) -> str:
    """Column names put together until 64 bytes are full (ChooseIndexNameAddition, since 12 for foreign keys too)."""
    text = b""
    for name in names:
        text += (b"_" if text else b"") + name.encode()
        if len(text) > NAME_LENGTH:
            break
    return text.decode()


def index_column_names(origins: Sequence[str]) -> list[str]:
    """The columns of an index as they are called (ChooseIndexColumnNames): no two alike, by numbers after the name."""
    found: list[str] = []
    for origin in origins:
        name, number = origin, 0
        while name in found:
            number += 1
            suffix = str(number)
            name = cut_bytes(origin, NAME_LENGTH - len(suffix)) + suffix
        found.append(name)
    return found


def cut_bytes(text: str, length: int) -> str:
    """Whole characters within so many bytes."""
    return text.encode()[:length].decode("utf-8", "ignore")
