"""Views: kept by name, with the relations and columns that their text needs."""

from __future__ import annotations

from typing import Optional, Union

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import TEMPORARY, Catalog
from ..model import Column, Table, View
from ..scanner import RESERVED, PostgresqlCursor
from .alter_table import alter_other_relation
from .queries import finish_query, output_name, read_items, split_label
from .reading import duplicate, read_storage, read_tokens

_Relation = Union[Table, View]
_AFTER_SOURCE = RESERVED | {"join", "inner", "left", "right", "full", "cross", "natural", "tablesample", "set"}


def create_view(catalog: Catalog, cursor: Cursor, *, is_replacing: bool, is_temporary: bool) -> None:
    """CREATE [MATERIALIZED | RECURSIVE] VIEW, after CREATE and what may come before."""
    is_recursive = cursor.accept("recursive")
    is_materialized = cursor.accept("materialized")
    cursor.expect("view")
    is_tolerant = cursor.accept("if", "not", "exists")
    schema_name, name = cursor.qualified_name()
    columns = cursor.names() if cursor.at("(") else None
    if cursor.accept("using"):
        cursor.name()
    if cursor.accept("with"):
        read_storage(cursor)
    if cursor.accept("tablespace"):
        cursor.name()
    cursor.expect("as")
    first = cursor.index
    text = cursor.rest()
    view = read_view(catalog, list(cursor.tokens[first:]), text)
    schema = TEMPORARY if is_temporary or _reads_temporary(view) else catalog.creation_schema(schema_name)
    view.schema, view.name = schema, name
    view.columns = columns or _column_names(catalog, cursor.sql, list(cursor.tokens[first:]))
    view.is_materialized, view.is_temporary = is_materialized, schema == TEMPORARY
    if is_recursive:
        view.perhaps = [one for one in view.perhaps if one.name != name]
    _put(catalog, view, is_replacing=is_replacing, is_tolerant=is_tolerant)


def _column_names(catalog: Catalog, sql: str, tokens: list[Token]) -> Optional[list[str]]:
    """What the view's columns are called, where that can be told."""
    cursor = PostgresqlCursor(sql, tokens)
    if not cursor.accept("select"):
        return None
    items = read_items(cursor)
    stars = [item for item in items if item and item[-1].word == "*" and len(item) in (1, 3)]
    try:
        if stars:
            cursor.expect("from")
            return [one.name for one in finish_query(catalog, cursor, items)]
        return [_label(catalog, sql, item) for item in items]
    except (NotUnderstood, Rejected):
        return None


def _label(catalog: Catalog, sql: str, item: list[Token]) -> str:
    rest, label = split_label(sql, item)
    if label is not None:
        return label
    if len(rest) == 1 or (len(rest) == 3 and rest[1].word == "."):
        return PostgresqlCursor(sql, rest).fold(rest[-1])
    if len(rest) > 1 and rest[1].word == "(" and rest[0].word in ("count", "sum", "min", "max", "avg"):
        return rest[0].word
    text = read_tokens(sql, rest, sql[rest[0].start : rest[-1].end], catalog)
    if text.node is None:
        raise NotUnderstood(f"the name of {text.text}")
    return output_name(text.node)


def _reads_temporary(view: View) -> bool:
    return any(one.is_temporary for one in view.tables)


def _put(catalog: Catalog, view: View, *, is_replacing: bool, is_tolerant: bool) -> None:
    present = catalog.schemas.get(view.schema, {}).get(view.name)
    if present is None:
        catalog.put(view)
        return
    if is_tolerant:
        return
    if not is_replacing:
        raise duplicate("relation", view.name, "42P07")
    if not isinstance(present, View) or present.is_materialized:
        raise Rejected(f'"{view.name}" is not a view', "42809")
    present.text, present.tables, present.perhaps = view.text, view.tables, view.perhaps
    present.uses, present.perhaps_uses, present.columns = view.uses, view.perhaps_uses, view.columns
    catalog.note("altered", present)


def read_view(catalog: Catalog, tokens: list[Token], text: str) -> View:
    """A view with what its query needs; its names are the caller's."""
    words = PostgresqlCursor(text, tokens)
    names = [words.fold(one) if one.kind in ("id", "quoted") else one.word for one in tokens]
    view = View("", "", text)
    sources = _sources(catalog, tokens, names, view)
    others = {one for place, name in enumerate(names) for one in _named(catalog, tokens, names, place) if name}
    view.perhaps = [one for one in others if one not in view.tables]
    _find_columns(view, tokens, names, sources)
    return view


def _sources(catalog: Catalog, tokens: list[Token], names: list[str], view: View) -> dict[str, _Relation]:
    """The relations that surely stand in a FROM clause, by the name that they have in the query."""
    found: dict[str, _Relation] = {}
    common = {names[place - 1] for place in range(1, len(names)) if names[place] == "as" and _opens(names, place)}
    for place, token in enumerate(tokens):
        if token.word not in ("from", "join") or (place and names[place - 1] in ("distinct",)):
            continue
        start = place + 1 + (1 if place + 1 < len(tokens) and tokens[place + 1].word in ("only", "lateral") else 0)
        relation, after = _read_source(catalog, tokens, names, start, common)
        if relation is None:
            continue
        alias = relation.name
        if after < len(tokens) and tokens[after].word == "as":
            after += 1
        if after < len(tokens) and tokens[after].kind in ("id", "quoted") and tokens[after].word not in _AFTER_SOURCE:
            alias = names[after]
        found[alias] = relation
        if relation not in view.tables:
            view.tables.append(relation)
    return found


