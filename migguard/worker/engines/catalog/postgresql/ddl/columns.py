"""Columns: reading their definitions and putting them into tables (gram.y columnDef; parse_utilcmd.c, 15)."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..expressions import coerce_default, columns_of, nextval, verbatim
from ..model import Column, Domain, Identity, Sequence, Table, TypeRef
from ..naming import choose_relation_name
from ..types import SERIAL_TYPES, read_type
from .constraint_syntax import read_column_constraint, read_timing
from .labels import refuse_fresh_labels
from .reading import ExpressionText, read_default, read_group
from .sequences import make_sequence, read_options
from .specs import ColumnSpec, ConstraintSpec, IdentitySpec

_SYSTEM_COLUMNS = frozenset({"tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"})
_PSEUDO_TYPES = frozenset(
    {"void", "trigger", "event_trigger", "anyelement", "anyarray", "cstring", "internal", "unknown", "record"}
)
_COLLATABLE = frozenset({"text", "character varying", "character", "name"})
_STORAGES = ("plain", "external", "extended", "main", "default")


def read_definition(cursor: Cursor, catalog: Catalog) -> tuple[ColumnSpec, list[ConstraintSpec]]:
    """`name type …` with the constraints that are objects of their own."""
    name = cursor.name()
    serial = _read_serial(cursor)
    column = ColumnSpec(name, TypeRef(SERIAL_TYPES[serial]) if serial else read_type(cursor, catalog), serial)
    if cursor.at("storage"):
        cursor.index += 1
        cursor.expect_one(*_STORAGES)
    if cursor.accept("compression"):
        cursor.label()
    return column, read_qualifiers(cursor, catalog, column)


def _read_serial(cursor: Cursor) -> Optional[str]:
    token = cursor.peek()
    if token is None or token.kind not in ("id", "quoted") or cursor.word(1) == ".":
        return None
    name = cursor.fold(token)
    if name not in SERIAL_TYPES:
        return None
    cursor.index += 1
    if cursor.at("[") or cursor.at("array"):
        raise Rejected("array of serial is not implemented", "0A000")
    return name


def read_qualifiers(cursor: Cursor, catalog: Catalog, column: ColumnSpec) -> list[ConstraintSpec]:
    """All that follows the type."""
    constraints: list[ConstraintSpec] = []
    name: Optional[str] = None
    while not cursor.at_end and not cursor.at(",") and not cursor.at(")"):
        if cursor.accept("constraint"):
            name = cursor.name()
            continue
        if cursor.accept("collate"):
            column.collation = cursor.qualified_name()[1]
        elif cursor.accept("not", "null"):
            if name is not None and catalog.version >= (18,):
                raise NotUnderstood("a NOT NULL constraint with a name")
            _set_notnull(column, is_notnull=True)
        elif cursor.accept("null"):
            _set_notnull(column, is_notnull=False)
        elif cursor.accept("default"):
            _refuse_second(column, column.default, "default values")
            column.default = read_default(cursor, catalog)
        elif cursor.at("generated"):
            _read_generated(cursor, catalog, column)
        elif constraints and read_timing(cursor, constraints[-1].options):
            if constraints[-1].kind == "c":
                raise Rejected("misplaced DEFERRABLE clause", "42601")
        else:
            constraints.append(read_column_constraint(cursor, catalog, name, column.name))
        name = None
    if name is not None:
        cursor.fail("constraint expected")
    _check_sources(column)
    return constraints


def _set_notnull(column: ColumnSpec, *, is_notnull: bool) -> None:
    if (column.notnull is not None and column.notnull != is_notnull) or (column.serial and not is_notnull):
        raise Rejected(f'conflicting NULL/NOT NULL declarations for column "{column.name}"', "42601")
    column.notnull = is_notnull


def _refuse_second(column: ColumnSpec, present: object, what: str) -> None:
    if present is not None:
        raise Rejected(f'multiple {what} specified for column "{column.name}"', "42601")


def _read_generated(cursor: Cursor, catalog: Catalog, column: ColumnSpec) -> None:
    cursor.expect("generated")
    kind = cursor.expect_one("always as identity", "by default as identity", "always as")
    if kind != "always as":
        _refuse_second(column, column.identity, "identity specifications")
        if column.notnull is False:
            raise Rejected(f'conflicting NULL/NOT NULL declarations for column "{column.name}"', "42601")
        column.identity = IdentitySpec(kind.startswith("always"))
        if cursor.accept("("):
            column.identity.options = read_options(cursor, catalog)
            cursor.expect(")")
        return
    _refuse_second(column, column.generated, "generation clauses")
    column.generated = read_group(cursor, catalog)
    if not cursor.accept("stored"):
        if catalog.version < (18,):
            cursor.fail("STORED expected")
        cursor.accept("virtual")
        column.stored = False


def _check_sources(column: ColumnSpec) -> None:
    """A default, an identity and a generation expression exclude each other."""
    has_default = column.default is not None or column.serial is not None
    if column.serial and column.default is not None:
        raise Rejected(f'multiple default values specified for column "{column.name}"', "42601")
    if has_default and column.identity:
        raise Rejected(f'both default and identity specified for column "{column.name}"', "42601")
    if has_default and column.generated:
        raise Rejected(f'both default and generation expression specified for column "{column.name}"', "42601")
    if column.identity and column.generated:
        raise Rejected(f'both identity and generation expression specified for column "{column.name}"', "42601")


def check_column(table_name: str, column: ColumnSpec) -> None:
    """What holds of any column's name and type."""
    if column.name in _SYSTEM_COLUMNS:
        raise Rejected(f'column name "{column.name}" conflicts with a system column name', "42701")
    if column.type.user is None and column.type.name in _PSEUDO_TYPES and not column.type.dimensions:
        raise Rejected(f'column "{column.name}" has pseudo-type {column.type.name}', "42P16")
    check_collation(column.type, column.collation)


