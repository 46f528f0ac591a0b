"""What a revision file does, apart from how it is written: two texts of one meaning are one revision."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from migguard.revisions.model import ParsedFile, Revision
from migguard.revisions.source import UndecodableSource, decode_source

_POINTERS = ("revision", "down_revision", "branch_labels", "depends_on")
#: With one of these a module may use any of its names by a text.
_NAMES_BY_TEXT = frozenset({"globals", "locals", "vars", "eval", "exec", "dir", "__dict__", "modules"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Import = ast.Import | ast.ImportFrom


@dataclass(frozen=True)
class Pointers:
    """Where a revision stands: its id, and what it names. Alembic asks of no order within them."""

    id: str
    down_revision: frozenset[str]
    depends_on: frozenset[str]
    branch_labels: frozenset[str]

    def differing(self, other: Pointers) -> tuple[str, ...]:
        """The attributes in which they differ, the id left out."""
        return tuple(name for name in _POINTERS[1:] if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True)
class Meaning:
    """What a file does. `pointers` is None where only running the file tells them; then `body` holds them too.

    `body` is the syntax tree as text. It has no docstrings, comments, annotations without an effect, imports that
    nothing uses, nor order of imports.
    """

    pointers: Pointers | None
    body: str
    statements: tuple[ast.stmt, ...] = field(default=(), compare=False, repr=False)


def read_meaning(source: bytes, parsed: ParsedFile) -> Meaning | None:
    """The meaning of a file whose parse is `parsed`; None where Python 3 cannot read it."""
    pointers = _read_pointers(parsed)
    try:
        with warnings.catch_warnings():
            # Invalid escapes in someone else's file are not news.
            warnings.simplefilter("ignore")
            tree = ast.parse(decode_source(source))
        statements = _normalise(tree, has_pointers=pointers is not None)
        return Meaning(pointers, "\n".join(ast.dump(statement) for statement in statements), tuple(statements))
    except (SyntaxError, ValueError, UndecodableSource, RecursionError, MemoryError):
        return None


def find_difference(before: Meaning, after: Meaning) -> ast.stmt | None:
    """The first statement of `after` that `before` does not have there; None where it only lacks something."""
    return _first_difference(before.statements, after.statements)


def _first_difference(before: Iterable[ast.stmt], after: Iterable[ast.stmt]) -> ast.stmt | None:
    olds = list(before)
    for position, new in enumerate(after):
        old = olds[position] if position < len(olds) else None
        if old is not None and ast.dump(old) == ast.dump(new):
            continue
        if isinstance(old, _Function) and isinstance(new, _Function) and old.name == new.name:
            return _first_difference(old.body, new.body) or new
        return new
    return None


def _read_pointers(parsed: ParsedFile) -> Pointers | None:
    if not isinstance(parsed, Revision) or not parsed.labels_known or not parsed.depends_on_known:
        return None
    empty = parsed.empty_references
    return Pointers(
        parsed.id,
        frozenset(("",) if "down_revision" in empty else parsed.down_revisions),
        frozenset(("",) if "depends_on" in empty else parsed.depends_on),
        frozenset(parsed.branch_labels),
    )


def _normalise(tree: ast.Module, *, has_pointers: bool) -> list[ast.stmt]:
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    body = tree.body
    if has_pointers:
        body = [statement for statement in body if not _is_pointer(statement, loaded)]
    module = _Normaliser(keep_docstrings="__doc__" in _names_in(tree)).visit(ast.Module(body, []))
    used = _names_in(module)
    if used.isdisjoint(_NAMES_BY_TEXT):
        module = _ImportPruner(used).visit(module)
    module = _ImportSorter().visit(module)
    assert isinstance(module, ast.Module)
    return module.body


def _is_pointer(statement: ast.stmt, loaded: set[str]) -> bool:
    """Whether the statement only says what `Pointers` holds. A name that the file itself uses is more than that."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return False
    return all(
        isinstance(target, ast.Name) and target.id in _POINTERS and target.id not in loaded for target in targets
    ) and not any(isinstance(node, ast.Call | ast.NamedExpr) for node in ast.walk(statement))


