"""A catalog as DDL that builds it again, and reading that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from .catalog import TEMPORARY, Catalog
from .dump_text import (
    composite_uses,
    qualified,
    sequence_options,
    write_comment,
    write_constraint,
    write_index,
    write_late_checks,
    write_table,
    write_trigger,
    write_type,
    write_view,
)
from .expressions.kept import reading_canonical, settle
from .model import Column, Composite, Constraint, Domain, Index, Sequence, Table, UserType, View
from .names import quote_identifier

#: First line of a dump whose expressions are as a server printed them.
CANONICAL = "-- migguard: canonical expressions"
#: No statement says this: ["column" or "constraint", schema, table, name].
INHERITED = "-- migguard: inherited only: "
#: The names of an index's own columns, which stay when a column of the table is renamed: [schema, name, names].
INDEX_COLUMNS = "-- migguard: index columns: "


def dump_catalog(catalog: Catalog) -> str:
    """DDL, in the order of dependencies, that builds the catalog again in an empty one: load_dump reads it.

    What belongs to one connection (temporary tables) is left out. dump(load(dump(catalog))) is dump(catalog).
    """
    path = list(catalog.search_path)
    with _qualifying(catalog) as dump_path:
        dump = _Dump(catalog, path)
        statements = [_set_path(dump_path), *dump.statements(), _set_path(path)]
        notes = [INHERITED + json.dumps(place) for place in dump.inherited()]
        notes += [INDEX_COLUMNS + json.dumps(place) for place in dump.index_columns()]
    return "".join([*(statement + ";\n" for statement in statements), *(note + "\n" for note in notes)])


def load_dump(catalog: Catalog, text: str, *, canonical: bool = False) -> None:
    """Run a dump in an empty catalog. canonical: its expressions are as a server printed them, with the search path
    that the text sets; the text says so itself by its first line, too. Raises NotUnderstood and Rejected."""
    if canonical or text.startswith(CANONICAL):
        with reading_canonical():
            catalog.run(text)
    else:
        catalog.run(text)
    settle(catalog)
    for line in text.splitlines():
        if line.startswith(INHERITED):
            _set_inherited(catalog, *json.loads(line[len(INHERITED) :]))
        elif line.startswith(INDEX_COLUMNS):
            schema, name, names = json.loads(line[len(INDEX_COLUMNS) :])
            catalog.relation(schema, name, Index).column_names = names
    catalog.changes.clear()


def _set_inherited(catalog: Catalog, kind: str, schema: str, table_name: str, name: str) -> None:
    """What a table has from its parents only, where ALTER TABLE … INHERIT has left it its own, too."""
    table = catalog.table(schema, table_name)
    if kind == "column":
        table.columns[name].is_local = False
    for constraint in table.constraints:
        if kind == "constraint" and constraint.name == name:
            constraint.is_local = False


@contextmanager
def _qualifying(catalog: Catalog) -> Iterator[list[str]]:
    """With a search path that has no more than the schemas of extensions, whose operators have no other way to be
    named in some places (IS DISTINCT FROM, CASE)."""
    saved = catalog.search_path
    homes = {schema for schema in catalog.extension_schemas.values() if schema in catalog.schemas}
    catalog.search_path = sorted(homes)
    try:
        yield catalog.search_path
    finally:
        catalog.search_path = saved


def _set_path(names: list[str]) -> str:
    return "SET search_path TO " + (", ".join(map(quote_identifier, names)) or "pg_catalog")


class _Dump:
    def __init__(self, catalog: Catalog, path: list[str]) -> None:
        self.catalog = catalog
        self.path = path

    def statements(self) -> Iterator[str]:
        yield from self._schemas()
        yield from self._types()
        yield from self._sequences()
        tables = self._ordered_tables()
        for table in tables:
            yield from self._table(table)
        yield from self._ownership()
        for table in tables:
            yield from self._checks_and_keys(table)
        for table in tables:
            yield from self._indexes(table)
        for table in tables:
            yield from self._parents(table)
        for table in tables:
            yield from self._foreign_keys(table)
        yield from self._views()
        yield from self._comments(tables)
        yield from map(write_trigger, self.catalog.triggers)
        yield from self._routines()

    def inherited(self) -> Iterator[list[str]]:
        """What INHERIT will have left as the table's own, but is not."""
        for table in self._ordered_tables():
            if not table.parents or self._can_inherit(table):
                continue
            for column in table.columns.values():
                if not column.is_local:
                    yield ["column", table.schema, table.name, column.name]
            for constraint in table.constraints:
                if not constraint.is_local:
                    yield ["constraint", table.schema, table.name, constraint.name]

    def index_columns(self) -> Iterator[list[object]]:
        for one in self._relations():
            if isinstance(one, Index):
                whats = [*(element.what for element in one.elements), *one.include]
                if one.column_names != [what.name if isinstance(what, Column) else None for what in whats]:
                    yield [one.schema, one.name, one.column_names]

    # ---- before the tables

    def _schemas(self) -> Iterator[str]:
        if "public" not in self.catalog.schemas:
            yield "DROP SCHEMA public"
        for schema in self.catalog.schemas:
            if schema not in ("public", TEMPORARY):
                yield f"CREATE SCHEMA {quote_identifier(schema)}"
        for name in self._ordered_extensions():
            schema = self.catalog.extension_schemas.get(name, "public")
            yield f"CREATE EXTENSION {quote_identifier(name)} SCHEMA {quote_identifier(schema)}"

    def _ordered_extensions(self) -> list[str]:
        """earthdistance needs cube: what is needed has the smaller name by chance only."""
        names = sorted(self.catalog.extensions - {"plpgsql"})
        return sorted(names, key=lambda name: name in ("earthdistance", "postgis_raster", "postgis_sfcgal"))

    def _types(self) -> Iterator[str]:
        done: list[UserType] = []
        for user in self.catalog.types.values():
            yield from self._type(user, done)

    def _type(self, user: UserType, done: list[UserType]) -> Iterator[str]:
        if user in done or user.schema == TEMPORARY:
            return
        done.append(user)
        for needed in composite_uses(user):
            yield from self._type(needed, done)
        statement = write_type(user, self.catalog)
        if statement is not None:
            yield statement
        if isinstance(user, Domain):
            yield from write_late_checks(user, self.catalog)
        is_domain = isinstance(user, Domain)
        if not (isinstance(user, Composite) and user.extension):
            yield from write_comment("DOMAIN" if is_domain else "TYPE", qualified(user), user.comment)

    def _all(self, schema: str) -> list[object]:
        return list(self.catalog.schemas[schema].values())

    def _relations(self) -> Iterator[object]:
        for schema in self.catalog.schemas:
            if schema != TEMPORARY:
                yield from self._all(schema)

    def _free_sequences(self) -> list[Sequence]:
        return [one for one in self._relations() if isinstance(one, Sequence) and not one.is_identity]

    def _sequences(self) -> Iterator[str]:
        for sequence in self._free_sequences():
            yield f"CREATE SEQUENCE {qualified(sequence)} {sequence_options(sequence)}"

    def _ownership(self) -> Iterator[str]:
        for sequence in self._free_sequences():
            if sequence.owner is not None:
                column = f"{qualified(sequence.owner.table)}.{quote_identifier(sequence.owner.name)}"
                yield f"ALTER SEQUENCE {qualified(sequence)} OWNED BY {column}"

    # ---- tables

    def _ordered_tables(self) -> list[Table]:
        """Parents before their children, else as they were made."""
        found: list[Table] = []

        def add(table: Table) -> None:
            for parent in [*table.parents, *([table.partition_of] if table.partition_of else [])]:
                add(parent)
            if table not in found:
                found.append(table)

        for one in self._relations():
            if isinstance(one, Table):
                add(one)
        return found

    def _table(self, table: Table) -> Iterator[str]:
        parents = table.parents if self._can_inherit(table) else []
        columns = [one for one in table.columns.values() if not parents or one.is_local]
        yield write_table(table, self.catalog, columns, parents)
        if parents:
            yield from self._own_properties(table)

    def _can_inherit(self, table: Table) -> bool:
        """Does INHERITS make the columns in their order, and nothing else?"""
        order: list[str] = []
        for parent in table.parents:
            order += [name for name in parent.columns if name not in order]
        return list(table.columns)[: len(order)] == order and all(
            table.columns[name].inherited == sum(name in parent.columns for parent in table.parents) for name in order
        )

    def _own_properties(self, table: Table) -> Iterator[str]:
        """What a child has otherwise than its parents, in columns that are not its own."""
        for column in table.columns.values():
            if column.is_local or column.generated is not None:
                continue
            inherited = next(one.columns[column.name] for one in table.parents if column.name in one.columns)
            alter = f"ALTER TABLE ONLY {qualified(table)} ALTER COLUMN {quote_identifier(column.name)}"
            if self._default(column) != self._default(inherited):
                default = self._default(column)
                yield f"{alter} DROP DEFAULT" if default is None else f"{alter} SET DEFAULT {default}"
            if column.notnull and not inherited.notnull:
                yield f"{alter} SET NOT NULL"

    def _default(self, column: Column) -> object:
        from .dump_text import expression_text

        return None if column.default is None else expression_text(column.default, self.catalog)

    def _parents(self, table: Table) -> Iterator[str]:
        """Parents that INHERITS could not name, and partitions; after the indexes, which are matched."""
        if table.partition_of is not None:
            yield f"ALTER TABLE {qualified(table.partition_of)} ATTACH PARTITION {qualified(table)} {table.bound}"
        elif table.parents and not self._can_inherit(table):
            for parent in table.parents:
                yield f"ALTER TABLE {qualified(table)} INHERIT {qualified(parent)}"

    def _constraints(self, table: Table, kinds: str) -> Iterator[Constraint]:
        by_inherits = bool(table.parents) and self._can_inherit(table)
        for constraint in table.constraints:
            if constraint.kind not in kinds:
                continue
            if constraint.kind == "c" and by_inherits and not constraint.is_local:
                continue
            if constraint.kind == "f" and constraint.parent is not None:
                continue
            yield constraint

    def _checks_and_keys(self, table: Table) -> Iterator[str]:
        for constraint in self._constraints(table, "cpux"):
            yield write_constraint(constraint, self.catalog)
            index = constraint.index
            if index is not None and index.name != constraint.name:
                yield f"ALTER INDEX {qualified(index)} RENAME TO {quote_identifier(index.name)}"

    def _indexes(self, table: Table) -> Iterator[str]:
        for index in self.catalog.indexes_of(table):
            if index.constraint is None:
                yield write_index(index, self.catalog)

    def _foreign_keys(self, table: Table) -> Iterator[str]:
        for constraint in self._constraints(table, "f"):
            yield write_constraint(constraint, self.catalog)

    # ---- after the tables

    def _views(self) -> Iterator[str]:
        """Their texts are as they were written: names in them are looked for as they are now."""
        views = [one for one in self._relations() if isinstance(one, View)]
        if not views:
            return
        for view in views:
            yield _set_path(self._view_path(view))
            yield write_view(view)
        yield _set_path(self.catalog.search_path)
        for view in views:
            for index in self.catalog.indexes_of(view):
                yield write_index(index, self.catalog)

    def _view_path(self, view: View) -> list[str]:
        """A search path by which the names in its text mean what they meant."""
        homes = [one.schema for one in view.tables]
        for path in (self.path, [view.schema, *self.path], [*homes, view.schema, *self.path]):
            saved, self.catalog.search_path = self.catalog.search_path, list(dict.fromkeys(path))
            try:
                if all(self.catalog.lookup(None, one.name) is one or one.schema in view.text for one in view.tables):
                    return self.catalog.search_path
            finally:
                self.catalog.search_path = saved
        return self.path

    def _comments(self, tables: list[Table]) -> Iterator[str]:
        for table in tables:
            yield from write_comment("TABLE", qualified(table), table.comment)
            for column in table.columns.values():
                name = f"{qualified(table)}.{quote_identifier(column.name)}"
                yield from write_comment("COLUMN", name, column.comment)
            for constraint in table.constraints:
                name = f"{quote_identifier(constraint.name)} ON {qualified(table)}"
                yield from write_comment("CONSTRAINT", name, constraint.comment)
        for one in self._relations():
            if isinstance(one, (Index, Sequence)):
                kind = "INDEX" if isinstance(one, Index) else "SEQUENCE"
                yield from write_comment(kind, qualified(one), one.comment)
            elif isinstance(one, View):
                kind = "MATERIALIZED VIEW" if one.is_materialized else "VIEW"
                yield from write_comment(kind, qualified(one), one.comment)

    def _routines(self) -> Iterator[str]:
        """Functions by name, with the words of their signatures; at the end, so that no expression is in doubt by
        a function that came after it."""
        named = set()
        for (schema, name), signatures in self.catalog.signatures.items():
            named.add(name)
            for words in signatures:
                inner = ", ".join(map(quote_identifier, sorted(words)))
                yield f"CREATE FUNCTION {quote_identifier(schema)}.{quote_identifier(name)}({inner}) AS ''"
        for name in sorted(self.catalog.functions - named):
            if name == "cast":
                yield "CREATE CAST (unknown AS unknown) WITHOUT FUNCTION"
            elif name == "class":
                yield "CREATE OPERATOR CLASS unknown FOR TYPE unknown USING btree AS STORAGE unknown"
            elif not name.isidentifier():
                yield f"CREATE OPERATOR {name} (FUNCTION = unknown)"
            else:
                yield f"CREATE FUNCTION {quote_identifier(name)}() AS ''"
