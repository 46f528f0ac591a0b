"""CREATE INDEX, and the indexes of constraints (indexcmds.c, DefineIndex, 15)."""

from __future__ import annotations

from typing import Optional, Union

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..expressions import Node, function_name, plain_column, show
from ..model import Column, Index, IndexElement, Table, TypeRef, View
from ..naming import choose_relation_name, index_column_names, join_names
from ..operator_classes import check_default, resolve
from .columns import type_collation
from .constraint_syntax import read_element, read_nulls_treatment
from .labels import refuse_fresh_labels
from .reading import ExpressionText, duplicate, merge_storage, read_storage, read_tokens
from .specs import ElementSpec, IndexSpec

_ORDERED = frozenset({"btree"})
_WITH_INCLUDE = frozenset({"btree", "gist"})
_SINGLE_COLUMN = frozenset({"hash", "spgist"})


def create_index(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE INDEX, after CREATE."""
    is_unique = cursor.accept("unique")
    cursor.expect("index")
    cursor.accept("concurrently")
    is_tolerant = cursor.accept("if", "not", "exists")
    name = None if cursor.at("on") else cursor.name()
    cursor.expect("on")
    is_only = cursor.accept("only")
    table = catalog.relation(*cursor.qualified_name())
    cursor.accept("*")
    spec = _read_definition(cursor, catalog, name)
    spec.is_unique = is_unique
    cursor.expect_end()
    if name is not None and name in catalog.schemas[table.schema]:
        if is_tolerant and isinstance(table, Table):
            _bind_elements(catalog, table, spec)
            return
        raise duplicate("relation", name, "42P07")
    if isinstance(table, View) and table.is_materialized:
        _index_view(catalog, table, spec)
        return
    if not isinstance(table, Table):
        raise Rejected(f'cannot create index on relation "{table.name}"', "42809")
    define_index(catalog, table, spec, is_only=is_only)
    catalog.note_altered(table)


def _read_definition(cursor: Cursor, catalog: Catalog, name: Optional[str]) -> IndexSpec:
    spec = IndexSpec(name, [])
    if cursor.accept("using"):
        spec.method = cursor.name()
    cursor.expect("(")
    spec.elements.append(read_element(cursor, catalog))
    while cursor.accept(","):
        spec.elements.append(read_element(cursor, catalog))
    cursor.expect(")")
    if cursor.accept("include"):
        spec.include = cursor.names()
    spec.nulls_not_distinct = read_nulls_treatment(cursor, catalog)
    if cursor.accept("with"):
        spec.storage = read_storage(cursor)
    if cursor.accept("tablespace"):
        spec.tablespace = cursor.name()
    if cursor.accept("where"):
        first = cursor.index
        tokens = list(cursor.tokens[first:])
        spec.where = read_tokens(cursor.sql, tokens, cursor.rest(), catalog)
    return spec


def define_index(
    catalog: Catalog,
    table: Table,
    spec: IndexSpec,
    *,
    label: str = "idx",
    is_only: bool = False,
    parent: Optional[Index] = None,
) -> Index:
    """Make an index, and one on each partition. label: pkey, key, excl or idx, for the automatic name."""
    _check_method(catalog, spec)
    elements = _bind_elements(catalog, table, spec)
    include = [catalog.column(table, one) for one in spec.include]
    where = spec.where.bind_to(table) if spec.where is not None else None
    if where is not None:
        refuse_fresh_labels(catalog, where)
    name = spec.name or choose_index_name(catalog, table, elements, include, label, spec.elements)
    index = Index(table.schema, name, table, elements, include, spec.is_unique, where, spec.method)
    index.storage, index.tablespace = list(spec.storage), spec.tablespace
    index.nulls_not_distinct, index.parent = spec.nulls_not_distinct, parent
    index.column_names = _column_names(elements, include, spec.elements)
    if table.kind == "p" and spec.is_unique:
        check_partition_key(table, [one.what for one in elements if isinstance(one.what, Column)])
    catalog.put(index)
    if table.kind == "p":
        _define_on_partitions(catalog, table, spec, index, label=label, is_only=is_only)
    return index


def _define_on_partitions(
    catalog: Catalog, table: Table, spec: IndexSpec, index: Index, *, label: str, is_only: bool
) -> None:
    partitions = [one for one in catalog.all_tables() if one.partition_of is table]
    if is_only:
        index.is_valid = not partitions
        return
    for partition in partitions:
        if any(is_like(catalog, one, index) and one.parent is None for one in catalog.indexes_of(partition)):
            raise NotUnderstood(f"whether an index of partition {partition.name} becomes a part of {index.name}")
        part = IndexSpec(**{**spec.__dict__, "name": None})
        define_index(catalog, partition, part, label=label, parent=index)


def is_like(catalog: Catalog, first: Index, second: Index) -> bool:
    """Have indexes of a partition and of its parent the same keys and condition (CompareIndexInfo)?"""
    return _keys(catalog, first) == _keys(catalog, second)


def _keys(catalog: Catalog, index: Index) -> list[tuple[Optional[str], ...]]:
    keys: list[tuple[Optional[str], ...]] = [
        (_shown(catalog, one.what), one.opclass, one.collation, one.operator) for one in index.elements
    ]
    condition = _shown(catalog, index.where) if index.where is not None else None
    flags = f"{index.is_unique} {index.method} {index.nulls_not_distinct}"
    return [*keys, tuple(one.name for one in index.include), (condition, flags)]


def _shown(catalog: Catalog, what: Union[Column, Node]) -> str:
    if isinstance(what, Column):
        return what.name
    text = show(what, catalog)
    if not text.exact:
        raise NotUnderstood(f"whether {text} is the same on a partition")
    return str(text)


def check_partition_key(table: Table, columns: list[Column]) -> None:
    """A unique index of a partitioned table holds all columns of the partition key (0A000)."""
    names = {one.name for one in columns}
    for part in partition_columns(table):
        if part is None:
            raise Rejected("unsupported constraint with partition key definition", "0A000", is_certain=False)
        if part not in names:
            raise Rejected("unique constraint on partitioned table must include all partitioning columns", "0A000")


def partition_columns(table: Table) -> list[Optional[str]]:
    """The columns of the partition key, None for an expression."""
    from .partitions import key_columns

    return key_columns(table)


def _check_method(catalog: Catalog, spec: IndexSpec) -> None:
    method = spec.method
    if method == "rtree":
        spec.method = method = "gist"
    if spec.is_unique and method != "btree":
        _refuse_feature(method, "unique indexes", ("hash", "gist", "gin", "spgist", "brin"))
    if spec.include and method not in _WITH_INCLUDE and method != "spgist":
        _refuse_feature(method, "included columns", ("hash", "gin", "brin"))
    if len(spec.elements) > 1 and method in _SINGLE_COLUMN:
        raise Rejected(f'access method "{method}" does not support multicolumn indexes', "0A000")
    if len(spec.elements) + len(spec.include) > 32:
        raise Rejected("cannot use more than 32 columns in an index", "54011")


def _refuse_feature(method: str, feature: str, methods: tuple[str, ...]) -> None:
    if method in methods:
        raise Rejected(f'access method "{method}" does not support {feature}', "0A000")
    raise NotUnderstood(f"{feature} of access method {method}")


def _bind_elements(catalog: Catalog, table: Table, spec: IndexSpec) -> list[IndexElement]:
    return [_bind_element(catalog, table, spec, one) for one in spec.elements]


def _bind_element(catalog: Catalog, table: Table, spec: IndexSpec, element: ElementSpec) -> IndexElement:
    ref: Optional[TypeRef] = None
    what: Union[Column, Node]
    collation = element.collation
    if element.column is not None:
        if element.column not in table.columns:
            raise Rejected(f'column "{element.column}" does not exist', "42703")
        what = table.columns[element.column]
        ref = what.type
    else:
        what = node = _bind_expression(element.expression, table)
        plain = plain_column(node)
        if plain is not None:
            what, collation = plain[0], collation or plain[1]
            ref = plain[0].type
    if (element.descending or element.nulls_first is not None) and spec.method not in _ORDERED:
        raise Rejected(f'access method "{spec.method}" does not support ASC/DESC options', "0A000", is_certain=False)
    opclass = element.opclass
    if opclass is not None:
        opclass = resolve(catalog, spec.method, opclass, ref)
    elif ref is not None:
        check_default(catalog, spec.method, ref)
    nulls_first = None if element.nulls_first == element.descending else element.nulls_first
    return IndexElement(
        what,
        opclass,
        element.opclass_options,
        element.descending,
        nulls_first,
        _kept_collation(what, collation),
        element.operator,
    )


def _bind_expression(text: Optional[ExpressionText], table: Table) -> Node:
    if text is None:
        raise NotUnderstood("an index without a key")
    return text.bind_to(table)


def _kept_collation(what: Union[Column, Node], collation: Optional[str]) -> Optional[str]:
    """pg_get_indexdef prints a collation that is not the key's own."""
    own = (what.collation or type_collation(what.type)) if isinstance(what, Column) else "default"
    return None if collation is None or collation == own else collation


def choose_index_name(
    catalog: Catalog,
    table: Union[Table, View],
    elements: list[IndexElement],
    include: list[Column],
    label: str,
    specs: Optional[list[ElementSpec]] = None,
) -> str:
    """The automatic name (ChooseIndexName)."""
    second = ""
    if label != "pkey":
        origins = [_origin(one, specs[place] if specs else None) for place, one in enumerate(elements)]
        second = join_names(index_column_names([*origins, *(one.name for one in include)]))
    return choose_relation_name(catalog, table.schema, table.name, second, label, is_constraint=label != "idx")


def _column_names(elements: list[IndexElement], include: list[Column], specs: list[ElementSpec]) -> list[str]:
    """pg_attribute.attname of the index; empty where it cannot be told."""
    try:
        origins = [_origin(one, spec) for one, spec in zip(elements, specs)]  # noqa: B905
    except NotUnderstood:
        return []
    return index_column_names([*origins, *(one.name for one in include)])


def renew_column_names(index: Index) -> None:
    """The index is made anew: its columns are called as the table's are now."""
    try:
        origins = [_origin(one, None) for one in index.elements]
    except NotUnderstood:
        index.column_names = []
        return
    index.column_names = index_column_names([*origins, *(one.name for one in index.include)])


def choose_copied_name(catalog: Catalog, table: Table, original: Index, label: str) -> Optional[str]:
    """The automatic name of a copy: from what the original's columns are called, which renames leave as it is."""
    if not original.column_names:
        return None
    second = join_names(index_column_names(original.column_names)) if label != "pkey" else ""
    return choose_relation_name(catalog, table.schema, table.name, second, label, is_constraint=label != "idx")


def _origin(element: IndexElement, spec: Optional[ElementSpec]) -> str:
    if isinstance(element.what, Column):
        return element.what.name
    if spec is not None and spec.expression is not None and spec.expression.node is None:
        raise NotUnderstood(f"the automatic name of an index on {spec.expression.text}")
    return function_name(element.what) or "expr"


def _index_view(catalog: Catalog, view: View, spec: IndexSpec) -> None:
    """An index on a materialized view: its keys are known by their names."""
    if view.columns is None:
        raise NotUnderstood(f"the columns of {view.name}")
    names = [one.column for one in spec.elements]
    for name in (*names, *spec.include):
        if name is None:
            raise NotUnderstood("an index on an expression over a materialized view")
        if name not in view.columns:
            raise Rejected(f'column "{name}" does not exist', "42703", is_certain=False)
    columns = {name: Column(view, name, TypeRef("unknown")) for name in view.columns}  # type: ignore[arg-type]
    if any(one.opclass is not None or one.collation is not None for one in spec.elements):
        raise NotUnderstood("classes and collations of an index on a materialized view")
    elements = [
        IndexElement(
            columns[one.column or ""],
            descending=one.descending,
            nulls_first=None if one.nulls_first == one.descending else one.nulls_first,
        )
        for one in spec.elements
    ]
    include = [columns[name] for name in spec.include]
    name = spec.name or choose_index_name(catalog, view, elements, include, "idx")
    index = Index(view.schema, name, view, elements, include, spec.is_unique, method=spec.method)
    if spec.where is not None:
        raise NotUnderstood("a partial index on a materialized view")
    index.storage, index.nulls_not_distinct = spec.storage, spec.nulls_not_distinct
    catalog.put(index)


def alter_index(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER INDEX, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    relation = catalog.relation(*cursor.qualified_name(), missing_ok=is_tolerant)
    if relation is None:
        cursor.rest()
        return
    if cursor.accept("rename", "to"):
        name = cursor.name()
        rename_index(catalog, relation, name) if isinstance(relation, Index) else catalog.rename(relation, name)
    elif not isinstance(relation, Index):
        raise Rejected(f'"{relation.name}" is not an index', "42809")
    elif cursor.accept("attach", "partition"):
        _attach(catalog, relation, catalog.relation(*cursor.qualified_name(), Index))
    elif cursor.accept("set", "tablespace"):
        relation.tablespace = cursor.name()
    elif cursor.accept("set"):
        relation.storage = merge_storage(relation.storage, read_storage(cursor))
    elif cursor.accept("reset"):
        gone = set(cursor.names())
        relation.storage = [one for one in relation.storage if one[0] not in gone]
    elif cursor.accept("alter"):
        cursor.accept("column")
        cursor.integer()
        cursor.expect("set", "statistics")
        cursor.integer()
    else:
        cursor.fail("ALTER INDEX")
    cursor.expect_end()
    if isinstance(relation, Index):
        catalog.note("altered", relation)


def rename_index(catalog: Catalog, index: Index, name: str) -> None:
    """An index and its constraint have one name."""
    if index.constraint is not None:
        for one in index.constraint.table.constraints:
            if one.name == name:
                raise duplicate("constraint", name)
    catalog.rename(index, name)
    if index.constraint is not None:
        index.constraint.name = name


def _attach(catalog: Catalog, parent: Index, part: Index) -> None:
    if not isinstance(part.table, Table) or part.table.partition_of is not parent.table:
        raise Rejected(f'cannot attach index "{part.name}" as a partition of index "{parent.name}"', "42809")
    if not is_like(catalog, parent, part):
        raise Rejected(f'cannot attach index "{part.name}" as a partition of index "{parent.name}"', "42P17")
    part.parent = parent
    if part.constraint is not None and parent.constraint is not None:
        part.constraint.parent = parent.constraint
    partitions = [one for one in catalog.all_tables() if one.partition_of is parent.table]
    parts = [one.table for one in catalog.relations() if isinstance(one, Index) and one.parent is parent]
    parent.is_valid = all(one in parts for one in partitions)
