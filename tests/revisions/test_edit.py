"""Revision files with other parents: every form in which people write them."""

from __future__ import annotations

import pytest

from migguard.revisions.edit import NotEditable, write_parents, write_revises
from migguard.revisions.model import Revision
from migguard.revisions.parse import parse_revision

DOCSTRING = '"""add email\n\nRevision ID: c\nRevises: a\nCreate Date: 2024-01-01 10:00:00\n\n"""\n'


def edit(text: str | bytes, *parents: str) -> str:
    """The text of a file with other parents."""
    source = text.encode() if isinstance(text, str) else text
    revision = parse_revision("versions/c.py", source)
    assert isinstance(revision, Revision)
    return write_parents(source, revision, parents).decode()


@pytest.mark.parametrize(
    ("before", "parents", "after"),
    [
        pytest.param("down_revision = 'a'", ("b",), "down_revision = 'b'", id="single quotes stay"),
        pytest.param('down_revision = "a"  # why', ("b",), 'down_revision = "b"  # why', id="a comment stays"),
        pytest.param(
            "down_revision: Union[str, None] = 'a'", ("b",), "down_revision: Union[str, None] = 'b'", id="annotation"
        ),
        pytest.param("down_revision   =(\n  'a'\n)", ("b",), "down_revision   =(\n  'b'\n)", id="in parentheses"),
        pytest.param("down_revision = ('a', 'x')", ("b", "x"), "down_revision = ('b', 'x')", id="one of a tuple"),
        pytest.param("down_revision = ['a',\n 'x']", ("b", "x"), "down_revision = ['b',\n 'x']", id="one of a list"),
        pytest.param("down_revision = ('a', 'x')", ("b",), 'down_revision = "b"', id="a tuple becomes one"),
        pytest.param("down_revision = 'a'", ("b", "x"), 'down_revision = ("b", "x")', id="one becomes a tuple"),
        pytest.param("down_revision = None", ("b",), 'down_revision = "b"', id="a base gets a parent"),
        pytest.param("down_revision = u'a'", ("b",), "down_revision = u'b'", id="prefix stays"),
        pytest.param("down_revision = '''a'''", ("b",), "down_revision = '''b'''", id="three quotes stay"),
        pytest.param("down_revision = 'é'; x = 1", ("b",), "down_revision = 'b'; x = 1", id="after non-ASCII text"),
    ],
)
def test_value_is_replaced_and_nothing_else(before: str, parents: tuple[str, ...], after: str) -> None:
    head, tail = "revision = 'c'\n", "\n\ndef upgrade():\n    pass\n"
    assert edit(head + before + tail, *parents) == head + after + tail


def test_docstring_names_the_new_parents() -> None:
    text = DOCSTRING + "revision = 'c'\ndown_revision = 'a'\n"
    assert edit(text, "b") == text.replace("Revises: a", "Revises: b").replace("= 'a'", "= 'b'")


def test_line_ends_and_encoding_stay() -> None:
    text = '# -*- coding: latin-1 -*-\r\n"""é\r\nRevises: a\r\n"""\r\nrevision = \'c\'\r\ndown_revision = \'a\'\r\n'
    source = text.encode("latin-1")
    revision = parse_revision("c.py", source)
    assert isinstance(revision, Revision)
    assert write_parents(source, revision, ["b"]) == text.replace("Revises: a", "Revises: b").replace(
        "= 'a'", "= 'b'"
    ).encode("latin-1")


def test_byte_order_mark_stays() -> None:
    source = b"\xef\xbb\xbfrevision = 'c'\ndown_revision = 'a'\n"
    revision = parse_revision("c.py", source)
    assert isinstance(revision, Revision)
    assert write_parents(source, revision, ["b"]) == source.replace(b"'a'", b"'b'")


def test_word_revises_in_the_code_is_not_touched() -> None:
    text = '"""x"""\nrevision = \'c\'\ndown_revision = \'a\'\n# Revises: a\n'
    assert edit(text, "b") == text.replace("= 'a'", "= 'b'")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("parent = 'a'\nother = parent\ndown_revision = other", id="declared elsewhere"),
        pytest.param("down_revision = 'a' + ''", id="put together"),
    ],
)
def test_value_that_is_not_text_in_one_place_is_refused(before: str) -> None:
    source = f"revision = 'c'\n{before}\n".encode()
    revision = parse_revision("c.py", source)
    assert isinstance(revision, Revision)
    with pytest.raises(NotEditable):
        write_parents(source, revision, ["b"])


def test_stale_line_is_written_anew() -> None:
    text = DOCSTRING + "revision = 'c'\ndown_revision = ('d', 'e')\n"
    assert write_revises(text.encode()).decode() == text.replace("Revises: a", "Revises: d, e")


def test_file_without_such_a_line_is_refused() -> None:
    with pytest.raises(NotEditable):
        write_revises(b"revision = 'c'\ndown_revision = 'a'\n")
