"""The databases of one MySQL or MariaDB server that a connection sees, schema only."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any, Optional

from ..database import Change, Database, Leftover
from ..errors import NotUnderstood, Rejected
from ..flags import FlagLog, TableName
from . import scanner
from .ddl import run_statement
from .ddl.foreign_keys import check_reference, rename_own
from .model import ForeignKey, Schema, Table, same_name
from .scanner import MysqlCursor
from .server import Server
from .show import Shown, show_table

#: Databases that every server has; nobody's migrations change them.
SYSTEM_SCHEMAS = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
_BEFORE_NAMES = frozenset(
    {"table", "tables", "exists", "to", "into", "view", "update", "from", "join", "on", "references"}
)
_UNKNOWABLE = frozenset({"call", "execute", "prepare", "do", "load", "source"})


class MysqlDatabase(Database):
    """`current` is the database of USE or of the URL; `schemas` has those that exist."""

    is_transactional = False

    def __init__(self, flags: FlagLog, server: Server, name: Optional[str]) -> None:
        super().__init__(flags, server.version)
        self.server = server
        self.home = name
        self.current = name
        self.schemas: dict[str, Schema] = {}
        self.temporary: dict[tuple[str, str], Table] = {}
        self.foreign_key_checks = True
        self.is_strict = True
        if name is not None:
            self.add_schema(name, server.default_collation)

    def run(self, sql: str) -> list[Leftover]:
        leftovers = []
        for cursor in self.split(sql):
            if not self.is_strict and cursor.word() in ("create", "alter"):
                raise NotUnderstood("DDL without a strict sql_mode")
            found = run_statement(cursor, self)
            if found is not None:
                leftovers.append(found)
        return leftovers

    def split(self, sql: str) -> Sequence[MysqlCursor]:
        return scanner.split(sql, self.server)

    def relation_names(self) -> set[TableName]:
        return {
            TableName(schema.name, name) for schema in self.schemas.values() for name in (*schema.tables, *schema.views)
        }

    def find_table(self, schema: Optional[str], name: str) -> Optional[TableName]:
        schema = schema or self.current
        if schema is None:
            return None
        found = self.schemas.get(schema)
        if (schema, name) in self.temporary or (found and (name in found.tables or name in found.views)):
            return TableName(schema, name)
        return None

    def mentioned_tables(self, sql: str) -> Optional[frozenset[TableName]]:
        try:
            tokens = scanner.tokenize(sql, self.server)
        except NotUnderstood:
            return None
        if any(token.word in _UNKNOWABLE for token in tokens):
            return None
        found: set[TableName] = set()
        known = self.relation_names()
        for index, token in enumerate(tokens):
            before = tokens[index - 1].word if index else ""
            if token.kind in ("id", "quoted"):
                schema = self.current or ""
                if before == "." and index > 1:
                    schema = tokens[index - 2].value
                name = TableName(schema, token.value)
                if name in known or before in _BEFORE_NAMES or before == ".":
                    found.add(name)
            elif token.kind == "string":
                words = set(re.findall(r"[\w$]+", token.value))
                found |= {one for one in known if one.name in words}
        return frozenset(found)

    def sources_of(self, table: TableName) -> Optional[frozenset[TableName]]:
        schema = self.schemas.get(table.schema)
        return None if schema is not None and table.name in schema.views else frozenset([table])

    def written_with(self, table: TableName) -> Optional[frozenset[TableName]]:
        schema = self.schemas.get(table.schema)
        has_triggers = schema is not None and table.name in (*schema.triggers.values(), *schema.views)
        return None if has_triggers else frozenset([table])

    def column_names(self, table: TableName) -> Optional[list[str]]:
        found = self.find_table_object(table.schema, table.name)
        return None if found is None else [one.name for one in found.columns if not one.is_invisible]

    def leave_connection(self) -> Any:
        state = (self.current, self.temporary, self.foreign_key_checks, self.is_strict)
        self.enter_connection(None)
        return state

    def enter_connection(self, state: Any) -> None:
        self.current, self.temporary, self.foreign_key_checks, self.is_strict = state or (self.home, {}, True, True)

    def note(self, verb: str, kind: str, schema: str, name: str) -> None:
        """Tell the session of a change."""
        self.changes.append(Change(verb, kind, schema, name))

    def find_schema(self, name: str) -> Optional[Schema]:
        return self.schemas.get(name)

    def schema(self, name: Optional[str]) -> Schema:
        """A database, the current one where there is no name. Rejected 1046, 1049."""
        wanted = name or self.current
        if wanted is None:
            raise Rejected("No database selected", "1046")
        if wanted.lower() in SYSTEM_SCHEMAS:
            raise NotUnderstood(f"DDL in {wanted}")
        found = self.schemas.get(wanted)
        if found is None:
            raise Rejected(f"Unknown database '{wanted}'", "1049", is_certain=name is None)
        return found

    def add_schema(self, name: str, collation: str) -> None:
        self.schemas[name] = Schema(name, collation)

    def remove_schema(self, name: str) -> None:
        del self.schemas[name]
        if self.current == name:
            self.current = None

    def permanent_table(self, schema: str, name: str) -> Optional[Table]:
        found = self.schemas.get(schema)
        return found.tables.get(name) if found is not None else None

    def find_permanent(self, schema: Optional[str], name: str) -> Optional[Table]:
        return self.permanent_table(self.schema(schema).name, name)

    def find_table_object(self, schema: Optional[str], name: str) -> Optional[Table]:
        """A temporary table hides a permanent one of its name."""
        wanted = schema or self.current
        if wanted is None:
            raise Rejected("No database selected", "1046")
        return self.temporary.get((wanted, name)) or self.permanent_table(wanted, name)

    def table(self, schema: Optional[str], name: str) -> Table:
        """Rejected 1146 where there is none."""
        found = self.find_table_object(schema, name)
        if found is None:
            home = self.schemas.get(schema or self.current or "")
            if home is not None and (name in home.views or name in home.sequences):
                raise Rejected(f"'{home.name}.{name}' is not of type 'BASE TABLE'", "1347")
            raise Rejected(f"Table '{schema or self.current}.{name}' doesn't exist", "1146")
        return found

    def has_relation(self, schema: str, name: str, *, is_temporary: bool = False) -> bool:
        if is_temporary:
            return (schema, name) in self.temporary
        home = self.schemas[schema]
        return name in home.tables or name in home.views or name in home.sequences

    def put_table(self, table: Table) -> None:
        """Add a new table."""
        if table.is_temporary:
            self.temporary[table.schema, table.name] = table
            return
        self.schemas[table.schema].tables[table.name] = table
        self.note("created", "table", table.schema, table.name)

    def replace_table(self, old: Table, new: Table) -> None:
        """Put the altered table in the old one's place."""
        if old.is_temporary:
            self.temporary[old.schema, old.name] = new
        else:
            self.schemas[old.schema].tables[old.name] = new

    def drop_table(self, table: Table) -> None:
        """Without a look at foreign keys; with its triggers."""
        if table.is_temporary:
            del self.temporary[table.schema, table.name]
            return
        schema = self.schemas[table.schema]
        del schema.tables[table.name]
        for trigger in [name for name, owner in schema.triggers.items() if owner == table.name]:
            del schema.triggers[trigger]
            schema.routines.discard(("trigger", trigger))
        self.note("dropped", "table", table.schema, table.name)

    def rename_table(self, table: Table, schema_name: Optional[str], name: str) -> None:
        """Foreign keys, its own and those to it, follow."""
        target = self.schema(schema_name or table.schema if schema_name or self.current is None else None)
        if target.name == table.schema and name == table.name:
            return
        if table.is_temporary:
            if self.has_relation(target.name, name, is_temporary=True):
                raise Rejected(f"Table '{name}' already exists", "1050")
            del self.temporary[table.schema, table.name]
            table.schema, table.name = target.name, name
            self.temporary[target.name, name] = table
            return
        if self.has_relation(target.name, name):
            raise Rejected(f"Table '{name}' already exists", "1050")
        self._move(table, target, name)

    def _move(self, table: Table, target: Schema, name: str) -> None:
        old_schema, old_name = table.schema, table.name
        referring = self.referring(table)
        source = self.schemas[old_schema]
        if source is not target and any(owner == old_name for owner in source.triggers.values()):
            raise Rejected("Trigger in wrong schema", "1435")
        waiting = [key for _, key in self.references_to(target.name, name)]
        if waiting:
            raise NotUnderstood("a table renamed to a name that foreign keys wait for")
        del source.tables[old_name]
        table.schema, table.name = target.name, name
        rename_own(table, old_name)
        for _, key in referring:
            key.schema, key.table = target.name, name
        target.tables[name] = table
        for trigger, owner in list(source.triggers.items()):
            if owner == old_name:
                source.triggers[trigger] = name
        self.note("dropped", "table", old_schema, old_name)
        self.note("created", "table", target.name, name)

    def referring(self, table: Table) -> list[tuple[Table, ForeignKey]]:
        """The foreign keys, also its own, that refer to a table."""
        return [] if table.is_temporary else self.references_to(table.schema, table.name)

    def references_to(self, schema: str, name: str) -> list[tuple[Table, ForeignKey]]:
        return [
            (one, key)
            for home in self.schemas.values()
            for one in home.tables.values()
            for key in one.foreign_keys
            if key.schema == schema and key.table == name
        ]

    def has_foreign_key(self, schema: str, name: str, apart_from: Table) -> bool:
        """Names of foreign keys are unique in a database."""
        return any(
            same_name(key.name, name)
            for one in self.schemas[schema].tables.values()
            if one.name != apart_from.name
            for key in one.foreign_keys
        )

    def check_waiting(self, table: Table) -> None:
        """Do the foreign keys that refer to a table fit it?"""
        for other, key in self.referring(table):
            check_reference(self, other, key)

    def show_create_table(self, schema: Optional[str], name: str) -> Shown:
        """The text of SHOW CREATE TABLE. Rejected 1146."""
        return show_table(self.table(schema, name), self.server)

    def __deepcopy__(self, memo: dict[int, Any]) -> MysqlDatabase:
        made = copy.copy(self)
        made.flags, made.changes = self.flags, []
        made.schemas, made.temporary = copy.deepcopy((self.schemas, self.temporary), memo)
        return made
