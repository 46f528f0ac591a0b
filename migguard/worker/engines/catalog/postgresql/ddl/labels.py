"""Labels of enums in expressions: those that are renamed, and those that must not be used yet."""

from __future__ import annotations

import dataclasses
from typing import Any

from ...errors import NotUnderstood, Rejected
from ..catalog import Catalog
from ..expressions import Node, show
from ..expressions.nodes import Const
from ..model import Column, Domain, Enum, IndexElement, Table


def refuse_fresh_labels(catalog: Catalog, node: Node) -> None:
    """Rejected (55P04): a label is used in the transaction that added it (enum.c, check_safe_enum_use)."""
    if (
        catalog.fresh_labels
        and node.tree is None
        and any(f"'{label}'" in node.text for _, label in catalog.fresh_labels)
    ):
        raise NotUnderstood("whether a new label is used")
    for enum, label in catalog.fresh_labels:
        if _Renaming(catalog, enum, label, label + "?").node(node) is not node:
            if catalog.version >= (17,):
                raise NotUnderstood("whether a new label may be used: it depends on where its type was made")
            raise Rejected(f'unsafe use of new value "{label}" of enum type {enum.name}', "55P04")


def rename_in_expressions(catalog: Catalog, enum: Enum, old: str, new: str) -> None:
    """Rename a label in every expression of the catalog. NotUnderstood: one with it that was not analysed."""
    renaming = _Renaming(catalog, enum, old, new)
    for table in catalog.all_tables():
        _rename_in_table(catalog, table, renaming)
    for domain in catalog.types.values():
        if isinstance(domain, Domain):
            domain.default = renaming.node(domain.default)
            for check in domain.checks:
                check.expression = renaming.node(check.expression)


def _rename_in_table(catalog: Catalog, table: Table, renaming: _Renaming) -> None:
    for column in table.columns.values():
        column.default, column.generated = renaming.node(column.default), renaming.node(column.generated)
    for constraint in table.constraints:
        constraint.expression = renaming.node(constraint.expression)
    for index in catalog.indexes_of(table):
        index.where = renaming.node(index.where)
        for element in index.elements:
            _rename_in_element(element, renaming)


def _rename_in_element(element: IndexElement, renaming: _Renaming) -> None:
    if not isinstance(element.what, Column):
        element.what = renaming.node(element.what)


@dataclasses.dataclass
class _Renaming:
    catalog: Catalog
    enum: Enum
    old: str
    new: str

    def node(self, node: Any) -> Any:
        """The expression with the label renamed; the same object where it is not in it."""
        if node is None:
            return None
        if node.tree is None:
            self._check_text(node)
            return node
        tree = self._tree(node.tree)
        return node if tree is node.tree else dataclasses.replace(node, tree=tree)

    def _check_text(self, node: Node) -> None:
        if f"'{self.old}'" in show(node, self.catalog):
            raise NotUnderstood(f"an expression with the renamed label {self.old}")

    def _tree(self, tree: Any) -> Any:
        if isinstance(tree, Const):
            return self._const(tree)
        if isinstance(tree, tuple):
            items = tuple(self._tree(item) for item in tree)
            return items if any(one is not other for one, other in zip(items, tree)) else tree  # noqa: B905
        if not dataclasses.is_dataclass(tree) or isinstance(tree, Column):
            return tree
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(tree):
            value = getattr(tree, field.name)
            if isinstance(value, tuple) or (dataclasses.is_dataclass(value) and field.name not in ("type", "column")):
                changed = self._tree(value)
                if changed is not value:
                    changes[field.name] = changed
        return dataclasses.replace(tree, **changes) if changes and not isinstance(tree, type) else tree

    def _const(self, tree: Const) -> Const:
        if tree.type.user is not self.enum or not isinstance(tree.value, str):
            return tree
        if tree.type.is_array:
            if self.old in tree.value:
                raise NotUnderstood(f"an array with the renamed label {self.old}")
            return tree
        return dataclasses.replace(tree, value=self.new) if tree.value == self.old else tree
