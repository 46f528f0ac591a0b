"""CREATE, ALTER SEQUENCE, and the sequences of serial and identity columns (sequence.c, init_params, 15)."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import Rejected
from ...scanner import Cursor
from ..catalog import TEMPORARY, Catalog
from ..dependencies import drop_objects
from ..model import Column, Sequence
from ..types import read_type
from .reading import duplicate, read_dotted, read_role

_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
#: For an owner that is said to be none.
NONE = "none"


def read_options(cursor: Cursor, catalog: Catalog) -> dict[str, Any]:
    """The options of a sequence as far as they come. minvalue and maxvalue None: NO MINVALUE, NO MAXVALUE; owner: the
    parts of its name, or NONE. Each may stand once (42601)."""
    found: dict[str, Any] = {}
    while True:
        option = _read_option(cursor, catalog)
        if option is None:
            return found
        name, value = option
        if name in found and name != "logged":
            raise Rejected("conflicting or redundant options", "42601")
        found[name] = value


def _read_option(cursor: Cursor, catalog: Catalog) -> Optional[tuple[str, Any]]:
    if cursor.accept("start"):
        cursor.accept("with")
        return "start", cursor.integer()
    if cursor.accept("increment"):
        cursor.accept("by")
        return "increment", cursor.integer()
    if cursor.accept("restart"):
        cursor.accept("with")
        token = cursor.peek()
        is_given = token is not None and (token.kind == "number" or token.word in ("-", "+"))
        return "restart", cursor.integer() if is_given else None
    for name in ("minvalue", "maxvalue"):
        if cursor.accept(name):
            return name, cursor.integer()
        if cursor.accept("no", name):
            return name, None
    return _read_other_option(cursor, catalog)


def _read_other_option(cursor: Cursor, catalog: Catalog) -> Optional[tuple[str, Any]]:
    if cursor.accept("cache"):
        return "cache", cursor.integer()
    if cursor.accept("cycle"):
        return "cycle", True
    if cursor.accept("no", "cycle"):
        return "cycle", False
    if cursor.accept("as"):
        return "as", read_type(cursor, catalog).name
    if cursor.accept("owned", "by"):
        parts = [NONE] if cursor.accept("none") else read_dotted(cursor)
        return "owner", NONE if parts == [NONE] else parts
    if cursor.accept("sequence", "name"):
        return "name", cursor.qualified_name()
    return None


def set_options(sequence: Sequence, given: dict[str, Any], *, is_new: bool) -> None:
    """Complete and check the options as init_params does. Rejected 22023."""
    old = sequence.options
    reset_low = reset_high = is_new
    if "as" in given:
        if given["as"] not in _LIMITS:
            raise Rejected("sequence type must be smallint, integer, or bigint", "22023")
        if not is_new:
            limit = _LIMITS[sequence.data_type]
            reset_high = old["maxvalue"] == limit
            reset_low = old["minvalue"] == -limit - 1
        sequence.data_type = given["as"]
    new = dict(old)
    new["increment"] = given.get("increment", old.get("increment", 1))
    if new["increment"] == 0:
        raise Rejected("INCREMENT must not be zero", "22023")
    new["cycle"] = given.get("cycle", old.get("cycle", False))
    is_ascending, limit = new["increment"] > 0, _LIMITS[sequence.data_type]
    if given.get("maxvalue") is not None:
        new["maxvalue"] = given["maxvalue"]
    elif is_new or "maxvalue" in given or reset_high:
        new["maxvalue"] = limit if is_ascending or (reset_high and not is_new) else -1
    if given.get("minvalue") is not None:
        new["minvalue"] = given["minvalue"]
    elif is_new or "minvalue" in given or reset_low:
        new["minvalue"] = 1 if is_ascending and not (reset_low and not is_new) else -limit - 1
    if "start" in given:
        new["start"] = given["start"]
    elif is_new:
        new["start"] = new["minvalue"] if is_ascending else new["maxvalue"]
    new["cache"] = given.get("cache", old.get("cache", 1))
    _check_options(new, limit)
    sequence.options = new


def _check_options(new: dict[str, Any], limit: int) -> None:
    if not -limit - 1 <= new["maxvalue"] <= limit or not -limit - 1 <= new["minvalue"] <= limit:
        raise Rejected("MAXVALUE or MINVALUE is out of range for the sequence's data type", "22023")
    if new["minvalue"] >= new["maxvalue"]:
        raise Rejected(f"MINVALUE ({new['minvalue']}) must be less than MAXVALUE ({new['maxvalue']})", "22023")
    if not new["minvalue"] <= new["start"] <= new["maxvalue"]:
        raise Rejected(f"START value ({new['start']}) is outside of MINVALUE and MAXVALUE", "22023")
    if new["cache"] <= 0:
        raise Rejected(f"CACHE ({new['cache']}) must be greater than zero", "22023")


def make_sequence(schema: str, name: str, given: dict[str, Any]) -> Sequence:
    """A sequence that is not in the catalog yet; its owner is the caller's."""
    sequence = Sequence(schema, name)
    given.pop("name", None)
    set_options(sequence, given, is_new=True)
    return sequence


