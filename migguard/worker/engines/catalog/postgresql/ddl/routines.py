"""Functions, triggers, rules, policies and other objects that are kept by name, or not at all."""

from __future__ import annotations

from typing import Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import Catalog
from ..dependencies import Function, drop_objects
from ..model import Column, Table, Trigger, View
from ..scanner import PostgresqlCursor
from .reading import duplicate, missing, read_behavior


def create_routine(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE FUNCTION, PROCEDURE or AGGREGATE, after these words."""
    schema, name = _routine_name(cursor)
    place = catalog.creation_schema(schema)
    first = cursor.index
    if cursor.at("("):
        cursor.skip_group()
    while not cursor.at_end and not cursor.at("as") and not cursor.at("begin", "atomic"):
        cursor.index += 1
    last = len(cursor.tokens) if cursor.at("begin", "atomic") else cursor.index
    words = _words(cursor, list(cursor.tokens[first:last]))
    catalog.functions.add(name)
    catalog.signatures.setdefault((place, name), []).append(words)
    cursor.rest()


def _routine_name(cursor: Cursor) -> tuple[Optional[str], str]:
    first = cursor.label()
    return (first, cursor.label()) if cursor.accept(".") else (None, first)


def _words(cursor: Cursor, tokens: list[Token]) -> frozenset[str]:
    """All names among the tokens."""
    words = PostgresqlCursor(cursor.sql, tokens)
    return frozenset(words.fold(one) for one in tokens if one.kind in ("id", "quoted"))


def drop_routines(catalog: Catalog, cursor: Cursor, kind: str) -> None:
    """DROP FUNCTION, PROCEDURE, ROUTINE or AGGREGATE, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    names: list[tuple[Optional[str], str]] = []
    while True:
        names.append(_routine_name(cursor))
        if cursor.at("("):
            cursor.skip_group()
        if not cursor.accept(","):
            break
    is_cascade = read_behavior(cursor)
    cursor.expect_end()
    for schema, name in names:
        _drop_routine(catalog, schema, name, kind, is_tolerant=is_tolerant, is_cascade=is_cascade)


def _drop_routine(
    catalog: Catalog, schema: Optional[str], name: str, kind: str, *, is_tolerant: bool, is_cascade: bool
) -> None:
    if name not in catalog.functions:
        if is_tolerant:
            return
        raise Rejected(f"{kind} {name} does not exist", "42883", is_certain=False)
    same = [(key, words) for key, words in catalog.signatures.items() if key[1] == name]
    if sum(len(words) for _, words in same) <= 1:
        drop_objects(catalog, [Function(name)], is_cascade=is_cascade, subject=f"{kind} {name}")
        return
    del schema
    if is_used(catalog, name):
        raise NotUnderstood(f"which of the functions {name} is dropped")
    key, words = same[0]
    words.pop()
    if not words:
        del catalog.signatures[key]


def is_used(catalog: Catalog, name: str) -> bool:
    from ..dependencies import Dependents

    graph = Dependents(catalog)
    return any(True for _ in graph.of(Function(name))) or bool(graph.doubts)


def create_trigger(catalog: Catalog, cursor: Cursor, *, is_replacing: bool) -> None:
    """CREATE TRIGGER, after these words."""
    name = cursor.name()
    first = cursor.index
    while not cursor.at("on") and not cursor.at_end:
        cursor.index += 1
    cursor.expect("on")
    relation = catalog.relation(*cursor.qualified_name())
    if not isinstance(relation, (Table, View)):
        raise Rejected(f'relation "{relation.name}" cannot have triggers', "42809")
    while not cursor.at_end and cursor.word() != "execute":
        cursor.index += 1
    words = _words(cursor, list(cursor.tokens[first : cursor.index]))
    cursor.expect("execute")
    cursor.expect_one("function", "procedure")
    _, function = _routine_name(cursor)
    cursor.skip_group()
    cursor.expect_end()
    _put(catalog, Trigger("trigger", name, relation, function, _columns(relation, words)), is_replacing=is_replacing)


def create_rule(catalog: Catalog, cursor: Cursor, *, is_replacing: bool) -> None:
    """CREATE RULE, after these words."""
    name = cursor.name()
    cursor.expect("as", "on")
    event = cursor.expect_one("select", "insert", "update", "delete")
    cursor.expect("to")
    relation = catalog.relation(*cursor.qualified_name(), (Table, View))
    if event == "select":
        raise NotUnderstood("a rule ON SELECT")
    first = cursor.index
    cursor.rest()
    words = _words(cursor, list(cursor.tokens[first:]))
    _put(catalog, Trigger("rule", name, relation, None, _columns(relation, words)), is_replacing=is_replacing)


def create_policy(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE POLICY, after these words."""
    name = cursor.name()
    cursor.expect("on")
    relation = catalog.relation(*cursor.qualified_name(), Table)
    first = cursor.index
    cursor.rest()
    words = _words(cursor, list(cursor.tokens[first:]))
    _put(catalog, Trigger("policy", name, relation, None, _columns(relation, words)), is_replacing=False)


def _columns(relation: Table | View, words: frozenset[str]) -> list[Column]:
    return [] if isinstance(relation, View) else [one for one in relation.columns.values() if one.name in words]


def _put(catalog: Catalog, trigger: Trigger, *, is_replacing: bool) -> None:
    for one in catalog.triggers:
        if (one.kind, one.name, one.relation) == (trigger.kind, trigger.name, trigger.relation):
            if not is_replacing:
                raise duplicate(trigger.kind, trigger.name)
            catalog.triggers.remove(one)
            break
    catalog.triggers.append(trigger)


def drop_trigger(catalog: Catalog, cursor: Cursor, kind: str) -> None:
    """DROP TRIGGER, RULE or POLICY, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    name = cursor.name()
    cursor.expect("on")
    relation = catalog.relation(*cursor.qualified_name(), missing_ok=is_tolerant)
    read_behavior(cursor)
    cursor.expect_end()
    for one in catalog.triggers:
        if (one.kind, one.name, one.relation) == (kind, name, relation):
            catalog.triggers.remove(one)
            return
    if not is_tolerant:
        raise missing(kind, name)


def alter_trigger(catalog: Catalog, cursor: Cursor, kind: str) -> None:
    """ALTER TRIGGER, RULE or POLICY, after these words."""
    name = cursor.name()
    cursor.expect("on")
    relation = catalog.relation(*cursor.qualified_name())
    for one in catalog.triggers:
        if (one.kind, one.name, one.relation) == (kind, name, relation):
            if cursor.accept("rename", "to"):
                one.name = cursor.name()
            elif kind == "policy":
                words = _words(cursor, list(cursor.tokens[cursor.index :]))
                one.perhaps_uses = list({*one.perhaps_uses, *_columns(one.relation, words)})
                cursor.rest()
            else:
                cursor.rest()
            return
    raise missing(kind, name)