def _names_in(tree: ast.AST) -> set[str]:
    """Every name that the code mentions other than by importing it, and the texts of `__all__`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            if node.attr in _NAMES_BY_TEXT or node.attr == "__doc__":
                names.add(node.attr)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
        elif isinstance(node, ast.Assign) and any(_is_named(target, "__all__") for target in node.targets):
            texts = (item.value for item in ast.walk(node.value) if isinstance(item, ast.Constant))
            names.update(text for text in texts if isinstance(text, str))
    return names


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


class _Normaliser(ast.NodeTransformer):
    """Takes away docstrings, annotations without an effect, and what black writes otherwise."""

    def __init__(self, *, keep_docstrings: bool) -> None:
        self._keep_docstrings = keep_docstrings
        self._keeps_annotations = False

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) and not (self._keep_docstrings and isinstance(node.value.value, str)):
            return None
        return self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if self._keeps_annotations:
            return self.generic_visit(node)
        if node.value is None:
            return None
        plain = ast.Assign([node.target], node.value)
        return self.generic_visit(ast.copy_location(plain, node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        # A decorator may read them, as `singledispatch` does.
        if not node.decorator_list:
            node.returns = None
            for argument in _arguments(node.args):
                argument.annotation = None
        return self._visit_within(node, keeps_annotations=False)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # Declarative models, dataclasses and named tuples are made of their annotations.
        is_made = bool(node.bases or node.keywords or node.decorator_list)
        return self._visit_within(node, keeps_annotations=is_made)

    def _visit_within(self, node: ast.stmt, *, keeps_annotations: bool) -> ast.AST:
        outer, self._keeps_annotations = self._keeps_annotations, keeps_annotations
        visited = self.generic_visit(node)
        self._keeps_annotations = outer
        return visited

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        test = node.test
        if _is_named(test, "TYPE_CHECKING") or (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"):
            # What stands under it never runs. A module's body is visited as such a list is.
            return self._visit_body(node.orelse)
        return self.generic_visit(node)

    def _visit_body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        block = self.generic_visit(ast.Module(statements, []))
        assert isinstance(block, ast.Module)
        return block.body

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        # They say how a file is read. In Python 3 none changes what it does, but for annotations.
        return None if node.module == "__future__" and node.level == 0 else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        node.kind = None
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        # `del (a, b)` and `del a, b`
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple | ast.List):
            node.targets = node.targets[0].elts
        return self.generic_visit(node)


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None)


class _ImportPruner(ast.NodeTransformer):
    """Takes away imports of names that nothing uses."""

    def __init__(self, used: set[str]) -> None:
        self._used = used

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        return self._prune(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return self._prune(node)

    def _prune(self, node: _Import) -> ast.AST | None:
        node.names = [alias for alias in node.names if alias.name == "*" or _bound_name(alias) in self._used]
        return node if node.names else None


def _bound_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


class _ImportSorter(ast.NodeTransformer):
    """One name an import, imports that stand together in one fixed order."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, list(_sort_imports(statements)))
        return node


def _sort_imports(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    run: list[_Import] = []
    for statement in statements:
        if isinstance(statement, _Import):
            run += _split(statement)
            continue
        yield from _sort_run(run)
        run = []
        yield statement
    yield from _sort_run(run)


def _split(statement: _Import) -> Iterator[_Import]:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            yield ast.copy_location(ast.Import([alias]), statement)
        else:
            yield ast.copy_location(ast.ImportFrom(statement.module, [alias], statement.level), statement)


def _sort_run(run: list[_Import]) -> list[_Import]:
    """Each import once, sorted; as they are where one of them takes a name from another."""
    sources: dict[str, set[str]] = {}
    for statement in run:
        alias = statement.names[0]
        # `import a.b` and `import a.c` bind one and the same `a`.
        is_package = isinstance(statement, ast.Import) and alias.asname is None
        source = "import" if is_package else ast.dump(statement)
        sources.setdefault(_bound_name(alias), set()).add(source)
    if "*" in sources or any(len(origins) > 1 for origins in sources.values()):
        return run
    by_text = {ast.dump(statement): statement for statement in run}
    return [by_text[text] for text in sorted(by_text)]
