"""ALTER TABLE: its subcommands, in the order of PostgreSQL's passes (tablecmds.c, ATPrepCmd and AlterTablePass, 15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional, Union

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import TEMPORARY, Catalog
from ..dependencies import drop_objects
from ..model import Constraint, Index, Sequence, Table, View
from .alter_column import read_column_action, read_drop_column
from .columns import add_column, add_generated, plan_sequence, read_definition
from .constraint_syntax import at_table_constraint, read_table_constraint, read_timing
from .constraints import add_constraint, find_constraint, is_notnull_name, rename_constraint
from .create_table import order_constraints
from .indexes import rename_index
from .inheritance import add_parent, copy_column, remove_parent
from .partitions import attach_partition, detach_partition, write_key
from .passes import Pass, Step
from .reading import merge_storage, read_behavior, read_role, read_storage
from .specs import ColumnSpec, ConstraintSpec

_TRIGGER_STATES = ("enable always", "enable replica", "enable", "disable")
_CLUSTERING = ("set without cluster", "set without oids")


def alter_table(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER TABLE, after these words."""
    if cursor.at("all", "in"):
        raise NotUnderstood("ALTER TABLE ALL IN TABLESPACE")
    is_tolerant = cursor.accept("if", "exists")
    is_only = cursor.accept("only")
    relation = catalog.relation(*cursor.qualified_name(), missing_ok=is_tolerant)
    cursor.accept("*")
    if relation is None:
        cursor.rest()
        return
    if isinstance(relation, Table):
        if not _rename(catalog, relation, cursor):
            _run_steps(catalog, relation, cursor, is_only=is_only)
    else:
        alter_other_relation(catalog, relation, cursor)
    cursor.expect_end()
    catalog.note("altered", relation)


def alter_other_relation(catalog: Catalog, relation: Union[View, Index, Sequence], cursor: Cursor) -> None:
    """What ALTER TABLE, and ALTER VIEW, may do to a relation that is no table."""
    if cursor.accept("rename", "to"):
        name = cursor.name()
        rename_index(catalog, relation, name) if isinstance(relation, Index) else catalog.rename(relation, name)
    elif cursor.accept("owner", "to"):
        read_role(cursor)
    elif cursor.accept("set", "schema") and isinstance(relation, View):
        _move_view(catalog, relation, catalog.creation_schema(cursor.name()))
    elif isinstance(relation, View):
        alter_view(relation, cursor)
    else:
        cursor.fail(f"ALTER TABLE of {relation.name}, which is no table")


def _move_view(catalog: Catalog, view: View, schema: str) -> None:
    for index in catalog.indexes_of(view):
        catalog.move(index, schema)
    catalog.move(view, schema)


def alter_view(view: View, cursor: Cursor) -> None:
    """Columns' names and defaults, options."""
    if cursor.accept("rename"):
        cursor.accept("column")
        old = cursor.name()
        cursor.expect("to")
        new = cursor.name()
        if view.columns is not None:
            view.columns = [new if one == old else one for one in view.columns]
        return
    if cursor.accept_one("set", "reset") and cursor.at("("):
        cursor.skip_group()
        return
    if cursor.at("alter"):
        cursor.rest()
        return
    if view.is_materialized and cursor.accept_one("cluster on", "depends on extension", "set tablespace"):
        cursor.name()
        return
    cursor.fail("ALTER VIEW")


def _rename(catalog: Catalog, table: Table, cursor: Cursor) -> bool:
    """RENAME and SET SCHEMA, which stand alone."""
    if cursor.accept("rename", "to"):
        catalog.rename(table, cursor.name())
    elif cursor.accept("rename", "constraint"):
        constraint = find_constraint(catalog, table, cursor.name())
        cursor.expect("to")
        rename_constraint(catalog, constraint, cursor.name())
    elif cursor.accept("rename"):
        cursor.accept("column")
        old = cursor.name()
        cursor.expect("to")
        _rename_column(catalog, table, old, cursor.name())
    elif cursor.accept("set", "schema"):
        _move_table(catalog, table, catalog.creation_schema(cursor.name()))
    else:
        return False
    return True


