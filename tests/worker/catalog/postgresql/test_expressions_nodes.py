"""Expressions as objects: what they depend on, and what renames and new types make of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

import pytest

from migguard.worker.engines.catalog.errors import Rejected
from migguard.worker.engines.catalog.postgresql.catalog import Catalog
from migguard.worker.engines.catalog.postgresql.expressions import (
    Node,
    bind,
    canonical,
    columns_of,
    function_name,
    functions_of,
    nextval,
    parse_expression,
    plain_column,
    sequences_of,
    show,
    show_index_element,
    types_of,
    verbatim,
)
from migguard.worker.engines.catalog.postgresql.model import Sequence
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor

from .asking import Pair, new_catalog, open_pair

COLUMNS = {"a": "integer", "b": "varchar(20)", "e": "mood", "ts": "timestamp", "jb": "jsonb"}


@pytest.fixture
def catalog() -> Catalog:
    catalog = new_catalog()
    catalog.run("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    catalog.run("CREATE SEQUENCE sq")
    catalog.run("CREATE TABLE t (" + ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items()) + ")")
    return catalog


def _node(catalog: Catalog, text: str) -> Node:
    return bind(parse_expression(open_cursor(text), catalog), catalog.table(None, "t"))


def test_dependencies_are_told(catalog: Catalog) -> None:
    node = _node(catalog, "lower(b) = 'x' AND a > nextval('sq') AND e = 'sad'")
    assert [column.name for column in columns_of(node)] == ["b", "a", "e"]
    assert functions_of(node) == {"lower", "nextval"}
    assert [sequence.name for sequence in sequences_of(node)] == ["sq"]
    assert types_of(node) == [catalog.types["public", "mood"]]


def test_a_renamed_column_prints_its_new_name(catalog: Catalog) -> None:
    node = _node(catalog, "a > 1")
    catalog.run("ALTER TABLE t RENAME COLUMN a TO z")
    assert show(node, catalog) == "(z > 1)"


def test_a_sequence_prints_its_new_name_qualified_where_it_is_not_found(catalog: Catalog) -> None:
    node = nextval(catalog.relation(None, "sq", Sequence))
    catalog.run("ALTER SEQUENCE sq RENAME TO other")
    assert show(node, catalog) == "nextval('other'::regclass)"
    catalog.search_path = []
    assert show(node, catalog) == "nextval('public.other'::regclass)"


def test_a_pickled_node_is_the_same(catalog: Catalog) -> None:
    catalog.run("ALTER TABLE t ADD CHECK (a IN (1, 2) AND b = 'x')")
    copy: Catalog = pickle.loads(pickle.dumps(catalog))
    node = copy.table(None, "t").constraints[0].expression
    assert node is not None
    assert show(node, copy) == "((a = ANY (ARRAY[1, 2])) AND ((b)::text = 'x'::text))"
    assert show(node, copy).exact
    assert columns_of(node)[0] is copy.table(None, "t").columns["a"]


def test_text_that_was_not_parsed_is_never_exact(catalog: Catalog) -> None:
    text = show(verbatim("some text"), catalog)
    assert (text, text.exact) == ("some text", False)


def test_canonical_text_is_exact_until_its_columns_change(catalog: Catalog) -> None:
    column = catalog.table(None, "t").columns["a"]
    node = canonical("(my_function(a) > 1)", [column])
    assert show(node, catalog).exact
    catalog.run("ALTER TABLE t RENAME COLUMN a TO z")
    assert not show(node, catalog).exact


@pytest.mark.parametrize("function", ["CREATE FUNCTION lower(mood) RETURNS text AS ''", "CREATE CAST (a AS b) AS x"])
def test_what_the_user_adds_makes_doubt(catalog: Catalog, function: str) -> None:
    assert show(_node(catalog, "lower(b) = 'x'"), catalog).exact
    catalog.run(function)
    assert not show(_node(catalog, "lower(b) = 'x'"), catalog).exact


def test_an_operator_of_the_users_own_makes_doubt(catalog: Catalog) -> None:
    catalog.run("CREATE OPERATOR = (LEFTARG = mood, RIGHTARG = text, FUNCTION = f)")
    assert not show(_node(catalog, "b = 'x'"), catalog).exact
    assert show(_node(catalog, "b <> 'x'"), catalog).exact


def test_a_server_whose_printing_was_not_compared_makes_doubt(catalog: Catalog) -> None:
    catalog.version = (13, 4)
    assert not show(_node(catalog, "a > 1"), catalog).exact


@pytest.fixture(scope="module")
def pair(make_postgres_database: Callable[[], str]) -> Iterator[Pair]:
    with open_pair(make_postgres_database(), COLUMNS) as pair:
        yield pair


ELEMENTS = [
    *("lower(b)", "(a + 1)", "(b || 'x')", "(a::bigint)", "(b::text)", "((b))", "(b COLLATE \"C\")", "(jb ->> 'x')"),
    *("coalesce(a, 0)", "(CASE WHEN a > 1 THEN 1 END)", "(CASE WHEN a > 1 THEN 1 ELSE b::int END)", "nullif(a, 1)"),
    *("(ts AT TIME ZONE 'utc')", "extract(year FROM ts)", "trim(b)", "(ARRAY[a])", "(- a)", "((jb -> 'x')::text)"),
    *("date_trunc('day', ts)", "greatest(a, 1)", "(a IS NULL)", "(e = 'sad')", "('x'::text || b)", "(ARRAY[a])[1]"),
    *("((a::text)::varchar(5))", "(a::numeric)", "substring(b, 1, 2)", "(1::int)"),
]  # fmt: skip


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_of_an_index_is_named_and_printed_as_on_the_server(pair: Pair, element: str) -> None:
    if element == "(ARRAY[a])[1]":
        element = "((ARRAY[a])[1])"
    pair.connection.execute(f"CREATE INDEX ON t ({element})")
    query = (
        "SELECT c.relname, pg_get_indexdef(c.oid, 1, false), pg_get_indexdef(c.oid, 1, true) FROM pg_class c"
        " JOIN pg_index i ON i.indexrelid = c.oid WHERE i.indrelid = 't'::regclass"
    )
    real = pair.connection.execute(query).fetchone()
    assert real is not None
    pair.connection.execute(f'DROP INDEX "{real[0]}"')
    node = bind(parse_expression(open_cursor(element), pair.catalog), pair.table)
    found = [show_index_element(node, pair.catalog, is_pretty=is_pretty) for is_pretty in (False, True)]
    assert [str(text) for text in found] == list(real[1:])
    assert all(text.exact for text in found)
    column = plain_column(node)
    assert f"t_{column[0].name if column else function_name(node) or 'expr'}_idx" == real[0]


CHANGES = [
    ("b = 'x'", "b", "text"),
    ("b IN ('x', 'y')", "b", "text"),
    ("b LIKE 'x%'", "b", "text"),
    ("a > 1", "a", "bigint"),
    ("a > 1", "a", "numeric(10,2)"),
    ("a IN (1, 2)", "a", "bigint"),
    ("a BETWEEN 1 AND 10", "a", "smallint"),
    ("a + 1 > 5", "a", "double precision"),
    ("length(b) > 1", "b", "text"),
    ("coalesce(b, 'x') = 'y'", "b", "varchar(50)"),
    ("ts > '2020-01-01'", "ts", "date"),
]


@pytest.mark.parametrize(("check", "column", "type_"), CHANGES)
def test_a_check_after_a_change_of_type_is_the_servers(
    make_postgres_database: Callable[[], str], pair: Pair, check: str, column: str, type_: str
) -> None:
    catalog = new_catalog()
    real = pair.connection
    catalog.run("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    definition = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    for statement in (
        f"CREATE TABLE changing ({definition}, CONSTRAINT held CHECK ({check}))",
        f"ALTER TABLE changing ALTER COLUMN {column} TYPE {type_}",
    ):
        real.execute(statement)
        catalog.run(statement)
    query = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'held'"
    found = real.execute(query).fetchone()
    real.execute("DROP TABLE changing")
    assert found is not None
    node = catalog.table(None, "changing").constraints[0].expression
    assert node is not None
    assert (show(node, catalog), show(node, catalog).exact) == (found[0], True)


def test_a_refusal_of_another_version_is_only_a_doubt(catalog: Catalog) -> None:
    """PostgreSQL 18 has a cast from bytea to integer, which 15 refuses; the facts are those of 15."""
    with pytest.raises(Rejected):
        _node(catalog, "'x'::bytea::integer = a")
    catalog.version = (18, 0)
    assert not show(_node(catalog, "'x'::bytea::integer = a"), catalog).exact
    with pytest.raises(Rejected, match="does not exist"):
        _node(catalog, "nothing = 1")
