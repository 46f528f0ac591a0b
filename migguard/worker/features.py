"""Texts of what autogenerate does not compare: the same in every run, different where the schema would differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Optional

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, UniqueConstraint
from sqlalchemy.types import Enum, TypeDecorator

from .operations import default_text, element_columns, type_text

_PLAIN = "plain"
#: Options of indexes that say how DDL runs, or that Alembic compares.
_PASSING = frozenset({"concurrently", "nulls_not_distinct"})
_NUMBER_OR_TEXT = re.compile(r"'(?:[^']|'')*'|\d+")


def find_enum(column: Any, dialect: Any) -> Optional[Enum]:
    """The enum that a column holds, also in an array, behind a TypeDecorator, or as a variant for the dialect."""
    kind = _plain_type(column, dialect)
    kind = getattr(kind, "item_type", kind)
    kind = kind.impl if isinstance(kind, TypeDecorator) else kind
    return kind if isinstance(kind, Enum) else None


def type_shape(column: Any, dialect: Any) -> str:
    """A type with its numbers hidden: Alembic compares names of types, and arguments where both sides have as many.

    So it sees VARCHAR(5) become VARCHAR(9), but neither VARCHAR, nor a collation, UNSIGNED, or what a domain checks.
    DefaultImpl._column_types_match and _column_args_match, 1.12 to 1.20.
    """
    kind = _plain_type(column, dialect)
    if isinstance(kind, Enum):
        return type(kind).__name__ if kind.name is None else str(kind.name)
    if type(kind).__name__ == "DOMAIN":
        return _domain_text(kind, dialect)
    text = _NUMBER_OR_TEXT.sub(lambda found: found[0] if found[0][0] == "'" else "n", type_text(column.type, dialect))
    # to PostgreSQL all dimensions of an array are one
    return re.sub(r"(\[n?\])+", "[]", text)


def check_texts(table: Any, dialect: Any) -> dict[str, str]:
    """CHECK constraints: by name, else by text. Those of a type (Boolean, Enum) where the dialect gets them."""
    texts = {}
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint) and _is_created(constraint, dialect):
            text = default_text(constraint, dialect)
            texts[_name(constraint) or text] = text
    return texts


def exclude_texts(table: Any, dialect: Any) -> dict[str, str]:
    """EXCLUDE constraints by name."""
    found = [one for one in table.constraints if type(one).__name__ == "ExcludeConstraint"]
    texts = [(_name(one), _ddl_text(one, dialect)) for one in found]
    return {name or text: text for name, text in texts}


def primary_key_text(table: Any) -> str:
    """Columns in order; `autoincrement` only where the models say something else than is usual."""
    columns = list(table.primary_key.columns)
    parts = []
    for column in columns:
        said = column.autoincrement
        note = " without autoincrement" if said is False else ""
        note = " with autoincrement" if said is True and len(columns) > 1 else note
        parts.append(column.name + note)
    return ", ".join(parts)


def sequence_text(sequence: Any) -> str:
    """A sequence with those of its options that are set."""
    return " ".join([str(sequence.name), *_sequence_options(sequence)])


def default_of(column: Any, dialect: Any) -> Optional[str]:
    """The server default or identity of a column as text; None where it has none. A computed column has none."""
    default = column.server_default
    if default is None or hasattr(default, "sqltext"):
        return None
    if isinstance(default, Identity):
        return " ".join(["identity", *(["always"] if default.always else []), *_sequence_options(default)])
    return default_text(default, dialect)


def computed_of(column: Any, dialect: Any) -> Optional[str]:
    """The expression of a computed column: Alembic warns where it differs, and asks for nothing."""
    default = column.server_default
    return default_text(default, dialect) if default is not None and hasattr(default, "sqltext") else None


def index_texts(table: Any, dialect: Any) -> dict[str, str]:
    """Options of named indexes that Alembic does not compare: condition, method, operator classes, storage."""
    return {name: _options_text(one, dialect) or _PLAIN for one in table.indexes if (name := _name(one)) is not None}


def unique_texts(table: Any, dialect: Any) -> dict[str, str]:
    """Options of unique constraints, by their columns."""
    found = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return {", ".join(element_columns(one)): _constraint_text(one, dialect) or _PLAIN for one in found}


def foreign_key_texts(table: Any, dialect: Any) -> dict[str, str]:
    """Name and MATCH of foreign keys, by what they tie; the rest Alembic compares."""
    texts = {}
    for one in table.constraints:
        if isinstance(one, ForeignKeyConstraint):
            targets = ", ".join(str(key.target_fullname) for key in one.elements)
            parts = [f"name {_name(one)}"] if _name(one) else []
            parts += [f"match {one.match}"] if one.match else []
            texts[f"{', '.join(element_columns(one))} -> {targets}"] = ", ".join(parts) or _PLAIN
    return texts


def table_text(table: Any, dialect: Any) -> str:
    """Options of the table itself: UNLOGGED, partitions, INHERITS, the engine and character set of MySQL."""
    parts = [str(prefix).lower() for prefix in getattr(table, "_prefixes", ())]
    return ", ".join(filter(None, [*parts, _options_text(table, dialect)]))


def _plain_type(column: Any, dialect: Any) -> Any:
    try:
        kind = column.type.dialect_impl(dialect)
    except Exception:  # a type of a project may refuse a dialect
        kind = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl
    return kind


def _domain_text(kind: Any, dialect: Any) -> str:
    parts = [type_text(kind.data_type, dialect)]
    parts += ["not null"] if kind.not_null else []
    parts += [f"default {default_text(kind.default, dialect)}"] if kind.default is not None else []
    parts += [f"check {default_text(kind.check, dialect)}"] if kind.check is not None else []
    parts += [f"collate {kind.collation}"] if kind.collation else []
    return f"{kind.name} ({', '.join(parts)})"


def _is_created(constraint: Any, dialect: Any) -> bool:
    """Whether a constraint that comes with a type is made in this dialect (a native enum or boolean needs none)."""
    rule = getattr(constraint, "_create_rule", None)
    if rule is None or not getattr(constraint, "_type_bound", False):
        return True
    try:
        return bool(rule(dialect.ddl_compiler(dialect, None)))
    except Exception:  # private, and different in every SQLAlchemy
        return False


def _sequence_options(options: Any) -> Iterator[str]:
    for name in ("start", "increment", "minvalue", "maxvalue", "cycle", "cache"):
        value = getattr(options, name, None)
        if value is not None:
            yield f"{name} {value}"


def _constraint_text(constraint: Any, dialect: Any) -> str:
    parts = ["deferrable"] if constraint.deferrable else []
    parts += [f"initially {constraint.initially.lower()}"] if constraint.initially else []
    return ", ".join(filter(None, [*parts, _options_text(constraint, dialect)]))


def _options_text(item: Any, dialect: Any) -> str:
    """The dialect's own options that are set (`postgresql_where`, `mysql_engine`)."""
    names = ["mariadb", "mysql"] if dialect.name == "mariadb" else [dialect.name]
    found = {}
    for key, value in item.dialect_kwargs.items():
        dialect_name, _, option = key.partition("_")
        if dialect_name in names and option not in _PASSING and value not in (None, False, [], {}, ()):
            found[option] = _value_text(value, dialect)
    return ", ".join(f"{option} {found[option]}" for option in sorted(found))


def _value_text(value: Any, dialect: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {value[name]}" for name in sorted(value, key=str)) + "}"
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(_value_text(one, dialect) for one in value) + ")"
    if isinstance(value, (str, int)):
        return str(value)
    name = getattr(value, "name", None)
    return str(name) if isinstance(name, str) else default_text(value, dialect)


def _ddl_text(element: Any, dialect: Any) -> str:
    """A constraint as CREATE TABLE would have it. AddConstraint would mark it as made elsewhere."""
    try:
        return " ".join(str(dialect.ddl_compiler(dialect, None).process(element)).split())
    except Exception:  # not of this dialect
        return type(element).__name__


def _name(item: Any) -> Optional[str]:
    return str(item.name) if isinstance(item.name, str) else None
