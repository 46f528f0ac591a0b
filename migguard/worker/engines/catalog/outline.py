"""The shape of a data statement: which relations it reads and writes, which functions it calls, how its parts nest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Optional, Union

from .errors import NotUnderstood
from .scanner import Cursor, Token
from .words import words

Node = Union[Token, "Group"]
Name = tuple[Optional[str], str]

_QUERY_WORDS = frozenset({"select", "with", "values", "table", "insert", "update", "delete", "merge"})
_SET_OPERATORS = frozenset({"union", "intersect", "except", "minus"})
#: What ends a list of FROM items on its level.
_AFTER_FROM = frozenset(
    {"where", "group", "having", "window", "order", "limit", "offset", "fetch", "for", "returning", "set", "lock"}
)
_JOINS = frozenset({"join", "inner", "left", "right", "full", "cross", "natural", "straight_join", "outer"})
#: Words before a parenthesis that are no function.
_NOT_FUNCTIONS = words(
    """and any array as between by case cast check columns distinct else end exists except filter from group
    grouping having in intersect into is join key lateral like ilike limit not offset on or order over partition
    recursive returning row select set similar some sets rollup cube then to union unique update using values
    when where with within all materialized conflict index use ignore force both leading trailing primary"""
)


@dataclass
class Group:
    """What stands between parentheses (or the whole statement). start, end: of the text inside."""

    nodes: list[Node] = field(default_factory=list)

    @property
    def is_query(self) -> bool:
        """Is it a subquery, in however many parentheses?"""
        first = self.nodes[0] if self.nodes else None
        if isinstance(first, Group):
            return first.is_query and not any(word_of(node) == "," for node in self.nodes)
        return first is not None and first.word in _QUERY_WORDS

    def groups(self) -> Iterator[Group]:
        """The groups directly inside."""
        return (node for node in self.nodes if isinstance(node, Group))


def word_of(node: Optional[Node]) -> str:
    """The keyword or sign that a node is, "" for a group."""
    return node.word if isinstance(node, Token) else ""


def build_tree(tokens: Sequence[Token]) -> Group:
    """Tokens as nested groups; NotUnderstood where parentheses do not match."""
    stack = [Group()]
    for token in tokens:
        if token.word == "(":
            stack.append(Group())
        elif token.word == ")":
            if len(stack) == 1:
                raise NotUnderstood("unbalanced parentheses")
            closed = stack.pop()
            stack[-1].nodes.append(closed)
        else:
            stack[-1].nodes.append(token)
    if len(stack) != 1:
        raise NotUnderstood("unbalanced parentheses")
    return stack[0]


@dataclass
class Source:
    """One item of FROM: a relation, a subquery, or something else (a function, VALUES)."""

    name: Optional[Name] = None
    query: Optional[Group] = None


@dataclass
class Core:
    """One SELECT without set operators."""

    items: list[list[Node]] = field(default_factory=list)
    sources: Optional[list[Source]] = None
    where: list[Node] = field(default_factory=list)
    is_grouped: bool = False
    has_having: bool = False
    has_limit: bool = False


@dataclass
class Select:
    """A query: its common table expressions by name, and its cores; operators: those between them."""

    ctes: dict[str, Group] = field(default_factory=dict)
    cores: list[Core] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)


class Reader:
    """Reads the tree of one statement; `cursor` folds its names."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.tree = build_tree(cursor.tokens)

    def fold(self, node: Node) -> str:
        """The name that a token stands for."""
        if not isinstance(node, Token) or node.kind not in {"id", "quoted"}:
            raise NotUnderstood("name expected")
        return self.cursor.fold(node)

    def read_name(self, nodes: Sequence[Node], place: int) -> tuple[Name, int]:
        """A name with or without its schema, and the place after it."""
        name, place = self.fold(nodes[place]), place + 1
        parts = [name]
        while place + 1 < len(nodes) and word_of(nodes[place]) == ".":
            parts.append(self.fold(nodes[place + 1]))
            place += 2
        return (parts[-2] if len(parts) > 1 else None, parts[-1]), place

    def read_select(self, group: Group) -> Select:
        """A SELECT; NotUnderstood for VALUES, TABLE, and statements that write."""
        nodes = list(group.nodes)
        found = Select()
        if word_of(nodes[0] if nodes else None) == "with":
            found.ctes, place = self._read_ctes(nodes)
            nodes = nodes[place:]
        for part, operator in _split_cores(nodes):
            while len(part) == 1 and isinstance(part[0], Group):
                part = part[0].nodes
            if operator is not None:
                found.operators.append(operator)
            nested = [word_of(node) for node in part if word_of(node) in _SET_OPERATORS]
            if nested or word_of(part[0] if part else None) == "with":
                inner = self.read_select(Group(list(part)))
                found.cores.extend(inner.cores)
                found.operators.extend(inner.operators)
                found.ctes.update(inner.ctes)
            else:
                found.cores.append(self._read_core(part))
        return found

    def _read_ctes(self, nodes: Sequence[Node]) -> tuple[dict[str, Group], int]:
        place, found = 1, {}
        if word_of(nodes[place]) == "recursive":
            place += 1
        while True:
            name, place = self.fold(nodes[place]), place + 1
            while place < len(nodes) and word_of(nodes[place]) != "as":
                place += 1
            while place < len(nodes) and not isinstance(nodes[place], Group):
                place += 1
            if place >= len(nodes):
                raise NotUnderstood("a WITH without its query")
            group = nodes[place]
            assert isinstance(group, Group)
            found[name] = group
            place += 1
            if place >= len(nodes) or word_of(nodes[place]) != ",":
                return found, place
            place += 1

    def _read_core(self, nodes: Sequence[Node]) -> Core:
        if word_of(nodes[0] if nodes else None) != "select":
            raise NotUnderstood("a query that is no SELECT")
        core = Core()
        clauses = _split_clauses(nodes[1:])
        core.items = _split(clauses["select"], ",")
        if "into" in clauses:
            raise NotUnderstood("SELECT INTO")
        if "from" in clauses:
            core.sources = self.read_sources(clauses["from"])
        core.where = clauses.get("where", [])
        core.is_grouped = "group" in clauses
        core.has_having = "having" in clauses
        core.has_limit = bool({"limit", "offset", "fetch"} & set(clauses))
        return core

    def read_sources(self, nodes: Sequence[Node]) -> list[Source]:
        """The items of a FROM list, joins taken apart."""
        found = []
        for item in _split(nodes, ","):
            part: list[Node] = []
            for node in [*item, None]:
                if node is None or word_of(node) in _JOINS:
                    if part:
                        found.extend(self._read_source(part))
                    part = []
                elif isinstance(node, (Token, Group)):
                    part.append(node)
        return found

    def _read_source(self, nodes: Sequence[Node]) -> list[Source]:
        place = 0
        while place < len(nodes) and word_of(nodes[place]) in {"lateral", "only"}:
            place += 1
        if place >= len(nodes):
            raise NotUnderstood("a FROM item is missing")
        first = nodes[place]
        if isinstance(first, Group):
            if first.is_query:
                return [Source(query=first)]
            return self.read_sources(first.nodes)
        name, after = self.read_name(nodes, place)
        if after < len(nodes) and isinstance(nodes[after], Group):
            return [Source()]
        return [Source(name=name)]

    def functions(self, group: Optional[Group] = None) -> set[Name]:
        """Everything that looks like a call, in the whole statement."""
        group = group or self.tree
        found: set[Name] = set()
        for place, node in enumerate(group.nodes):
            if not isinstance(node, Group):
                continue
            found |= self.functions(node)
            before = group.nodes[place - 1] if place else None
            if not isinstance(before, Token) or before.kind not in {"id", "quoted"} or before.word in _NOT_FUNCTIONS:
                continue
            schema, first = None, place - 1
            if place >= 3 and word_of(group.nodes[place - 2]) == "." and isinstance(group.nodes[place - 3], Token):
                schema, first = self.fold(group.nodes[place - 3]), place - 3
            leading = word_of(group.nodes[first - 1]) if first else ""
            following = word_of(group.nodes[place + 1]) if place + 1 < len(group.nodes) else ""
            if leading in {"into", "as"} or (leading in {"with", "recursive", ","} and following == "as"):
                # the columns of a table, an alias, a common table expression
                continue
            found.add((schema, self.fold(before)))
        return found

    def relations(self, group: Optional[Group] = None) -> set[Name]:
        """Every relation that stands after FROM, JOIN, INTO, UPDATE or USING, common table expressions left out."""
        names, ctes = self._collect(group or self.tree)
        return {name for name in names if name[0] is not None or name[1] not in ctes}

    def _collect(self, group: Group) -> tuple[set[Name], set[str]]:
        names: set[Name] = set()
        ctes: set[str] = set()
        is_query = group is self.tree or group.is_query
        if is_query and word_of(group.nodes[0] if group.nodes else None) == "with":
            ctes |= set(self._read_ctes(group.nodes)[0])
        for place, node in enumerate(group.nodes):
            if isinstance(node, Group):
                more, inner = self._collect(node)
                names |= more
                ctes |= inner
            elif is_query and self._opens_sources(group.nodes, place):
                names |= self._names_after(group.nodes, place + 1)
        return names, ctes

    def _opens_sources(self, nodes: Sequence[Node], place: int) -> bool:
        word, before = word_of(nodes[place]), word_of(nodes[place - 1]) if place else ""
        if word == "from":
            return before != "distinct" or word_of(nodes[place - 2] if place > 1 else None) not in {"is", "not"}
        if word == "update":
            return before not in {"for", "key", "do", "on"}
        if word == "using":
            return word_of(nodes[0]) in {"delete", "merge"} or "delete" in map(word_of, nodes)
        return word == "into"

    def _names_after(self, nodes: Sequence[Node], place: int) -> set[Name]:
        end = place
        while end < len(nodes) and word_of(nodes[end]) not in _AFTER_FROM | _SET_OPERATORS | {
            "using",
            "values",
            "select",
        }:
            if word_of(nodes[end]) == "from":
                break
            end += 1
        part = list(nodes[place:end])
        if word_of(nodes[place - 1]) == "into":
            return {self.read_name(part, 0)[0]} if part else set()
        found = set()
        for source in self.read_sources(part) if part else ():
            if source.name is not None:
                found.add(source.name)
        return found


def _split(nodes: Sequence[Node], mark: str) -> list[list[Node]]:
    parts: list[list[Node]] = [[]]
    for node in nodes:
        if word_of(node) == mark:
            parts.append([])
        else:
            parts[-1].append(node)
    return [part for part in parts if part]


def _split_cores(nodes: Sequence[Node]) -> Iterator[tuple[list[Node], Optional[str]]]:
    part: list[Node] = []
    operator: Optional[str] = None
    for node in nodes:
        if word_of(node) in _SET_OPERATORS:
            yield part, operator
            part, operator = [], word_of(node)
        elif not (word_of(node) in {"all", "distinct"} and not part and operator is not None):
            part.append(node)
    yield part, operator


def _split_clauses(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """SELECT's clauses by their first word; `select` is the list of what is selected."""
    clauses: dict[str, list[Node]] = {"select": []}
    current, before = "select", ""
    for node in nodes:
        word = word_of(node)
        is_distinct_from = word == "from" and before == "distinct" and current != "select"
        if word in _AFTER_FROM | {"from", "into"} and before not in {".", "as"} and not is_distinct_from:
            current = word
            clauses.setdefault(current, [])
        else:
            clauses[current].append(node)
        before = word
    return clauses
