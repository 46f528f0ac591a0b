"""What the rest of the catalog does with expressions: read, bind, coerce, ask, print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Items
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..model import Column, Sequence, Table, TypeRef, UserType
from ..names import quote_identifier
from ..scanner import open_cursor
from ..types import is_same_type
from .analysis import Analysis
from .coercion import split_ref, strip_implicit
from .kept import freeze, is_canonical, read_kept
from .nodes import (
    Call,
    Choice,
    CollateOp,
    Const,
    Func,
    Name,
    Node,
    Scope,
    SequenceName,
    Special,
    Syntax,
    Text,
    Type,
    Var,
)
from .printing import Printer, looks_like_function
from .syntax import ExpressionReader
from .whitelist import FACTS_VERSION

if TYPE_CHECKING:
    from ..catalog import Catalog


@lru_cache(maxsize=64)
def _scope(
    version: tuple[int, ...],
    extensions: tuple[tuple[str, str], ...],
    functions: frozenset[str],
    path: frozenset[str],
) -> Scope:
    return Scope(version, extensions, functions, path)


def scope_of(catalog: Catalog) -> Scope:
    extensions = tuple(sorted((name, catalog.extension_schemas.get(name, "public")) for name in catalog.extensions))
    path = frozenset(catalog.search_path) & {schema for _, schema in extensions}
    return _scope(catalog.version, extensions, frozenset(catalog.functions), path)


def parse_expression(cursor: Cursor, catalog: Catalog, *, is_default: bool = False) -> Node:
    """The expression at the cursor, which is left after it. is_default: what stops before NOT NULL, CONSTRAINT …"""
    first = cursor.index
    syntax = ExpressionReader(cursor, catalog, is_default=is_default).read()
    kept = read_kept(syntax, scope_of(catalog))
    if kept is not None:
        return _reopened(kept, catalog)
    return Node(syntax, scope_of(catalog), text=cursor.text_between(first, cursor.index), is_canonical=is_canonical())


def _reopened(kept: Node, catalog: Catalog) -> Node:
    """A canonical text that can be read again is more than a text: it knows its columns and follows renames."""
    if not kept.is_canonical:
        return kept
    try:
        cursor = open_cursor(kept.text)
        syntax = ExpressionReader(cursor, catalog).read()
        cursor.expect_end()
    except (NotUnderstood, Rejected):
        return kept
    return Node(syntax, kept.scope, text=kept.text, is_canonical=True)


def parse_call(cursor: Cursor, catalog: Catalog) -> Node:
    """An index element without parentheses around it: a call, or what looks like one."""
    first = cursor.index
    syntax = ExpressionReader(cursor, catalog).primary()
    if not isinstance(syntax, (Call, Choice, Special)):
        cursor.fail("function call expected")
    return Node(syntax, scope_of(catalog), text=cursor.text_between(first, cursor.index))


def verbatim(text: str, columns: Items[Column] = ()) -> Node:
    """SQL text that was not parsed: never exact."""
    return Node(None, text=text, columns={column.name: column for column in columns}, doubts=["not parsed"])


def canonical(text: str, columns: Items[Column] = ()) -> Node:
    """Text as the server itself printed it: exact until a column in it is renamed or gets another type."""
    snapshot = {column.name: (column.name, replace(column.type)) for column in columns}
    by_name = {column.name: column for column in columns}
    return Node(None, text=text, columns=by_name, is_canonical=True, snapshot=snapshot)


def nextval(sequence: Sequence) -> Node:
    """The default of a serial column."""
    value = Const(Type("regclass"), sequence)
    tree = Func("nextval", "", (value,), Type("int8"))
    return Node(Call(None, "nextval", (SequenceName(sequence),)), None, tree, text=f"nextval('{sequence.name}')")


def bind(node: Node, table: Optional[Table]) -> Node:
    """The node with its columns found and its types resolved. Rejected 42703, 42883 and what else the analysis refuses.

    table None: no columns allowed."""
    if node.syntax is None or node.scope is None:
        return node
    columns = table.columns if table is not None else {}
    found = _find_columns(node.syntax, columns, table)
    if node.doubts:
        return freeze(replace(node, columns=found))
    return _analysed(replace(node, columns=found), columns)


def bind_domain(node: Node, type_: TypeRef) -> Node:
    """A check of a domain, in which VALUE is of its type."""
    if node.syntax is None or node.scope is None:
        return node
    return _analysed(node, {}, value=type_)


def bind_condition(node: Node, table: Optional[Table]) -> Node:
    """As bind, for a check or the WHERE of an index: Rejected 42804 unless it is boolean."""
    bound = bind(node, table)
    if bound.tree is None or bound.scope is None:
        return bound
    return replace(bound, tree=Analysis(bound.scope).coercions.to_boolean(bound.tree, "CHECK or WHERE"))


def _find_columns(syntax: Syntax, columns: Mapping[str, Column], table: Optional[Table]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in _walk(syntax, Name):
        column = columns.get(name.parts[-1])
        if column is None:
            if table is not None and name.parts[-1] == table.name:
                raise NotUnderstood("a whole row in an expression")
            if name.parts[-1] in _SYSTEM_COLUMNS:
                raise NotUnderstood(f"the system column {name.parts[-1]}")
            raise Rejected(f'column "{name.parts[-1]}" does not exist', "42703")
        found[name.parts[-1]] = column
    return found


_SYSTEM_COLUMNS = frozenset(["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"])


def _analysed(node: Node, columns: Mapping[str, Column], value: Optional[TypeRef] = None) -> Node:
    """With its tree, or the reason why there is none. A refusal is passed on where nothing in it is in doubt."""
    assert node.syntax is not None
    assert node.scope is not None
    analysis = Analysis(node.scope)
    analysis.columns, analysis.value = columns, value
    try:
        tree = analysis.analyse(node.syntax)
    except NotUnderstood as reason:
        return freeze(replace(node, tree=None, doubts=[str(reason)]))
    except Rejected as refusal:
        if node.is_canonical:
            return freeze(replace(node, tree=None, doubts=[str(refusal)]))
        is_of_version = node.scope.version[0] != FACTS_VERSION and refusal.code != "42703"
        if is_of_version or analysis.doubts.reasons or any(not name.isidentifier() for name in node.scope.functions):
            return replace(node, tree=None, doubts=[str(refusal)])
        raise
    return replace(node, tree=tree, doubts=list(analysis.doubts.reasons))


def coerce_default(node: Node, column_type: TypeRef, catalog: Catalog) -> Optional[Node]:
    """What is stored for DEFAULT, or for a generated column (after bind); None where that is nothing.

    Called again on what it gave, for a new type of the column, it does what ALTER COLUMN TYPE does to a default.
    Rejected 42804 where there is no cast for assignment.
    """
    if node.syntax is None:
        return node
    if node.tree is None and not node.doubts:
        node = bind(node, None)
    if node.tree is None:
        return node
    coerced = _coerced(node, column_type, catalog)
    is_nothing = isinstance(coerced.tree, Const) and coerced.tree.value is None and not node.columns
    return None if is_nothing else coerced


def _coerced(node: Node, column_type: TypeRef, catalog: Catalog) -> Node:
    """coerce_to_target_type for assignment, without what an earlier one left."""
    assert node.tree is not None
    analysis = Analysis(node.scope or scope_of(catalog))
    analysis.doubts.reasons = list(node.doubts)
    tree = strip_implicit(node.tree) if node.target is not None else node.tree
    target, modifiers = split_ref(column_type)
    analysis.doubts.check_type(target)
    made = analysis.coercions.coerce_to_target(tree, target, modifiers, "assignment", "implicit")
    if made is None:
        if analysis.doubts.reasons:
            return replace(node, doubts=[*analysis.doubts.reasons], target=column_type)
        raise Rejected("the default is of a type that cannot be assigned to the column's", "42804")
    return replace(node, tree=made, doubts=list(analysis.doubts.reasons), target=column_type)


def retype(node: Node, table: Table, catalog: Catalog) -> Node:
    """A check, index or generated expression after ALTER COLUMN TYPE: PostgreSQL prints it and reads that again."""
    if node.tree is None:
        return replace(node, is_canonical=False, doubts=node.doubts or ["a column has got another type"])
    printer = Printer(catalog, is_pretty=False)
    cursor = open_cursor(printer.print(node.tree))
    try:
        read = bind(parse_expression(cursor, catalog), table)
    except NotUnderstood as reason:
        return replace(node, doubts=[*node.doubts, str(reason)])
    made = replace(read, doubts=[*node.doubts, *read.doubts])
    if node.target is not None and made.tree is not None:
        made = _coerced(made, node.target, catalog)
    return made


# ---- questions


def _walk(value: Any, wanted: type) -> Iterator[Any]:
    if isinstance(value, wanted):
        yield value
    if isinstance(value, tuple):
        for item in value:
            yield from _walk(item, wanted)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, (Column, Sequence)):
        if isinstance(value, (TypeRef, Type)):
            return
        for item in vars(value).values():
            yield from _walk(item, wanted)


def columns_of(node: Node) -> list[Column]:
    return list(node.columns.values())


def sequences_of(node: Node) -> list[Sequence]:
    """Those that nextval and its like name."""
    return [one.sequence for one in _walk(node.syntax, SequenceName)]


def functions_of(node: Node) -> set[str]:
    """Names of all functions that it calls."""
    return {one.name for one in _walk(node.syntax, Call)}


def types_of(node: Node) -> list[UserType]:
    """The types of the user's own, and of extensions, that its casts and literals name."""
    found: dict[int, UserType] = {}
    for one in (*_walk(node.syntax, TypeRef), *_walk(node.tree, Type)):
        if one.user is not None:
            found[id(one.user)] = one.user
    return list(found.values())


