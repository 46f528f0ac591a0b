"""Tables of pg_catalog and information_schema, filled from the catalog: those columns that it knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Optional

from ..errors import NotUnderstood
from .catalog import TEMPORARY, Catalog
from .definitions import define_check, define_foreign_key
from .expressions import Node, show
from .lookup import Filling
from .model import Column, Composite, Constraint, Domain, Enum, Index, Sequence, Table, View
from .oids import number_of
from .reflection import relkind
from .types import SHORT_NAMES, base_name

_FIXED_SCHEMAS = {"pg_catalog": 11, "pg_toast": 99, "public": 2200}
_CONSTRAINT_TYPES = {"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY", "c": "CHECK"}
_LENGTHS = {"character varying", "character", "bit", "bit varying"}


class SystemTables:
    """The tables over one catalog. poisoned: with objects of the server's own, and unsure values changed."""

    def __init__(self, catalog: Catalog, *, poisoned: bool) -> None:
        self.catalog = catalog
        self.poisoned = poisoned
        relations = [one for one in catalog.relations() if one.schema != TEMPORARY]
        self.relations: list[Any] = relations
        self.tables = [one for one in relations if isinstance(one, Table)]
        self.indexes = [one for one in relations if isinstance(one, Index)]
        self.views = [one for one in relations if isinstance(one, View)]

    def fill(self, schema: Optional[str], name: str) -> Filling:
        """One table; NotUnderstood where it is not kept."""
        if schema == "information_schema":
            maker = getattr(self, f"_is_{name}", None)
        else:
            schema, maker = "pg_catalog", getattr(self, f"_{name}", None)
        if maker is None or not re.fullmatch(r"\w+", name):
            raise NotUnderstood(f"the system table {name}")
        if any(getattr(one, "is_temporary", False) for one in self.catalog.relations()):
            raise NotUnderstood("temporary relations")
        make: Callable[[], tuple[str, list[tuple[Any, ...]]]] = maker
        columns, rows = make()
        return Filling(schema, name, columns, rows)

    def _unsure(self, value: Any) -> Any:
        """A value that the server may have otherwise."""
        if not self.poisoned or value is None:
            return value
        return value + 1000 if isinstance(value, int) else f"{value} ?"

    def _text(self, node: Optional[Node]) -> Optional[str]:
        if node is None:
            return None
        text = show(node, self.catalog)
        return str(text) if text.exact else self._unsure(str(text))

    def _oid(self, kind: str, schema: str, name: str) -> int:
        number: int = self._unsure(number_of(kind, schema, name))
        return number

    def oid_of(self, relation: Any) -> int:
        """pg_class.oid."""
        return self._oid("relation", relation.schema, relation.name)

    def namespace(self, schema: str) -> int:
        """pg_namespace.oid."""
        return _FIXED_SCHEMAS.get(schema) or self._oid("schema", "", schema)

    def _poison(self, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return list(rows) if self.poisoned else []

    # -- information_schema

    def _is_schemata(self) -> Any:
        own = [schema for schema in self.catalog.schemas if schema != TEMPORARY]
        return "catalog_name, schema_name", [
            ("db", one) for one in [*own, "information_schema", "pg_catalog", "pg_toast"]
        ]

    def _is_tables(self) -> Any:
        rows = [("db", one.schema, one.name, _table_type(one)) for one in self.tables]
        rows += [("db", one.schema, one.name, "VIEW") for one in self.views if not one.is_materialized]
        for kind in ("BASE TABLE", "VIEW"):
            rows += self._poison(("db", "pg_catalog", "pg_poison", kind), ("db", "information_schema", "poison", kind))
        return "table_catalog, table_schema, table_name, table_type", rows

    def _is_views(self) -> Any:
        rows: list[tuple[Any, ...]] = [
            ("db", one.schema, one.name, self._unsure(one.text)) for one in self.views if not one.is_materialized
        ]
        return "table_catalog, table_schema, table_name, view_definition", rows + self._poison(
            ("db", "pg_catalog", "pg_poison", "")
        )

    def _is_columns(self) -> Any:
        rows = [self._column(one, column, at) for one in self.tables for at, column in _numbered(one)]
        rows += self._poison(("db", "pg_catalog", "pg_poison", "poison", 1, *["poison"] * 10))
        for view in self.views:
            if not view.is_materialized:
                rows += self._poison(("db", view.schema, view.name, "poison", 1, *["poison"] * 10))
        columns = (
            "table_catalog, table_schema, table_name, column_name, ordinal_position, is_nullable, data_type, udt_name, "
            "udt_schema, character_maximum_length, numeric_precision, numeric_scale, column_default, is_identity, "
            "is_generated"
        )
        return columns, rows

    def _column(self, table: Table, column: Column, at: int) -> tuple[Any, ...]:
        ref = column.type
        numbers = [int(part) for part in re.findall(r"\d+", ref.modifiers)]
        length = numbers[0] if ref.name in _LENGTHS and numbers and not ref.dimensions else None
        precision = scale = None
        if ref.user is None and not ref.dimensions:
            precision, scale = _precision(ref.name, numbers)
        default = None if column.generated is not None else self._text(column.default)
        domain = ref.user if isinstance(ref.user, Domain) and not ref.dimensions else None
        if domain is not None:
            raise NotUnderstood("a column of a domain")
        return (
            *("db", table.schema, table.name, column.name, self._unsure(at), "NO" if column.notnull else "YES"),
            *(_data_type(column), _udt_name(column), ref.user.schema if ref.user is not None else "pg_catalog"),
            *(length, precision, scale, default, "YES" if column.identity is not None else "NO"),
            "ALWAYS" if column.generated is not None else "NEVER",
        )

    def _constraints(self) -> list[tuple[Table, Constraint]]:
        return [(table, one) for table in self.tables for one in table.constraints]

    def _is_table_constraints(self) -> Any:
        rows: list[tuple[Any, ...]] = [
            ("db", table.schema, one.name, "db", table.schema, table.name, _CONSTRAINT_TYPES[one.kind])
            for table, one in self._constraints()
            if one.kind in _CONSTRAINT_TYPES
        ]
        # NOT NULL columns are listed as checks under names made of oids
        for table in self.tables:
            if any(column.notnull for column in table.columns.values()):
                rows += self._poison(("db", table.schema, "poison", "db", table.schema, table.name, "CHECK"))
        rows += self._poison(
            *(("db", "pg_catalog", "p", "db", "pg_catalog", "pg_poison", kind) for kind in _CONSTRAINT_TYPES.values())
        )
        columns = "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name"
        return f"{columns}, constraint_type", rows

    def _is_key_column_usage(self) -> Any:
        rows = [
            ("db", table.schema, one.name, "db", table.schema, table.name, column.name, at)
            for table, one in self._constraints()
            if one.kind in "puf"
            for at, column in enumerate(one.columns, 1)
        ]
        rows += self._poison(("db", "pg_catalog", "p", "db", "pg_catalog", "pg_poison", "oid", 1))
        columns = "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name"
        return f"{columns}, column_name, ordinal_position", rows

    def _is_constraint_column_usage(self) -> Any:
        rows = []
        for table, one in self._constraints():
            target = one.referred if one.kind == "f" else table
            for column in one.referred_columns if one.kind == "f" else one.columns:
                assert target is not None
                rows.append(("db", target.schema, target.name, column.name, "db", table.schema, one.name))
        rows += self._poison(("db", "pg_catalog", "pg_poison", "oid", "db", "pg_catalog", "p"))
        columns = "table_catalog, table_schema, table_name, column_name, constraint_catalog, constraint_schema"
        return f"{columns}, constraint_name", rows

    def _is_referential_constraints(self) -> Any:
        rows = [
            (table.schema, one.name, one.target.table.schema, one.target.name, *_rules(one))
            for table, one in self._constraints()
            if one.kind == "f" and one.target is not None
        ]
        columns = "constraint_schema, constraint_name, unique_constraint_schema, unique_constraint_name"
        return f"{columns}, update_rule, delete_rule", rows

    def _is_sequences(self) -> Any:
        sequences = [one for one in self.relations if isinstance(one, Sequence) and not one.is_identity]
        return "sequence_schema, sequence_name, data_type", [(one.schema, one.name, one.data_type) for one in sequences]

    # -- pg_catalog

    def _pg_namespace(self) -> Any:
        names = [schema for schema in self.catalog.schemas if schema != TEMPORARY]
        rows = [(self.namespace(one), one) for one in [*names, "information_schema", "pg_catalog", "pg_toast"]]
        return "oid, nspname", rows

    def _pg_class(self) -> Any:
        rows = [
            (
                self.oid_of(one),
                one.name,
                self.namespace(one.schema),
                relkind(one),
                "p",
                bool(getattr(one, "parents", ())),
            )
            for one in self.relations
        ]
        for kind in "rvitS":
            rows += self._poison((900 + ord(kind), "pg_poison", 11, kind, "p", False))
        rows += self._poison((901, "pg_toast_poison", 99, "t", "p", False), (1259, "pg_class", 11, "r", "p", False))
        return "oid, relname, relnamespace, relkind, relpersistence, relispartition BOOLEAN", rows

    def _pg_tables(self) -> Any:
        rows = [(one.schema, one.name) for one in self.tables if one.kind in "rp"]
        return "schemaname, tablename", rows + self._poison(
            ("pg_catalog", "pg_poison"), ("information_schema", "poison")
        )

    def _pg_views(self) -> Any:
        rows: list[tuple[Any, ...]] = [
            (one.schema, one.name, self._unsure(one.text)) for one in self.views if not one.is_materialized
        ]
        return "schemaname, viewname, definition", rows + self._poison(
            ("pg_catalog", "pg_poison", ""), ("information_schema", "poison", "")
        )

    def _pg_matviews(self) -> Any:
        rows = [(one.schema, one.name, self._unsure(one.text)) for one in self.views if one.is_materialized]
        return "schemaname, matviewname, definition", rows

    def _pg_indexes(self) -> Any:
        rows: list[tuple[Any, ...]] = [(one.schema, one.table.name, one.name) for one in self.indexes]
        return "schemaname, tablename, indexname", rows + self._poison(("pg_catalog", "pg_poison", "pg_poison"))

    def _pg_index(self) -> Any:
        rows = []
        for one in self.indexes:
            is_primary = one.constraint is not None and one.constraint.kind == "p"
            flags = (one.is_unique, is_primary, one.is_valid, one.is_valid)
            rows.append((self.oid_of(one), self.oid_of(one.table), *flags, len(one.elements)))
        rows += self._poison((901, 902, True, True, True, True, 1))
        names = "indisunique BOOLEAN, indisprimary BOOLEAN, indisvalid BOOLEAN, indisready BOOLEAN, indnkeyatts"
        return f"indexrelid, indrelid, {names}", rows

    def _pg_constraint(self) -> Any:
        rows = []
        for table, one in self._constraints():
            referred = self.oid_of(one.referred) if one.referred is not None else 0
            index = self.oid_of(one.index) if one.index is not None else self._unsure(0)
            options = (bool(one.options.get("deferrable")), not one.options.get("not_valid"))
            numbers = (self._constraint_oid(table, one), one.name, self.namespace(table.schema), one.kind)
            rows.append((*numbers, self.oid_of(table), 0, referred, index, *options))
        for key, domain in self.catalog.types.items():
            for check in domain.checks if isinstance(domain, Domain) else ():
                number = self._oid("constraint", ".".join(key), check.name)
                rows.append(
                    (number, check.name, self.namespace(key[0]), "c", 0, self._oid("type", *key), 0, 0, False, True)
                )
        for kind in "puc":
            rows += self._poison((900 + ord(kind), "pg_poison", 11, kind, 901, 0, 0, 901, False, True))
        columns = "oid, conname, connamespace, contype, conrelid, contypid, confrelid, conindid"
        return f"{columns}, condeferrable BOOLEAN, convalidated BOOLEAN", rows

    def _constraint_oid(self, table: Table, one: Constraint) -> int:
        return self._oid("constraint", f"{table.schema}.{table.name}", one.name)

    def constraint_text(self, number: Any) -> Optional[str]:
        """pg_get_constraintdef(oid) of a foreign key or a check."""
        for table, one in self._constraints():
            if self._constraint_oid(table, one) != number:
                continue
            if one.kind == "f":
                return define_foreign_key(one, self.catalog)
            if one.kind == "c":
                text = define_check(one, self.catalog, is_pretty=False)
                return str(text) if text.exact else self._unsure(str(text))
            raise NotUnderstood("the definition of a key")
        return None

    def _pg_attribute(self) -> Any:
        rows: list[tuple[Any, ...]] = []
        for table in self.tables:
            for at, column in _numbered(table):
                kind = column.type.user
                type_oid = self._oid("type", kind.schema if kind is not None else "pg_catalog", _udt_name(column))
                flags = (column.notnull, (column.default or column.generated) is not None, False)
                rows.append((self.oid_of(table), column.name, self._unsure(at), type_oid, *flags, _identity(column)))
            rows += self._poison((self.oid_of(table), "poison", -1, 901, True, False, False, ""))
            rows += self._poison((self.oid_of(table), "........pg.dropped.1........", 999, 0, False, False, True, ""))
        rows += self._poison((901, "poison", 1, 901, True, False, False, ""))
        columns = "attrelid, attname, attnum, atttypid, attnotnull BOOLEAN, atthasdef BOOLEAN, attisdropped BOOLEAN"
        return f"{columns}, attidentity", rows

    def _pg_type(self) -> Any:
        rows: list[tuple[Any, ...]] = []
        for (schema, name), one in self.catalog.types.items():
            kind = {Enum: "e", Domain: "d"}.get(type(one), "b")
            if isinstance(one, Composite):
                kind = {"composite": "c", "range": "r"}.get(one.kind, "b")
            for prefix, letter in (("", kind), ("_", "b")):
                full = prefix + name
                rows.append((self._oid("type", schema, full), full, self.namespace(schema), letter))
        relations: list[Any] = [*self.tables, *self.views]
        for relation in relations:
            for name, letter in ((relation.name, "c"), (f"_{relation.name}", "b")):
                number = self._oid("type", relation.schema, name)
                rows.append((number, name, self.namespace(relation.schema), letter))
        for name in {*SHORT_NAMES.values(), "pg_poison"}:
            rows += self._poison((self._oid("type", "pg_catalog", name), name, 11, "b"))
            rows += self._poison((self._oid("type", "pg_catalog", f"_{name}"), f"_{name}", 11, "b"))
        rows += self._poison((901, "cardinal_number", self.namespace("information_schema"), "d"))
        rows += self._poison(*((900 + ord(kind), "poison", 11, kind) for kind in "cpr"))
        return "oid, typname, typnamespace, typtype", rows

    def _pg_enum(self) -> Any:
        enums = [one for one in self.catalog.types.values() if isinstance(one, Enum)]
        rows = [
            (self._unsure(at), self._oid("type", one.schema, one.name), label, self._unsure(at + 1))
            for one in enums
            for at, label in enumerate(one.labels)
        ]
        return "oid, enumtypid, enumlabel, enumsortorder", rows

    def _pg_extension(self) -> Any:
        return "extname", [(one,) for one in self.catalog.extensions]

    def _pg_sequences(self) -> Any:
        sequences = [one for one in self.relations if isinstance(one, Sequence)]
        return "schemaname, sequencename, data_type", [(one.schema, one.name, one.data_type) for one in sequences]

    def _pg_sequence(self) -> Any:
        sequences = [one for one in self.relations if isinstance(one, Sequence)]
        return "seqrelid, seqstart, seqincrement, seqmax, seqmin, seqcache", [
            (self.oid_of(one), *(one.options[key] for key in ("start", "increment", "maxvalue", "minvalue", "cache")))
            for one in sequences
        ]

    def _pg_depend(self) -> Any:
        rows = []
        for one in self.relations:
            if isinstance(one, Sequence) and one.owner is not None:
                at = next(number for number, column in _numbered(one.owner.table) if column is one.owner)
                kind = "i" if one.is_identity else "a"
                rows.append((1259, self.oid_of(one), 0, 1259, self.oid_of(one.owner.table), self._unsure(at), kind))
        # all other dependencies: an index on its table, a view on its columns, everything on its schema
        for index in self.indexes:
            rows += self._poison((1259, self.oid_of(index), 0, 1259, self.oid_of(index.table), 1001, "a"))
        for other in self.relations:
            rows += self._poison((1259, self.oid_of(other), 0, 2615, self.namespace(other.schema), 0, "n"))
            rows += self._poison((2618, 901, 0, 1259, self.oid_of(other), 1001, "n"))
            rows += self._poison((2606, 901, 0, 1259, self.oid_of(other), 1001, "a"))
        return "classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype", rows

    def _pg_inherits(self) -> Any:
        rows = []
        for table in self.tables:
            parents = [table.partition_of] if table.partition_of is not None else table.parents
            rows += [(self.oid_of(table), self.oid_of(one), at) for at, one in enumerate(parents, 1)]
        return "inhrelid, inhparent, inhseqno", rows

    def _pg_proc(self) -> Any:
        # arguments, languages and schemas of functions are not kept
        rows = [(name,) for name in self.catalog.functions]
        return "proname", rows + self._poison(*rows, ("pg_poison",), ("now",), ("lower",), ("plpgsql_call_handler",))

    def _pg_trigger(self) -> Any:
        rows: list[tuple[Any, ...]] = [
            (one.name, self.oid_of(one.relation), False) for one in self.catalog.triggers if one.kind == "trigger"
        ]
        for table, key in self._constraints():
            if key.kind == "f" and key.referred is not None:
                for one in (table, key.referred):
                    rows += self._poison(("RI_ConstraintTrigger_a_1", self.oid_of(one), True))
        return "tgname, tgrelid, tgisinternal BOOLEAN", rows

    def _is_triggers(self) -> Any:
        rows = [(one.relation.schema, one.name, one.relation.schema, one.relation.name) for one in self._triggers()]
        # one row for each event, of which none is kept
        return "trigger_schema, trigger_name, event_object_schema, event_object_table", rows + self._poison(*rows)

    def _triggers(self) -> list[Any]:
        return [one for one in self.catalog.triggers if one.kind == "trigger"]

    def _is_routines(self) -> Any:
        rows = [(name,) for name in self.catalog.functions]
        return "routine_name", rows + self._poison(*rows, ("poison",), ("now",), ("lower",))


def _table_type(table: Table) -> str:
    return "FOREIGN" if table.kind == "f" else "BASE TABLE"


def _numbered(table: Table) -> list[tuple[int, Column]]:
    return list(enumerate(table.columns.values(), 1))


def _identity(column: Column) -> str:
    return "" if column.identity is None else "a" if column.identity.always else "d"


def _data_type(column: Column) -> str:
    """information_schema.columns.data_type."""
    if column.type.dimensions:
        return "ARRAY"
    return "USER-DEFINED" if column.type.user is not None else column.type.name


def _udt_name(column: Column) -> str:
    ref = column.type
    name = ref.user.name if ref.user is not None else SHORT_NAMES.get(ref.name, ref.name)
    return f"_{name}" if ref.dimensions else name


def _precision(name: str, numbers: list[int]) -> tuple[Optional[int], Optional[int]]:
    """numeric_precision and numeric_scale (information_schema.sql: _pg_numeric_precision, _pg_numeric_scale)."""
    if name == "numeric":
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (None, None)
    fixed = {
        "smallint": (16, 0),
        "integer": (32, 0),
        "bigint": (64, 0),
        "real": (24, None),
        "double precision": (53, None),
    }
    return fixed.get(name, (None, None))


def _rules(key: Constraint) -> tuple[str, str]:
    return tuple(str(key.options.get(event) or "NO ACTION").upper() for event in ("onupdate", "ondelete"))  # type: ignore[return-value]


__all__ = ["SystemTables", "base_name"]
