"""Foreign keys as InnoDB checks them (dict0dict.cc, ha_innodb.cc of MariaDB 10.11)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Optional

from ...errors import NotUnderstood, Rejected
from .. import model
from ..expressions import columns_of
from ..model import Column, ForeignKey, Key, KeyPart, Table
from ..types import INTEGERS
from .elements import ForeignKeyText, KeyText

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase


def generated_key(text: ForeignKeyText) -> KeyText:
    """The index that a foreign key brings along; left out where another one can serve."""
    parts = [KeyPart(one) for one in text.columns]
    return KeyText(model.INDEX, text.name or text.index_name, parts, is_generated=True)


def add_foreign_key(
    database: MysqlDatabase, table: Table, text: ForeignKeyText, highest: int, old: Optional[Table] = None
) -> int:
    """Check it and put it into the table. highest: the last number given to an unnamed one; the new one is returned.

    old: the table as it was before ALTER TABLE, where a foreign key to the table itself finds its columns.
    """
    for name in text.columns:
        if table.find_column(name) is None:
            raise Rejected(f"Key column '{name}' doesn't exist in table", "1072")
    if table.engine.lower() != "innodb":
        return highest
    if table.is_temporary:
        raise _malformed(table)
    schema = text.schema or table.schema
    if text.schema is not None and database.find_schema(text.schema) is None:
        raise _malformed(table)
    name = text.name or text.index_name
    if old is not None and text.name and text.index_name and not database.foreign_key_checks:
        raise NotUnderstood("a foreign key with two names and FOREIGN_KEY_CHECKS=0")
    if not name:
        highest += 1
        name = f"{table.name}_ibfk_{highest}"
    if any(one and table.find_check(one) is not None for one in (text.name, text.index_name)):
        raise Rejected(f"Duplicate CHECK constraint name '{name}'", "1826")
    if database.has_foreign_key(table.schema, name, table) or table.find_foreign_key(name) is not None:
        raise Rejected(f"Duplicate FOREIGN KEY constraint name '{name}'", "1005")
    columns = tuple(table.column(one).name for one in text.columns)
    key = ForeignKey(name, columns, schema, text.table, tuple(text.referred))
    plain = {text.on_delete, text.on_update} & {"RESTRICT", "NO ACTION"}
    if old is not None and plain and not database.foreign_key_checks:
        raise NotUnderstood("RESTRICT or NO ACTION with FOREIGN_KEY_CHECKS=0")
    key.on_delete = _action(text.on_delete, is_mariadb=database.server.is_mariadb)
    key.on_update = _action(text.on_update, is_mariadb=database.server.is_mariadb)
    _check_own_side(table, key)
    check_reference(database, table, key, old)
    if old is not None and (key.schema, key.table) == (old.schema, old.name):
        for theirs in key.referred:
            if table.find_column(theirs) is None:
                raise _malformed(table)
            if table.column(theirs).type != old.column(theirs).type:
                raise NotUnderstood("a foreign key of a table to itself beside a changed column")
        if not any(one.covers(key.referred) for one in table.keys):
            raise NotUnderstood("a foreign key of a table to itself beside a dropped key")
    check_cascades(table, key)
    table.foreign_keys.append(key)
    return highest


def _action(action: str, *, is_mariadb: bool) -> str:
    if action == "SET DEFAULT":
        raise NotUnderstood("SET DEFAULT of a foreign key")
    # MariaDB shows no RESTRICT, and MySQL no NO ACTION
    return "" if action == ("RESTRICT" if is_mariadb else "NO ACTION") else action


def _malformed(table: Table) -> Rejected:
    reason = 'errno: 150 "Foreign key constraint is incorrectly formed"'
    return Rejected(f"Can't create table `{table.schema}`.`{table.name}` ({reason})", "1005")


def _check_own_side(table: Table, key: ForeignKey) -> None:
    for name in key.columns:
        column = table.column(name)
        if "SET NULL" in (key.on_delete, key.on_update) and not column.is_nullable:
            raise _malformed(table)
        if column.generated is not None:
            raise NotUnderstood("a foreign key over a generated column")
    if len({one.lower() for one in key.columns}) < len(key.columns):
        raise NotUnderstood("a foreign key that names a column twice")
    if not any(one.covers(key.columns) for one in table.keys):
        raise _malformed(table)


def check_cascades(table: Table, key: ForeignKey) -> None:
    """InnoDB changes the columns of a cascading key behind the back of CHECK (1901)."""
    actions = {key.on_delete, key.on_update}
    generated = [one.generated.expression for one in table.columns if one.generated is not None]
    bases = {name.lower() for node in generated for name in columns_of(node)}
    if "CASCADE" in actions and bases & {name.lower() for name in key.columns}:
        raise NotUnderstood("a cascading foreign key over the base of a generated column")
    if not (key.on_delete == "SET NULL" or key.on_update in ("SET NULL", "CASCADE")):
        return
    for name in key.columns:
        if table.column(name).check is not None:
            raise Rejected(f"Function or expression '{name}' cannot be used in the CHECK clause of `{name}`", "1901")
    nodes = [one.expression for one in table.checks]
    nodes += [one.generated.expression for one in table.columns if one.generated is not None]
    nodes += [one.check for one in table.columns if one.check is not None]
    named = {name.lower() for node in nodes for name in columns_of(node)}
    if named & {name.lower() for name in key.columns}:
        raise NotUnderstood(f"a foreign key with {' and '.join(sorted(actions - {''}))} over a column of an expression")


def check_reference(database: MysqlDatabase, table: Table, key: ForeignKey, old: Optional[Table] = None) -> None:
    """Is there a table with a fitting key? With FOREIGN_KEY_CHECKS=0 it may be missing. Completes the names."""
    referred = _referred_table(database, old or table, key)
    if referred is None:
        if database.foreign_key_checks or not key.referred:
            raise _malformed(table)
        return
    if not key.referred:
        raise NotUnderstood("a foreign key without the columns it refers to")
    if len(key.referred) != len(key.columns):
        raise Rejected(f"Incorrect foreign key definition for '{key.name}'", "1239")
    if referred.engine.lower() != "innodb":
        raise _malformed(table)
    if is_unfit(referred, key, table):
        raise _malformed(table)
    if key.on_update == "CASCADE" and old is not None and referred is old:
        raise NotUnderstood("a new cascading foreign key of a table to itself")
    if key.on_update == "CASCADE" and has_null_gap(table, key, referred):
        raise _malformed(table)
    key.referred = tuple(referred.column(one).name for one in key.referred)


def _referred_table(database: MysqlDatabase, table: Table, key: ForeignKey) -> Optional[Table]:
    if key.schema == table.schema and key.table == table.name:
        return table
    return database.permanent_table(key.schema, key.table)


def has_null_gap(table: Table, key: ForeignKey, referred: Table) -> bool:
    """Could a NULL come from the referred table into a NOT NULL column?"""
    for mine, theirs in zip(key.columns, key.referred):  # noqa: B905
        own, other = table.find_column(mine), referred.find_column(theirs)
        if own is not None and other is not None and not own.is_nullable and other.is_nullable:
            return True
    return False


def is_unfit(referred: Table, key: ForeignKey, table: Table) -> bool:
    """Has the referred table no key over these columns, or do the types differ?"""
    for mine, theirs in zip(key.columns, key.referred):  # noqa: B905
        column = referred.find_column(theirs)
        if column is None or not _are_comparable(table.column(mine), column):
            return True
        if column.generated is not None:
            raise NotUnderstood("a foreign key to a generated column")
    return not any(one.covers(key.referred) for one in referred.keys)


def _are_comparable(first: Column, second: Column) -> bool:
    """cmp_cols_are_equal of rem0cmp.cc."""
    one, other = _family(first), _family(second)
    if "odd" in (one[0], other[0]) and first.type != second.type:
        raise NotUnderstood(f"a foreign key between {first.type.name} and {second.type.name}")
    return one == other


def _family(column: Column) -> tuple[str, ...]:
    shape = column.type
    if shape.collation is not None and shape.name not in ("enum", "set"):
        return ("text", shape.collation)
    if shape.name in INTEGERS:
        return ("integer", shape.name, str(shape.is_unsigned))
    if shape.name in ("float", "double"):
        return (shape.name,)
    if shape.name in ("binary", "varbinary", "decimal", "datetime", "timestamp"):
        return ("binary",)
    return ("odd",)


def highest_number(table: Table) -> int:
    """The highest N among the foreign keys named table_ibfk_N."""
    pattern = re.compile(re.escape(table.name) + r"_ibfk_([1-9]\d*)", re.IGNORECASE)
    found = [pattern.fullmatch(one.name) for one in table.foreign_keys]
    return max([int(one[1]) for one in found if one is not None], default=0)


def rename_own(table: Table, old: str) -> None:
    """RENAME TABLE gives foreign keys that were named after the table their new name."""
    pattern = re.compile(re.escape(old) + r"_ibfk_(\d+)")
    for key in table.foreign_keys:
        match = pattern.fullmatch(key.name)
        if match is not None:
            key.name = f"{table.name}_ibfk_{match[1]}"


def is_needed(key: Key, remaining: list[Key], table: Table, referring: list[tuple[Table, ForeignKey]]) -> bool:
    """Would a foreign key, of this table or to it, be left without a key if this one went?"""
    for foreign in table.foreign_keys:
        if key.covers(foreign.columns) and not any(one.covers(foreign.columns) for one in remaining):
            return True
    return any(
        key.covers(foreign.referred) and not any(one.covers(foreign.referred) for one in remaining)
        for _, foreign in referring
    )
