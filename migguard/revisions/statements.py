"""A module's statements, followed from top to bottom without running them.

Where control flow decides (a branch, a loop, a handler), a name is known only if every way gives it one value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from migguard.revisions.names import REBINDING_BUILTINS, Known, Names, State, Unknown, Value
from migguard.revisions.values import add, evaluate, scan

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def follow_module(tree: ast.Module, module_name: str) -> tuple[Names, bool]:
    """The names that the module has once it is loaded, and whether it gets to its end at all."""
    predefined: dict[str, Value] = {
        "__name__": Known(module_name),
        "__doc__": Known(ast.get_docstring(tree, clean=False)),
        "__file__": Unknown("the path of the file"),
    }
    names = Names(predefined, lambda: _find_rebinding(tree))
    return names, _follow_block(names, tree.body)


def _find_rebinding(tree: ast.Module) -> frozenset[str]:
    """Callables that may set names of the module, with the functions of the module that reach one of them."""
    mentions: dict[str, set[str]] = {}
    rebinding = set(REBINDING_BUILTINS)
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            inner = [child for statement in node.body for child in ast.walk(statement)]
            mentions.setdefault(node.name, set()).update(child.id for child in inner if isinstance(child, ast.Name))
            if any(isinstance(child, ast.Global) for child in inner):
                rebinding.add(node.name)
    # `locals()` and `vars()` of a function are its own.
    spreading = rebinding - {"locals", "vars"}
    while True:
        reached = {name for name, mentioned in mentions.items() if name not in spreading and mentioned & spreading}
        if not reached:
            return frozenset(rebinding | spreading)
        spreading |= reached


def _follow_block(names: Names, statements: Sequence[ast.stmt]) -> bool:
    """Follow statements in order; False where one of them ends the loading (`raise`)."""
    return all(_follow(names, statement) for statement in statements)


def _follow(names: Names, statement: ast.stmt) -> bool:
    handler = _FOLLOWERS.get(type(statement))
    if handler is None:
        _forget(names, [statement], "set in a block whose course only running it tells")
        return True
    return handler(names, statement)


def _follow_assign(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.Assign)
    value = evaluate(names, statement.value)
    for target in statement.targets:
        _assign(names, target, value, statement.value)
    return True


def _assign(names: Names, target: ast.expr, value: Value, node: ast.expr) -> None:
    if isinstance(target, ast.Name):
        names.bind(target.id, value, node)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(names, target.elts, value, node)
    elif isinstance(target, ast.Starred):
        _assign(names, target.value, Unknown("a starred part of a value"), node)
    else:
        _assign_item(names, target, value, node)


def _unpack(names: Names, targets: list[ast.expr], value: Value, node: ast.expr) -> None:
    has_star = any(isinstance(target, ast.Starred) for target in targets)
    items = list(value.value) if isinstance(value, Known) and isinstance(value.value, str | tuple | list) else None
    if items is None or has_star or len(items) != len(targets):
        reason = value.reason if isinstance(value, Unknown) else "a part of an unpacked value"
        for target in targets:
            _assign(names, target, Unknown(reason), node)
        return
    assert isinstance(value, Known)
    nodes = (
        node.elts if isinstance(node, ast.Tuple | ast.List) and len(node.elts) == len(items) else [node] * len(items)
    )
    for target, item, part in zip(targets, items, nodes, strict=True):
        _assign(names, target, Known(item, value.parts), part)


def _assign_item(names: Names, target: ast.expr, value: Value, node: ast.expr) -> None:
    """`x[...] = value`, `x.y = value`: `globals()["name"]` is a name of the module, others change an object."""
    if isinstance(target, ast.Subscript) and _is_globals(target.value) and isinstance(target.slice, ast.Constant):
        names.bind(str(target.slice.value), value, node)
        return
    scan(names, target)
    inside = list(ast.walk(target))
    mentioned = [inner.id for inner in inside if isinstance(inner, ast.Name)]
    if "sys" in mentioned or any(isinstance(inner, ast.Attribute) and inner.attr == "__dict__" for inner in inside):
        names.lose_all("may be set through the module object")
    for name in mentioned:
        names.spoil(name)


def _is_globals(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"globals", "locals", "vars"}
        and not node.args
    )


def _follow_annotated(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.AnnAssign)
    if statement.value is not None:
        _assign(names, statement.target, evaluate(names, statement.value), statement.value)
    return True


def _follow_augmented(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.AugAssign)
    value = evaluate(names, statement.value)
    if not isinstance(statement.target, ast.Name):
        _assign_item(names, statement.target, value, statement.value)
        return True
    name = statement.target.id
    old = names.value(name) or Unknown(f"`{name}` is not assigned in this file")
    new: Value = Unknown("changed by an augmented assignment")
    if isinstance(old, Known) and isinstance(value, Known) and isinstance(statement.op, ast.Add):
        extension = Known(list(value.value), value.parts) if _extends_list(old, value) else value  # type: ignore[call-overload]
        new = add(old, extension)
    if isinstance(old, Known) and isinstance(old.value, list | set | dict):
        names.replace(old, new)
    names.bind(name, new, statement.value)
    return True


def _extends_list(old: Known, value: Known) -> bool:
    return isinstance(old.value, list) and isinstance(value.value, str | tuple | list)


def _follow_delete(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.Delete)
    for target in statement.targets:
        for inner in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(inner, ast.Name):
                names.unbind(inner.id)
            else:
                _assign_item(names, inner, Unknown("deleted"), inner)
    return True


def _follow_if(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.If)
    test = evaluate(names, statement.test)
    if isinstance(test, Known):
        return _follow_block(names, statement.body if test.value else statement.orelse)
    before = names.state()
    ends = []
    for block in (statement.body, statement.orelse):
        names.restore(before)
        if _follow_block(names, block):
            ends.append(names.state())
    if not ends:
        return False
    names.restore_any(ends, f"set in one branch of the `if` in line {statement.lineno}")
    return True


def _follow_try(names: Names, statement: ast.stmt) -> bool:
    """Each statement of the body may be the one that fails, so a handler starts after any of them."""
    handlers: list[ast.ExceptHandler] = getattr(statement, "handlers", [])
    body, orelse, final = (getattr(statement, part) for part in ("body", "orelse", "finalbody"))
    reason = f"set in the `try` in line {statement.lineno}"
    interrupted, gets_through = _follow_interruptible(names, body)
    ends = [names.state()] if gets_through and _follow_block(names, orelse) else []
    for handler in handlers:
        names.restore_any(interrupted, reason)
        if handler.name is not None:
            names.bind(handler.name, Unknown("an exception"), handler)
        if _follow_block(names, handler.body):
            if handler.name is not None:
                names.unbind(handler.name)
            ends.append(names.state())
    if not ends:
        return False
    names.restore_any(ends, reason)
    return _follow_block(names, final)


def _follow_interruptible(names: Names, body: Sequence[ast.stmt]) -> tuple[list[State], bool]:
    states = [names.state()]
    for statement in body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom | ast.Expr):
            before = names.state()
            _forget(names, [statement], "set in a block that may have been left early")
            states.append(names.state())
            names.restore(before)
        if not _follow(names, statement):
            return states, False
        states.append(names.state())
    return states, True


def _follow_with(names: Names, statement: ast.stmt) -> bool:
    """A context manager may swallow what the body raises, so the body may end after any statement."""
    assert isinstance(statement, ast.With)
    for item in statement.items:
        scan(names, item.context_expr)
        if item.optional_vars is not None:
            _assign(names, item.optional_vars, Unknown("what a context manager gave"), item.context_expr)
    states, _ = _follow_interruptible(names, statement.body)
    names.restore_any(states, f"set in the `with` in line {statement.lineno}")
    return True


def _follow_import(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.Import)
    for alias in statement.names:
        name = alias.asname or alias.name.partition(".")[0]
        names.bind(name, Unknown(f"the module `{alias.name}`"), statement)
    return True


def _follow_import_from(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.ImportFrom)
    module = "." * statement.level + (statement.module or "")
    if module == "__future__":
        return True
    for alias in statement.names:
        if alias.name == "*":
            names.lose_all(f"may be imported from `{module}`")
        else:
            names.bind(alias.asname or alias.name, Unknown(f"imported from `{module}`"), statement)
    return True


def _follow_definition(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, _Function | ast.ClassDef)
    for decorator in statement.decorator_list:
        scan(names, ast.Call(func=decorator, args=[], keywords=[]))
    if isinstance(statement, ast.ClassDef):
        for inner in statement.body:
            scan(names, inner)
        if any(isinstance(inner, ast.Global) for part in statement.body for inner in ast.walk(part)):
            names.lose_all("may be set by a class body")
    else:
        scan(names, statement.args)
    names.bind(statement.name, Unknown("a function or class"), statement)
    return True


def _follow_expression(names: Names, statement: ast.stmt) -> bool:
    assert isinstance(statement, ast.Expr)
    evaluate(names, statement.value)
    return True


def _follow_assert(names: Names, statement: ast.stmt) -> bool:
    scan(names, statement)
    return True


def _follow_raise(names: Names, statement: ast.stmt) -> bool:
    return False


def _follow_nothing(names: Names, statement: ast.stmt) -> bool:
    return True


def _forget(names: Names, statements: Iterable[ast.stmt], reason: str) -> None:
    """Whatever the statements may set or change, in any order and number, is unknown."""
    for statement in statements:
        for node in _walk_executed(statement):
            if isinstance(node, ast.Call):
                scan(names, node)
            elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                names.lose_all(reason)
            elif isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
                _assign_item(names, node, Unknown(reason), node)
            for name in _bound_by(node):
                names.bind(name, Unknown(reason), statement)


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, _Function | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name is not None else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest is not None else []
    return []


def _walk_executed(node: ast.AST) -> Iterator[ast.AST]:
    """`ast.walk` without the bodies of functions."""
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        if not isinstance(current, _Function | ast.Lambda):
            todo.extend(ast.iter_child_nodes(current))


_FOLLOWERS: Mapping[type[ast.stmt], Callable[[Names, ast.stmt], bool]] = {
    ast.Assign: _follow_assign,
    ast.AnnAssign: _follow_annotated,
    ast.AugAssign: _follow_augmented,
    ast.Delete: _follow_delete,
    ast.If: _follow_if,
    ast.Try: _follow_try,
    ast.With: _follow_with,
    ast.Import: _follow_import,
    ast.ImportFrom: _follow_import_from,
    ast.FunctionDef: _follow_definition,
    ast.AsyncFunctionDef: _follow_definition,
    ast.ClassDef: _follow_definition,
    ast.Expr: _follow_expression,
    ast.Assert: _follow_assert,
    ast.Raise: _follow_raise,
    ast.Pass: _follow_nothing,
    ast.Global: _follow_nothing,
}
