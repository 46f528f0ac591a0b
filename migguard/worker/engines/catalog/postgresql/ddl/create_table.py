"""CREATE TABLE (parse_utilcmd.c, transformCreateStmt; tablecmds.c, DefineRelation; 15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import TEMPORARY, Catalog
from ..model import Sequence, Table
from .columns import add_column, add_generated, plan_sequence, read_definition, read_qualifiers
from .constraint_syntax import at_table_constraint, read_table_constraint
from .constraints import add_check, add_constraint
from .inheritance import check_same_type, finish_generated, inherit_checks, inherit_columns
from .like import LIKE_OPTIONS, copy_like_columns, expand_like
from .partitions import create_partition, read_bound, read_key
from .reading import duplicate, read_storage
from .specs import ColumnSpec, ConstraintSpec, LikeSpec
from .table_as import create_table_as


@dataclass
class _Elements:
    """What stands in the parentheses. columns: in their order, with LIKE between."""

    columns: list[ColumnSpec | LikeSpec] = field(default_factory=list)
    constraints: list[ConstraintSpec] = field(default_factory=list)

    @property
    def likes(self) -> list[LikeSpec]:
        return [one for one in self.columns if isinstance(one, LikeSpec)]

    @property
    def specs(self) -> list[ColumnSpec]:
        return [one for one in self.columns if isinstance(one, ColumnSpec)]


def create_table(catalog: Catalog, cursor: Cursor, *, is_temporary: bool, is_unlogged: bool) -> None:
    """CREATE TABLE, after these words."""
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    is_temporary = is_temporary or schema_name == TEMPORARY
    schema = TEMPORARY if is_temporary else catalog.creation_schema(schema_name)
    if name in catalog.schemas.get(schema, {}):
        if is_tolerant:
            cursor.rest()
            return
        raise duplicate("relation", name, "42P07")
    table = Table(schema, name, is_temporary=is_temporary, is_unlogged=is_unlogged)
    if _is_as(cursor):
        create_table_as(catalog, cursor, table)
        return
    if cursor.at("of"):
        raise NotUnderstood("CREATE TABLE OF a type")
    parent = catalog.table(*cursor.qualified_name()) if cursor.accept("partition", "of") else None
    elements = _read_elements(cursor, catalog, parent)
    bound = read_bound(cursor) if parent is not None else ""
    if cursor.accept("inherits"):
        table.parents = _read_parents(cursor, catalog)
    _Creation(catalog, cursor, table, elements, parent, bound).run()


def _is_as(cursor: Cursor) -> bool:
    """Is it CREATE TABLE … AS, perhaps with names of columns first?"""
    start = cursor.index
    if cursor.at("("):
        cursor.skip_group()
    found = cursor.at("as") or (cursor.at("with") and _has_as(cursor)) or (cursor.at("on") and _has_as(cursor))
    cursor.index = start
    return found


def _has_as(cursor: Cursor) -> bool:
    return any(token.word == "as" for token in cursor.tokens[cursor.index :])


def _read_parents(cursor: Cursor, catalog: Catalog) -> list[Table]:
    cursor.expect("(")
    found = [catalog.table(*cursor.qualified_name())]
    while cursor.accept(","):
        found.append(catalog.table(*cursor.qualified_name()))
    cursor.expect(")")
    return found


def _read_elements(cursor: Cursor, catalog: Catalog, parent: Optional[Table]) -> _Elements:
    elements = _Elements()
    if parent is not None and not cursor.at("("):
        return elements
    cursor.expect("(")
    while not cursor.at(")"):
        if at_table_constraint(cursor):
            elements.constraints.append(read_table_constraint(cursor, catalog))
        elif cursor.accept("like"):
            elements.columns.append(_read_like(cursor))
        else:
            column, constraints = _read_column(cursor, catalog, parent)
            elements.columns.append(column)
            elements.constraints.extend(constraints)
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return elements


def _read_column(cursor: Cursor, catalog: Catalog, parent: Optional[Table]) -> tuple[ColumnSpec, list[ConstraintSpec]]:
    if parent is None:
        return read_definition(cursor, catalog)
    column = catalog.column(parent, cursor.name())
    cursor.accept("with", "options")
    spec = ColumnSpec(column.name, column.type)
    return spec, read_qualifiers(cursor, catalog, spec)


def _read_like(cursor: Cursor) -> LikeSpec:
    spec = LikeSpec(cursor.qualified_name())
    while True:
        verb = cursor.accept_one("including", "excluding")
        if verb is None:
            return spec
        option = cursor.expect_one("all", *LIKE_OPTIONS)
        chosen = set(LIKE_OPTIONS) if option == "all" else {option}
        spec.options = spec.options | chosen if verb == "including" else spec.options - chosen


@dataclass
class _Creation:
    """The steps of one statement, in the server's order."""

    catalog: Catalog
    cursor: Cursor
    table: Table
    elements: _Elements
    parent: Optional[Table]
    bound: str

    def run(self) -> None:
        catalog, table = self.catalog, self.table
        sequences = self._plan_sequences()
        constraints = order_constraints(self.elements.constraints)
        for sequence in sequences.values():
            catalog.put(sequence)
        self._add_columns(sequences)
        self._read_tail()
        catalog.put(table)
        self._inherit_checks()
        for spec in constraints:
            if spec.kind == "c":
                add_check(catalog, table, spec)
        if self.parent is not None:
            create_partition(catalog, table, self.parent, self.bound)
        for like in self.elements.likes:
            expand_like(catalog, table, like)
        for spec in constraints:
            if spec.kind != "c":
                add_constraint(catalog, table, spec)

    def _plan_sequences(self) -> dict[str, Sequence]:
        """Names are chosen before any of them is there."""
        found: dict[str, Sequence] = {}
        for column in self.elements.specs:
            sequence = plan_sequence(self.catalog, self.table.schema, self.table.name, column)
            if sequence is not None:
                sequence.is_temporary = self.table.is_temporary
                found[column.name] = sequence
        return found

    def _add_columns(self, sequences: dict[str, Sequence]) -> None:
        catalog, table = self.catalog, self.table
        sources = [*table.parents, *([self.parent] if self.parent else [])]
        for source in sources:
            if self.parent is not None and source.kind != "p":
                raise Rejected(f'"{source.name}" is not partitioned', "42809")
            if self.parent is None and (source.kind == "p" or source.partition_of is not None):
                raise Rejected(f'cannot inherit from partitioned table or partition "{source.name}"', "42809")
            if catalog.version >= (17,) and any(one.identity is not None for one in source.columns.values()):
                raise NotUnderstood("a partition or child of a table with an identity column")
            inherit_columns(catalog, table, source)
        inherited = set(table.columns)
        for one in self.elements.columns:
            if isinstance(one, LikeSpec):
                copy_like_columns(catalog, table, one)
            elif one.name in inherited:
                inherited.discard(one.name)
                self._merge_column(one, sequences.get(one.name))
            else:
                add_column(catalog, table, one, sequences.get(one.name))
        for source in sources:
            finish_generated(table, source)
        for one in self.elements.specs:
            if one.generated is not None:
                add_generated(catalog, table.columns[one.name], one.generated)
        if len(table.columns) > 1600:
            raise Rejected("tables can have at most 1600 columns", "54011")

    def _merge_column(self, spec: ColumnSpec, sequence: Optional[Sequence]) -> None:
        """A column that a parent has, too: what is said here adds to it."""
        old = self.table.columns.pop(spec.name)
        new = add_column(self.catalog, self.table, spec, sequence)
        if self.parent is None:
            check_same_type(self.catalog, new, old)
        elif spec.collation is None:
            new.collation = old.collation
        if old.generated is not None or spec.generated is not None:
            raise NotUnderstood("a generated column that a parent has, too")
        new.inherited, new.is_local = old.inherited, self.parent is None
        new.notnull = new.notnull or old.notnull
        new.default = new.default if spec.default is not None or sequence is not None else old.default
        self._restore_order(old.name)

    def _restore_order(self, name: str) -> None:
        """An inherited column stays where the parent has it."""
        order: list[str] = []
        for source in [*self.table.parents, *([self.parent] if self.parent else [])]:
            order += [one for one in source.columns if one not in order]
        columns = self.table.columns
        self.table.columns = {key: columns[key] for key in [*order, *columns] if key in columns}

    def _inherit_checks(self) -> None:
        for source in [*self.table.parents, *([self.parent] if self.parent else [])]:
            inherit_checks(self.table, source)

    def _read_tail(self) -> None:
        """What follows the parentheses."""
        cursor, table = self.cursor, self.table
        if cursor.accept("partition", "by"):
            read_key(cursor, table)
        if cursor.accept("using"):
            cursor.name()
        if cursor.accept("with"):
            table.storage = read_storage(cursor)
        elif cursor.accept("without", "oids"):
            pass
        if cursor.accept("on", "commit"):
            action = cursor.expect_one("drop", "delete rows", "preserve rows")
            table.on_commit = {"drop": "drop", "delete rows": "delete"}.get(action, "")
            if not table.is_temporary:
                raise Rejected("ON COMMIT can only be used on temporary tables", "42P16")
        if cursor.accept("tablespace"):
            table.tablespace = cursor.name()
        cursor.expect_end()


def order_constraints(specs: list[ConstraintSpec]) -> list[ConstraintSpec]:
    """Checks, then keys (the primary key first, those that would make one index put together), then foreign keys."""
    keys: list[ConstraintSpec] = []
    if sum(one.kind == "p" for one in specs) > 1:
        raise Rejected("multiple primary keys for table are not allowed", "42P16")
    for spec in sorted((one for one in specs if one.kind in ("p", "u", "x")), key=lambda one: one.kind != "p"):
        same = next((one for one in keys if one.is_same_index(spec)), None)
        if same is None:
            keys.append(spec)
        elif same.name is None:
            same.name = spec.name
    checks = [one for one in specs if one.kind == "c"]
    return [*checks, *keys, *(one for one in specs if one.kind == "f")]
