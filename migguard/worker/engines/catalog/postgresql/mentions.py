"""Which tables a statement that was not understood may concern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Optional

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
    folded = {word.name.lower() for word in words}
    names = {word.name for word in words if word.may_name}
    if folded & _FAR_REACHING or _executes(words) or names & catalog.functions:
        return None
    found = {one for name in names for one in _known(catalog, name)}
    if "cascade" in folded:
        found |= _dependent(catalog, found)
    found |= {TableName(child.schema, child.name) for one in found for child in _children(catalog, one)}
    known = {one.name for one in found}
    return frozenset(found | _possible(catalog, (names & _names_made(words)) - known))


class _Word(NamedTuple):
    """A name or word, and the sign or word that follows it."""

    name: str
    follower: str
    is_quoted: bool = False

    @property
    def may_name(self) -> bool:
        """Whether it may be the name of something; a reserved word only in quotes."""
        return self.is_quoted or self.name not in RESERVED


def _words(text: str) -> list[_Word]:
    """Names in a text; strings are looked into."""
    try:
        tokens = scan(text)
    except NotUnderstood:
        plain = [cut_name(one[1] or one[2].lower()) for one in _WORD.finditer(text)]
        return [pair for word in plain for pair in (_Word("table", ""), _Word(word, "", is_quoted=True))]
    cursor = PostgresqlCursor(text, tokens)
    found: list[_Word] = []
    for place, token in enumerate(tokens):
        if token.kind in ("id", "quoted"):
            follower = tokens[place + 1].value.lower() if place + 1 < len(tokens) else ""
            found.append(_Word(cursor.fold(token), follower, token.kind == "quoted"))
        elif token.kind == "string" and _WORD.search(token.value):
            found.extend(_words(token.value) if token.value != text else ())
    return found


def _names_made(words: list[_Word]) -> set[str]:
    """Names that stand where a statement names a table that it makes, renames or moves to."""
    found, before = set(), ""
    for word in words:
        is_condition = word.name == "if" and word.follower in {"not", "exists"}
        if before in _MAKING and word.may_name and not is_condition:
            found.add(word.name)
        if word.follower != ".":
            before = "" if word.is_quoted else word.name
    return found


def _executes(words: list[_Word]) -> bool:
    """EXECUTE of a text, which may say anything; not of a trigger's function."""
    return any(word.name == "execute" and word.follower not in ("function", "procedure", "on") for word in words)


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
