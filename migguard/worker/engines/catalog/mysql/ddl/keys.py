"""The keys of a table that is created or altered (sql_table.cc, mysql_prepare_create_table)."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from .. import model
from ..model import Column, Key, KeyPart, Table, same_name
from ..server import Server
from ..types import BLOBS, SPATIAL, TEXTS, character_bytes, is_large, key_length
from .elements import KeyText

#: Bytes of a key of InnoDB with DYNAMIC rows.
MOST_BYTES = 3072
_PREFIXED = ("char", "varchar", "binary", "varbinary", *TEXTS, *BLOBS)


def prepare_keys(table: Table, texts: list[KeyText], server: Server) -> list[Key]:
    """The final keys, in the order in which the server shows them. Makes the columns of the primary key NOT NULL."""
    kept = _without_needless(texts)
    keys: list[Key] = []
    for text in kept:
        if text.kind == model.PRIMARY and any(one.kind == model.PRIMARY for one in keys):
            raise Rejected("Multiple primary key defined", "1068")
        keys.append(_prepare_key(table, text, keys, server))
    if len(keys) > 64:
        raise Rejected("Too many keys specified; max 64 keys allowed", "1069")
    _check_auto_increment(table, keys)
    return sort_keys(table, keys)


def _without_needless(texts: list[KeyText]) -> list[KeyText]:
    """Leave out keys generated for a foreign key where another key begins with the same columns."""
    kept: list[KeyText] = []
    ignored: list[KeyText] = []
    for text in texts:
        for other in texts[: texts.index(text)]:
            if other in ignored or not _is_prefix(text, other):
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
        for one, other in zip(short.parts, long.parts)
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
    name = _key_name(text, parts, before)
    if text.kind == model.PRIMARY:
        _make_not_null(table, parts)
    if text.kind in (model.INDEX, model.UNIQUE, model.PRIMARY):
        _check_length(table, text, parts)
    if len(text.comment) > 1024:
        raise Rejected(f"Comment for index '{name}' is too long (max = 1024)", "1688")
    if text.is_ignored and text.kind == model.PRIMARY:
        raise Rejected("A primary key cannot be marked as IGNORE", "4174")
    using = "" if text.kind in (model.FULLTEXT, model.SPATIAL) else text.using
    if using == "HASH":
        # InnoDB has no hash indexes
        using = "BTREE"
    return Key(text.kind, name, parts, text.is_generated, using, text.comment, text.is_ignored, text.options)


def _key_name(text: KeyText, parts: tuple[KeyPart, ...], before: list[Key]) -> str:
    taken = {one.name.lower() for one in before}
    if text.kind == model.PRIMARY:
        return "PRIMARY"
    if text.name:
        if text.name.lower() in taken:
            raise Rejected(f"Duplicate key name '{text.name}'", "1061")
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
    if text.kind == model.FULLTEXT:
        if column.type.collation is None or column.type.name in ("enum", "set"):
            raise Rejected(f"Column '{column.name}' cannot be part of FULLTEXT index", "1283")
        return KeyPart(column.name, None, False)
    if text.kind == model.SPATIAL:
        return _spatial_part(text, column)
    if column.generated is not None and text.kind == model.PRIMARY:
        raise Rejected("Primary key cannot be defined upon a generated column", "1903")
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
        raise Rejected("Incorrect prefix key", "1089")
    if is_large(shape):
        if length is None:
            if text.kind == model.UNIQUE:
                server.only_mariadb("UNIQUE over a long column")
                raise NotUnderstood("UNIQUE over a whole TEXT or BLOB column")
            raise Rejected(f"BLOB/TEXT column '{column.name}' used in key specification without a key length", "1170")
        most = (TEXTS.get(shape.name) or BLOBS[shape.name]) // character_bytes(shape)
        if length > most:
            length = most
    elif length is not None:
        if length > int(shape.arguments[0]):
            raise Rejected("Incorrect prefix key", "1089")
        length = None if length == int(shape.arguments[0]) else length
    if shape.name in _PREFIXED:
        unit = character_bytes(shape)
        size = (length if length is not None else int(shape.arguments[0])) * unit
        if size > MOST_BYTES:
            if text.kind != model.INDEX:
                raise NotUnderstood("a UNIQUE or PRIMARY KEY longer than 3072 bytes")
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
            raise NotUnderstood("a UNIQUE key longer than 3072 bytes")
        raise Rejected("Specified key was too long; max key length is 3072 bytes", "1071")


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


def sort_keys(table: Table, keys: list[Key]) -> list[Key]:
    """sort_keys of sql_table.cc: primary, unique without NULL, unique without prefixes, unique, others, fulltext."""

    def rank(key: Key) -> tuple[bool, bool, bool, bool, bool]:
        if not key.is_unique:
            return (True, False, False, False, key.kind == model.FULLTEXT)
        has_null = any(table.column(part.column).is_nullable for part in key.parts)
        has_prefix = any(part.length is not None for part in key.parts)
        return (False, has_null, key.kind != model.PRIMARY, has_prefix, False)

    return sorted(keys, key=rank)
