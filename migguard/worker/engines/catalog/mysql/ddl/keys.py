"""The keys of a table that is created or altered (sql_table.cc, mysql_prepare_create_table)."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from ...errors import NotUnderstood, Rejected
from .. import model
from ..expressions import VOLATILE, functions_of
from ..model import Column, Key, KeyPart, Table, same_name
from ..server import Server
from ..types import BLOBS, SPATIAL, TEXTS, character_bytes, is_large, key_length
from .columns import check_stored, counts
from .elements import KeyText

#: Bytes of a key of InnoDB with DYNAMIC rows.
MOST_BYTES = 3072
_PREFIXED = ("char", "varchar", "binary", "varbinary", *TEXTS, *BLOBS)


def prepare_keys(table: Table, texts: list[KeyText], server: Server, *, is_sorted: bool = True) -> list[Key]:
    """The final keys, in the order in which the server shows them. Makes the columns of the primary key NOT NULL.

    is_sorted: false for ALTER TABLE without new keys, which leaves them as they were.
    """
    kept = _without_needless(texts)
    keys: list[Key] = []
    nullable: set[str] = set()
    for text in kept:
        if text.kind == model.PRIMARY and any(one.kind == model.PRIMARY for one in keys):
            raise Rejected("Multiple primary key defined", "1068")
        keys.append(_prepare_key(table, text, keys, server))
        # a primary key that comes later makes columns NOT NULL too late for this
        if any(table.column(part.column).is_nullable for part in keys[-1].parts):
            nullable.add(keys[-1].name)
    _refuse_hashed_cover(texts, kept, keys)
    if len(keys) > 64:
        raise Rejected("Too many keys specified; max 64 keys allowed", "1069")
    _check_auto_increment(table, keys)
    found = sort_keys(keys, nullable)
    if is_sorted or found == keys:
        return found
    server.only_mariadb("the order of keys")
    if all(one.kind != model.PRIMARY for one in keys):
        raise NotUnderstood("the order of the keys of a table without a primary key")
    return keys


def _refuse_hashed_cover(texts: list[KeyText], kept: list[KeyText], keys: list[Key]) -> None:
    """A generated key gave way to a unique one that turns out to be a hash."""
    for text in texts:
        if text.is_generated and all(text is not one for one in kept):
            columns = tuple(part.column for part in text.parts)
            if not any(key.covers(columns) for key in keys):
                raise NotUnderstood("a foreign key over the first columns of a long unique key")


def _without_needless(texts: list[KeyText]) -> list[KeyText]:
    """Leave out keys generated for a foreign key where another key begins with the same columns."""
    kept: list[KeyText] = []
    ignored: list[KeyText] = []
    for position, text in enumerate(texts):
        for other in texts[:position]:
            # a key dropped and added again is equal to itself
            if any(other is one for one in ignored) or not _is_prefix(text, other):
                continue
            is_other_kept = not other.is_generated or (text.is_generated and len(text.parts) < len(other.parts))
            ignored.append(text if is_other_kept else other)
            break
    for text in texts:
        if not any(text is one for one in ignored):
            kept.append(text)
    return kept


def _is_prefix(first: KeyText, second: KeyText) -> bool:
    """foreign_key_prefix: is one of them generated and a prefix of the other?"""
    if first.is_generated:
        short, long = first, second
        if second.is_generated and len(first.parts) > len(second.parts):
            short, long = second, first
    elif second.is_generated:
        short, long = second, first
    else:
        return False
    if len(short.parts) > len(long.parts) or long.kind in (model.FULLTEXT, model.SPATIAL):
        return False
    return all(
        same_name(one.column, other.column) and one.length == other.length
        for one, other in zip(short.parts, long.parts)  # noqa: B905
    )


def _prepare_key(table: Table, text: KeyText, before: list[Key], server: Server) -> Key:
    if len(text.parts) > 32:
        raise Rejected("Too many key parts specified; max 32 parts allowed", "1070")
    parts = tuple(_prepare_part(table, text, part, server) for part in text.parts)
    seen: list[str] = []
    for part in parts:
        if part.column.lower() in seen:
            raise Rejected(f"Duplicate column name '{part.column}'", "1060")
        seen.append(part.column.lower())
    if text.kind == model.FULLTEXT and len({table.column(part.column).type.collation for part in parts}) > 1:
        raise Rejected(f"Column '{parts[-1].column}' cannot be part of FULLTEXT index", "1283")
    name = _key_name(table, text, parts, before)
    if text.kind == model.PRIMARY:
        _make_not_null(table, parts)
    if text.kind in (model.INDEX, model.UNIQUE, model.PRIMARY):
        _check_length(table, text, parts)
    if len(text.comment) > 1024:
        raise Rejected(f"Comment for index '{name}' is too long (max = 1024)", "1688")
    if text.is_ignored and text.kind == model.PRIMARY:
        raise Rejected("A primary key cannot be marked as IGNORE", "4174")
    using = "" if text.kind in (model.FULLTEXT, model.SPATIAL) else text.using
    is_hashed = text.kind == model.UNIQUE and _is_hashed(table, parts)
    if is_hashed:
        counted = next((one.column for one in parts if table.column(one.column).is_auto_increment), None)
        if counted is not None:
            raise Rejected(f"AUTO_INCREMENT column `{counted}` cannot be used in the UNIQUE index `{name}`", "4169")
        server.only_mariadb("UNIQUE over long columns")
        if using == "BTREE":
            raise Rejected("Specified key was too long; max key length is 3072 bytes", "1071")
        using = "HASH"
        parts = tuple(replace(one, is_descending=False) for one in parts)
    elif using == "HASH" and not server.is_mariadb:
        raise NotUnderstood("USING HASH")
    return Key(text.kind, name, parts, text.is_generated, using, text.comment, text.is_ignored, is_hashed)


def _key_name(table: Table, text: KeyText, parts: tuple[KeyPart, ...], before: list[Key]) -> str:
    taken = {one.name.lower() for one in before}
    if text.kind == model.PRIMARY:
        return "PRIMARY"
    if text.name:
        if text.name.lower() in taken:
            raise Rejected(f"Duplicate key name '{text.name}'", "1061")
        if text.kind == model.UNIQUE and table.find_check(text.name) is not None:
            raise Rejected(f"Duplicate CHECK constraint name '{text.name}'", "1826")
        if text.name.lower() == "primary":
            raise Rejected(f"Incorrect index name '{text.name}'", "1280")
        return text.name
    first = parts[0].column
    if first.lower() not in taken and first.lower() != "primary":
        return first
    for number in range(2, 100):
        name = f"{first[: 64 - len(str(number)) - 1]}_{number}"
        if name.lower() not in taken:
            return name
    raise NotUnderstood("more than a hundred keys of one name")


def _prepare_part(table: Table, text: KeyText, part: KeyPart, server: Server) -> KeyPart:
    column = table.find_column(part.column)
    if column is None:
        raise Rejected(f"Key column '{part.column}' doesn't exist in table", "1072")
    length = part.length
    if text.kind == model.FULLTEXT and column.generated is not None:
        raise NotUnderstood("FULLTEXT over a generated column")
    if text.kind == model.FULLTEXT:
        if column.type.collation is None or column.type.name in ("enum", "set"):
            raise Rejected(f"Column '{column.name}' cannot be part of FULLTEXT index", "1283")
        return KeyPart(column.name, None, False)
    if text.kind == model.SPATIAL:
        return _spatial_part(text, column)
    if column.generated is not None and text.kind == model.PRIMARY:
        raise Rejected("Primary key cannot be defined upon a generated column", "1903")
    if column.generated is not None and not column.generated.is_stored:
        check_stored(column, table)
        if counts(column, table) or functions_of(column.generated.expression) & VOLATILE:
            raise Rejected("Function or expression cannot be used in the GENERATED ALWAYS AS clause", "1901")
    if column.type.name in SPATIAL or column.type.name == "json":
        raise NotUnderstood(f"a key over a column of type {column.type.name}")
    if length == 0:
        raise Rejected(f"Key part '{column.name}' length cannot be 0", "1391")
    length = _prefix_length(text, column, length, server)
    return KeyPart(column.name, length, part.is_descending)


def _spatial_part(text: KeyText, column: Column) -> KeyPart:
    if len(text.parts) > 1 or column.type.name not in SPATIAL:
        raise Rejected("Incorrect arguments to SPATIAL INDEX", "1210")
    if column.is_nullable:
        raise Rejected("All parts of a SPATIAL index must be NOT NULL", "1252")
    return KeyPart(column.name, None, False)


def _prefix_length(text: KeyText, column: Column, length: Optional[int], server: Server) -> Optional[int]:
    shape = column.type
    if length is not None and shape.name not in _PREFIXED:
        if length == key_length(shape):
            raise NotUnderstood("a prefix as long as a number")
        raise Rejected("Incorrect prefix key", "1089")
    if is_large(shape):
        if length is None:
            if text.kind == model.UNIQUE and server.is_mariadb:
                return None
            if text.kind == model.PRIMARY or not server.is_mariadb:
                raise Rejected(
                    f"BLOB/TEXT column '{column.name}' used in key specification without a key length", "1170"
                )
            return min(MOST_BYTES // character_bytes(shape), TEXTS.get(shape.name) or BLOBS[shape.name])
        most = TEXTS.get(shape.name) or BLOBS[shape.name]
        if length > most // character_bytes(shape):
            raise NotUnderstood("a prefix longer than the column")
    elif length is not None:
        if length > int(shape.arguments[0]):
            raise Rejected("Incorrect prefix key", "1089")
        length = None if length == int(shape.arguments[0]) else length
    if shape.name in _PREFIXED:
        unit = character_bytes(shape)
        size = (length if length is not None else int(shape.arguments[0])) * unit
        if size > MOST_BYTES:
            if text.kind == model.UNIQUE and server.is_mariadb:
                return length
            if text.kind == model.PRIMARY:
                raise Rejected("Specified key was too long; max key length is 3072 bytes", "1071")
            server.only_mariadb("a key longer than 3072 bytes")
            return MOST_BYTES // unit
        if size == 0:
            raise Rejected(f"The used storage engine can't index column '{column.name}'", "1167")
    return length


def _check_length(table: Table, text: KeyText, parts: tuple[KeyPart, ...]) -> None:
    total = 0
    for part in parts:
        shape = table.column(part.column).type
        total += part.length * character_bytes(shape) if part.length is not None else key_length(shape)
    if total > MOST_BYTES:
        if text.kind == model.UNIQUE:
            return
        raise Rejected("Specified key was too long; max key length is 3072 bytes", "1071")


def _is_hashed(table: Table, parts: tuple[KeyPart, ...]) -> bool:
    """MariaDB keeps a hash where a unique key is too long for a tree, or holds a whole TEXT."""
    total = 0
    for part in parts:
        shape = table.column(part.column).type
        if is_large(shape) and part.length is None:
            return True
        size = part.length * character_bytes(shape) if part.length is not None else key_length(shape)
        total += size
    return total > MOST_BYTES


def _make_not_null(table: Table, parts: tuple[KeyPart, ...]) -> None:
    for part in parts:
        table.column(part.column).is_nullable = False


def _check_auto_increment(table: Table, keys: list[Key]) -> None:
    counted = [one for one in table.columns if one.is_auto_increment]
    wrong = "Incorrect table definition; there can be only one auto column and it must be defined as a key"
    if len(counted) > 1:
        raise Rejected(wrong, "1075")
    for column in counted:
        kinds = (model.PRIMARY, model.UNIQUE, model.INDEX)
        if not any(one.kind in kinds and same_name(one.parts[0].column, column.name) for one in keys):
            raise Rejected(wrong, "1075")


def sort_keys(keys: list[Key], nullable: set[str]) -> list[Key]:
    """sort_keys of sql_table.cc: primary, unique without NULL, unique without prefixes, unique, others, fulltext."""

    def rank(key: Key) -> tuple[bool, ...]:
        if not key.is_unique:
            return (True, False, False, False, False, key.kind == model.FULLTEXT)
        has_null = key.is_hashed or key.name in nullable
        has_prefix = any(part.length is not None for part in key.parts)
        return (False, has_null, key.kind != model.PRIMARY, has_prefix or key.is_hashed, key.is_hashed, False)

    return sorted(keys, key=rank)
