"""Whether a revision's schema operations stand under a condition, told from its source."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Optional, Union

#: Names of methods, functions and classes that change a schema: Alembic's operations, SQLAlchemy's DDL elements.
_OPERATION = re.compile(
    r"(add|alter)_\w+|(create|drop|rename)(_\w+)?|batch_alter_table|(up|down)grade|stamp|invoke|run_a?sync|to_metadata"
    r"|(Add|Alter|Create|Drop|Rename|Set)[A-Z]\w+|DDL"
)
_SCHEMA_SQL = re.compile(r"\b(create|alter|drop|rename|comment\s+on)\b", re.IGNORECASE)
_HARMLESS = frozenset({"alembic", "sqlalchemy"})

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_Leaving = (ast.Return, ast.Raise)


def has_conditional_operations(source: bytes) -> bool:
    """Whether what the revision does to the schema may depend on a value: an `if`, a loop, an early return.

    True wherever that cannot be told. A function of the file is followed, one of the project's other modules counts
    as an operation; functions named `downgrade…` do not count.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return True
    return _Revision(tree).is_conditional()


class _Revision:
    def __init__(self, tree: ast.Module) -> None:
        parts = [node for node in tree.body if not _is_downgrade(node)]
        self._parts = parts
        self._functions = {node.name: node for part in parts for node in ast.walk(part) if isinstance(node, _Function)}
        self._foreign = frozenset(_find_foreign_names(parts))
        self._constants = _find_constants(parts)
        self._texts: frozenset[str] = frozenset()
        self._texts = frozenset(self._find_texts())
        self._known: dict[str, bool] = {}

    def is_conditional(self) -> bool:
        """Whether an operation stands in a branch, or behind a branch that leaves the function."""
        for part in self._parts:
            for branch in self._branches(part):
                if any(self._is_operation(node) for node in ast.walk(branch)):
                    return True
        return any(self._leaves_early(function) for function in self._functions.values())

    def _leaves_early(self, function: Any) -> bool:
        leaving = [
            node.lineno
            for branch in self._branches(function)
            for node in ast.walk(branch)
            if isinstance(node, _Leaving)
        ]
        if not leaving:
            return False
        first = min(leaving)
        return any(self._is_operation(node) and getattr(node, "lineno", 0) > first for node in ast.walk(function))

    def _branches(self, top: ast.AST) -> Iterator[ast.AST]:
        """What runs only under a condition."""
        for node in ast.walk(top):
            if self._is_open_branch(node):
                yield from (*node.body, *node.orelse)  # type: ignore[attr-defined]
            elif isinstance(node, ast.Try):
                yield from (*node.handlers, *node.orelse)
            elif isinstance(node, ast.IfExp):
                yield from (node.body, node.orelse)
            elif isinstance(node, ast.BoolOp):
                yield from node.values[1:]
            elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
                yield node.elt
            elif isinstance(node, ast.DictComp):
                yield from (node.key, node.value)
            elif isinstance(node, ast.Lambda):
                yield node.body
            elif type(node).__name__ == "match_case":
                yield from node.body  # type: ignore[attr-defined]

    def _is_open_branch(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            return not self._is_constant(node.iter)
        return isinstance(node, ast.While) or (isinstance(node, ast.If) and not _asks_dialect(node.test))

    def _is_operation(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str) and _SCHEMA_SQL.search(node.value) is not None
        if isinstance(node, ast.Name):
            return node.id in self._texts
        return isinstance(node, ast.Call) and self._is_operation_call(node.func)

    def _is_operation_call(self, called: ast.expr) -> bool:
        if isinstance(called, ast.Attribute):
            return _OPERATION.fullmatch(called.attr) is not None or _root_name(called) in self._foreign
        if isinstance(called, ast.Name):
            is_known = called.id in self._foreign or _OPERATION.fullmatch(called.id) is not None
            return is_known or self._calls_operation(called.id)
        return True  # what is called is found at run time

    def _calls_operation(self, name: str) -> bool:
        """Whether a function of this file does something to the schema."""
        function = self._functions.get(name)
        if function is None:
            return False
        if name not in self._known:
            self._known[name] = False
            self._known[name] = any(self._is_operation(node) for node in ast.walk(function))
        return self._known[name]

    def _find_texts(self) -> Iterator[str]:
        """Names of variables that hold SQL which changes the schema."""
        for name, value in _assignments(self._parts):
            if any(isinstance(node, ast.Constant) and self._is_operation(node) for node in ast.walk(value)):
                yield name

    def _is_constant(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._constants
        return _is_literal(node)


def _is_downgrade(node: ast.stmt) -> bool:
    return isinstance(node, _Function) and node.name.startswith("downgrade")


def _asks_dialect(test: ast.expr) -> bool:
    """Whether a condition asks for the dialect or the database's name only."""
    names = {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return bool(names & {"dialect", "dialect_name", "engine_name"}) and not names & {"execute", "scalar", "scalars"}


def _assignments(parts: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for part in parts:
        for node in ast.walk(part):
            targets: list[ast.expr] = []
            value: Optional[ast.expr] = None
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
                targets, value = [node.target], node.value
            if value is not None:
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))


def _find_constants(parts: list[ast.stmt]) -> frozenset[str]:
    """Names that are bound once, to a literal."""
    values: dict[str, list[ast.expr]] = {}
    for name, value in _assignments(parts):
        values.setdefault(name, []).append(value)
    return frozenset(name for name, found in values.items() if len(found) == 1 and _is_literal(found[0]))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _find_foreign_names(parts: Iterable[ast.AST]) -> Iterator[str]:
    """Names imported from the project or from distributions whose functions may do anything."""
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Import):
                yield from ((a.asname or a.name).split(".")[0] for a in node.names if not is_harmless(a.name))
            elif isinstance(node, ast.ImportFrom) and (node.level or not is_harmless(node.module or "")):
                yield from (alias.asname or alias.name for alias in node.names)


def is_harmless(module: str) -> bool:
    """Whether a module is Python's own, SQLAlchemy's or Alembic's."""
    top = module.split(".")[0]
    names: Union[frozenset[str], set[str]] = getattr(sys, "stdlib_module_names", frozenset())
    return top in _HARMLESS or top in names or (not names and _FREQUENT.fullmatch(top) is not None)


#: For Python 3.9, which has no list of its own modules: those that revisions import.
_FREQUENT = re.compile(
    "__future__|collections|contextlib|copy|dataclasses|datetime|decimal|enum|functools|hashlib|io|itertools|json|logging"
    "|math|operator|os|pathlib|random|re|secrets|string|sys|textwrap|time|typing|uuid|warnings"
)


def _root_name(node: ast.expr) -> Optional[str]:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
