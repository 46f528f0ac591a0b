"""DO blocks: those that surely change no table, and the idioms that guard one statement against what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from ...database import Leftover
from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor, Token
from ..catalog import Catalog
from ..model import Index, Sequence, Table, View
from ..scanner import PostgresqlCursor, open_cursor, words

#: Words that may change the schema or rows, or run a text that does.
_ACTIVE = words(
    """create alter drop execute perform comment call truncate do set reset discard import into select with insert
    update delete copy merge"""
)
#: A statement of PL/pgSQL begins after these.
_BEFORE_STATEMENT = words("; then else begin loop")
#: SQLSTATE by the name of a condition (errcodes.txt).
_CONDITIONS = {
    "duplicate_object": "42710",
    "duplicate_table": "42P07",
    "duplicate_column": "42701",
    "duplicate_schema": "42P06",
    "duplicate_function": "42723",
    "undefined_table": "42P01",
    "undefined_object": "42704",
    "undefined_column": "42703",
    "invalid_table_definition": "42P16",
    "unique_violation": "23505",
}


def do_block(catalog: Catalog, cursor: Cursor) -> list[Leftover]:
    """DO, after this word. Blocks are followed in which each statement is DDL, IF EXISTS (…) of a known form, or data
    that is changed without calling a function; what changes data is returned."""
    if cursor.accept("language"):
        _check_language(cursor)
    body = cursor.string()
    if cursor.accept("language"):
        _check_language(cursor)
    cursor.expect_end()
    block = _Block(catalog, open_cursor(body))
    block.run()
    return block.leftovers


def _check_language(cursor: Cursor) -> None:
    if cursor.label() != "plpgsql":
        raise NotUnderstood("a DO block that is not in PL/pgSQL")


class _Block:
    """One PL/pgSQL text."""

    def __init__(self, catalog: Catalog, cursor: PostgresqlCursor) -> None:
        self.catalog = catalog
        self.cursor = cursor
        self.leftovers: list[Leftover] = []

    def run(self) -> None:
        if self.cursor.at("declare"):
            self._skip_harmless()
            return
        self._block()
        self.cursor.accept(";")
        self.cursor.expect_end()

    def _skip_harmless(self) -> None:
        """A block with variables: let pass where nothing in it can change a table."""
        for token in self.cursor.tokens:
            if token.word in _ACTIVE or token.word in self.catalog.functions:
                raise NotUnderstood(f"a DO block with {token.word.upper()}")

    def _block(self) -> None:
        cursor = self.cursor
        cursor.expect("begin")
        first = cursor.index
        has_handler = self._find_handler()
        cursor.index = first
        if not has_handler:
            self._statements("end")
        else:
            self._guarded()
        cursor.expect("end")

    def _find_handler(self) -> bool:
        cursor, depth = self.cursor, 0
        while depth >= 0 and not cursor.at_end:
            if cursor.at("exception") and depth == 0:
                return True
            depth += self._depth_change()
            cursor.take()
        return False

    def _guarded(self) -> None:
        """Statements with EXCEPTION WHEN … THEN NULL: what was done before the error is undone, so only one is run."""
        cursor, catalog = self.cursor, self.catalog
        first = cursor.index
        while not cursor.at(";"):
            cursor.take()
        statement = list(cursor.tokens[first : cursor.index])
        cursor.expect(";")
        cursor.expect("exception")
        codes = self._handlers()
        before = len(catalog.changes)
        if statement[0].word not in ("create", "alter", "drop"):
            raise NotUnderstood("a DO block that catches errors of data")
        try:
            self._run(statement)
        except Rejected as refusal:
            del catalog.changes[before:]
            if refusal.code not in codes and "others" not in codes:
                raise
            if not _is_first_check(refusal, statement):
                raise NotUnderstood("what a statement did before its error is undone") from refusal

    def _handlers(self) -> set[str]:
        cursor = self.cursor
        codes: set[str] = set()
        while cursor.accept("when"):
            codes.add(self._condition())
            while cursor.accept("or"):
                codes.add(self._condition())
            cursor.expect("then")
            while not cursor.at("when") and not cursor.at("end"):
                self._harmless_statement()
        return codes

    def _condition(self) -> str:
        cursor = self.cursor
        if cursor.accept("sqlstate"):
            return cursor.string()
        name = cursor.label()
        if name != "others" and name not in _CONDITIONS:
            raise NotUnderstood(f"the condition {name}")
        return _CONDITIONS.get(name, name)

    def _harmless_statement(self) -> None:
        cursor = self.cursor
        if not cursor.accept("null") and not cursor.accept("raise", "notice"):
            raise NotUnderstood("an exception handler that does something")
        while not cursor.at(";"):
            cursor.take()
        cursor.expect(";")

    def _statements(self, *ends: str) -> None:
        while self.cursor.word() not in ends:
            self._statement()

    def _statement(self) -> None:
        cursor = self.cursor
        if cursor.at("begin"):
            self._block()
            cursor.expect(";")
        elif cursor.accept("if"):
            self._condition_statement()
        elif cursor.at("null", ";"):
            cursor.index += 2
        elif cursor.at("raise", "notice") or cursor.at("raise", "info") or cursor.at("raise", "warning"):
            self._take_statement()
        else:
            self._run(self._take_statement())

    def _take_statement(self) -> list[Token]:
        cursor = self.cursor
        first = cursor.index
        while not cursor.at(";"):
            if cursor.at("("):
                cursor.skip_group()
            else:
                cursor.take()
        cursor.expect(";")
        return list(cursor.tokens[first : cursor.index - 1])

    def _run(self, tokens: list[Token]) -> None:
        from . import execute

        verb = tokens[0].word if tokens else ""
        if verb in ("insert", "update", "delete"):
            if any(token.word in self.catalog.functions for token in tokens):
                raise NotUnderstood("a DO block that calls a function")
            text = self.cursor.sql[tokens[0].start : tokens[-1].end]
            self.leftovers.append(Leftover(verb, text))
            return
        if verb in ("grant", "revoke", "analyze", "refresh", "lock", "notify"):
            return
        if verb == "perform" and all(token.kind in ("id", "number", "string") for token in tokens):
            return
        if verb not in ("create", "alter", "drop", "comment"):
            raise NotUnderstood(f"{verb.upper() or 'a statement'} in a DO block")
        execute(self.catalog, PostgresqlCursor(self.cursor.sql, tokens))

    def _condition_statement(self) -> None:
        cursor = self.cursor
        is_true = read_test(self.catalog, cursor)
        cursor.expect("then")
        if is_true:
            self._statements("end", "else", "elsif", "elseif")
            if cursor.word() != "end":
                self._skip_to_end()
        else:
            self._skip_branch()
            if cursor.accept("else"):
                self._statements("end")
            elif cursor.word() != "end":
                raise NotUnderstood("ELSIF in a DO block")
        cursor.expect("end", "if", ";")

    def _skip_branch(self) -> None:
        depth = 0
        while not (depth == 0 and self.cursor.word() in ("else", "elsif", "elseif", "end")):
            depth += self._depth_change()
            self.cursor.take()

    def _skip_to_end(self) -> None:
        depth = 0
        while not (depth == 0 and self.cursor.at("end", "if")):
            depth += self._depth_change()
            self.cursor.take()

    def _depth_change(self) -> int:
        """Does the word at the cursor open or close something that ends with END?"""
        cursor = self.cursor
        word, before = cursor.word(), cursor.word(-1) if cursor.index else ";"
        if word == "end":
            return -1
        if before == "end" or word not in ("begin", "if", "loop", "case"):
            return 0
        return 1 if word in ("case", "loop") or before in _BEFORE_STATEMENT else 0


def _is_first_check(refusal: Rejected, statement: list[Token]) -> bool:
    """Is it refused before anything was done? So with names that are taken or missing, of one simple object."""
    kinds = [token.word for token in statement[:2]]
    if kinds in (["create", "type"], ["create", "domain"], ["create", "schema"], ["create", "extension"]):
        return True
    if kinds in (["create", "index"], ["create", "sequence"], ["drop", "type"], ["create", "unique"]):
        return True
    if kinds == ["alter", "table"]:
        return refusal.code in _CONDITIONS.values() and not any(token.word == "," for token in _outside(statement))
    return refusal.code == "42P07"


def _outside(tokens: list[Token]) -> list[Token]:
    """The tokens that stand outside of parentheses."""
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if depth == 0:
            found.append(token)
    return found


def read_test(catalog: Catalog, cursor: Cursor) -> bool:
    """[NOT] EXISTS (SELECT … FROM a system catalog WHERE column = 'literal' AND …), of the known forms."""
    is_negated = cursor.accept("not")
    cursor.expect("exists", "(")
    cursor.expect("select")
    while not cursor.at("from"):
        if cursor.word() not in ("1", "*", "true", "") and cursor.peek(1) is None:
            cursor.fail("a plain column expected")
        if cursor.at("("):
            cursor.fail("a plain column expected")
        cursor.take()
    cursor.expect("from")
    schema, name = cursor.qualified_name()
    if cursor.at_name() and not cursor.at("where"):
        cursor.fail("a query of one table without alias expected")
    conditions = _read_conditions(cursor)
    cursor.expect(")")
    key = name if schema in (None, "pg_catalog") and name.startswith("pg_") else f"{schema}.{name}"
    if key not in _TESTS:
        raise NotUnderstood(f"a query of {name}")
    try:
        return _TESTS[key](catalog, conditions) != is_negated
    except KeyError as error:
        raise NotUnderstood(f"a query of {name} without a condition on {error}") from error


def _read_conditions(cursor: Cursor) -> dict[str, str]:
    found: dict[str, str] = {}
    cursor.expect("where")
    while True:
        name = cursor.label()
        cursor.expect("=")
        if name in found:
            raise NotUnderstood(f"two conditions on {name}")
        found[name] = cursor.string() if cursor.at_string() else _read_expression(cursor)
        if not cursor.accept("and"):
            return found


def _read_expression(cursor: Cursor) -> str:
    """current_schema() as itself; the class of a relation by its name."""
    if cursor.accept("current_schema"):
        if cursor.accept("("):
            cursor.expect(")")
        return "\0current"
    raise NotUnderstood(f"a literal expected at {cursor.near()}")


def _schema(catalog: Catalog, conditions: dict[str, str], name: str) -> Optional[str]:
    value = conditions.pop(name, None)
    return catalog.creation_schema(None) if value == "\0current" else value


def _done(conditions: dict[str, str]) -> None:
    if conditions:
        raise NotUnderstood(f"a condition on {', '.join(conditions)}")


def _in(schema: Optional[str], place: str) -> bool:
    return schema is None or schema == place


def _type_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    name = conditions.pop("typname")
    if conditions.pop("typtype", "e") != "e":
        raise NotUnderstood("types of another kind")
    _done(conditions)
    if any(isinstance(relations.get(name.lstrip("_")), (Table, View)) for relations in catalog.schemas.values()):
        raise NotUnderstood(f"the row type of {name}")
    return any(type_name == name for _, type_name in catalog.types)


def _table_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    schema, name = _schema(catalog, conditions, "table_schema"), conditions.pop("table_name")
    _done(conditions)
    return any(
        isinstance(one, (Table, View)) and one.name == name and _in(schema, one.schema) for one in catalog.relations()
    )


def _pg_table_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    schema, name = _schema(catalog, conditions, "schemaname"), conditions.pop("tablename")
    _done(conditions)
    return any(isinstance(one, Table) and one.name == name and _in(schema, one.schema) for one in catalog.relations())


def _column_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    schema = _schema(catalog, conditions, "table_schema")
    table, name = conditions.pop("table_name"), conditions.pop("column_name")
    _done(conditions)
    found = [one for one in catalog.relations() if isinstance(one, (Table, View)) and one.name == table]
    found = [one for one in found if _in(schema, one.schema)]
    if any(isinstance(one, View) for one in found):
        raise NotUnderstood(f"the columns of {table}")
    return any(isinstance(one, Table) and name in one.columns for one in found)


def _constraint_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    name = conditions.pop("conname", None) or conditions.pop("constraint_name")
    schema = _schema(catalog, conditions, "constraint_schema") or _schema(catalog, conditions, "table_schema")
    table = conditions.pop("table_name", None)
    kind = conditions.pop("contype", None)
    label = conditions.pop("constraint_type", None)
    _done(conditions)
    kinds = {"PRIMARY KEY": "p", "UNIQUE": "u", "FOREIGN KEY": "f", "CHECK": "c"}
    kind = kinds.get(label or "", kind)
    return any(
        one.name == name and _in(schema, each.schema) and table in (None, each.name) and kind in (None, one.kind)
        for each in catalog.all_tables()
        for one in each.constraints
    )


def _index_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    schema, name = _schema(catalog, conditions, "schemaname"), conditions.pop("indexname")
    table = conditions.pop("tablename", None)
    _done(conditions)
    return any(
        isinstance(one, Index) and one.name == name and _in(schema, one.schema) and table in (None, one.table.name)
        for one in catalog.relations()
    )


def _class_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    name, kind = conditions.pop("relname"), conditions.pop("relkind", None)
    _done(conditions)
    found = [one for one in catalog.relations() if one.name == name]
    return any(kind is None or _kind(one) == kind for one in found)


def _kind(relation: object) -> str:
    if isinstance(relation, Table):
        return relation.kind
    if isinstance(relation, View):
        return "m" if relation.is_materialized else "v"
    if isinstance(relation, Index):
        return "I" if isinstance(relation.table, Table) and relation.table.kind == "p" else "i"
    return "S" if isinstance(relation, Sequence) else ""


def _extension_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    name = conditions.pop("extname")
    _done(conditions)
    return name in catalog.extensions


def _namespace_exists(catalog: Catalog, conditions: dict[str, str]) -> bool:
    name = conditions.pop("nspname", None) or conditions.pop("schema_name")
    _done(conditions)
    return name in catalog.schemas


_TESTS: dict[str, Callable[[Catalog, dict[str, str]], bool]] = {
    "pg_type": _type_exists,
    "pg_tables": _pg_table_exists,
    "pg_constraint": _constraint_exists,
    "pg_indexes": _index_exists,
    "pg_class": _class_exists,
    "pg_extension": _extension_exists,
    "pg_namespace": _namespace_exists,
    "information_schema.tables": _table_exists,
    "information_schema.columns": _column_exists,
    "information_schema.table_constraints": _constraint_exists,
    "information_schema.schemata": _namespace_exists,
}
