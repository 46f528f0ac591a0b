"""Dumps: a catalog as DDL, and a server as DDL, build the same catalog again."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.postgresql import model
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.dump import CANONICAL, dump_catalog, load_dump
from migguard.worker.engines.catalog.postgresql.expressions import Node, show
from migguard.worker.engines.catalog.postgresql.server_dump import read_server
from tests.worker.differential import postgresql_feature_cases
from tests.worker.differential.cases import Case

from .asking import new_catalog

_OBJECTS = (
    *(model.Enum, model.Domain, model.Composite, model.Sequence, model.Column, model.Constraint, model.Index),
    *(model.Table, model.View),
)
#: Attributes of views, and what a server writes in other words.
_OTHERWISE = frozenset(["text", "uses", "perhaps_uses", "tables", "perhaps", "bound", "is_unlogged"])


def _cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for module in pkgutil.iter_modules(postgresql_feature_cases.__path__):
        names = vars(importlib.import_module(f"{postgresql_feature_cases.__name__}.{module.name}"))
        for value in names.values():
            if isinstance(value, dict):
                found.update({f"{module.name}: {key}": one for key, one in value.items() if isinstance(one, Case)})
    return found


CASES = _cases()


def describe(catalog: Catalog) -> dict[Any, Any]:
    """All that the catalog's objects say, references by name."""
    described: dict[Any, Any] = {"path": catalog.search_path, "extensions": sorted(catalog.extension_schemas.items())}
    described["functions"] = sorted(catalog.functions)
    for relation in catalog.relations():
        key = (relation.schema, relation.name)
        described[key] = _describe(relation, catalog)
        if isinstance(relation, model.Table):
            described[key].pop("constraints")
            described[key, "order"] = list(relation.columns)
            parts: list[Any] = [*relation.columns.values(), *relation.constraints]
            for part in parts:
                described[key, type(part).__name__, part.name] = _describe(part, catalog)
    for place, user in catalog.types.items():
        described["type", place] = _describe(user, catalog)
    described["triggers"] = sorted(
        (one.kind, one.name, one.relation.name, str(one.function), sorted(column.name for column in one.perhaps_uses))
        for one in catalog.triggers
    )
    return described


def _describe(value: Any, catalog: Catalog, *, is_part: bool = False) -> Any:
    if isinstance(value, Node):
        text = show(value, catalog)
        return str(text), text.exact
    if isinstance(value, model.TypeRef) and value.user is not None:
        return value.user.schema, value.user.name, value.modifiers, value.dimensions
    if isinstance(value, _OBJECTS) and is_part:
        table = getattr(value, "table", None)
        return type(value).__name__, getattr(value, "schema", None), getattr(table, "name", None), value.name
    if isinstance(value, (list, tuple)):
        return [_describe(one, catalog, is_part=True) for one in value]
    if isinstance(value, dict):
        return {str(key): _describe(one, catalog, is_part=True) for key, one in value.items()}
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _describe(getattr(value, name), catalog, is_part=True) for name in names}
    return value


def _differences(first: dict[Any, Any], second: dict[Any, Any], ignored: frozenset[str] = frozenset()) -> list[Any]:
    found: list[Any] = []
    for key in {**first, **second}:
        mine, other = first.get(key), second.get(key)
        if isinstance(mine, dict) and isinstance(other, dict):
            names = {**mine, **other}.keys() - ignored
            found += [
                (key, name, mine.get(name), other.get(name)) for name in names if mine.get(name) != other.get(name)
            ]
        elif mine != other:
            found.append((key, mine, other))
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_dump_builds_the_same_catalog_again(name: str) -> None:
    catalog = new_catalog()
    for statement in CASES[name].named("x"):
        try:
            catalog.run(statement)
        except (NotUnderstood, Rejected):
            continue
    text = dump_catalog(catalog)
    again = new_catalog()
    load_dump(again, text)
    assert _differences(describe(catalog), describe(again)) == []
    assert dump_catalog(again) == text
    assert not again.changes


