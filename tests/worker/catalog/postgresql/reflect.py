"""Run by the project's interpreter: all that the Inspector tells, from a real server and from the catalog, as JSON.

Arguments: the URL of an empty database, a folder, and a file with statements, each after a line `--`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[4]))

IS_OLD = sa.__version__.startswith("1.")
SCHEMAS = (None, "public", "other", "missing", "pg_catalog_")
NAMES = (
    "users",
    "posts",
    "missing",
    "names",
    "ages",
    "counter",
    "mood",
    "kind",
    "temporary",
    "things",
    "events",
    "ix_title",
)

METHODS = (
    *("columns", "pk_constraint", "foreign_keys", "unique_constraints", "indexes", "check_constraints"),
    *("table_comment", "table_options"),
)


def plain(value: Any) -> Any:
    """A value as JSON can have it; types as their reprs with what they are made of."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, sa.types.TypeEngine):
        extra = {
            name: plain(getattr(value, name, None)) for name in ("collation", "schema", "enums", "check", "default")
        }
        return [repr(value), type(value).__module__, plain(getattr(value, "item_type", None)), extra]
    if isinstance(value, sa.sql.ClauseElement):
        return str(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def call(function: Any, *arguments: Any, **options: Any) -> Any:
    """What a method gives; an error by its class."""
    try:
        return plain(function(*arguments, **options))
    except (sa.exc.NoSuchTableError, NotImplementedError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def tell(connection: Any) -> dict[str, Any]:
    """Every method of the Inspector."""
    told: dict[str, Any] = {}
    inspector = sa.inspect(connection)
    told["schemas"] = call(inspector.get_schema_names)
    told["default"] = inspector.default_schema_name
    told["temporary"] = [sorted(call(inspector.get_temp_table_names)), call(inspector.get_temp_view_names)]
    for schema in SCHEMAS:
        told.update({f"{schema} {name}": found for name, found in tell_schema(inspector, schema).items()})
    for schema in (*SCHEMAS, "*"):
        told[f"{schema} enums"] = call(inspector.get_enums, schema=schema)
        if not IS_OLD:
            told[f"{schema} domains"] = call(inspector.get_domains, schema=schema)
    for name in NAMES:
        for schema in (None, "other"):
            told[f"{schema} has {name}"] = [call(inspector.has_table, name, schema=schema)]
            for method in ("has_sequence", "has_type") if not IS_OLD else ():
                told[f"{schema} has {name}"].append(call(getattr(connection.dialect, method), connection, name, schema))
    return told


def tell_schema(inspector: Any, schema: Any) -> dict[str, Any]:
    """All tables of one schema, one by one and together."""
    told: dict[str, Any] = {}
    names = sorted(inspector.get_table_names(schema=schema))
    told["tables"] = names
    told["views"] = sorted(inspector.get_view_names(schema=schema))
    told["sequences"] = sorted(call(inspector.get_sequence_names, schema=schema))
    told["materialized"] = [] if IS_OLD else sorted(inspector.get_materialized_view_names(schema=schema))
    told["foreign"] = call(getattr(inspector, "get_foreign_table_names", list), schema=schema)
    for name in [*names, "missing"]:
        for method in METHODS:
            told[f"{name} {method}"] = call(getattr(inspector, f"get_{method}"), name, schema=schema)
        for ignore in (True, False):
            found = call(inspector.get_foreign_keys, name, schema=schema, postgresql_ignore_search_path=ignore)
            told[f"{name} foreign keys {ignore}"] = found
    if not IS_OLD:
        told.update(tell_multi(inspector, schema))
    return told


def call_multi(inspector: Any, method: str, **options: Any) -> Any:
    """As `call`, of a method for many tables."""
    return call(lambda: sorted(getattr(inspector, f"get_multi_{method}")(**options).items(), key=str))


def tell_multi(inspector: Any, schema: Any) -> dict[str, Any]:
    from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

    told: dict[str, Any] = {}
    plans: list[dict[str, Any]] = [
        {},
        {"filter_names": ["users", "missing"]},
        {"filter_names": []},
        {"kind": ObjectKind.TABLE, "scope": ObjectScope.ANY},
        {"kind": ObjectKind.TABLE, "scope": ObjectScope.TEMPORARY},
    ]
    for number, plan in enumerate(plans):
        for method in METHODS:
            told[f"multi {number} {method}"] = call_multi(inspector, method, schema=schema, **plan)
    for method in ("pk_constraint", "indexes", "table_comment", "table_options"):
        every = {"kind": ObjectKind.ANY, "scope": ObjectScope.ANY}
        told[f"multi any {method}"] = call_multi(inspector, method, schema=schema, **every)
    return told


def choose_driver() -> str:
    """One that is installed and that this SQLAlchemy knows."""
    for name in ("psycopg2", "psycopg", "pg8000"):
        if importlib.util.find_spec(name) and importlib.util.find_spec(f"sqlalchemy.dialects.postgresql.{name}"):
            return name
    raise SystemExit(77)


def main() -> None:
    """Print both answers and the kinds of flags."""
    url = sa.engine.make_url(sys.argv[1]).set(drivername=f"postgresql+{choose_driver()}")
    statements = Path(sys.argv[3]).read_text(encoding="utf-8").split("\n--\n")
    real = sa.create_engine(url, future=True)

    from tests.worker.catalog.twin import CatalogSide

    side = CatalogSide(Path(sys.argv[2]))
    answers = []
    for engine in (real, side.create_engine(url.render_as_string(hide_password=False), future=True)):
        with engine.connect() as connection:
            raw = connection.execution_options(no_parameters=True)
            for statement in statements:
                raw.exec_driver_sql(statement)
            answers.append(tell(connection))
    flags = [f"{flag.kind} {flag.detail} {flag.text}" for flag in side.flags.flags]
    sys.stdout.write(json.dumps([*answers, flags]))


if __name__ == "__main__":
    main()
