"""Reading constraints and the keys of indexes (gram.y: TableConstraint, ColConstraint, index_elem)."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..scanner import PostgresqlCursor
from .reading import read_group, read_storage, read_tokens
from .specs import ConstraintSpec, ElementSpec

_ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")
#: Functions that are written without parentheses (func_expr_common_subexpr).
_BARE_FUNCTIONS = ("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user")


def at_table_constraint(cursor: Cursor) -> bool:
    """Does a table constraint come next, not a column whose name is such a word?"""
    return (
        cursor.at("constraint")
        or cursor.at("primary", "key")
        or cursor.at("unique")
        or cursor.at("foreign", "key")
        or cursor.at("check")
        or (cursor.at("exclude") and cursor.word(1) in ("using", "("))
    )


def read_table_constraint(cursor: Cursor, catalog: Catalog) -> ConstraintSpec:
    """[CONSTRAINT name] and what may follow on table level."""
    name = cursor.name() if cursor.accept("constraint") else None
    if cursor.accept("primary", "key"):
        spec = _read_key(cursor, catalog, ConstraintSpec("p", name))
    elif cursor.accept("unique"):
        spec = _read_key(cursor, catalog, ConstraintSpec("u", name))
    elif cursor.accept("check"):
        spec = ConstraintSpec("c", name, expression=read_group(cursor, catalog))
    elif cursor.accept("foreign", "key"):
        spec = ConstraintSpec("f", name, columns=cursor.names())
        read_references(cursor, spec)
        _check_column_list(catalog, spec)
    elif cursor.accept("exclude"):
        spec = _read_exclusion(cursor, catalog, name)
    else:
        cursor.fail("constraint expected")
    _read_attributes(cursor, spec)
    return spec


def read_column_constraint(cursor: Cursor, catalog: Catalog, name: Optional[str], column: str) -> ConstraintSpec:
    """PRIMARY KEY, UNIQUE, CHECK or REFERENCES of one column; its attributes are read by the caller."""
    if cursor.accept("check"):
        spec = ConstraintSpec("c", name, expression=read_group(cursor, catalog))
        if cursor.accept("no", "inherit"):
            spec.options["no_inherit"] = True
        return spec
    if cursor.at("references"):
        spec = ConstraintSpec("f", name, columns=[column])
        read_references(cursor, spec)
        _check_column_list(catalog, spec)
        return spec
    if cursor.accept("primary", "key"):
        spec = ConstraintSpec("p", name, columns=[column])
    else:
        cursor.expect("unique")
        spec = ConstraintSpec("u", name, columns=[column], nulls_not_distinct=read_nulls_treatment(cursor, catalog))
    _read_index_parameters(cursor, spec)
    return spec


def read_nulls_treatment(cursor: Cursor, catalog: Catalog) -> bool:
    """[NULLS [NOT] DISTINCT], since 15; is it NOT?"""
    found = cursor.accept_one("nulls not distinct", "nulls distinct")
    if found is not None and catalog.version < (15,):
        raise Rejected("syntax error at or near NULLS", "42601")
    return found == "nulls not distinct"


def read_timing(cursor: Cursor, options: dict[str, Any]) -> bool:
    """One of [NOT] DEFERRABLE, INITIALLY DEFERRED | IMMEDIATE, if it comes next."""
    if cursor.accept("not", "deferrable"):
        if options.get("initially"):
            raise Rejected("constraint declared INITIALLY DEFERRED must be DEFERRABLE", "42601")
    elif cursor.accept("deferrable"):
        options["deferrable"] = True
    elif cursor.accept("initially", "deferred"):
        options["deferrable"] = True
        options["initially"] = "DEFERRED"
    elif not cursor.accept("initially", "immediate"):
        return False
    return True


def read_references(cursor: Cursor, spec: ConstraintSpec) -> None:
    """REFERENCES table [(columns)] and what belongs to it."""
    cursor.expect("references")
    spec.referred = cursor.qualified_name()
    spec.referred_columns = cursor.names() if cursor.at("(") else None
    while True:
        if cursor.accept("match"):
            match = cursor.expect_one("full", "simple", "partial")
            if match == "partial":
                raise Rejected("MATCH PARTIAL not yet implemented", "0A000")
            if match == "full":
                spec.options["match"] = "FULL"
        elif cursor.accept("on", "delete"):
            _read_action(cursor, spec, "ondelete")
        elif cursor.accept("on", "update"):
            _read_action(cursor, spec, "onupdate")
        else:
            return


def _check_column_list(catalog: Catalog, spec: ConstraintSpec) -> None:
    if "ondelete_columns" in spec.options and catalog.version < (15,):
        raise Rejected("syntax error at or near (", "42601")


def _read_action(cursor: Cursor, spec: ConstraintSpec, option: str) -> None:
    action = cursor.expect_one(*_ACTIONS)
    spec.options.pop(option, None)
    if action != "no action":
        spec.options[option] = action.upper()
    if action in ("set null", "set default") and cursor.at("("):
        if option == "onupdate":
            raise Rejected("a column list with SET NULL is only supported for ON DELETE actions", "0A000")
        spec.options["ondelete_columns"] = cursor.names()


def _read_key(cursor: Cursor, catalog: Catalog, spec: ConstraintSpec) -> ConstraintSpec:
    if cursor.accept("using", "index"):
        spec.using_index = cursor.name()
        return spec
    if spec.kind == "u":
        spec.nulls_not_distinct = read_nulls_treatment(cursor, catalog)
    spec.columns = cursor.names()
    if cursor.accept("include"):
        spec.include = cursor.names()
    _read_index_parameters(cursor, spec)
    return spec


def _read_index_parameters(cursor: Cursor, spec: ConstraintSpec) -> None:
    if cursor.accept("with"):
        spec.storage = read_storage(cursor)
    if cursor.accept("using", "index", "tablespace"):
        spec.tablespace = cursor.name()


def _read_attributes(cursor: Cursor, spec: ConstraintSpec) -> None:
    """What may follow a table constraint, each kind its own (processCASbits)."""
    while True:
        if spec.kind in ("p", "u", "x", "f") and read_timing(cursor, spec.options):
            continue
        if spec.kind in ("c", "f") and cursor.accept("not", "valid"):
            spec.options["not_valid"] = True
        elif spec.kind == "c" and cursor.accept("no", "inherit"):
            spec.options["no_inherit"] = True
        else:
            return


def _read_exclusion(cursor: Cursor, catalog: Catalog, name: Optional[str]) -> ConstraintSpec:
    spec = ConstraintSpec("x", name)
    if cursor.accept("using"):
        spec.method = cursor.name()
    cursor.expect("(")
    while True:
        element = read_element(cursor, catalog)
        cursor.expect("with")
        element.operator = _read_operator(cursor)
        spec.elements.append(element)
        if not cursor.accept(","):
            break
    cursor.expect(")")
    if cursor.accept("include"):
        spec.include = cursor.names()
    _read_index_parameters(cursor, spec)
    if cursor.accept("where"):
        spec.where = read_group(cursor, catalog)
    return spec


def _read_operator(cursor: Cursor) -> str:
    if cursor.accept("operator", "("):
        while not cursor.at(")"):
            sign = cursor.take()
        cursor.expect(")")
        return sign.value
    token = cursor.take()
    if token.kind != "operator":
        cursor.fail("operator expected")
    return token.value


def read_element(cursor: Cursor, catalog: Catalog) -> ElementSpec:
    """A key of an index with its options."""
    spec = ElementSpec()
    if cursor.at("("):
        spec.expression = read_group(cursor, catalog)
    elif _is_call(cursor):
        first = cursor.index
        while not cursor.at("(") and cursor.word() not in _BARE_FUNCTIONS:
            cursor.index += 1
        if cursor.at("("):
            cursor.skip_group()
        else:
            cursor.index += 1
        tokens = list(cursor.tokens[first : cursor.index])
        spec.expression = read_tokens(cursor.sql, tokens, cursor.text_between(first, cursor.index), catalog)
    else:
        spec.column = cursor.name()
    _read_element_options(cursor, spec)
    return spec


def _is_call(cursor: Cursor) -> bool:
    """Does a function call come next, its name qualified or not?"""
    if cursor.word() in _BARE_FUNCTIONS:
        return True
    token = cursor.peek()
    if token is None or token.kind not in ("id", "quoted"):
        return False
    return cursor.word(1) == "(" or (cursor.word(1) == "." and cursor.word(3) == "(")


def _read_element_options(cursor: Cursor, spec: ElementSpec) -> None:
    if cursor.accept("collate"):
        spec.collation = cursor.qualified_name()[1]
    if isinstance(cursor, PostgresqlCursor) and cursor.at_name() and not cursor.at("include") and not _is_order(cursor):
        spec.opclass = cursor.qualified_name()[1]
        if cursor.at("("):
            first = cursor.index
            read_storage(cursor)
            spec.opclass_options = cursor.text_between(first + 1, cursor.index - 1)
    if cursor.accept_one("asc", "desc") == "desc":
        spec.descending = True
    if cursor.accept("nulls", "first"):
        spec.nulls_first = True
    elif cursor.accept("nulls", "last"):
        spec.nulls_first = False


def _is_order(cursor: Cursor) -> bool:
    return cursor.at("nulls", "first") or cursor.at("nulls", "last")
