"""Where the models say a thing: the mapped class and the line of its attribute, or the `Table(…)` call."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from .ledger import ProjectPaths
from .operations import element_columns
from .protocol import Operation, Place


class ModelPlaces:
    """Finds places in the sources of the loaded models. Sources are parsed when first needed."""

    def __init__(self, paths: ProjectPaths, metadata: Iterable[Any]) -> None:
        self._paths = paths
        self._trees: dict[str, Optional[ast.Module]] = {}
        self._tables = {(table.schema, table.name): table for one in metadata for table in one.tables.values()}
        self._mappers: dict[Any, list[Any]] = {}
        for mapper in _all_mappers():
            self._mappers.setdefault(mapper.local_table, []).append(mapper)

    def find(self, operation: Operation, subject: Any) -> Optional[Place]:
        """The place of an operation's subject; None for what the models no longer have."""
        if operation.kind.startswith("remove_") and operation.kind != "remove_table_comment":
            return None
        table = self._tables.get((operation.schema, operation.table or ""))
        if table is None:
            return None
        columns = [operation.column] if operation.column else element_columns(subject)
        if operation.kind in {"add_table", "add_table_comment", "remove_table_comment"}:
            columns = []
        return self.find_in_table(table, columns[:1], operation.name)

    def find_in_table(self, table: Any, columns: list[str], name: Optional[str] = None) -> Optional[Place]:
        """The place of a name (an index, a constraint), else of the first column, else of the table."""
        # several classes share the table of a single-table hierarchy: the first that says it, else the root
        mappers = self._mappers.get(table, [])
        for mapper in mappers:
            place = self._find_in_class(mapper, table, columns, name)
            if place is not None:
                return place
        for mapper in mappers:
            for path, node in self._class_bodies(mapper.class_):
                return Place(path, node.lineno)
        return self._find_table_call(table, columns, name)

    def _find_in_class(self, mapper: Any, table: Any, columns: list[str], name: Optional[str]) -> Optional[Place]:
        bodies = list(self._class_bodies(mapper.class_))
        for path, node in bodies:
            line = _line_of_string(node, name) if name is not None else None
            if line is not None:
                return Place(path, line)
        for column in columns:
            key = _attribute_of(mapper, table, column)
            for path, node in bodies:
                line = _line_of_attribute(node, key)
                if line is not None:
                    return Place(path, line)
        return None

    def _class_bodies(self, kind: type[Any]) -> Iterator[tuple[str, ast.ClassDef]]:
        for one in kind.__mro__:
            source = getattr(sys.modules.get(one.__module__), "__file__", None)
            path = self._paths.relative(source) if source else None
            if source is None or path is None:
                continue
            node = _find_class(self._tree(source), one.__qualname__)
            if node is not None:
                yield path, node

    def _find_table_call(self, table: Any, columns: list[str], name: Optional[str]) -> Optional[Place]:
        for source in _module_files():
            path = self._paths.relative(source)
            if path is None:
                continue
            for node in _table_calls(self._tree(source), table.name):
                lines = [_line_of_string(node, name)] if name is not None else []
                lines += [_line_of_column(node, column) for column in columns]
                return Place(path, next((line for line in lines if line is not None), node.lineno))
        return None

    def _tree(self, source: str) -> Optional[ast.Module]:
        if source not in self._trees:
            try:
                with open(source, "rb") as file:
                    self._trees[source] = ast.parse(file.read())
            except (OSError, SyntaxError, ValueError):
                self._trees[source] = None
        return self._trees[source]


def _all_mappers() -> list[Any]:
    """Every mapper of the process, in a stable order; SQLAlchemy keeps its registries in a private place."""
    from sqlalchemy.orm import registry

    found = [mapper for one in gc.get_objects() if issubclass(type(one), registry) for mapper in one.mappers]
    return sorted(found, key=lambda mapper: (_depth(mapper), mapper.class_.__module__, mapper.class_.__qualname__))


def _depth(mapper: Any) -> int:
    """Subclasses of a single-table hierarchy come after the class that has the table."""
    return len(list(mapper.iterate_to_root()))


def _module_files() -> list[str]:
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return sorted(name for name in files if isinstance(name, str) and name.endswith(".py"))


def _attribute_of(mapper: Any, table: Any, column: str) -> str:
    try:
        return str(mapper.get_property_by_column(table.c[column]).key)
    except Exception:  # not mapped: the column's own name is the best guess
        return column


def _find_class(tree: Optional[ast.AST], qualified: str) -> Optional[ast.ClassDef]:
    node: Any = tree
    for name in qualified.split("."):
        if name == "<locals>":
            continue
        node = next(
            (
                child
                for child in (ast.walk(node) if node is not None else ())
                if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and child.name == name
            ),
            None,
        )
    return node if isinstance(node, ast.ClassDef) else None


def _line_of_attribute(node: ast.ClassDef, key: str) -> Optional[int]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            targets: list[ast.expr] = [statement.target]
        elif isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.FunctionDef) and statement.name == key:
            return statement.lineno
        else:
            continue
        if any(isinstance(target, ast.Name) and target.id == key for target in targets):
            return statement.lineno
    return _line_of_column(node, key)


def _line_of_column(node: ast.AST, name: str) -> Optional[int]:
    """The line of `Column("name", …)` inside a call or class."""
    for call in _calls(node, "Column"):
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == name:
            return call.lineno
    return None


def _line_of_string(node: ast.AST, text: Optional[str]) -> Optional[int]:
    lines = [one.lineno for one in ast.walk(node) if isinstance(one, ast.Constant) and one.value == text]
    return min(lines) if lines else None


def _table_calls(tree: Optional[ast.AST], name: str) -> Iterator[ast.Call]:
    for call in _calls(tree, "Table"):
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == name:
            yield call


def _calls(node: Optional[ast.AST], name: str) -> Iterator[ast.Call]:
    for one in ast.walk(node) if node is not None else ():
        if isinstance(one, ast.Call):
            function = one.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
            if called == name:
                yield one
