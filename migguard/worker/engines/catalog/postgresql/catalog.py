"""One PostgreSQL database: its objects by name, the search path, and the names that are free."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Optional, Union

from ..database import Change, Database, Leftover
from ..errors import NotUnderstood, Rejected
from ..flags import FlagLog, TableName
from .mentions import find_mentions
from .model import Column, Constraint, Domain, Enum, Index, Relation, Table, Trigger, UserType, View
from .model import Sequence as SequenceObject
from .naming import make_object_name
from .pickling import flatten, restore
from .scanner import PostgresqlCursor, split_statements

Kind = Union[type[Any], tuple[type[Any], ...]]
#: Where temporary relations are kept; searched before everything else.
TEMPORARY = "pg_temp"
_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_DEFAULT_PATH = ("public",)
_KIND_NAMES = {Table: "table", View: "view", Index: "index", SequenceObject: "sequence"}


class Catalog(Database):
    """The schema of one database, and the settings of the connection that is served now.

    schemas: relations by schema and name. types: what is not built in. search_path: without pg_catalog and $user.
    functions: names of routines that are not built in, without schema.
    """

    is_transactional = True

    def __init__(self, flags: FlagLog, version: tuple[int, ...] = (15, 18)) -> None:
        super().__init__(flags, version)
        self.schemas: dict[str, dict[str, Relation]] = {"public": {}}
        self.types: dict[tuple[str, str], UserType] = {}
        self.search_path: list[str] = list(_DEFAULT_PATH)
        self.outer_search_path: Optional[list[str]] = None
        #: Labels that ALTER TYPE added in this transaction: they must not be used before it ends.
        self.fresh_labels: list[tuple[Enum, str]] = []
        self.extensions: set[str] = {"plpgsql"}
        self.extension_schemas: dict[str, str] = {"plpgsql": "pg_catalog"}
        self.functions: set[str] = set()
        self.triggers: list[Trigger] = []
        #: Has any table had a parent yet? Most databases have neither partitions nor INHERITS.
        self.has_hierarchy = False
        #: What a routine's signature names, and its body where that is checked when it is made: by schema and name.
        self.signatures: dict[tuple[str, str], list[frozenset[str]]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return flatten(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(restore(state))

    # -- Database

    def run(self, sql: str) -> list[Leftover]:
        from .ddl import execute

        return [leftover for cursor in self.split(sql) for leftover in execute(self, cursor)]

    def split(self, sql: str) -> Sequence[PostgresqlCursor]:
        return split_statements(sql)

    def relation_names(self) -> set[TableName]:
        return {TableName(one.schema, one.name) for one in self.relations() if isinstance(one, (Table, View))}

    def find_table(self, schema: Optional[str], name: str) -> Optional[TableName]:
        found = self.lookup(schema, name)
        return TableName(found.schema, found.name) if isinstance(found, (Table, View)) else None

    def mentioned_tables(self, sql: str) -> Optional[frozenset[TableName]]:
        return find_mentions(self, sql)

    def sources_of(self, table: TableName) -> Optional[frozenset[TableName]]:
        found = self.lookup(table.schema, table.name)
        if not isinstance(found, Table):
            return None if isinstance(found, View) else frozenset([table])
        return frozenset(TableName(one.schema, one.name) for one in [found, *self.descendants(found)])

    def written_with(self, table: TableName) -> Optional[frozenset[TableName]]:
        found = self.lookup(table.schema, table.name)
        if isinstance(found, View) or any(one.relation is found and one.kind != "policy" for one in self.triggers):
            return None
        written = self.sources_of(table)
        return written if not isinstance(found, Table) else self._with_cascades(found, written)

    def leave_connection(self) -> Any:
        state = (
            self.search_path,
            self.outer_search_path,
            self.schemas.pop(TEMPORARY, None),
            {key: self.types.pop(key) for key in list(self.types) if key[0] == TEMPORARY},
        )
        self.search_path, self.outer_search_path = list(_DEFAULT_PATH), None
        return state

    def enter_connection(self, state: Any) -> None:
        self.search_path, self.outer_search_path = list(_DEFAULT_PATH), None
        if state is None:
            return
        self.search_path, self.outer_search_path, relations, types = state
        if relations is not None:
            self.schemas[TEMPORARY] = relations
        self.types.update(types)

    def column_names(self, table: TableName) -> Optional[list[str]]:
        found = self.lookup(table.schema, table.name)
        if isinstance(found, Table):
            return list(found.columns)
        return found.columns if isinstance(found, View) else None

    @property
    def awaits_end(self) -> bool:
        is_dropping = any(one.on_commit == "drop" for one in self.tables(TEMPORARY))
        return self.outer_search_path is not None or bool(self.fresh_labels) or is_dropping

    def end_transaction(self) -> None:
        self.fresh_labels = []
        if self.outer_search_path is not None:
            self.search_path, self.outer_search_path = self.outer_search_path, None
        dropped = [one for one in self.tables(TEMPORARY) if one.on_commit == "drop"]
        if dropped:
            from .dependencies import drop_objects

            drop_objects(self, dropped, is_cascade=True)

    def reset_search_path(self) -> None:
        """As RESET search_path does."""
        self.search_path = list(_DEFAULT_PATH)

    # -- lookups

    def relations(self) -> Iterator[Relation]:
        """Every relation of every schema."""
        return itertools.chain.from_iterable(relations.values() for relations in self.schemas.values())

    def tables(self, schema: str) -> list[Table]:
        """The tables of one schema."""
        return [one for one in self.schemas.get(schema, {}).values() if isinstance(one, Table)]

    def all_tables(self) -> list[Table]:
        """The tables of all schemas."""
        return [one for one in self.relations() if type(one) is Table]

    def searched(self, schema: Optional[str]) -> list[str]:
        """The schemas in which an unqualified name is looked for, or the one that is named."""
        if schema is not None:
            return [schema]
        return [TEMPORARY, *self.search_path] if TEMPORARY not in self.search_path else list(self.search_path)

    def lookup(self, schema: Optional[str], name: str) -> Optional[Relation]:
        """The relation that a name means, whatever its kind; None where there is none."""
        for one in self.searched(schema):
            found = self.schemas.get(one, {}).get(name)
            if found is not None:
                return found
        return None

    def relation(
        self, schema: Optional[str], name: str, kind: Optional[Kind] = None, *, missing_ok: bool = False
    ) -> Any:
        """The relation that a name means. Rejected: 42P01 none there, 3F000 no such schema, 42809 of another kind."""
        if schema in _SYSTEM_SCHEMAS or (schema is None and name.startswith("pg_")):
            raise NotUnderstood(f"a system relation: {name}")
        found = self.lookup(schema, name)
        if found is None and missing_ok:
            return None
        if found is None:
            if schema is not None and schema not in self.schemas:
                raise Rejected(f'schema "{schema}" does not exist', "3F000")
            raise Rejected(f'relation "{show_name(schema, name)}" does not exist', "42P01")
        if kind is not None and not isinstance(found, kind):
            wanted = kind[0] if isinstance(kind, tuple) else kind
            raise Rejected(f'"{name}" is not a {_KIND_NAMES.get(wanted, "relation")}', "42809")
        return found

    def table(self, schema: Optional[str], name: str) -> Table:
        """As `relation`, tables only."""
        found: Table = self.relation(schema, name, Table)
        return found

    def column(self, table: Table, name: str) -> Column:
        """A column of a table; Rejected (42703) where there is none."""
        if name not in table.columns:
            raise Rejected(f'column "{name}" of relation "{table.name}" does not exist', "42703")
        return table.columns[name]

    def indexes_of(self, table: Union[Table, View]) -> list[Index]:
        """The indexes of a table or materialized view, those of constraints too, in the order of their making."""
        relations = self.schemas.get(table.schema, {}).values()
        return [one for one in relations if type(one) is Index and one.table is table]

    def sequences_of(self, table: Table) -> list[SequenceObject]:
        """The sequences that a table's columns own."""
        relations = self.schemas.get(table.schema, {}).values()
        return [one for one in relations if isinstance(one, SequenceObject) and one.owner and one.owner.table is table]

    def children(self, table: Table) -> list[Table]:
        """Partitions and inheritance children, the direct ones."""
        if not self.has_hierarchy:
            return []
        return [one for one in self.all_tables() if one.partition_of is table or table in one.parents]

    def descendants(self, table: Table) -> list[Table]:
        """Children, their children, and so on, each once."""
        found: list[Table] = []
        waiting = self.children(table)
        while waiting:
            one = waiting.pop(0)
            if one not in found:
                found.append(one)
                waiting.extend(self.children(one))
        return found

    def referrers(self, table: Table) -> list[Constraint]:
        """The foreign keys that reference a table, its own too."""
        return [
            one for each in self.all_tables() for one in each.constraints if one.kind == "f" and one.referred is table
        ]

    def find_type(self, schema: Optional[str], name: str) -> Optional[UserType]:
        """The type that is not built in. NotUnderstood: the row type of a relation."""
        for one in self.searched(schema):
            if (one, name) in self.types:
                return self.types[one, name]
            if isinstance(self.schemas.get(one, {}).get(name), (Table, View)):
                raise NotUnderstood(f"the row type of {name}")
        return None

    def domain_constraint_names(self, schema: str) -> set[str]:
        """The names of the constraints of a schema's domains."""
        domains = (one for (place, _), one in self.types.items() if place == schema and isinstance(one, Domain))
        return {check.name for domain in domains for check in domain.checks}

    # -- names and places

    def creation_schema(self, schema: Optional[str]) -> str:
        """Where a new object goes: the schema that is named, or the first of the search path that exists."""
        if schema is not None:
            if schema in _SYSTEM_SCHEMAS:
                raise NotUnderstood(f"an object in {schema}")
            if schema not in self.schemas:
                raise Rejected(f'schema "{schema}" does not exist', "3F000")
            return schema
        for one in self.search_path:
            if one in self.schemas:
                return one
        raise Rejected("no schema has been selected to create in", "3F000")

    def free_name(self, schema: str, first: str, second: str, label: str, taken: Collection[str] = ()) -> str:
        """`first_second_label`, with a number where a relation of the schema, or one of `taken`, has that name."""
        relations = self.schemas.get(schema, {})
        number = 0
        while True:
            name = make_object_name(first, second, f"{label}{number or ''}")
            if name not in relations and name not in taken:
                return name
            number += 1

    # -- changes

    def put(self, relation: Relation) -> None:
        """Add a relation under its schema and name. Rejected: 42P07, 42710 (a type has that name), 3F000."""
        self.check_free(relation, relation.schema, relation.name)
        self.schemas[relation.schema][relation.name] = relation
        if isinstance(relation, Table) and (relation.partition_of or relation.parents):
            self.has_hierarchy = True
        self.note("created", relation)

    def check_free(self, relation: Relation, schema: str, name: str) -> None:
        """Rejected where a relation of this kind cannot have that name."""
        if schema == TEMPORARY:
            self.schemas.setdefault(TEMPORARY, {})
        if schema not in self.schemas:
            raise Rejected(f'schema "{schema}" does not exist', "3F000")
        if name in self.schemas[schema]:
            raise Rejected(f'relation "{name}" already exists', "42P07")
        if isinstance(relation, (Table, View)) and (schema, name) in self.types:
            raise Rejected(f'type "{name}" already exists', "42710")

    def remove(self, relation: Relation) -> None:
        """Take a relation out; what depends on it is the caller's."""
        del self.schemas[relation.schema][relation.name]
        if isinstance(relation, (Table, View)):
            self.triggers = [one for one in self.triggers if one.relation is not relation]
        self.note("dropped", relation)

    def rename(self, relation: Relation, name: str) -> None:
        """Give a relation another name; its constraint too, where it is the index of one."""
        self.check_free(relation, relation.schema, name)
        self.note("altered", relation)
        relations = self.schemas[relation.schema]
        self.schemas[relation.schema] = {(name if one is relation else key): one for key, one in relations.items()}
        relation.name = name
        self.note("altered", relation)

    def move(self, relation: Relation, schema: str) -> None:
        """Put a relation into another schema."""
        if schema == relation.schema:
            return
        self.check_free(relation, schema, relation.name)
        self.note("altered", relation)
        del self.schemas[relation.schema][relation.name]
        relation.schema = schema
        self.schemas[schema][relation.name] = relation
        self.note("altered", relation)

    def note(self, verb: str, changed: Union[Relation, UserType]) -> None:
        """Record a change of a relation or a type."""
        self.changes.append(Change(verb, _KIND_NAMES.get(type(changed), "type"), changed.schema, changed.name))

    def note_altered(self, table: Union[Table, View]) -> None:
        """Record that a table is not what it was."""
        self.note("altered", table)

    def _with_cascades(self, table: Table, written: Optional[frozenset[TableName]]) -> Optional[frozenset[TableName]]:
        """A write may go on by foreign keys ON DELETE and ON UPDATE."""
        found, waiting = set(written or ()), [table]
        while waiting:
            for key in self.referrers(waiting.pop()):
                name = TableName(key.table.schema, key.table.name)
                actions = {key.options.get("ondelete"), key.options.get("onupdate")}
                if name not in found and actions & {"CASCADE", "SET NULL", "SET DEFAULT"}:
                    found.add(name)
                    waiting.append(key.table)
        return frozenset(found)


def show_name(schema: Optional[str], name: str) -> str:
    """A name as messages have it."""
    return f"{schema}.{name}" if schema is not None else name
