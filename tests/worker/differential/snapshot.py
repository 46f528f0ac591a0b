"""All that SQLAlchemy's Inspector says about a database, and what Alembic renders of it, as comparable texts."""

from __future__ import annotations

import ast
import contextlib
import json
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy.types import TypeEngine

_PER_TABLE = (
    "columns",
    "pk_constraint",
    "foreign_keys",
    "unique_constraints",
    "indexes",
    "check_constraints",
    "table_comment",
)
_SYSTEM_SCHEMAS = {"information_schema", "mysql", "performance_schema", "sys"}


@dataclass(frozen=True, order=True)
class Key:
    """Which fact of the Inspector. kind: one of its questions (`columns`, `enums`); relation and name may be empty."""

    schema: str
    relation: str
    kind: str
    name: str = ""


Snapshot = dict[Key, str]


def read_snapshot(connection: sa.engine.Connection) -> Snapshot:
    """The Inspector's answers for every schema of the database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inspector = sa.inspect(connection)
        answers: Snapshot = {}
        schemas = [name for name in inspector.get_schema_names() if name not in _SYSTEM_SCHEMAS]
        answers[Key("", "", "schemas")] = json.dumps(sorted(schemas))
        answers[Key("", "", "default_schema")] = json.dumps(inspector.default_schema_name)
        for schema in schemas:
            answers.update(_read_schema(inspector, schema))
        # the tables of the default schema once more, as a project asks that names no schema
        answers.update(_read_schema(inspector, None))
        return answers


def _read_schema(inspector: Any, schema: str | None) -> Iterator[tuple[Key, str]]:
    label = schema or ""
    lists = {
        "tables": "get_table_names",
        "views": "get_view_names",
        "materialized_views": "get_materialized_view_names",
        "sequences": "get_sequence_names",
    }
    names: dict[str, list[str]] = {}
    for kind, method in lists.items():
        # what a dialect does not have it does not answer
        with contextlib.suppress(AttributeError, NotImplementedError):
            names[kind] = sorted(getattr(inspector, method)(schema=schema))
            yield Key(label, "", kind), json.dumps(names[kind])
    if schema is None:
        # SQLAlchemy 1.4 asks no server for them
        with contextlib.suppress(AttributeError, NotImplementedError):
            yield Key(label, "", "temp_tables"), json.dumps(sorted(inspector.get_temp_table_names()))
    for kind in ("enums", "domains"):
        if hasattr(inspector, f"get_{kind}"):
            for found in getattr(inspector, f"get_{kind}")(schema=schema):
                yield Key(label, "", kind, str(found["name"])), _show(found, inspector.dialect)
    yield from _read_relations(
        inspector, schema, names["tables"], sorted({*names.get("views", []), *names.get("materialized_views", [])})
    )


def _read_relations(
    inspector: Any, schema: str | None, tables: list[str], views: list[str]
) -> Iterator[tuple[Key, str]]:
    if not tables and not views:
        return
    for kind in _PER_TABLE:
        for relation, answer in _ask(inspector, kind, schema, tables, views):
            yield from _split(schema or "", relation, kind, answer, inspector.dialect)


def _ask(
    inspector: Any, kind: str, schema: str | None, tables: list[str], views: list[str]
) -> Iterator[tuple[str, Any]]:
    multi = getattr(inspector, f"get_multi_{kind}", None)
    if multi is not None:
        from sqlalchemy.engine.reflection import ObjectKind

        for (_, relation), answer in multi(schema=schema, kind=ObjectKind.ANY).items():
            yield relation, answer
        return
    # SQLAlchemy 1.4: one by one; views have columns only
    for relation in tables + (views if kind == "columns" else []):
        yield relation, getattr(inspector, f"get_{kind}")(relation, schema=schema)


def _split(schema: str, relation: str, kind: str, answer: Any, dialect: Any) -> Iterator[tuple[Key, str]]:
    if not isinstance(answer, list):
        yield Key(schema, relation, kind), _show(answer, dialect)
        return
    # the order of columns means something; that of the rest is the server's whim
    names = [str(item.get("name")) for item in answer]
    yield Key(schema, relation, kind), json.dumps(names if kind == "columns" else sorted(names))
    for item in answer:
        yield Key(schema, relation, kind, str(item.get("name"))), _show(item, dialect)


def _show(value: Any, dialect: Any) -> str:
    return json.dumps(_plain(value, dialect), sort_keys=True, ensure_ascii=False)


def _plain(value: Any, dialect: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item, dialect) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, dialect) for item in value]
    if isinstance(value, TypeEngine):
        return _show_type(value, dialect)
    if value is None or isinstance(value, (str, int, bool, float)):
        return value
    return repr(value)


def _show_type(value: TypeEngine[Any], dialect: Any) -> str:
    try:
        compiled = str(value.compile(dialect=dialect))
    except sa.exc.CompileError:
        compiled = ""
    details = {
        name: str(getattr(value, name))
        for name in ("schema", "enums", "default", "not_null", "check", "constraint_name", "collation")
        if getattr(value, name, None) is not None
    }
    return f"{value!r} {compiled} {details}"


def render_difference(connection: sa.engine.Connection, metadata: sa.MetaData, **options: Any) -> list[str]:
    """The statements of both directions that Alembic writes for what lies between a database and `metadata`.

    Sorted, as Alembic keeps no order of its own where several tables are dropped. With empty metadata, `downgrade`
    renders every reflected object. Where Alembic itself raises, the error's class is the answer.
    """
    settings = {"compare_type": True, "compare_server_default": True, "include_schemas": True, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata, **settings})
        try:
            script = produce_migrations(context, metadata)
        except sa.exc.SQLAlchemyError as error:
            connection.rollback()
            return [f"raised {type(error).__name__}"]
        directions = (("upgrade", script.upgrade_ops), ("downgrade", script.downgrade_ops))
        return sorted(
            f"{name}: {statement}"
            for name, operations in directions
            if operations is not None
            for statement in _statements(render_python_code(operations))
        )


def _statements(code: str) -> Iterable[str]:
    # Alembic leaves out the indentation of the first line
    source = "if True:\n    " + code
    try:
        block = ast.parse(source).body[0]
    except SyntaxError:
        # Alembic writes an empty line for a constraint that it cannot render
        yield from filter(None, map(str.strip, source.splitlines()))
        return
    assert isinstance(block, ast.If)
    lines = source.splitlines()
    for statement in block.body:
        text = "\n".join(lines[statement.lineno - 1 : statement.end_lineno]).strip()
        if text != "pass":
            yield text
