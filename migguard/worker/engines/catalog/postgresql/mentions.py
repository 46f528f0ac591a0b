"""Which tables a statement that was not understood may concern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Optional

from ..errors import NotUnderstood
from ..flags import TableName
from .model import Composite, Domain, Enum, Index, Relation, Sequence, Table, View
from .scanner import RESERVED, PostgresqlCursor, cut_name, scan

if TYPE_CHECKING:
    from .catalog import Catalog

_WORD = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)')
#: Statements whose effect reaches tables that their text does not name.
_FAR_REACHING = frozenset({"schema", "extension", "owned", "tablespace", "format", "quote_ident", "perform", "call"})
#: Words before a name that a statement gives to a table: CREATE TABLE x, IF NOT EXISTS x, RENAME TO x, INTO x, ONLY x.
_MAKING = frozenset({"table", "view", "exists", "to", "into", "only", "schema"})


def find_mentions(catalog: Catalog, sql: str) -> Optional[frozenset[TableName]]:
    """All known or possible relations among the names and in the words of the strings; None: it may be any."""
    words = _words(sql)
    folded = {word.lower() for word, _ in words}
    names = {word for word, _ in words if word not in RESERVED}
    if folded & _FAR_REACHING or _executes(words) or names & catalog.functions:
        return None
    found = {one for name in names for one in _known(catalog, name)}
    if "cascade" in folded:
        found |= _dependent(catalog, found)
    found |= {TableName(child.schema, child.name) for one in found for child in _children(catalog, one)}
    known = {one.name for one in found}
    return frozenset(found | _possible(catalog, (names & _names_made(words)) - known))


def _words(text: str) -> list[tuple[str, str]]:
    """Names in a text with the sign or word that follows each; strings are looked into."""
    try:
        tokens = scan(text)
    except NotUnderstood:
        plain = [cut_name(one[1] or one[2].lower()) for one in _WORD.finditer(text)]
        return [pair for word in plain for pair in (("table", ""), (word, ""))]
    cursor = PostgresqlCursor(text, tokens)
    found: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        if token.kind in ("id", "quoted"):
            found.append((cursor.fold(token), tokens[place + 1].value.lower() if place + 1 < len(tokens) else ""))
        elif token.kind == "string" and _WORD.search(token.value):
            found.extend(_words(token.value) if token.value != text else ())
    return found


def _names_made(words: list[tuple[str, str]]) -> set[str]:
    """Names that stand where a statement names a table that it makes, renames or moves to."""
    found, before = set(), ""
    for word, follower in words:
        if before in _MAKING:
            found.add(word)
        if follower != ".":
            before = word
    return found


def _executes(words: list[tuple[str, str]]) -> bool:
    """EXECUTE of a text, which may say anything; not of a trigger's function."""
    return any(word == "execute" and follower not in ("function", "procedure", "on") for word, follower in words)


def _known(catalog: Catalog, name: str) -> set[TableName]:
    found = {_table_of(relations[name]) for relations in catalog.schemas.values() if name in relations}
    types = [one for (_, type_name), one in catalog.types.items() if type_name == name]
    if types:
        found |= {TableName(one.schema, one.name) for one in catalog.all_tables() if _uses(one, types)}
    return {one for one in found if one is not None}


def _uses(table: Table, types: list[Enum | Domain | Composite]) -> bool:
    return any(column.type.user in types for column in table.columns.values())


def _table_of(relation: Relation) -> Optional[TableName]:
    if isinstance(relation, Index):
        return TableName(relation.table.schema, relation.table.name)
    if isinstance(relation, Sequence):
        return TableName(relation.owner.table.schema, relation.owner.table.name) if relation.owner else None
    return TableName(relation.schema, relation.name)


def _children(catalog: Catalog, name: TableName) -> list[Table]:
    table = catalog.lookup(name.schema, name.name)
    return catalog.descendants(table) if isinstance(table, Table) else []


def _dependent(catalog: Catalog, names: set[TableName]) -> set[TableName]:
    """Tables with foreign keys to these, and views over them."""
    found: set[TableName] = set()
    for name in names:
        one = catalog.lookup(name.schema, name.name)
        if isinstance(one, Table):
            found |= {TableName(key.table.schema, key.table.name) for key in catalog.referrers(one)}
        for view in catalog.relations():
            if isinstance(view, View) and one in (*view.tables, *view.perhaps):
                found.add(TableName(view.schema, view.name))
    return found


def _possible(catalog: Catalog, names: set[str]) -> set[TableName]:
    """Names that no relation has now: the statement may make them."""
    schemas = [schema for schema in catalog.schemas if schema in names] + catalog.search_path[:1]
    return {TableName(schema, name) for name in names for schema in schemas}
