"""The interpreter of PostgreSQL's DDL: one statement in, the catalog changed."""

from __future__ import annotations

from ...database import Leftover
from ...scanner import Cursor
from ..catalog import Catalog
from ..scanner import words
from .alter import alter
from .comments import comment
from .create import create
from .do_blocks import do_block
from .drop import drop
from .settings import discard, follow_set_config, reset_setting, set_setting
from .table_as import select_into

#: Statements that are no DDL: the session answers them.
_DATA = words(
    """select insert update delete with values call copy merge table truncate fetch declare move close prepare execute
    explain show ("""
)
#: Statements that change no schema.
_WITHOUT_EFFECT = words(
    """grant revoke analyze analyse vacuum reindex lock notify listen unlisten cluster refresh checkpoint load security
    deallocate begin start commit end rollback abort savepoint release"""
)


def execute(catalog: Catalog, cursor: Cursor) -> list[Leftover]:
    """Apply one statement, or hand it back where it is no DDL. Raises NotUnderstood and Rejected."""
    verb = cursor.word()
    if verb in _DATA:
        return _hand_back(catalog, cursor, verb)
    if verb in _WITHOUT_EFFECT:
        return []
    cursor.index += 1
    if verb == "create":
        create(catalog, cursor)
    elif verb == "alter":
        alter(catalog, cursor)
    elif verb == "drop":
        drop(catalog, cursor)
    elif verb == "comment":
        cursor.expect("on")
        comment(catalog, cursor)
    elif verb == "do":
        return do_block(catalog, cursor)
    elif verb == "set":
        set_setting(catalog, cursor)
    elif verb == "reset":
        reset_setting(catalog, cursor)
    elif verb == "discard":
        discard(catalog, cursor)
    else:
        cursor.index -= 1
        cursor.fail("statement")
    return []


def _hand_back(catalog: Catalog, cursor: Cursor, verb: str) -> list[Leftover]:
    if verb == "select":
        if select_into(catalog, cursor):
            return []
        follow_set_config(catalog, cursor)
    cursor.index = 0
    return [Leftover(verb if verb != "(" else "select", cursor.text_between(0, len(cursor.tokens)))]
