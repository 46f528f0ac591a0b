"""Options of a table: after the parenthesis of CREATE TABLE, or as clauses of ALTER TABLE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...words import words
from ..charsets import default_collation, find_charset, find_collation
from ..model import Table
from ..scanner import MysqlCursor
from ..server import Server

_ROW_FORMATS = {
    "default": "",
    "dynamic": "DYNAMIC",
    "compact": "COMPACT",
    "redundant": "REDUNDANT",
    "compressed": "COMPRESSED",
}

#: Options that are not followed.
_OTHERS = words(
    """checksum pack_keys key_block_size max_rows min_rows avg_row_length stats_persistent stats_auto_recalc
    stats_sample_pages delay_key_write tablespace with partition data index union insert_method encrypted
    page_compressed transactional"""
)


@dataclass
class Options:
    """None: not said."""

    engine: Optional[str] = None
    charset: Optional[str] = None
    collation: Optional[str] = None
    comment: Optional[str] = None
    auto_increment: Optional[int] = None
    row_format: Optional[str] = None


def read_option(cursor: MysqlCursor, options: Options) -> bool:
    """One option, if one stands here; NotUnderstood for one that is not followed."""
    start = cursor.index
    cursor.accept("default")
    if cursor.accept_one("character set", "charset"):
        cursor.equals()
        if options.charset is not None:
            raise NotUnderstood("a character set given twice")
        options.charset = _word(cursor)
        return True
    if cursor.accept("collate"):
        cursor.equals()
        options.collation = _word(cursor)
        return True
    cursor.index = start
    if cursor.accept("engine"):
        cursor.equals()
        options.engine = _word(cursor)
    elif cursor.accept("comment"):
        cursor.equals()
        options.comment = cursor.string()
    elif cursor.accept("auto_increment"):
        cursor.equals()
        options.auto_increment = cursor.integer()
    elif cursor.accept("row_format"):
        cursor.equals()
        options.row_format = _word(cursor)
    elif cursor.word() in _OTHERS:
        raise NotUnderstood(f"table option {cursor.word()}")
    else:
        return False
    return True


def _word(cursor: MysqlCursor) -> str:
    return cursor.string() if cursor.at_string() else cursor.label()


def collation_of(options: Options, before: str, server: Server) -> str:
    """The table's collation; `before`: of the database, or of the table that is altered."""
    charset = None
    if options.charset is not None and options.charset.lower() != "default":
        charset = find_charset(options.charset)
    if options.collation is not None and options.collation.lower() != "default":
        return find_collation(options.collation, is_mariadb=server.is_mariadb, charset=charset)
    return default_collation(charset, is_mariadb=server.is_mariadb) if charset is not None else before


def apply_options(options: Options, table: Table, server: Server) -> None:
    """All but the character set."""
    if options.engine is not None and options.engine.lower() != "innodb":
        raise NotUnderstood(f"storage engine {options.engine}")
    if options.comment is not None:
        if len(options.comment) > 2048:
            raise Rejected(f"Comment for table '{table.name}' is too long (max = 2048)", "1628")
        table.comment = options.comment
    if options.auto_increment is not None:
        table.auto_increment = options.auto_increment
    if options.row_format is not None:
        found = _ROW_FORMATS.get(options.row_format.lower())
        if found is None:
            raise NotUnderstood(f"row format {options.row_format}")
        if found in ("COMPACT", "REDUNDANT"):
            raise NotUnderstood("row formats with other limits")
        table.row_format = found
