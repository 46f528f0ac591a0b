"""Rows that answer the reflection queries of SQLAlchemy's PostgreSQL dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from ..answer import Answer
from ..errors import NotUnderstood
from ..flags import INEXACT, FlagLog, TableName
from .catalog import Catalog
from .definitions import define_check, define_foreign_key
from .expressions import Text, show, show_index_element
from .model import Column, Constraint, Domain, Enum, Index, Table
from .names import quote_qualified
from .oids import name_of, number_of
from .reflected_parts import (
    COLUMN_KEYS,
    OLD_COLUMNS,
    Row,
    attribute_numbers,
    default_collation,
    identity_options_of,
    index_options,
    oid_of,
    opclass_name,
    sorted_constraints,
    system_domains,
)
from .reflection import Mark, select_relations
from .types import format_type, is_visible

METHODS = ("btree", "hash", "gist", "gin", "spgist", "brin", "hnsw", "ivfflat", "bloom", "rum", "heap")

#: What SQLAlchemy hands on of a check's definition.
_CHECK = re.compile(r"^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?$", re.DOTALL)


def answer_reflection(mark: Mark, context: Any, catalog: Catalog, flags: FlagLog) -> Answer:
    """Answer one marked query. NotUnderstood where it asks for a column that is not known here."""
    names = [str(entry[0]) for entry in context.compiled._result_columns]
    reflected = Reflected(mark, context, catalog, flags)
    rows = reflected.rows()
    wanted = names or OLD_COLUMNS.get(mark.topic, [])
    if mark.topic in OLD_COLUMNS and getattr(context.dialect, "server_version_info", None) and _is_text(context):
        wanted = OLD_COLUMNS[mark.topic]
    made = []
    for row in rows:
        missing = [name for name in wanted if name not in row]
        if missing:
            raise NotUnderstood(f"reflection asks for {', '.join(missing)}")
        made.append(tuple(row[name] for name in wanted))
    return Answer(wanted, made, len(made), unknown=reflected.unknown)


def _is_text(context: Any) -> bool:
    statement = context.invoked_statement
    return isinstance(getattr(getattr(statement, "element", statement), "text", None), str)


class Reflected:
    """The rows of one query, as dictionaries that have more keys than any version of it asks for."""

    def __init__(self, mark: Mark, context: Any, catalog: Catalog, flags: FlagLog) -> None:
        self.mark = mark
        self.context = context
        self.catalog = catalog
        self.flags = flags
        self.is_old = _is_text(context)
        #: What the rows tell that is not known.
        self.unknown = ""
        given = context.compiled_parameters[0] if context.compiled_parameters else {}
        self.parameters: Mapping[str, Any] = given

    def rows(self) -> list[Row]:
        """All rows in the query's order."""
        makers: dict[str, Callable[[], Iterator[Row]]] = {
            "columns": self._columns,
            "table_oids": self._table_oids,
            "constraints": self._constraints,
            "foreign_keys": self._foreign_keys,
            "indexes": self._old_indexes if self.is_old else self._indexes,
            "comments": self._comments,
            "comment": self._comments,
            "checks": self._checks,
            "table_options": self._table_options,
            "enums": self._old_enums if self.is_old else self._enums,
            "domains": self._all_domains,
            "primary_key_columns": self._primary_key,
            "primary_key_name": self._primary_key_name,
            "unique_columns": self._unique_columns,
        }
        return list(makers[self.mark.topic]())

    def text(self, text: Text, relation: Any, detail: str, subject: str) -> str:
        """A text that goes to the Inspector; recorded where the server may print it otherwise."""
        if not text.exact:
            table = frozenset([TableName(relation.schema, relation.name)])
            self.flags.add(
                INEXACT,
                f"{detail} of {relation.name}.{subject}: {text}",
                table,
                detail=detail,
                subject=subject,
                printed=_CHECK.sub(r"\1", str(text)) if detail == "check" else str(text),
            )
        return str(text)

    def _relations(self) -> list[Any]:
        for key in ("table_oid", "table"):
            if self.is_old and key in self.parameters:
                return self._by_numbers([self.parameters[key]])
        found = select_relations(self.catalog, self.mark.schema, self.mark.relkinds, self.mark.scope)
        wanted = self._given("filter_names")
        return [one for one in found if wanted is None or one.name in wanted]

    def _given(self, name: str) -> Optional[list[Any]]:
        """A list among the parameters: SQLAlchemy has made one of each of its members (`name_1`, …)."""
        if name in self.parameters:
            return list(self.parameters[name])
        found = [value for key, value in self.parameters.items() if re.fullmatch(name + r"_\d+", key)]
        return found or None

    def _by_numbers(self, numbers: Any) -> list[Any]:
        found = []
        for number in numbers:
            _, schema, name = name_of(number)
            relation = self.catalog.schemas.get(schema, {}).get(name)
            if relation is not None:
                found.append(relation)
        return found

    def _tables_by_oid(self) -> list[Any]:
        return sorted(self._by_numbers(self._given("oids") or ()), key=oid_of) if not self.is_old else self._relations()

    # -- columns

    def _columns(self) -> Iterator[Row]:
        for relation in sorted(self._relations(), key=lambda one: str(one.name)):
            if not isinstance(relation, Table):
                yield from self._view_columns(relation)
            elif not relation.columns and not self.is_old:
                yield {**dict.fromkeys(COLUMN_KEYS), "table_name": relation.name, "table_oid": oid_of(relation)}
            else:
                for column in relation.columns.values():
                    yield self._column(relation, column)

    def _view_columns(self, view: Any) -> Iterator[Row]:
        # what a view selects is not followed; the names are read again, as SQL
        name = quote_qualified(view.schema, view.name)
        self.unknown = f"{self.unknown}, {name}" if self.unknown else f"the columns of the view {name}"
        yield {**dict.fromkeys(COLUMN_KEYS), "table_name": view.name, "table_oid": oid_of(view)}

    def _column(self, table: Table, column: Column) -> Row:
        node = column.generated if column.generated is not None else column.default
        default = None
        if node is not None:
            detail = "computed" if column.generated is not None else "default"
            default = self.text(show(node, self.catalog), table, detail, column.name)
        generated = "" if column.generated is None else "s" if column.stored else "v"
        return {
            "name": column.name,
            "attname": column.name,
            "format_type": format_type(column.type, self.catalog),
            "default": default,
            "not_null": column.notnull,
            "table_name": table.name,
            "table_oid": oid_of(table),
            "comment": column.comment,
            "generated": generated if self.catalog.version >= (12,) else None,
            "identity_options": self._json("identity_options", identity_options_of(column)),
            "collation": self._collation(column),
        }

    def _json(self, name: str, value: Any) -> Any:
        """JSON as the driver would give it: decoded already, or a text that SQLAlchemy decodes."""
        if value is None or self.is_old:
            return value
        for entry in self.context.compiled._result_columns:
            if entry[0] == name:
                kind = entry[3].dialect_impl(self.context.dialect)
                return value if kind.result_processor(self.context.dialect, None) is None else json.dumps(value)
        return value

    def _collation(self, column: Column) -> Any:
        if column.collation in {None, "default"} or not self._is_json("collation"):
            return None if column.collation == "default" else column.collation
        return self._json("collation", {"name": column.collation, "schema": None})

    def _is_json(self, name: str) -> bool:
        """Whether this version asks for JSON there, and not for a name."""
        kinds = [type(entry[3]).__mro__ for entry in self.context.compiled._result_columns if entry[0] == name]
        return any(base.__name__ == "JSON" for kind in kinds for base in kind)

    # -- constraints

    def _table_oids(self) -> Iterator[Row]:
        for relation in self._relations():
            yield {"oid": oid_of(relation), "relname": relation.name}

    def _constraints(self) -> Iterator[Row]:
        for table in self._tables_by_oid():
            for one in sorted_constraints(table, self.parameters["contype"]):
                yield {
                    "conrelid": oid_of(table),
                    "cols": [column.name for column in [*one.columns, *one.include]],
                    "conname": one.name,
                    "description": one.comment,
                    "indnkeyatts": len(one.columns),
                    "indnullsnotdistinct": one.nulls_not_distinct or bool(one.index and one.index.nulls_not_distinct),
                }

    def _foreign_keys(self) -> Iterator[Row]:
        for relation in sorted(self._relations(), key=lambda one: str(one.name)):
            keys = sorted_constraints(relation, "f")
            if not keys and not self.is_old:
                yield self._no_constraint(relation)
            for one in keys:
                condef = define_foreign_key(one, self.catalog)
                schema = one.referred.schema if one.referred is not None else None
                yield self._constraint(relation, one, condef, schema)

    def _checks(self) -> Iterator[Row]:
        for relation in sorted(self._relations(), key=lambda one: str(one.name)):
            checks = sorted_constraints(relation, "c")
            if self.is_old:
                # without ORDER BY: as they were made
                checks = [one for one in getattr(relation, "constraints", ()) if one.kind == "c"]
            if not checks and not self.is_old:
                yield self._no_constraint(relation)
            for one in checks:
                text = define_check(one, self.catalog, is_pretty=not self.is_old)
                condef = self.text(text, relation, "check", one.name)
                yield self._constraint(relation, one, condef, None)

    def _constraint(self, relation: Any, one: Constraint, condef: str, schema: Optional[str]) -> Row:
        return {
            "relname": relation.name,
            "conname": one.name,
            "condef": condef,
            "anon_1": condef,
            "nspname": schema,
            "description": one.comment,
            "oid": oid_of(relation),
        }

    def _no_constraint(self, relation: Any) -> Row:
        keys = ("conname", "condef", "anon_1", "nspname", "description")
        return {**dict.fromkeys(keys), "relname": relation.name, "oid": oid_of(relation)}

    def _primary_key(self) -> Iterator[Row]:
        for table in self._relations():
            for one in sorted_constraints(table, "p"):
                yield from ({"attname": column.name} for column in [*one.columns, *one.include])

    def _primary_key_name(self) -> Iterator[Row]:
        for table in self._relations():
            yield from ({"conname": one.name} for one in sorted_constraints(table, "p"))

    def _unique_columns(self) -> Iterator[Row]:
        for table in self._relations():
            for one in [each for each in getattr(table, "constraints", ()) if each.kind == "u"]:
                numbers = attribute_numbers(table)
                key = [numbers[column.name] for column in one.columns]
                for column in one.columns:
                    yield {
                        "name": one.name,
                        "key": key,
                        "col_num": numbers[column.name],
                        "col_name": column.name,
                    }

    # -- indexes

    def _indexes(self) -> Iterator[Row]:
        for relation in self._tables_by_oid():
            for index in sorted(self.catalog.indexes_of(relation), key=lambda one: one.name):
                if index.constraint is None or index.constraint.kind != "p":
                    yield self._index(relation, index)

    def _index(self, relation: Any, index: Index) -> Row:
        names, opclasses, defaults = [], [], []
        for element in index.elements:
            names.append(self._element(relation, index, element.what))
            opclasses.append(opclass_name(element.opclass))
            defaults.append(element.opclass is None)
        by_name = self._asks_for("elements_opdefault")
        numbers = [number_of("opclass", index.method, name or "") for name in opclasses]
        where, included = None, [False] * len(index.include)
        if index.where is not None:
            where = self.text(show(index.where, self.catalog), relation, "where", index.name)
        return {
            "indrelid": oid_of(relation),
            "relname": index.name,
            "relname_index": index.name,
            "indisunique": index.is_unique,
            "indisvalid": index.is_valid,
            "has_constraint": index.constraint is not None,
            "indoption": self._vector(index_options(index)),
            "reloptions": [f"{key}={value}" for key, value in index.storage] or None,
            "amname": index.method,
            "relam": number_of("method", "", index.method),
            "filter_definition": where,
            "indnkeyatts": len(index.elements),
            "indnullsnotdistinct": index.nulls_not_distinct,
            "elements": names + [column.name for column in index.include],
            "elements_is_expr": [not isinstance(one.what, Column) for one in index.elements] + included,
            "elements_opclass": (opclasses if by_name else numbers) + [None] * len(index.include),
            "elements_opdefault": defaults + [None] * len(index.include),
        }

    def _element(self, relation: Any, index: Index, what: Any) -> str:
        if isinstance(what, Column):
            return what.name
        return self.text(show_index_element(what, self.catalog, is_pretty=True), relation, "index", index.name)

    def _asks_for(self, name: str) -> bool:
        return any(entry[0] == name for entry in self.context.compiled._result_columns)

    def _vector(self, numbers: list[int]) -> Any:
        """int2vector as this driver gives it: a text that SQLAlchemy splits, or a list."""
        for entry in self.context.compiled._result_columns:
            if entry[0] == "indoption":
                impl = entry[3].dialect_impl(self.context.dialect)
                inner = getattr(impl, "impl_instance", getattr(impl, "impl", impl))
                if any("SpaceVector" in base.__name__ for base in (*type(impl).__mro__, *type(inner).__mro__)):
                    return " ".join(map(str, numbers))
        return numbers

    def _old_indexes(self) -> Iterator[Row]:
        for relation in self._relations():
            numbers = attribute_numbers(relation)
            for index in sorted(self.catalog.indexes_of(relation), key=lambda one: one.name):
                if index.constraint is not None and index.constraint.kind == "p":
                    continue
                row = self._index(relation, index)
                is_expression = any(not isinstance(one.what, Column) for one in index.elements)
                columns: list[Optional[Column]] = [one.what for one in index.elements if isinstance(one.what, Column)]
                columns.extend(index.include)
                row["indexprs"] = "{}" if is_expression else None
                row["conrelid"] = oid_of(relation) if index.constraint is not None else None
                keys = [numbers[one.what.name] if isinstance(one.what, Column) else 0 for one in index.elements]
                row["indkey"] = " ".join(map(str, keys + [numbers[one.name] for one in index.include]))
                row["indoption_text"] = " ".join(map(str, index_options(index)))
                for column in sorted(columns, key=lambda one: numbers[one.name] if one else 0) or [None]:
                    row["attname"] = column.name if column is not None else None
                    row["attnum"] = numbers[column.name] if column is not None else None
                    yield dict(row)

    # -- the rest

    def _comments(self) -> Iterator[Row]:
        for relation in self._relations():
            if relation.comment is not None or not self.is_old:
                yield {"relname": relation.name, "description": relation.comment, "oid": oid_of(relation)}

    def _table_options(self) -> Iterator[Row]:
        for relation in self._relations():
            parents = getattr(relation, "parents", None) or []
            partition_of = getattr(relation, "partition_of", None)
            names = [one.name for one in ([partition_of] if partition_of is not None else parents)]
            storage = [f"{key}={value}" for key, value in getattr(relation, "storage", ())]
            yield {
                "oid": oid_of(relation),
                "relname": relation.name,
                "reloptions": storage or None,
                "relhasoids": None,
                "access_method_name": None,
                "tablespace_name": getattr(relation, "tablespace", None),
                "parent_table_names": names or None,
            }

    def _user_types(self, kind: type[Any]) -> list[Any]:
        schema = self.parameters.get("schema", "*") if self.is_old else self.mark.schema
        found = []
        for one in self.catalog.types.values():
            if not isinstance(one, kind):
                continue
            if schema == "*" or one.schema == schema or (schema is None and is_visible(one, self.catalog)):
                found.append(one)
        return sorted(found, key=lambda one: (one.schema, one.name))

    def _enums(self) -> Iterator[Row]:
        for one in self._user_types(Enum):
            yield {
                "name": one.name,
                "visible": is_visible(one, self.catalog),
                "schema": one.schema,
                "labels": list(one.labels) or None,
            }

    def _old_enums(self) -> Iterator[Row]:
        for one in self._user_types(Enum):
            row = {"name": one.name, "visible": is_visible(one, self.catalog), "schema": one.schema}
            for label in one.labels or [None]:
                yield {**row, "label": label}

    def _all_domains(self) -> Iterator[Row]:
        system = list(system_domains()) if self.mark.schema in {"*", "information_schema"} else []
        return iter(sorted([*self._domains(), *system], key=lambda row: (str(row["schema"]), str(row["name"]))))

    def _domains(self) -> Iterator[Row]:
        for one in self._user_types(Domain):
            default = None
            if one.default is not None:
                default = self.text(one.default_text or show(one.default, self.catalog), one, "default", one.name)
            checks = [self.text(define_check(check, self.catalog), one, "check", check.name) for check in one.checks]
            yield {
                "name": one.name,
                "attype": format_type(one.type, self.catalog),
                "nullable": not one.notnull,
                "default": default,
                "visible": is_visible(one, self.catalog),
                "schema": one.schema,
                "condefs": checks or None,
                "connames": [check.name for check in one.checks] or None,
                "collname": one.collation or default_collation(one),
                "collation_schema": None,
            }