def _rename_column(catalog: Catalog, table: Table, old: str, new: str) -> None:
    column = catalog.column(table, old)
    if column.inherited:
        raise Rejected(f'cannot rename inherited column "{old}"', "42P16")
    for one in [table, *catalog.descendants(table)]:
        own = one.columns.get(old)
        if own is None:
            continue
        if one is not table and own.inherited > 1:
            raise Rejected(f'cannot rename inherited column "{old}"', "42P16")
        if new in one.columns:
            raise Rejected(f'column "{new}" of relation "{one.name}" already exists', "42701")
        own.name = new
        one.columns = {(new if each is own else key): each for key, each in one.columns.items()}
        write_key(one)
        if one is not table:
            catalog.note_altered(one)


def _move_table(catalog: Catalog, table: Table, schema: str) -> None:
    if schema == table.schema:
        return
    if TEMPORARY in (schema, table.schema):
        raise Rejected("cannot move objects into or out of temporary schemas", "0A000")
    owned: list[Union[Index, Sequence]] = [*catalog.indexes_of(table), *catalog.sequences_of(table)]
    catalog.move(table, schema)
    for one in owned:
        catalog.move(one, schema)


def _run_steps(catalog: Catalog, table: Table, cursor: Cursor, *, is_only: bool) -> None:
    """Read all subcommands, then do them pass by pass."""
    if is_only and catalog.children(table):
        raise NotUnderstood("ALTER TABLE ONLY of a table that has children")
    steps: list[Step] = []
    while True:
        steps += _read_step(catalog, table, cursor)
        if not cursor.accept(","):
            break
    cursor.expect_end()
    for number in Pass:
        for step in [one for one in steps if one.number is number]:
            steps += step.run() or []


def _read_step(catalog: Catalog, table: Table, cursor: Cursor) -> list[Step]:
    for read in (_read_add, _read_drop, _read_alter, _read_other):
        found = read(catalog, table, cursor)
        if found is not None:
            return found
    raise NotUnderstood(f"ALTER TABLE {cursor.near()}")