def check_collation(ref: TypeRef, collation: Optional[str]) -> None:
    """Rejected (42804): the type has no collations."""
    base = ref
    while isinstance(base.user, Domain):
        base = base.user.type
    if collation is not None and base.user is None and base.name not in _COLLATABLE:
        raise Rejected(f"collations are not supported by type {ref.name}", "42804")


def plain_collation(collation: Optional[str], ref: TypeRef) -> Optional[str]:
    """The collation as a column keeps it: that of its type is none."""
    return None if collation == type_collation(ref) else collation


def type_collation(ref: TypeRef) -> str:
    """The collation that values of a type have where none is named (typcollation)."""
    if isinstance(ref.user, Domain):
        return ref.user.collation or type_collation(ref.user.type)
    return "C" if ref.user is None and ref.name == "name" else "default"


def plan_sequence(catalog: Catalog, schema: str, table_name: str, column: ColumnSpec) -> Optional[Sequence]:
    """The sequence of a serial or identity column, not yet in the catalog: its name is chosen by what is there now."""
    if column.identity is None and column.serial is None:
        return None
    options = dict(column.identity.options) if column.identity is not None else {}
    if "name" in options:
        name = options.pop("name")[1]
    else:
        name = choose_relation_name(catalog, schema, table_name, column.name, "seq")
    if "owner" in options:
        raise Rejected("conflicting or redundant options", "42601")
    base = column.type
    while isinstance(base.user, Domain):
        base = base.user.type
    if column.identity is not None and (base.dimensions or base.name not in ("smallint", "integer", "bigint")):
        raise Rejected("identity column type must be smallint, integer, or bigint", "22023")
    sequence = make_sequence(schema, name, {"as": base.name, **options})
    sequence.is_identity = column.identity is not None
    return sequence


def add_column(catalog: Catalog, table: Table, spec: ColumnSpec, sequence: Optional[Sequence]) -> Column:
    """Put a column into a table, its default too; a generation expression waits for `add_generated`."""
    if spec.name in table.columns:
        raise Rejected(f'column "{spec.name}" specified more than once', "42701")
    check_column(table.name, spec)
    column = Column(
        table, spec.name, spec.type, collation=plain_collation(spec.collation, spec.type), stored=spec.stored
    )
    column.notnull = bool(spec.notnull) or sequence is not None
    table.columns[spec.name] = column
    if sequence is not None:
        sequence.owner = column
        if spec.identity is not None:
            column.identity = Identity(spec.identity.always, sequence)
        else:
            column.default = nextval(sequence)
    if spec.default is not None:
        set_default(catalog, column, spec.default)
    return column


def set_default(catalog: Catalog, column: Column, text: ExpressionText) -> None:
    """What DEFAULT stores. Rejected (0A000) where it has columns."""
    try:
        node = text.bind_to(None)
    except Rejected as refusal:
        if refusal.code == "42703":
            raise Rejected("cannot use column reference in DEFAULT expression", "0A000") from refusal
        raise
    try:
        column.default = coerce_default(node, column.type, catalog)
    except NotUnderstood:
        column.default = verbatim(text.text)
    if column.default is not None:
        refuse_fresh_labels(catalog, column.default)


def add_generated(catalog: Catalog, column: Column, text: ExpressionText) -> None:
    """Give a column its generation expression, when all columns of the table are there."""
    node = text.bind_to(column.table)
    for used in columns_of(node):
        if used.generated is not None or used is column:
            raise Rejected(f'cannot use generated column "{used.name}" in column generation expression', "42P17")
    try:
        column.generated = coerce_default(node, column.type, catalog)
    except NotUnderstood:
        column.generated = verbatim(text.text, columns_of(node))
