"""What a DROP takes with it, and what forbids it (dependency.c, 15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Optional, Union

from ..errors import NotUnderstood, Rejected
from .catalog import Catalog
from .expressions import Node, columns_of, functions_of, sequences_of, show, types_of
from .model import Column, Composite, Constraint, Domain, Enum, Index, IndexElement, Sequence, Table, Trigger, View

#: Kinds of pg_depend: an automatic dependent goes silently, a normal one only with CASCADE.
AUTO = "auto"
NORMAL = "normal"


@dataclass(frozen=True)
class DefaultOf:
    """The default (or generation expression) of a column: an object of its own in PostgreSQL."""

    column: Column


@dataclass(frozen=True)
class Function:
    """All routines of a name."""

    name: str


Edge = tuple[Any, str]


def element_columns(elements: Iterable[IndexElement]) -> list[Column]:
    """The columns in keys and expressions of an index."""
    found: list[Column] = []
    for element in elements:
        found += [element.what] if isinstance(element.what, Column) else columns_of(element.what)
    return found


def index_columns(index: Index) -> list[Column]:
    """All columns that an index depends on."""
    return element_columns(index.elements) + index.include + (columns_of(index.where) if index.where else [])


class Dependents:
    """Finds what depends on an object; made for one DROP, as it keeps lists of the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        found: dict[type, list[Any]] = {Table: [], View: [], Index: [], Sequence: []}
        for one in catalog.relations():
            found[type(one)].append(one)
        self.tables: list[Table] = found[Table]
        self.views: list[View] = found[View]
        self.indexes: list[Index] = found[Index]
        self.sequences: list[Sequence] = found[Sequence]
        self.keys = [one for table in self.tables for one in table.constraints if one.kind == "f"]
        #: Objects that may depend on something found, though that cannot be told, and why.
        self.doubts: list[tuple[Any, str]] = []

    def of(self, one: Any) -> Iterator[Edge]:
        """Its dependents, each with the kind of dependency."""
        if isinstance(one, Table):
            return self._of_table(one)
        if isinstance(one, Column):
            return self._of_column(one)
        if isinstance(one, Constraint):
            return self._of_constraint(one)
        if isinstance(one, Index):
            return self._of_index(one)
        if isinstance(one, Sequence):
            return self._of_sequence(one)
        if isinstance(one, View):
            return self._of_view(one)
        if isinstance(one, (Enum, Domain, Composite)):
            return self._of_type(one)
        return self._of_function(one) if isinstance(one, Function) else iter(())

    def _of_table(self, table: Table) -> Iterator[Edge]:
        for column in table.columns.values():
            yield column, AUTO
        for constraint in table.constraints:
            yield constraint, AUTO
        for index in self.indexes:
            if index.table is table:
                yield index, AUTO
        for key in self.keys:
            if key.referred is table:
                yield key, NORMAL
        for child in self.tables:
            if child.partition_of is table:
                yield child, AUTO
            elif table in child.parents:
                yield child, NORMAL
        yield from self._readers(table)
        self._doubt_signatures(table.schema, table.name)

    def _readers(self, relation: Union[Table, View]) -> Iterator[Edge]:
        for view in self.views:
            if relation in view.tables:
                yield view, NORMAL
            elif relation in view.perhaps:
                self.doubts.append((view, f"whether view {view.name} reads {relation.name}"))

    def _of_column(self, column: Column) -> Iterator[Edge]:
        table = column.table
        yield DefaultOf(column), AUTO
        for sequence in self.sequences:
            if sequence.owner is column:
                yield sequence, AUTO
        for constraint in table.constraints:
            if column in constraint.columns or column in constraint.include:
                yield constraint, AUTO
            elif constraint.index is not None and column in index_columns(constraint.index):
                yield constraint, NORMAL
        for key in self.keys:
            if key.referred is table and column in key.referred_columns:
                yield key, NORMAL
        for index in self.indexes:
            if index.table is table and index.constraint is None and column in index_columns(index):
                yield index, AUTO
        for other in table.columns.values():
            if other is not column and other.generated is not None and column in columns_of(other.generated):
                yield other, NORMAL if self.catalog.version >= (15,) else AUTO
        yield from self._users_of(column)

    def _users_of(self, column: Column) -> Iterator[Edge]:
        for view in self.views:
            if column in view.uses:
                yield view, NORMAL
            elif column in view.perhaps_uses:
                self.doubts.append((view, f"whether view {view.name} uses column {column.name}"))
        for trigger in self.catalog.triggers:
            if column in trigger.perhaps_uses:
                self.doubts.append((trigger, f"whether {trigger.kind} {trigger.name} uses column {column.name}"))

    def _of_constraint(self, constraint: Constraint) -> Iterator[Edge]:
        if constraint.index is not None:
            yield constraint.index, AUTO
            yield from self._keys_on(constraint.index)
            self._doubt_grouping(constraint)
        for child in self.catalog.descendants(constraint.table):
            for one in child.constraints:
                if one.parent is constraint:
                    yield one, AUTO

    def _doubt_grouping(self, constraint: Constraint) -> None:
        """A view may rest on a primary key: GROUP BY of it alone."""
        for view in self.views:
            if constraint.kind == "p" and constraint.table in view.tables and "group" in view.text.lower():
                self.doubts.append((view, f"whether view {view.name} rests on constraint {constraint.name}"))

    def _keys_on(self, index: Index) -> Iterator[Edge]:
        for key in self.keys:
            if key.target_index is index:
                yield key, NORMAL

    def _of_index(self, index: Index) -> Iterator[Edge]:
        yield from self._keys_on(index)
        for child in self.indexes:
            if child.parent is index:
                yield (child.constraint or child), AUTO

    def _of_sequence(self, sequence: Sequence) -> Iterator[Edge]:
        for holder, node in self._expressions():
            if sequence in sequences_of(node):
                yield holder, NORMAL
            else:
                self._doubt_text(holder, node, sequence.name)

    def _of_view(self, view: View) -> Iterator[Edge]:
        for index in self.indexes:
            if index.table is view:
                yield index, AUTO
        yield from self._readers(view)
        self._doubt_signatures(view.schema, view.name)

    def _of_type(self, one: Union[Enum, Domain, Composite]) -> Iterator[Edge]:
        for table in self.tables:
            for column in table.columns.values():
                if column.type.user is one:
                    yield column, NORMAL
        for other in self.catalog.types.values():
            if isinstance(other, Domain) and other.type.user is one:
                yield other, NORMAL
            if isinstance(other, Composite) and any(ref.user is one for _, ref in other.attributes):
                yield other, NORMAL
        for holder, node in self._expressions():
            if one in types_of(node):
                yield holder, NORMAL
            else:
                self._doubt_text(holder, node, one.name)
        for view in self.views:
            if _has_word(view.text, one.name):
                self.doubts.append((view, f"whether view {view.name} uses type {one.name}"))
        self._doubt_signatures(one.schema, one.name)

    def _of_function(self, function: Function) -> Iterator[Edge]:
        for trigger in self.catalog.triggers:
            if trigger.function == function.name:
                yield trigger, NORMAL
        for holder, node in self._expressions():
            if function.name in functions_of(node):
                yield holder, NORMAL
            else:
                self._doubt_text(holder, node, function.name)
        for view in self.views:
            if _has_word(view.text, function.name):
                self.doubts.append((view, f"whether view {view.name} calls {function.name}"))

    def _expressions(self) -> Iterator[tuple[Any, Node]]:
        """Every expression of the catalog with the object that goes when something in it goes."""
        for table in self.tables:
            for column in table.columns.values():
                if column.default is not None:
                    yield DefaultOf(column), column.default
                if column.generated is not None:
                    yield column, column.generated
            for constraint in table.constraints:
                if constraint.expression is not None:
                    yield constraint, constraint.expression
        for index in self.indexes:
            holder = index.constraint or index
            for element in index.elements:
                if not isinstance(element.what, Column):
                    yield holder, element.what
            if index.where is not None:
                yield holder, index.where
        for domain in self.catalog.types.values():
            if isinstance(domain, Domain):
                yield from ((check, check.expression) for check in domain.checks if check.expression is not None)

    def _doubt_text(self, holder: Any, node: Node, name: str) -> None:
        text = show(node, self.catalog)
        if not text.exact and _has_word(text, name):
            self.doubts.append((holder, f"whether an expression uses {name}"))

    def _doubt_signatures(self, schema: str, name: str) -> None:
        for (_, function), signatures in self.catalog.signatures.items():
            if any(name in words for words in signatures):
                self.doubts.append((Function(function), f"whether function {function} uses {name}"))