def _read_add(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[list[Step]]:
    if not cursor.accept("add"):
        return None
    if at_table_constraint(cursor):
        spec = read_table_constraint(cursor, catalog)
        return [_constraint_step(catalog, table, spec)]
    cursor.accept("column")
    is_tolerant = cursor.accept("if", "not", "exists")
    column, constraints = read_definition(cursor, catalog)
    return [Step(Pass.ADD_COLUMN, lambda: _add_column(catalog, table, column, constraints, is_tolerant=is_tolerant))]


def _constraint_step(catalog: Catalog, table: Table, spec: ConstraintSpec) -> Step:
    is_key = spec.kind in ("p", "u", "x")
    number = Pass.ADD_OTHER_CONSTRAINT
    if is_key:
        number = Pass.ADD_INDEX_CONSTRAINT if spec.using_index else Pass.ADD_INDEX
    return Step(number, lambda: _add_constraint(catalog, table, spec))


def _add_constraint(catalog: Catalog, table: Table, spec: ConstraintSpec) -> None:
    add_constraint(catalog, table, spec)


def _add_column(
    catalog: Catalog, table: Table, column: ColumnSpec, constraints: list[ConstraintSpec], *, is_tolerant: bool
) -> Optional[list[Step]]:
    """ADD COLUMN; the constraints wait for their passes."""
    if column.name in table.columns:
        if is_tolerant:
            return None
        raise Rejected(f'column "{column.name}" of relation "{table.name}" already exists', "42701")
    if table.partition_of is not None:
        raise Rejected("cannot add column to a partition", "42809")
    if column.identity is not None and catalog.children(table):
        raise Rejected("cannot recursively add identity column to table that has child tables", "42P16")
    sequence = plan_sequence(catalog, table.schema, table.name, column)
    if sequence is not None:
        sequence.is_temporary = table.is_temporary
        catalog.put(sequence)
    added = add_column(catalog, table, column, sequence)
    if column.generated is not None:
        add_generated(catalog, added, column.generated)
    for child in catalog.descendants(table):
        if added.name in child.columns or added.generated is not None:
            raise NotUnderstood(f"column {added.name} added to a child of {table.name}")
        copy_column(child, added, is_local=False).inherited = 1
        catalog.note_altered(child)
    return [_constraint_step(catalog, table, spec) for spec in order_constraints(constraints)]


def _read_drop(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[list[Step]]:
    if not cursor.accept("drop"):
        return None
    if not cursor.accept("constraint"):
        return [read_drop_column(catalog, table, cursor)]
    is_tolerant = cursor.accept("if", "exists")
    name = cursor.name()
    is_cascade = read_behavior(cursor)
    return [
        Step(Pass.DROP, lambda: _drop_constraint(catalog, table, name, is_tolerant=is_tolerant, cascade=is_cascade))
    ]


def _drop_constraint(catalog: Catalog, table: Table, name: str, *, is_tolerant: bool, cascade: bool) -> None:
    if is_tolerant and not any(one.name == name for one in table.constraints):
        if is_notnull_name(catalog, name):
            raise NotUnderstood(f"whether {name} is the name of a NOT NULL constraint")
        return
    constraint = find_constraint(catalog, table, name)
    if constraint.inherited:
        raise Rejected(f'cannot drop inherited constraint "{name}" of relation "{table.name}"', "42P16")
    inherited = _inherited_checks(catalog, table, constraint)
    drop_objects(catalog, [constraint], is_cascade=cascade, subject=f"constraint {name} on table {table.name}")
    for one in inherited:
        one.inherited -= 1
        if not one.inherited and not one.is_local:
            one.table.constraints.remove(one)
            catalog.note_altered(one.table)


def _inherited_checks(catalog: Catalog, table: Table, constraint: Constraint) -> list[Constraint]:
    if constraint.kind != "c" or constraint.options.get("no_inherit"):
        return []
    return [
        one
        for child in catalog.descendants(table)
        for one in child.constraints
        if one.kind == "c" and one.name == constraint.name and one.inherited
    ]


def _read_alter(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[list[Step]]:
    if not cursor.accept("alter"):
        return None
    if not cursor.accept("constraint"):
        return [read_column_action(catalog, table, cursor)]
    name = cursor.name()
    options: dict[str, object] = {}
    while read_timing(cursor, options):
        pass
    return [Step(Pass.MISC, lambda: _alter_constraint(catalog, table, name, options))]


def _alter_constraint(catalog: Catalog, table: Table, name: str, options: dict[str, object]) -> None:
    constraint = find_constraint(catalog, table, name)
    if constraint.kind != "f":
        raise Rejected(f'constraint "{name}" of relation "{table.name}" is not a foreign key constraint', "42809")
    if constraint.parent is not None:
        raise Rejected(f'cannot alter constraint "{name}" on relation "{table.name}"', "55000")
    if table.kind == "p":
        raise NotUnderstood("ALTER CONSTRAINT of a partitioned table")
    for option in ("deferrable", "initially"):
        constraint.options.pop(option, None)
    constraint.options.update(options)


def _read_other(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[list[Step]]:
    action = _read_misc(catalog, table, cursor)
    return None if action is None else [Step(Pass.MISC, action)]


def _read_misc(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[Callable[[], None]]:
    if cursor.accept("validate", "constraint"):
        name = cursor.name()
        return lambda: _validate(catalog, table, name)
    if cursor.accept("attach", "partition"):
        return _now(lambda: attach_partition(catalog, table, cursor))
    if cursor.accept("detach", "partition"):
        return _now(lambda: detach_partition(catalog, table, cursor))
    if cursor.accept("inherit"):
        parent = catalog.table(*cursor.qualified_name())
        return lambda: _inherit(catalog, table, parent)
    if cursor.accept("no", "inherit"):
        parent = catalog.table(*cursor.qualified_name())
        return lambda: _disinherit(table, parent)
    if cursor.accept("owner", "to"):
        read_role(cursor)
        return _nothing
    if cursor.accept("replica", "identity"):
        if cursor.accept("using", "index"):
            _check_index(catalog, table, cursor.name())
        else:
            cursor.expect_one("default", "full", "nothing")
        return _nothing
    return _read_setting(catalog, table, cursor)


def _now(act: Callable[[], None]) -> Callable[[], None]:
    """These commands stand alone, so that they may be done while they are read."""
    act()
    return _nothing


def _nothing() -> None:
    return None


def _read_setting(catalog: Catalog, table: Table, cursor: Cursor) -> Optional[Callable[[], None]]:
    if cursor.accept("cluster", "on"):
        _check_index(catalog, table, cursor.name())
    elif cursor.accept("set", "tablespace"):
        table.tablespace = cursor.name()
    elif cursor.accept("set", "access", "method"):
        cursor.name()
    elif cursor.at("set", "("):
        cursor.expect("set")
        table.storage = merge_storage(table.storage, read_storage(cursor))
    elif cursor.accept("reset"):
        gone = {name for name, _ in read_storage(cursor)}
        table.storage = [one for one in table.storage if one[0] not in gone]
    elif cursor.accept("set", "logged"):
        table.is_unlogged = False
    elif cursor.accept("set", "unlogged"):
        table.is_unlogged = True
    elif cursor.accept_one(*_CLUSTERING) or cursor.accept_one(
        "force row level security", "no force row level security"
    ):
        pass
    elif not _read_state(cursor):
        return None
    return _nothing


def _read_state(cursor: Cursor) -> bool:
    """ENABLE and DISABLE of triggers, rules and row security: they change nothing that is compared."""
    if cursor.accept_one(*_TRIGGER_STATES) is None:
        return False
    if not cursor.accept("row", "level", "security"):
        cursor.expect_one("trigger", "rule")
        if not cursor.accept_one("all", "user"):
            cursor.name()
    return True


def _check_index(catalog: Catalog, table: Table, name: str) -> None:
    if not any(one.name == name for one in catalog.indexes_of(table)):
        raise Rejected(f'index "{name}" for table "{table.name}" does not exist', "42704")


def _validate(catalog: Catalog, table: Table, name: str) -> None:
    constraint = find_constraint(catalog, table, name)
    if constraint.kind not in ("f", "c"):
        raise Rejected(
            f'constraint "{name}" of relation "{table.name}" is not a foreign key or check constraint', "42809"
        )
    constraint.options.pop("not_valid", None)
    for one in _inherited_checks(catalog, table, constraint):
        one.options.pop("not_valid", None)


def _inherit(catalog: Catalog, table: Table, parent: Table) -> None:
    if parent in table.parents:
        raise Rejected(f'relation "{parent.name}" would be inherited from more than once', "42P07")
    if parent is table or table in catalog.descendants(parent) or parent in catalog.descendants(table):
        raise Rejected("circular inheritance not allowed", "42P07")
    if parent.kind == "p" or table.kind == "p" or table.partition_of is not None:
        raise Rejected("cannot change inheritance of a partition or a partitioned table", "42809")
    add_parent(catalog, table, parent, is_partition=False)
    table.parents.append(parent)
    catalog.has_hierarchy = True


def _disinherit(table: Table, parent: Table) -> None:
    if parent not in table.parents:
        raise Rejected(f'relation "{parent.name}" is not a parent of relation "{table.name}"', "42P01")
    remove_parent(table, parent)
    table.parents.remove(parent)
