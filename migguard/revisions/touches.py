"""What a revision's operations touch, read from its text: tables, columns, indexes and constraints."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from migguard.revisions.source import UndecodableSource, decode_source

#: The whole table.
ALL = "*"


@dataclass(frozen=True, order=True)
class Touch:
    """One thing that is changed, or only relied on.

    part: `*`, `column NAME`, `constraint NAME`, `comment`; an index has no table, as its name is the schema's:
    `index NAME`.
    """

    table: str
    part: str
    is_change: bool = True

    def meets(self, other: Touch) -> bool:
        """Whether the order of the two may matter."""
        is_same_part = self.part == other.part or ALL in (self.part, other.part)
        return self.table == other.table and is_same_part and (self.is_change or other.is_change)

    @property
    def name(self) -> str:
        """For people: "column `user.email`"."""
        kind, _, name = self.part.partition(" ")
        if self.part == ALL:
            return f"table `{self.table}`"
        return f"{kind} `{self.table}.{name}`" if kind == "column" else f"{kind} `{name or self.table}`"


class _Unknown(Exception):
    """The text does not tell what is touched."""


def find_touches(source: bytes) -> frozenset[Touch] | None:
    """What `upgrade` touches; None where only running it tells (raw SQL, values that are computed, other functions).

    Nothing is imported or run. Conditions and loops count as carried out.
    """
    try:
        tree = ast.parse(decode_source(source))
    except (SyntaxError, ValueError, UndecodableSource, RecursionError):
        return None
    names = _find_op_names(tree)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "upgrade":
            try:
                return frozenset(_Reader(names).read(statement.body))
            except _Unknown:
                return None
    return None


def find_meeting(one: Iterable[Touch], other: Iterable[Touch]) -> tuple[Touch, ...]:
    """What both sides touch, so that their order may matter, sorted; the more exact of two names."""
    theirs = tuple(other)
    met = {mine if mine.part != ALL else their for mine in one for their in theirs if mine.meets(their)}
    return tuple(sorted(met))


def _find_op_names(tree: ast.Module) -> frozenset[str]:
    """Under which names the module has `alembic.op`."""
    return frozenset(
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "alembic"
        for alias in node.names
        if alias.name == "op"
    )


class _Reader:
    """Goes through statements; `names` are those of `op`, `batches` the names of batch operations and their tables."""

    def __init__(self, names: frozenset[str], batches: dict[str, str] | None = None) -> None:
        self._names = names
        self._batches = batches or {}

    def read(self, statements: Iterable[ast.stmt]) -> Iterator[Touch]:
        for statement in statements:
            yield from self._read_statement(statement)

    def _read_statement(self, statement: ast.stmt) -> Iterator[Touch]:
        if isinstance(statement, ast.With):
            yield from self._read_with(statement)
        elif isinstance(statement, ast.If):
            yield from self._read_calls(statement.test)
            yield from self.read([*statement.body, *statement.orelse])
        elif isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield from self._read_calls(statement.value)
        elif not isinstance(statement, (ast.Pass, ast.Return)):
            raise _Unknown

    def _read_with(self, statement: ast.With) -> Iterator[Touch]:
        if len(statement.items) != 1:
            raise _Unknown
        call, name = statement.items[0].context_expr, statement.items[0].optional_vars
        if not (
            isinstance(call, ast.Call) and self._name_of(call) == "batch_alter_table" and isinstance(name, ast.Name)
        ):
            raise _Unknown
        table = _text(_argument(call, 0, "table_name"))
        inner = _Reader(self._names, {**self._batches, name.id: _full(table, call)})
        yield from inner.read(statement.body)

    def _read_calls(self, node: ast.AST) -> Iterator[Touch]:
        """Calls of `op` and of batches; anything else that is called must only describe (`sa.Column(…)`)."""
        if isinstance(node, ast.Call):
            name = self._name_of(node)
            if name is not None:
                yield from self._read_operation(name, node)
                return
            if not _is_description(node):
                raise _Unknown
        for child in ast.iter_child_nodes(node):
            yield from self._read_calls(child)

    def _name_of(self, call: ast.Call) -> str | None:
        """The operation that is called, or None where it is none."""
        function = call.func
        owner = function.value if isinstance(function, ast.Attribute) else None
        if isinstance(function, ast.Attribute) and isinstance(owner, ast.Name):
            return function.attr if owner.id in self._names or owner.id in self._batches else None
        return None

    def _read_operation(self, name: str, call: ast.Call) -> Iterator[Touch]:
        reader = _OPERATIONS.get(name)
        if reader is None:
            raise _Unknown
        assert isinstance(call.func, ast.Attribute)
        assert isinstance(call.func.value, ast.Name)
        table = self._batches.get(call.func.value.id)
        yield from reader(_Call(call, table))


@dataclass(frozen=True)
class _Call:
    """An operation's call. In a batch the table is known already, and is no argument."""

    node: ast.Call
    table: str | None

    def argument(self, index: int, keyword: str) -> ast.expr | None:
        """By position in `op`'s signature with the table, or by keyword."""
        return _argument(self.node, index, keyword)

    def find_table(self, index: int, keyword: str = "table_name") -> str:
        if self.table is not None:
            return self.table
        return _full(_text(self.argument(index, keyword)), self.node)

    def shift(self, index: int, at: int) -> int:
        """Where an argument stands that follows the table's (at `at`) outside of a batch."""
        return index - 1 if self.table is not None and index > at else index


def _read_create_table(call: _Call) -> Iterator[Touch]:
    yield Touch(call.find_table(0), ALL)
    yield from _find_references(call.node)


def _read_whole_table(call: _Call) -> Iterator[Touch]:
    yield Touch(call.find_table(0), ALL)