def create_sequence(catalog: Catalog, cursor: Cursor, *, is_temporary: bool) -> None:
    """CREATE SEQUENCE, after these words."""
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    schema = TEMPORARY if is_temporary else catalog.creation_schema(schema_name)
    options = read_options(cursor, catalog)
    cursor.expect_end()
    if name in catalog.schemas.get(schema, {}):
        if is_tolerant:
            return
        raise duplicate("relation", name, "42P07")
    sequence = make_sequence(schema, name, options)
    sequence.is_temporary = is_temporary
    catalog.put(sequence)
    _set_owner(catalog, sequence, options)


def alter_sequence(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER SEQUENCE, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    sequence = catalog.relation(*cursor.qualified_name(), Sequence, missing_ok=is_tolerant)
    if sequence is None:
        cursor.rest()
    elif cursor.accept("rename", "to"):
        catalog.rename(sequence, cursor.name())
    elif cursor.accept("set", "schema"):
        _check_unowned(sequence, "cannot move an owned sequence into another schema")
        catalog.move(sequence, catalog.creation_schema(cursor.name()))
    elif cursor.accept("owner", "to"):
        _check_unowned(sequence, "cannot change owner of a sequence that a column owns")
        read_role(cursor)
    elif not cursor.accept("set", "logged") and not cursor.accept("set", "unlogged"):
        options = read_options(cursor, catalog)
        if not options:
            cursor.fail("ALTER SEQUENCE")
        set_options(sequence, options, is_new=False)
        _set_owner(catalog, sequence, options)
        catalog.note("altered", sequence)
    cursor.expect_end()


def _check_unowned(sequence: Sequence, message: str) -> None:
    if sequence.owner is not None:
        raise Rejected(message, "0A000")


def _set_owner(catalog: Catalog, sequence: Sequence, options: dict[str, Any]) -> None:
    owner = options.get("owner")
    if owner is None:
        return
    if sequence.is_identity:
        raise Rejected("cannot change ownership of identity sequence", "0A000")
    if owner == NONE:
        sequence.owner = None
        return
    if len(owner) == 1:
        raise Rejected("invalid OWNED BY option", "42601")
    table = catalog.table(owner[-3] if len(owner) > 2 else None, owner[-2])
    if table.schema != sequence.schema:
        raise Rejected("sequence must be in same schema as table it is linked to", "55000")
    sequence.owner = catalog.column(table, owner[-1])


def drop_identity(catalog: Catalog, column: Column) -> None:
    """DROP IDENTITY: the sequence goes with it."""
    if column.identity is not None:
        sequence = column.identity.sequence
        column.identity = None
        sequence.is_identity, sequence.owner = False, None
        drop_objects(catalog, [sequence], is_cascade=False, subject=f"sequence {sequence.name}")