def _has_word(text: str, word: str) -> bool:
    return word.lower() in text.lower()


def drop_objects(catalog: Catalog, targets: Iterable[Any], *, is_cascade: bool, subject: str = "object") -> None:
    """Drop objects and what goes with them. Rejected (2BP01): others depend on them, or they are part of another."""
    targets = list(targets)
    graph = Dependents(catalog)
    for target in targets:
        _check_owner(target, targets)
    found = _reach(graph, targets)
    if not is_cascade and not all(found.values()):
        raise Rejected(f"cannot drop {subject} because other objects depend on it", "2BP01")
    for holder, reason in graph.doubts:
        if holder not in found:
            raise NotUnderstood(reason)
    if any(isinstance(one, Composite) and one not in targets and one.kind == "composite" for one in found):
        raise NotUnderstood("a composite type loses an attribute")
    _remove(catalog, list(found))


def _reach(graph: Dependents, targets: list[Any]) -> dict[Any, bool]:
    """All that goes, and whether it goes without CASCADE."""
    found: dict[Any, bool] = dict.fromkeys(targets, True)
    waiting = list(targets)
    for one in waiting:
        for dependent, kind in graph.of(one):
            if dependent not in found:
                waiting.append(dependent)
            found[dependent] = found.get(dependent, False) or kind == AUTO
    return found


