"""A real database as the DDL that load_dump reads, its expressions as the server prints them.

Queries for PostgreSQL 12 and newer, by SQLAlchemy's connection, with the search path that the connection has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from .dump import CANONICAL, INDEX_COLUMNS, INHERITED
from .names import quote_identifier, quote_literal, quote_qualified
from .server_queries import (
    ATTRIBUTES,
    COLUMNS,
    COMMENTS,
    CONSTRAINTS,
    DOMAIN_CHECKS,
    EXTENSIONS,
    FUNCTIONS,
    INDEX_NAMES,
    INDEXES,
    SCHEMAS,
    SEQUENCES,
    TABLES,
    TRIGGERS,
    TYPES,
    VIEWS,
)


def read_server(connection: Any) -> str:
    """DDL of everything in the database that does not belong to the server or an extension. It starts with CANONICAL.

    connection: SQLAlchemy's. Roles, rights, rows and what functions do are left out.
    """
    dump = _ServerDump(connection)
    lines = [CANONICAL + "\n"]
    lines += [statement + ";\n" for statement in dump.statements()]
    lines += [INHERITED + json.dumps(place) + "\n" for place in dump.inherited]
    for row in dump.rows(INDEX_NAMES):
        lines.append(INDEX_COLUMNS + json.dumps([row.schema, row.name, row.names]) + "\n")
    return "".join(lines)


class _ServerDump:
    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.version: int = int(self.rows("SELECT current_setting('server_version_num')::int AS n")[0].n)
        #: ["column" or "constraint", schema, table, name] of what a table has from its parents only.
        self.inherited: list[list[str]] = []

    def rows(self, query: str) -> list[Any]:
        return list(self.connection.execute(text(query)))

    def statements(self) -> Iterator[str]:
        path = self.rows("SELECT unnest(current_schemas(false)) AS name")
        yield from self._schemas()
        yield "SET search_path TO " + (", ".join(quote_identifier(row.name) for row in path) or "pg_catalog")
        yield from self._types()
        sequences = self.rows(SEQUENCES)
        for row in sequences:
            if not row.is_identity:
                yield f"CREATE SEQUENCE {quote_qualified(row.schema, row.name)} {_sequence_options(row)}"
        yield from self._tables(sequences)
        yield from self._ownership(sequences)
        yield from self._constraints("cpux")
        yield from self._indexes("rp")
        yield from self._parents()
        yield from self._constraints("f")
        for row in self.rows(VIEWS):
            kind = "MATERIALIZED VIEW" if row.kind == "m" else "VIEW"
            yield f"CREATE {kind} {quote_qualified(row.schema, row.name)} AS {row.definition.strip().rstrip(';')}"
        yield from self._indexes("m")
        yield from self._comments()
        yield from self._triggers()
        for row in self.rows(FUNCTIONS):
            name = quote_qualified(row.schema, row.name)
            words = ", ".join(quote_identifier(word) for word in row.words or [])
            yield f"CREATE FUNCTION {name}({words}) AS ''"

    def _schemas(self) -> Iterator[str]:
        schemas = [row.name for row in self.rows(SCHEMAS)]
        if "public" not in schemas:
            yield "DROP SCHEMA public"
        for name in schemas:
            if name != "public":
                yield f"CREATE SCHEMA {quote_identifier(name)}"
        for row in self.rows(EXTENSIONS):
            yield f"CREATE EXTENSION {quote_identifier(row.name)} SCHEMA {quote_identifier(row.schema)}"

    # ---- types

    def _types(self) -> Iterator[str]:
        """In the order of their making, which is that of their dependencies unless one was altered."""
        checks: dict[int, list[Any]] = {}
        for row in self.rows(DOMAIN_CHECKS):
            checks.setdefault(row.oid, []).append(row)
        attributes: dict[int, list[Any]] = {}
        for row in self.rows(ATTRIBUTES):
            attributes.setdefault(row.oid, []).append(row)
        for row in self.rows(TYPES):
            name = quote_qualified(row.schema, row.name)
            if row.kind == "e":
                yield f"CREATE TYPE {name} AS ENUM ({', '.join(map(quote_literal, row.labels or []))})"
            elif row.kind == "r":
                yield f"CREATE TYPE {name} AS RANGE (SUBTYPE = {row.base})"
            elif row.kind == "c":
                items = (f"{quote_identifier(one.name)} {one.type}" for one in attributes.get(row.relation, []))
                yield f"CREATE TYPE {name} AS ({', '.join(items)})"
            else:
                yield from self._domain(name, row, checks.get(row.oid, []))

    def _domain(self, name: str, row: Any, checks: list[Any]) -> Iterator[str]:
        text_ = f"CREATE DOMAIN {name} AS {row.base}"
        text_ += f" COLLATE {quote_identifier(row.collation)}" if row.collation else ""
        text_ += f" DEFAULT {row.default}" if row.default is not None else ""
        yield text_ + (" NOT NULL" if row.notnull else "")
        for check in checks:
            yield f"ALTER DOMAIN {name} ADD CONSTRAINT {quote_identifier(check.name)} {check.definition}"

    # ---- tables

    def _tables(self, sequences: list[Any]) -> Iterator[str]:
        identities = {(row.owner_table, row.owner_number): row for row in sequences if row.is_identity}
        columns: dict[int, list[Any]] = {}
        for row in self.rows(COLUMNS):
            columns.setdefault(row.oid, []).append(row)
        for table in self.rows(TABLES):
            items = []
            for column in columns.get(table.oid, []):
                items.append("    " + _column(column, identities.get((table.oid, column.number))))
                if not column.is_local and table.has_parents and not table.is_partition:
                    self.inherited.append(["column", table.schema, table.name, column.name])
            unlogged = "UNLOGGED " if table.is_unlogged else ""
            inner = "\n" + ",\n".join(items) + "\n" if items else ""
            yield f"CREATE {unlogged}TABLE {quote_qualified(table.schema, table.name)} ({inner})" + _table_tail(table)

    def _ownership(self, sequences: list[Any]) -> Iterator[str]:
        for row in sequences:
            if row.owner_column is not None and not row.is_identity:
                owner = f"{quote_qualified(row.owner_schema, row.owner_name)}.{quote_identifier(row.owner_column)}"
                yield f"ALTER SEQUENCE {quote_qualified(row.schema, row.name)} OWNED BY {owner}"

    def _constraints(self, kinds: str) -> Iterator[str]:
        for row in self.rows(CONSTRAINTS):
            if row.kind not in kinds or (row.kind == "f" and row.has_parent):
                continue
            if not row.is_local and not row.has_parent and row.kind == "c":
                self.inherited.append(["constraint", row.schema, row.table_name, row.name])
            table = quote_qualified(row.schema, row.table_name)
            yield f"ALTER TABLE {table} ADD CONSTRAINT {quote_identifier(row.name)} {row.definition}"

    def _indexes(self, kinds: str) -> Iterator[str]:
        for row in self.rows(INDEXES):
            if row.kind in kinds:
                yield row.definition

    def _parents(self) -> Iterator[str]:
        for table in self.rows(TABLES):
            name = quote_qualified(table.schema, table.name)
            for parent in json.loads(table.parents or "[]"):
                if table.is_partition:
                    yield f"ALTER TABLE {quote_qualified(*parent)} ATTACH PARTITION {name} {table.bound}"
                else:
                    yield f"ALTER TABLE {name} INHERIT {quote_qualified(*parent)}"

    # ---- the rest

    def _comments(self) -> Iterator[str]:
        for row in self.rows(COMMENTS):
            yield f"COMMENT ON {row.kind} {row.name} IS {quote_literal(row.comment)}"

    def _triggers(self) -> Iterator[str]:
        for row in self.rows(TRIGGERS):
            on, name = quote_qualified(row.schema, row.table_name), quote_identifier(row.name)
            columns = ", ".join(quote_identifier(one) for one in row.columns or [])
            if row.kind == "trigger":
                event = f"UPDATE OF {columns}" if columns else "INSERT"
                function = quote_identifier(row.function)
                yield f"CREATE TRIGGER {name} AFTER {event} ON {on} FOR EACH ROW EXECUTE FUNCTION {function}()"
            elif row.kind == "rule":
                yield f"CREATE RULE {name} AS ON UPDATE TO {on} DO ALSO (SELECT {columns})"
            else:
                yield f"CREATE POLICY {name} ON {on} USING (num_nulls({columns}) = 0)"


def _sequence_options(row: Any) -> str:
    cycle = " CYCLE" if row.cycle else ""
    return (
        f"AS {row.data_type} INCREMENT BY {row.increment} MINVALUE {row.minvalue} MAXVALUE {row.maxvalue} "
        f"START WITH {row.start} CACHE {row.cache}{cycle}"
    )


def _column(row: Any, identity: Any) -> str:
    parts = [quote_identifier(row.name), row.type]
    if row.collation is not None:
        parts.append(f"COLLATE {quote_identifier(row.collation)}")
    if row.generated:
        parts.append(f"GENERATED ALWAYS AS ({row.expression}) {'STORED' if row.generated == 's' else 'VIRTUAL'}")
    elif row.identity and identity is not None:
        when = "ALWAYS" if row.identity == "a" else "BY DEFAULT"
        name = quote_qualified(identity.schema, identity.name)
        parts.append(f"GENERATED {when} AS IDENTITY (SEQUENCE NAME {name} {_sequence_options(identity)})")
    elif row.expression is not None:
        parts.append(f"DEFAULT {row.expression}")
    if row.notnull:
        parts.append("NOT NULL")
    return " ".join(parts)


def _table_tail(table: Any) -> str:
    text_ = f" PARTITION BY {table.partition_key}" if table.partition_key is not None else ""
    if table.storage:
        options = []
        for one in table.storage:
            name, _, value = one.partition("=")
            options.append(f"{quote_identifier(name)} = {quote_literal(value)}")
        text_ += f" WITH ({', '.join(options)})"
    return text_ + (f" TABLESPACE {quote_identifier(table.tablespace)}" if table.tablespace else "")