def _opens(names: list[str], place: int) -> bool:
    return place + 1 < len(names) and names[place + 1] in ("(", "materialized", "not")


def _read_source(
    catalog: Catalog, tokens: list[Token], names: list[str], start: int, common: set[str]
) -> tuple[Optional[_Relation], int]:
    if start >= len(tokens) or tokens[start].kind not in ("id", "quoted") or tokens[start].word in RESERVED:
        return None, start
    schema: Optional[str] = None
    name, after = names[start], start + 1
    if after + 1 < len(tokens) and tokens[after].word == ".":
        schema, name, after = name, names[after + 1], after + 2
    if (after < len(tokens) and tokens[after].word == "(") or (schema is None and name in common):
        return None, after
    relation = catalog.lookup(schema, name)
    if isinstance(relation, (Table, View)):
        return relation, after
    if _is_function_syntax(names, start):
        return None, after
    if schema in ("pg_catalog", "information_schema") or name.startswith("pg_"):
        return None, after
    raise Rejected(f'relation "{name}" does not exist', "42P01", is_certain=False)


def _is_function_syntax(names: list[str], start: int) -> bool:
    """EXTRACT(year FROM x), SUBSTRING, TRIM, OVERLAY, POSITION: FROM inside the parentheses of a call."""
    depth = 0
    for place in range(start - 1, -1, -1):
        if names[place] == ")":
            depth += 1
        elif names[place] == "(":
            if depth == 0:
                return place > 0 and names[place - 1] in ("extract", "substring", "trim", "overlay", "position")
            depth -= 1
    return False


def _named(catalog: Catalog, tokens: list[Token], names: list[str], place: int) -> list[_Relation]:
    """The relations that a word may mean."""
    if tokens[place].kind not in ("id", "quoted"):
        return []
    found = (relations.get(names[place]) for relations in catalog.schemas.values())
    return [one for one in found if isinstance(one, (Table, View))]


def _find_columns(view: View, tokens: list[Token], names: list[str], sources: dict[str, _Relation]) -> None:
    """Columns of the relations: surely used, perhaps used."""
    tables = [one for one in (*view.tables, *view.perhaps) if isinstance(one, Table)]
    written = {names[place] for place, one in enumerate(tokens) if one.kind in ("id", "quoted")}
    is_whole = _has_whole_row(tokens, names, {*sources, *(one.name for one in tables)})
    is_single = len(view.tables) == 1 and not view.perhaps and names.count("select") == 1
    sure: dict[int, Column] = {}
    for place, token in enumerate(tokens):
        after = names[place + 2] if place + 2 < len(tokens) and names[place + 1] == "." else None
        source = sources.get(names[place]) if token.kind in ("id", "quoted") else None
        if isinstance(source, Table) and after in source.columns and list(sources).count(names[place]) == 1:
            sure[id(source.columns[after])] = source.columns[after]
    if is_single and isinstance(view.tables[0], Table):
        sure.update({id(one): one for one in _plain_columns(tokens, names, view.tables[0])})
    view.uses = list(sure.values())
    for table in tables:
        for column in table.columns.values():
            if id(column) not in sure and (is_whole or column.name in written):
                view.perhaps_uses.append(column)


def _plain_columns(tokens: list[Token], names: list[str], table: Table) -> list[Column]:
    """Of a query over one table: the columns that stand alone, or all of SELECT *."""
    if len(names) > 1 and names[:2] == ["select", "*"]:
        return list(table.columns.values())
    found: list[Column] = []
    for place, token in enumerate(tokens):
        before = names[place - 1] if place else ""
        after = names[place + 1] if place + 1 < len(names) else ""
        is_word = token.kind in ("id", "quoted") and names[place] in table.columns
        if (
            is_word
            and before in ("select", ",", "where", "and", "by")
            and after in (",", "from", "=", "<", ">", "is", "")
        ):
            found.append(table.columns[names[place]])
    return found


def _has_whole_row(tokens: list[Token], names: list[str], relations: set[str]) -> bool:
    """Is there a star other than count(*), NATURAL or USING, or a relation used as a value?"""
    for place, token in enumerate(tokens):
        before = names[place - 1] if place else ""
        after = names[place + 1] if place + 1 < len(names) else ""
        if (
            token.word == "*"
            and not (before == "(" and after == ")")
            and before in (".", "select", ",", "distinct", "all")
        ):
            return True
        if token.word == "natural":
            return True
        is_relation = token.kind in ("id", "quoted") and names[place] in relations
        if is_relation and before in ("(", ",", "select") and after in (")", ",", "::", "from", "as"):
            return True
    return False


def alter_view(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER [MATERIALIZED] VIEW, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    relation = catalog.relation(*cursor.qualified_name(), missing_ok=is_tolerant)
    if relation is None:
        cursor.rest()
        return
    if not isinstance(relation, View):
        raise Rejected(f'"{relation.name}" is not a view', "42809")
    alter_other_relation(catalog, relation, cursor)
    cursor.expect_end()
    catalog.note("altered", relation)