def show(node: Node, catalog: Catalog, *, is_pretty: bool = False, wanted: Optional[TypeRef] = None) -> Text:
    """As pg_get_expr prints it. wanted: a type to coerce it to first, where that was not done."""
    if node.tree is None and node.syntax is not None and not node.doubts:
        node = bind(node, None)
    if wanted is not None and node.tree is not None and node.target is None:
        node = _coerced(node, wanted, catalog)
    if node.tree is None:
        return Text(node.text, node.is_canonical and not is_pretty and _is_unchanged(node))
    printer = Printer(catalog, is_pretty=is_pretty)
    try:
        text = printer.print(node.tree)
    except NotUnderstood:
        return Text(node.text, exact=False)
    return Text(text, printer.is_exact and (node.is_settled or not node.doubts))


def _is_unchanged(node: Node) -> bool:
    return all(
        column.name == node.snapshot[key][0] and is_same_type(column.type, node.snapshot[key][1])
        for key, column in node.columns.items()
        if key in node.snapshot
    )


def show_index_element(node: Node, catalog: Catalog, *, is_pretty: bool = False) -> Text:
    """As pg_get_indexdef prints it: in parentheses unless it looks like a function call."""
    text = show(node, catalog, is_pretty=is_pretty)
    column = plain_column(node)
    if column is not None:
        return Text(quote_identifier(column[0].name), text.exact)
    if node.tree is not None and looks_like_function(node.tree):
        return text
    return Text(f"({text})", text.exact)


def plain_column(node: Node) -> Optional[tuple[Column, Optional[str]]]:
    """The column that an index element in parentheses is after all, and its COLLATE (ComputeIndexAttrs)."""
    tree, collation = node.tree, None
    while isinstance(tree, CollateOp):
        collation = collation or tree.collation
        tree = tree.argument
    return (tree.column, collation) if isinstance(tree, Var) else None
