"""PostgreSQL's lexical rules."""

from __future__ import annotations

import pytest

from migguard.worker.engines.catalog.errors import NotUnderstood
from migguard.worker.engines.catalog.postgresql.scanner import open_cursor, scan, split_statements


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("A \"B\"\"c\" 'd''e'", [("id", "A"), ("quoted", 'B"c'), ("string", "d'e")], id="words and quotes"),
        pytest.param("E'a\\'b''c\\n\\x41\\u00e9'", [("string", "a'b'c\nAé")], id="escape string"),
        pytest.param("$$a'b$$ $x$c$$d$x$", [("string", "a'b"), ("string", "c$$d")], id="dollar quotes"),
        pytest.param("'a' -- c\n 'b' 'c'", [("string", "ab"), ("string", "c")], id="strings on two lines are one"),
        pytest.param("1 1.5 .5 1e3", [("number", n) for n in ("1", "1.5", ".5", "1e3")], id="numbers"),
        pytest.param("1..2", [("number", "1"), ("punctuation", ".."), ("number", "2")], id="a range of integers"),
        pytest.param("a->>'b'", [("id", "a"), ("operator", "->>"), ("string", "b")], id="operator"),
        pytest.param("a=-1", [("id", "a"), ("operator", "="), ("operator", "-"), ("number", "1")], id="minus after ="),
        pytest.param("a!=b", [("id", "a"), ("operator", "<>"), ("id", "b")], id="!= is <>"),
        pytest.param("a@-1", [("id", "a"), ("operator", "@-"), ("number", "1")], id="minus in an operator"),
        pytest.param("a--b\n/* c /* d */ */::int", [("id", "a"), ("punctuation", "::"), ("id", "int")], id="comments"),
        pytest.param("B'101' x'1F' $1", [("bits", "b101"), ("bits", "x1F"), ("parameter", "$1")], id="bits"),
    ],
)
def test_scan_gives_tokens(sql: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.kind, token.value) for token in scan(sql)] == expected


@pytest.mark.parametrize("sql", ["'a", '"a', "/* a", "1a", "N'a'", "U&'\\0041'", "$x$ a", '""'])
def test_scan_of_faults_and_rare_forms_is_not_understood(sql: str) -> None:
    with pytest.raises(NotUnderstood):
        scan(sql)


def test_names_fold_to_lower_case_and_are_cut_at_63_bytes() -> None:
    cursor = open_cursor('ÀB."Cd" ' + "x" * 70 + ' "' + "y" * 62 + 'é"')
    assert cursor.qualified_name() == ("Àb", "Cd")
    assert cursor.name() == "x" * 63
    assert cursor.name() == "y" * 62


def test_reserved_words_are_no_names_but_labels() -> None:
    cursor = open_cursor("public.table left select")
    assert cursor.qualified_name() == ("public", "table")
    assert not cursor.at_name()
    assert cursor.at_function_name()
    assert cursor.label() == "left"
    with pytest.raises(NotUnderstood):
        cursor.name()


def test_statements_are_parted_outside_of_bodies() -> None:
    sql = """
        create rule r as on insert to t do (notify a; notify b);
        create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end;;
        begin; select ';' end
    """
    texts = [cursor.rest() for cursor in split_statements(sql)]
    assert [text.split()[0] + " " + text.split()[1] for text in texts[:2]] == ["create rule", "create function"]
    assert texts[2:] == ["begin", "select ';' end"]
