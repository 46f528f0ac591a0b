"""The names that the server gives the columns of a result (PostgreSQL: parse_target.c, FigureColname)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .errors import NotUnderstood
from .flavour import Query
from .outline import Core, Group, Node, Reader, word_of
from .scanner import Token
from .words import words

UNNAMED = "?column?"
_NO_ALIAS = words("null true false end is not and or like in between isnull notnull asc desc from")
#: What the name of a type may go on with.
_TYPE_WORDS = words("varying precision with without time zone [ ] . ::")
#: What a cast gives a name, where the value has none.
_TYPE_NAMES = {
    "int": "int4",
    "integer": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "boolean": "bool",
    "real": "float4",
    "decimal": "numeric",
    "character": "bpchar",
    "char": "bpchar",
}


def column_names(query: Query, reader: Reader) -> list[str]:
    """As SQLAlchemy compiled them, or as the server derives them from the statement."""
    compiled = getattr(query.context, "compiled", None)
    known = [str(entry[0]) for entry in getattr(compiled, "_result_columns", None) or ()]
    if known and not getattr(compiled, "_textual_ordered_columns", False):
        return known
    names = _Names(query, reader).of_statement()
    return names or known or [UNNAMED]


class _Names:
    def __init__(self, query: Query, reader: Reader) -> None:
        self._query = query
        self._reader = reader
        self._ctes: dict[str, Group] = {}

    def of_statement(self) -> list[str]:
        nodes = self._reader.tree.nodes
        plain = [word_of(node) for node in nodes]
        if "returning" in plain:
            items: list[list[Node]] = [[]]
            for node in nodes[plain.index("returning") + 1 :]:
                if word_of(node) == ",":
                    items.append([])
                else:
                    items[-1].append(node)
            names = self._reader.relations()
            return [name for item in items for name in self._of_item(item, None, sorted(names, key=str))]
        return self._of_query(self._reader.tree)

    def _of_query(self, group: Group) -> list[str]:
        try:
            select = self._reader.read_select(group)
        except NotUnderstood:
            return []
        self._ctes.update(select.ctes)
        core = select.cores[0]
        return [name for item in core.items for name in self._of_item(item, core, ())]

    def _of_item(
        self, item: Sequence[Node], core: Optional[Core], tables: Sequence[tuple[Optional[str], str]]
    ) -> list[str]:
        item = list(item)
        while item and word_of(item[0]) in {"distinct", "all"}:
            item.pop(0)
        if item and word_of(item[-1]) == "*" and (len(item) == 1 or word_of(item[-2]) == "."):
            return self._all_columns(core, tables)
        return [self._alias(item) or self._derived(item) or UNNAMED]

    def _all_columns(self, core: Optional[Core], tables: Sequence[tuple[Optional[str], str]]) -> list[str]:
        found: list[str] = []
        for source in (core.sources or ()) if core is not None else ():
            if source.query is not None:
                found.extend(self._of_query(source.query))
            elif source.name is not None and source.name[0] is None and source.name[1] in self._ctes:
                found.extend(self._of_query(self._ctes[source.name[1]]))
            elif source.name is not None:
                found.extend(self._of_table(source.name))
        for name in tables:
            found.extend(self._of_table(name))
        return found or [UNNAMED]

    def _of_table(self, name: tuple[Optional[str], str]) -> list[str]:
        table = self._query.database.find_table(*name)
        return (self._query.database.column_names(table) if table is not None else None) or [UNNAMED]

    def _alias(self, item: Sequence[Node]) -> Optional[str]:
        last = item[-1] if len(item) > 1 else None
        if not isinstance(last, Token) or last.kind not in {"id", "quoted"}:
            return None
        before = item[-2]
        if word_of(before) == "as":
            return self._reader.fold(last)
        plain = [word_of(node) for node in item]
        if "::" in plain or last.word in _NO_ALIAS:
            return None
        is_value = isinstance(before, Group) or before.kind in {"quoted", "string", "number"}
        if is_value or (isinstance(before, Token) and before.kind == "id" and before.word not in _NO_ALIAS):
            return self._reader.fold(last)
        return None

    def _derived(self, item: Sequence[Node]) -> Optional[str]:
        plain = [word_of(node) for node in item]
        if "::" in plain:
            place = plain.index("::")
            kind = plain[place + 1] if place + 1 < len(plain) else ""
            if any(word not in _TYPE_WORDS for word in plain[place + 2 :] if word):
                return None
            return self._derived(item[:place]) or _TYPE_NAMES.get(kind, kind) or None
        if plain[:1] == ["case"] and plain[-1:] == ["end"]:
            return "case"
        if len(item) == 1 and isinstance(item[0], Group):
            group = item[0]
            return (self._of_query(group) or [UNNAMED])[0] if group.is_query else self._derived(group.nodes)
        names = [node for node in item if isinstance(node, Token) and node.kind in {"id", "quoted"}]
        first = item[0] if item else None
        if not isinstance(first, Token) or first.kind not in {"id", "quoted"}:
            return None
        if first.kind == "id" and first.word in {"null", "not"}:
            return None
        if first.kind == "id" and first.word in {"true", "false"}:
            return "bool" if len(item) == 1 else None
        call = next((place for place, node in enumerate(item) if isinstance(node, Group)), len(item))
        head, rest = item[:call], plain[call + 1 :]
        if any(word_of(node) != "." for node in head[1::2]) or len(head) % 2 == 0:
            return None
        if rest and not (rest[0] in {"over", "filter", "within"} and len(names) <= 3):
            return None
        return self._reader.fold(head[-1])
