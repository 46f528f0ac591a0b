"""CREATE, ALTER and DROP SCHEMA."""

from __future__ import annotations

from typing import Any

from ...database import Change
from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import Catalog
from ..dependencies import Function, drop_objects
from ..model import Index, Sequence
from ..scanner import PostgresqlCursor
from .extensions import drop_extension
from .reading import duplicate, missing, read_behavior, read_role


def create_schema(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE SCHEMA, after these words."""
    is_tolerant = cursor.accept("if", "not", "exists")
    if cursor.at("authorization"):
        raise NotUnderstood("a schema named after its owner")
    name = cursor.name()
    if cursor.accept("authorization"):
        read_role(cursor)
    elements = _read_elements(cursor)
    if is_tolerant and elements:
        raise Rejected("CREATE SCHEMA IF NOT EXISTS cannot include schema elements", "0A000")
    if name.startswith("pg_"):
        raise Rejected(f'unacceptable schema name "{name}"', "42939")
    if name in catalog.schemas:
        if is_tolerant:
            return
        raise duplicate("schema", name, "42P06")
    if name == "information_schema":
        raise duplicate("schema", name, "42P06")
    catalog.schemas[name] = {}
    catalog.changes.append(Change("created", "schema", name, name))
    _create_elements(catalog, name, cursor.sql, elements)


#: The order in which the elements of CREATE SCHEMA are made (transformCreateSchemaStmtElements).
_ELEMENTS = ("sequence", "table", "view", "index", "trigger", "grant")


def _read_elements(cursor: Cursor) -> list[list[Token]]:
    """The statements that stand after the name."""
    found: list[list[Token]] = []
    depth = 0
    while not cursor.at_end:
        token = cursor.take()
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if depth == 0 and token.word in ("create", "grant"):
            found.append([])
        if not found:
            cursor.fail("elements of a schema expected")
        found[-1].append(token)
    return found


def _create_elements(catalog: Catalog, name: str, sql: str, elements: list[list[Token]]) -> None:
    from . import execute

    kinds = [next((kind for kind in _ELEMENTS if kind in [one.word for one in each[:4]]), None) for each in elements]
    if None in kinds:
        raise NotUnderstood("an element of CREATE SCHEMA")
    before = catalog.search_path
    catalog.search_path = [name, *before]
    for wanted in _ELEMENTS:
        for place, each in enumerate(elements):
            if kinds[place] == wanted:
                execute(catalog, PostgresqlCursor(sql, each))
    catalog.search_path = before


def alter_schema(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER SCHEMA, after these words."""
    old = cursor.name()
    if old not in catalog.schemas:
        raise missing("schema", old, "3F000")
    if cursor.accept("owner", "to"):
        read_role(cursor)
        return
    cursor.expect("rename", "to")
    new = cursor.name()
    if new in catalog.schemas:
        raise duplicate("schema", new, "42P06")
    _rename(catalog, old, new)


def _rename(catalog: Catalog, old: str, new: str) -> None:
    catalog.schemas = {(new if key == old else key): value for key, value in catalog.schemas.items()}
    for relation in catalog.schemas[new].values():
        catalog.note("altered", relation)
        relation.schema = new
        catalog.note("altered", relation)
    for one in catalog.types.values():
        if one.schema == old:
            one.schema = new
    catalog.types = {(one.schema, one.name): one for one in catalog.types.values()}
    catalog.signatures = {
        (new if schema == old else schema, name): words for (schema, name), words in catalog.signatures.items()
    }
    for extension, schema in catalog.extension_schemas.items():
        if schema == old:
            catalog.extension_schemas[extension] = new
    catalog.changes += [Change("dropped", "schema", old, old), Change("created", "schema", new, new)]


def drop_schemas(catalog: Catalog, cursor: Cursor) -> None:
    """DROP SCHEMA, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    names = [cursor.name()]
    while cursor.accept(","):
        names.append(cursor.name())
    is_cascade = read_behavior(cursor)
    cursor.expect_end()
    for name in names:
        if name in catalog.schemas:
            _drop(catalog, name, is_cascade=is_cascade)
        elif not is_tolerant:
            raise missing("schema", name, "3F000")


def _drop(catalog: Catalog, name: str, *, is_cascade: bool) -> None:
    extensions = [extension for extension, schema in catalog.extension_schemas.items() if schema == name]
    if extensions and not is_cascade:
        raise Rejected(f"cannot drop schema {name} because other objects depend on it", "2BP01")
    for extension in extensions:
        drop_extension(catalog, extension, is_cascade=True)
    targets: list[Any] = [one for one in catalog.schemas[name].values() if not isinstance(one, (Index, Sequence))]
    targets += [one for one in catalog.schemas[name].values() if isinstance(one, Sequence) and one.owner is None]
    targets += [one for one in catalog.types.values() if one.schema == name]
    functions = [function for schema, function in catalog.signatures if schema == name]
    if any(key[1] in functions and key[0] != name for key in catalog.signatures):
        raise NotUnderstood(f"functions of the same name in {name} and elsewhere")
    targets += [Function(function) for function in functions]
    if targets and not is_cascade:
        raise Rejected(f"cannot drop schema {name} because other objects depend on it", "2BP01")
    drop_objects(catalog, targets, is_cascade=True)
    left = catalog.schemas.pop(name)
    for one in left.values():
        if not isinstance(one, Index):
            raise NotUnderstood(f"what DROP SCHEMA {name} leaves")
    catalog.changes.append(Change("dropped", "schema", name, name))
