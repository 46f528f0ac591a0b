"""Questions to the server itself: its settings, functions and system catalogs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Optional, cast

from ..answer import Answer, UnknownNumber
from ..columns import column_names
from ..errors import NotUnderstood, Rejected
from ..flags import COMPARISON, TableName
from ..flavour import Query
from ..outline import Name, Reader, word_of
from ..words import words
from .catalog import Catalog
from .lookup import Filling, Lookup
from .model import Table, TypeRef
from .oids import name_of
from .system_tables import SystemTables
from .types import base_name

_SETTINGS = {
    "standard_conforming_strings": "on",
    "transaction_isolation": "read committed",
    "transaction isolation level": "read committed",
    "default_transaction_isolation": "read committed",
    "transaction_read_only": "off",
    "transaction_deferrable": "off",
    "server_encoding": "UTF8",
    "client_encoding": "UTF8",
    "max_identifier_length": "63",
    "is_superuser": "on",
}
_GENERATED = frozenset({"nextval", "currval", "lastval"})


def answer_system(query: Query) -> Optional[Answer]:
    """Answer what is about the server and not about the project's tables; None where it is the tables' matter."""
    if query.verb == "show":
        return _show(query)
    if query.verb not in {"select", "with"}:
        return None
    compared = _compare_defaults(query)
    if compared is not None:
        return compared
    catalog = cast(Catalog, query.database)
    reader = Reader(query.cursor)
    relations = reader.relations()
    system = {name for name in relations if is_system(catalog, name)}
    functions = {name for _, name in reader.functions()}
    if not system and (relations or not _asks_server(query, functions)):
        return None
    if functions & _GENERATED:
        return _generated(query, reader) if not relations else None
    if "set_config" in functions:
        return _set_config(query, reader)
    return _look_up(query, reader, catalog, relations, system)


def is_system(catalog: Catalog, name: Name) -> bool:
    """Whether a relation is one of the server's own."""
    schema, relation = name
    if schema is not None:
        return schema in {"pg_catalog", "information_schema"}
    return relation.startswith("pg_") and catalog.lookup(None, relation) is None


def _asks_server(query: Query, functions: set[str]) -> bool:
    found = {token.word for token in query.cursor.tokens}
    casts = {"regclass", "regtype", "regnamespace", "current_schema"} & found
    return bool(casts or functions & _SERVER_FUNCTIONS or functions & _GENERATED or "set_config" in functions)


_SERVER_FUNCTIONS = words(
    """version current_schema current_schemas current_database to_regclass to_regtype to_regnamespace
    has_table_privilege has_schema_privilege has_column_privilege has_sequence_privilege has_database_privilege
    pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock pg_advisory_unlock
    pg_advisory_unlock_all pg_advisory_lock_shared pg_advisory_xact_lock_shared pg_advisory_unlock_shared setval
    current_setting format_type pg_get_serial_sequence pg_is_in_recovery pg_sleep"""
)


def _show(query: Query) -> Answer:
    name = " ".join(token.word for token in query.cursor.tokens[1:])
    column = name.replace(" ", "_").replace("_level", "") if name != "transaction isolation level" else ""
    value = setting(cast(Catalog, query.database), name)
    columns = [column or "transaction_isolation"]
    if value is None:
        return Answer(columns, [("",)], 1, unknown=query.text)
    return Answer(columns, [(value,)], 1)


def setting(catalog: Catalog, name: str) -> Optional[str]:
    """A setting's value as SHOW gives it, None where it is not known."""
    if name == "server_version":
        return ".".join(map(str, catalog.version[:2]))
    if name == "server_version_num":
        major, minor = (*catalog.version, 0)[:2]
        return str(major * 10000 + minor)
    if name == "search_path" and catalog.search_path == ["public"]:
        return '"$user", public'
    return _SETTINGS.get(name)


def _generated(query: Query, reader: Reader) -> Answer:
    """nextval and its like: a number that the server would have counted."""
    columns = column_names(query, reader)
    if len(columns) != 1:
        return Answer(columns, [], 0, unknown=query.text)
    return Answer(columns, [(UnknownNumber.make(1, lambda: query.note_read(query.text)),)], 1)