def test_what_is_inexact_stays_so_and_what_is_exact_too() -> None:
    catalog = new_catalog()
    catalog.run("CREATE FUNCTION mine(integer) RETURNS integer AS ''")
    catalog.run("CREATE TABLE t (a integer DEFAULT mine(1), b timestamptz DEFAULT '2020-01-01', CHECK (mine(a) > 1))")
    catalog.run("CREATE TABLE u (a integer DEFAULT 1, CHECK (lower(a::text) = 'x'))")
    catalog.run("CREATE INDEX i ON t (mine(a)) WHERE mine(a) > 1")
    catalog.run("CREATE FUNCTION lower(mood) RETURNS text AS ''")
    again = new_catalog()
    load_dump(again, dump_catalog(catalog))
    assert _differences(describe(catalog), describe(again)) == []
    exact = [show(check.expression, again).exact for check in again.table(None, "u").constraints if check.expression]
    assert exact == [True]


def test_a_search_path_and_names_to_be_quoted_survive() -> None:
    catalog = new_catalog()
    for statement in (
        'CREATE SCHEMA "Odd Schema"',
        'SET search_path TO "Odd Schema", public',
        "CREATE TYPE \"Mood\" AS ENUM ('it''s', 'ok')",
        'CREATE TABLE "order" ("select" serial PRIMARY KEY, "Mood" "Mood" DEFAULT \'ok\', x integer[] DEFAULT \'{}\')',
        "COMMENT ON COLUMN \"order\".\"select\" IS 'it''s; -- a comment'",
        'CREATE INDEX "I x" ON "order" (("select" + 1), "Mood" DESC NULLS LAST) WHERE "select" > 1',
    ):
        catalog.run(statement)
    again = new_catalog()
    load_dump(again, dump_catalog(catalog))
    assert _differences(describe(catalog), describe(again)) == []


@pytest.fixture(scope="module")
def engine(make_postgres_database: Callable[[], str]) -> Iterator[sa.Engine]:
    engine = sa.create_engine(make_postgres_database())
    yield engine
    engine.dispose()


def _read(engine: sa.Engine, statements: tuple[str, ...]) -> str | None:
    """The server's dump after these statements, which it then forgets; None where it refuses one."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            for statement in statements:
                connection.exec_driver_sql(statement)
            return read_server(connection)
        except sa.exc.DBAPIError:
            return None
        finally:
            transaction.rollback()


_PLAIN = [name for name, case in CASES.items() if not case.is_flagged and not case.is_autocommit]


@pytest.mark.parametrize("name", _PLAIN)
def test_a_servers_dump_builds_the_catalog_that_its_statements_build(engine: sa.Engine, name: str) -> None:
    statements = CASES[name].named("x")
    catalog = new_catalog()
    for statement in statements:
        try:
            catalog.run(statement)
        except (NotUnderstood, Rejected):
            pytest.skip("the case has a statement that the catalog does not take")
    text = _read(engine, statements)
    if text is None:
        pytest.skip("the case has a statement that the server does not take")
    assert text.startswith(CANONICAL)
    read = new_catalog()
    load_dump(read, text)
    mine, real = describe(catalog), describe(read)
    for one in (mine, real):
        one.pop("path")
    assert _differences(mine, real, _OTHERWISE) == []


def test_what_the_server_printed_is_exact_where_the_catalog_does_not_follow_it(engine: sa.Engine) -> None:
    statements = (
        "CREATE FUNCTION mine(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1'",
        "CREATE TABLE t (a integer DEFAULT mine(1), b timestamptz DEFAULT '2020-01-01 00:00+00', CHECK (mine(a) > 1))",
    )
    text = _read(engine, statements)
    assert text is not None
    catalog = new_catalog()
    load_dump(catalog, text)
    table = catalog.table(None, "t")
    default, moment, check = table.columns["a"].default, table.columns["b"].default, table.constraints[0].expression
    shown = [show(node, catalog) for node in (default, moment, check) if node is not None]
    assert [text.exact for text in shown] == [True, True, True]
    assert [str(shown[0]), str(shown[2])] == ["mine(1)", "(mine(a) > 1)"]
    again = new_catalog()
    load_dump(again, dump_catalog(catalog))
    assert _differences(describe(catalog), describe(again)) == []
    catalog.run("ALTER TABLE t RENAME COLUMN a TO z")
    assert check is not None
    assert not show(check, catalog).exact