def _check_owner(target: Any, targets: list[Any]) -> None:
    owner, label = _owner(target)
    if owner is not None and owner not in targets:
        raise Rejected(f"cannot drop {target.name} because {label} requires it", "2BP01")


def _owner(one: Any) -> tuple[Optional[Any], str]:
    """What an object is a part of, so that it cannot go alone."""
    if isinstance(one, Sequence) and one.is_identity and one.owner is not None:
        return one.owner, f"column {one.owner.name} of table {one.owner.table.name}"
    if isinstance(one, Index) and one.constraint is not None:
        return one.constraint, f"constraint {one.constraint.name} on table {one.table.name}"
    if isinstance(one, (Index, Constraint)) and one.parent is not None:
        return one.parent, f"{one.parent.name}"
    return None, ""


def _remove(catalog: Catalog, objects: list[Any]) -> None:
    """Take the objects out of the catalog, parts before wholes."""
    gone = set(map(id, objects))
    altered: dict[int, Table] = {}
    for one in objects:
        table = one.column.table if isinstance(one, DefaultOf) else getattr(one, "table", None)
        if isinstance(one, (DefaultOf, Column, Constraint, Index)) and id(table) in gone:
            if isinstance(one, Index):
                catalog.remove(one)
            continue
        _remove_one(catalog, one)
        if isinstance(table, Table):
            altered[id(table)] = table
    for table in altered.values():
        catalog.note_altered(table)


def _remove_one(catalog: Catalog, one: Any) -> None:
    if isinstance(one, (Table, View, Index, Sequence)):
        catalog.remove(one)
    elif isinstance(one, Column):
        one.table.columns.pop(one.name, None)
    elif isinstance(one, DefaultOf):
        one.column.default = None
    elif isinstance(one, Constraint):
        owner: Optional[Table] = one.table
        if owner is not None and one in owner.constraints:
            owner.constraints.remove(one)
        for domain in catalog.types.values():
            if isinstance(domain, Domain) and one in domain.checks:
                domain.checks.remove(one)
    elif isinstance(one, Trigger):
        catalog.triggers = [trigger for trigger in catalog.triggers if trigger is not one]
    elif isinstance(one, Function):
        catalog.functions.discard(one.name)
        catalog.signatures = {key: words for key, words in catalog.signatures.items() if key[1] != one.name}
    else:
        del catalog.types[one.schema, one.name]
        catalog.note("dropped", one)