def _set_config(query: Query, reader: Reader) -> Answer:
    """SELECT set_config('name', 'value', is_local) does what SET does."""
    tokens = [token for token in query.cursor.tokens if token.word not in {"pg_catalog", "."}]
    shape = [token.kind if token.kind == "string" else token.word for token in tokens[:9]]
    if shape[:7] != ["select", "set_config", "(", "string", ",", "string", ","] or shape[8:9] != [")"]:
        raise NotUnderstood("set_config")
    name, value, is_local = tokens[3].value.lower(), tokens[5].value, shape[7] == "true"
    if name == "search_path":
        query.run(f"SET {'LOCAL ' if is_local else ''}search_path TO {value or chr(39) * 2}")
    return Answer(column_names(query, reader), [(value,)], 1)


def _look_up(
    query: Query, reader: Reader, catalog: Catalog, relations: set[Name], system: set[Name]
) -> Optional[Answer]:
    columns = column_names(query, reader)
    try:
        own = _own_tables(query, catalog, relations - system)
        found = [_run(reader, catalog, system, own, poisoned=poisoned) for poisoned in (False, True)]
    except NotUnderstood:
        return Answer(columns, [], 0, unknown=query.text) if system else None
    names, rows = found[0]
    names = columns if len(columns) == len(names) else names
    if sorted(map(repr, rows)) != sorted(map(repr, found[1][1])):
        return Answer(names, rows, len(rows), unknown=query.text)
    return Answer(names, rows, len(rows))


def _run(
    reader: Reader, catalog: Catalog, system: set[Name], own: list[Filling], *, poisoned: bool
) -> tuple[list[str], list[tuple[Any, ...]]]:
    tables = SystemTables(catalog, poisoned=poisoned)
    lookup = Lookup(reader, _functions(catalog, tables))
    fillings = {(one.schema, one.name): one for one in (tables.fill(*name) for name in system)}
    return lookup.run([*fillings.values(), *own])


def _own_tables(query: Query, catalog: Catalog, names: set[Name]) -> list[Filling]:
    """The project's tables in the question, as far as they are surely empty."""
    found = []
    for schema, name in names:
        table = query.database.find_table(schema, name)
        if table is None:
            raise Rejected(f'relation "{name}" does not exist', "42P01")
        sources = query.database.sources_of(table)
        columns = query.database.column_names(table)
        if sources is None or columns is None or query.rows.may_have(sources) or schema is not None:
            raise NotUnderstood("rows")
        if any(query.rows.exact.get(one) for one in sources):
            raise NotUnderstood("rows")
        found.append(Filling("main", name, ", ".join("`" + one.replace("`", "``") + "`" for one in columns), []))
    return found