def _read_rename(call: _Call) -> Iterator[Touch]:
    yield Touch(call.find_table(0, "old_table_name"), ALL)
    yield Touch(_full(_text(call.argument(1, "new_table_name")), call.node), ALL)


def _read_add_column(call: _Call) -> Iterator[Touch]:
    table = call.find_table(0)
    column = call.argument(call.shift(1, 0), "column")
    if not isinstance(column, ast.Call):
        raise _Unknown
    yield Touch(table, f"column {_text(_argument(column, 0, 'name'))}")
    yield from _find_references(column)


def _read_column(call: _Call) -> Iterator[Touch]:
    table = call.find_table(0)
    yield Touch(table, f"column {_text(call.argument(call.shift(1, 0), 'column_name'))}")
    renamed = _argument(call.node, 99, "new_column_name")
    if renamed is not None:
        yield Touch(table, f"column {_text(renamed)}")


def _read_create_index(call: _Call) -> Iterator[Touch]:
    table = call.find_table(1)
    yield Touch("", f"index {_text(call.argument(0, 'index_name'))}")
    yield from _rely_on(table, call.argument(call.shift(2, 1), "columns"))


def _read_drop_index(call: _Call) -> Iterator[Touch]:
    yield Touch("", f"index {_text(call.argument(0, 'index_name'))}")


def _read_constraint(call: _Call) -> Iterator[Touch]:
    table = call.find_table(1)
    yield Touch(table, _constraint(call))
    columns = call.argument(call.shift(2, 1), "columns")
    yield from _rely_on(table, columns if columns is not None else None)


def _read_check(call: _Call) -> Iterator[Touch]:
    table = call.find_table(1)
    yield Touch(table, _constraint(call))
    yield Touch(table, ALL, is_change=False)


def _read_foreign_key(call: _Call) -> Iterator[Touch]:
    table = call.find_table(1, "source_table")
    referred = _text(call.argument(call.shift(2, 1), "referent_table"))
    yield Touch(table, _constraint(call))
    yield from _rely_on(table, call.argument(call.shift(3, 1), "local_cols"))
    yield from _rely_on(referred, call.argument(call.shift(4, 1), "remote_cols"))


def _read_drop_constraint(call: _Call) -> Iterator[Touch]:
    yield Touch(call.find_table(1), _constraint(call))


def _read_comment(call: _Call) -> Iterator[Touch]:
    yield Touch(call.find_table(0), "comment")


def _constraint(call: _Call) -> str:
    name = call.argument(0, "constraint_name")
    if name is None or (isinstance(name, ast.Constant) and name.value is None):
        # the server, or a naming convention, makes one up
        raise _Unknown
    return f"constraint {_text(name)}"


def _rely_on(table: str, columns: ast.expr | None) -> Iterator[Touch]:
    if not isinstance(columns, (ast.List, ast.Tuple)):
        raise _Unknown
    for item in columns.elts:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield Touch(table, f"column {item.value}", is_change=False)
        else:
            yield Touch(table, ALL, is_change=False)


def _find_references(node: ast.AST) -> Iterator[Touch]:
    """The columns that `ForeignKey("user.id")` and `ForeignKeyConstraint([…], ["user.id"])` name."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not _is_description(call):
            if isinstance(call, ast.Call) and call is not node:
                raise _Unknown
            continue
        name = _last_name(call.func)
        if name == "ForeignKey":
            yield _refer(_text(_argument(call, 0, "column")))
        elif name == "ForeignKeyConstraint":
            columns = _argument(call, 1, "refcolumns")
            if not isinstance(columns, (ast.List, ast.Tuple)):
                raise _Unknown
            for item in columns.elts:
                yield _refer(_text(item))


def _refer(target: str) -> Touch:
    table, _, column = target.rpartition(".")
    return Touch(table, f"column {column}", is_change=False)


_OPERATIONS: dict[str, Callable[[_Call], Iterator[Touch]]] = {
    "create_table": _read_create_table,
    "drop_table": _read_whole_table,
    "rename_table": _read_rename,
    "add_column": _read_add_column,
    "drop_column": _read_column,
    "alter_column": _read_column,
    "create_index": _read_create_index,
    "drop_index": _read_drop_index,
    "create_unique_constraint": _read_constraint,
    "create_primary_key": _read_constraint,
    "create_check_constraint": _read_check,
    "create_foreign_key": _read_foreign_key,
    "drop_constraint": _read_drop_constraint,
    "create_table_comment": _read_comment,
    "drop_table_comment": _read_comment,
    "f": lambda call: iter(()),
}


def _argument(call: ast.Call, index: int, keyword: str) -> ast.expr | None:
    if any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords):
        raise _Unknown
    for item in call.keywords:
        if item.arg == keyword:
            return item.value
    return call.args[index] if index < len(call.args) else None


def _text(node: ast.expr | None) -> str:
    """A literal string, also as `op.f("…")`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "f" and node.args:
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _Unknown


def _full(table: str, call: ast.Call) -> str:
    """With its schema, where one is given."""
    schema = _argument(call, 99, "schema")
    if schema is None or (isinstance(schema, ast.Constant) and schema.value is None):
        return table
    return f"{_text(schema)}.{table}"


def _is_description(call: ast.Call) -> bool:
    """Whether a call names a class, as `sa.Column(…)` and `postgresql.ENUM(…)` do, or a function of `sa.func`."""
    name = _last_name(call.func)
    if isinstance(call.func, ast.Attribute) and _last_name(call.func.value) == "func":
        return True
    return name[:1].isupper() or name in {
        "text",
        "literal",
        "literal_column",
        "true",
        "false",
        "null",
        "cast",
        "column",
    }


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