def _functions(catalog: Catalog, tables: SystemTables) -> dict[str, Callable[..., Any]]:
    def find(name: Any) -> Any:
        if isinstance(name, int):
            return name
        if name is None:
            return None
        cursor = catalog.split(str(name))[0]
        schema, relation = cursor.qualified_name()
        if is_system(catalog, (schema, relation)):
            return {"pg_class": 1259, "pg_constraint": 2606, "pg_type": 1247}.get(relation, 901)
        one = catalog.lookup(schema, relation)
        return tables.oid_of(one) if one is not None else None

    def regclass(name: Any) -> Any:
        found = find(name)
        if found is None and name is not None:
            raise Rejected(f'relation "{name}" does not exist', "42P01")
        return found

    def to_regtype(name: Any) -> Any:
        if name is None:
            return None
        cursor = catalog.split(str(name))[0]
        schema, plain = cursor.qualified_name()
        user = catalog.find_type(schema, plain)
        if user is not None:
            return tables._oid("type", user.schema, user.name)
        if tables.poisoned:
            return 901
        return None

    def regtype(name: Any) -> Any:
        found = to_regtype(name)
        if found is None:
            raise NotUnderstood(f"the type {name}")
        return found

    def namespace(name: Any) -> Any:
        plain = str(name).strip('"')
        if plain in catalog.schemas or plain in {"pg_catalog", "information_schema"}:
            return tables.namespace(plain)
        raise Rejected(f'schema "{plain}" does not exist', "3F000")

    def privilege(*arguments: Any) -> Any:
        target = arguments[-2] if len(arguments) > 1 else arguments[0]
        if isinstance(target, str) and "." not in target and find(target) is None:
            raise NotUnderstood("a privilege")
        return 0 if tables.poisoned else 1

    def setval(*arguments: Any) -> Any:
        regclass(arguments[0])
        return None if None in arguments else arguments[1]

    def is_visible(number: Any) -> Any:
        kind, schema, name = name_of(number - 1000 if tables.poisoned and number > 16384 else number)
        if kind == "relation":
            one = catalog.lookup(None, name)
            return int(one is not None and one.schema == schema)
        if kind == "type":
            user = catalog.find_type(None, name)
            return int(user is not None and user.schema == schema)
        return 1

    def format_type(number: Any, modifier: Any = None) -> Any:
        kind, schema, name = name_of(number - 1000 if tables.poisoned and number > 16384 else number)
        user = catalog.types.get((schema, name))
        if kind != "type" or user is None or modifier is not None:
            return tables._unsure("?")
        return base_name(TypeRef(user.name, user=user), catalog)

    def current_setting(name: Any, *rest: Any) -> Any:
        value = setting(catalog, str(name).lower())
        return value if value is not None else tables._unsure("")

    schemas = [one for one in catalog.search_path if one in catalog.schemas]
    locks = {
        name: (lambda *arguments: "")
        for name in words(
            "pg_advisory_lock pg_advisory_xact_lock pg_advisory_unlock_all pg_advisory_lock_shared "
            "pg_advisory_xact_lock_shared pg_sleep"
        )
    }
    truths = {
        name: (lambda *arguments: 1)
        for name in words("pg_try_advisory_lock pg_try_advisory_xact_lock pg_advisory_unlock pg_advisory_unlock_shared")
    }
    version = ".".join(map(str, catalog.version[:2]))
    return {
        "version": lambda: f"PostgreSQL {version} on x86_64-pc-linux-gnu",
        "current_schema": lambda: schemas[0] if schemas else None,
        "current_database": lambda: tables._unsure("db"),
        "current_schemas": lambda implicit: (["pg_catalog"] if implicit else []) + schemas,
        "to_regclass": find,
        "regclass": regclass,
        "regtype": regtype,
        "to_regtype": to_regtype,
        "regnamespace": namespace,
        "to_regnamespace": lambda name: namespace(name) if str(name).strip('"') in catalog.schemas else None,
        "format_type": format_type,
        "pg_table_is_visible": is_visible,
        "pg_type_is_visible": is_visible,
        "pg_get_constraintdef": lambda number, *rest: tables.constraint_text(number),
        "pg_is_in_recovery": lambda: 0,
        "setval": setval,
        "current_setting": current_setting,
        **dict.fromkeys(
            ("has_table_privilege", "has_schema_privilege", "has_sequence_privilege", "has_column_privilege"), privilege
        ),
        **locks,
        **truths,
    }


def _compare_defaults(query: Query) -> Optional[Answer]:
    """Alembic's compare_server_default asks: SELECT <the database's default> = <the model's>."""
    column = _compared_column()
    if column is None:
        return None
    text = query.text[len("SELECT") :].strip()
    place = text.rfind(" AS anon_1")
    sides = _split_sides(query, text[:place] if place > 0 else text)
    if sides is None:
        return None
    catalog = cast(Catalog, query.database)
    table = column.table
    found = catalog.lookup(table.schema, table.name)
    kind = None
    if isinstance(found, Table) and column.name in found.columns:
        kind = found.columns[column.name].type
    from .defaults import compare_defaults

    answer = compare_defaults(*sides, kind, catalog)
    if answer is None:
        schema = found.schema if found is not None else table.schema or "public"
        tables = frozenset([TableName(schema, table.name)])
        query.flags.add(COMPARISON, f"whether {sides[0]} equals {sides[1]}", tables, subject=column.name)
    return Answer(["anon_1"], [(True if answer is None else answer,)], 1)


def _compared_column() -> Any:
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "compare_server_default" and frame.f_globals.get("__name__", "").startswith(
            "alembic."
        ):
            return frame.f_locals.get("metadata_column")
        frame = frame.f_back
    return None


def _split_sides(query: Query, text: str) -> Optional[tuple[str, str]]:
    """The two sides of the comparison on the outermost level; None where there is not exactly one."""
    cursors = query.database.split(text)
    if len(cursors) != 1:
        return None
    depth, places = 0, []
    for token in cursors[0].tokens:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(word_of(token), 0)
        if token.word == "=" and depth == 0:
            places.append(token)
    if len(places) != 1:
        return None
    return text[: places[0].start].strip(), text[places[0].end :].strip()
