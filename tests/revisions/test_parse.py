"""One revision file: what it says, where it says it, and why it cannot be understood."""

from __future__ import annotations

import pytest

from migguard.revisions.model import DynamicRevision, NotARevision, Revision, Span, UnreadableRevision
from migguard.revisions.parse import is_revision_filename, parse_revision
from migguard.revisions.source import UndecodableSource, decode_source

GENERIC = '''"""add email to user

Revision ID: d4e5f6
Revises: a1b2c3
Create Date: 2026-02-03 04:05:06.789000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = "d4e5f6"
down_revision: Union[str, Sequence[str], None] = "a1b2c3"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.add_column("user", sa.Column("email", sa.String()))
'''


def parse(source: str, path: str = "versions/x.py") -> Revision:
    parsed = parse_revision(path, source.encode())
    assert isinstance(parsed, Revision), parsed
    return parsed


def parse_unreadable(source: str | bytes) -> tuple[str, Span | None]:
    parsed = parse_revision("versions/x.py", source if isinstance(source, bytes) else source.encode())
    assert isinstance(parsed, UnreadableRevision), parsed
    return parsed.reason, parsed.span


def test_file_of_alembic_s_own_template_is_read() -> None:
    assert parse(GENERIC) == Revision(
        path="versions/x.py",
        id="d4e5f6",
        down_revisions=("a1b2c3",),
        message="add email to user",
        create_date="2026-02-03 04:05:06.789000",
        revises=("a1b2c3",),
        has_revises=True,
    )


def test_values_are_located_in_characters() -> None:
    parsed = parse('é = "é"; revision = "é"\ndown_revision = ("a",\n    "b")\n')
    assert parsed.spans == {"revision": Span(1, 21, 1, 24), "down_revision": Span(2, 17, 3, 9)}
    assert parsed.span_of("down_revision", "b") == Span(3, 5, 3, 8)
    assert parsed.span_of("down_revision", "c") == Span(2, 17, 3, 9)
    assert parsed.span_of("depends_on") is None


def test_last_assignment_is_the_one_located() -> None:
    parsed = parse("revision = 'a'\nrevision = 'b'\nPARENT = 'c'\ndown_revision = PARENT\n")
    assert (parsed.id, parsed.down_revisions) == ("b", ("c",))
    assert parsed.spans == {"revision": Span(2, 12, 2, 15), "down_revision": Span(4, 17, 4, 23)}
    assert parsed.span_of("down_revision", "c") == Span(3, 10, 3, 13)


def test_windows_line_ends_do_not_move_places() -> None:
    parsed = parse("# one\r\nrevision = 'a'\r\ndown_revision = None\r\n")
    assert parsed.spans["revision"] == Span(2, 12, 2, 15)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("None", (), id="None"),
        pytest.param("()", (), id="an empty tuple"),
        pytest.param("('a', 'b')", ("a", "b"), id="a tuple"),
        pytest.param("['a', 'b']", ("a", "b"), id="a list"),
        pytest.param("{'b', 'a'}", ("a", "b"), id="a set, in a fixed order"),
        pytest.param("{'a': 1}", ("a",), id="a dictionary's keys"),
        pytest.param("'a' 'b'", ("ab",), id="strings side by side"),
        pytest.param("'a' + ('b' + 'c')", ("abc",), id="a sum"),
        pytest.param("f'a{NUMBER}'", ("a7",), id="an f-string of a known name"),
        pytest.param("('a',) + OTHERS", ("a", "x", "y"), id="a sum of tuples"),
        pytest.param("[*OTHERS]", ("x", "y"), id="a spread tuple"),
        pytest.param("OTHERS[0]", ("x",), id="one of a tuple"),
        pytest.param("''", (), id="an empty string"),
    ],
)
def test_known_value_is_read(written: str, expected: tuple[str, ...]) -> None:
    assert (
        parse(f"NUMBER = 7\nOTHERS = 'x', 'y'\nrevision = 'r'\ndown_revision = {written}\n").down_revisions == expected
    )


def test_empty_string_is_remembered() -> None:
    assert parse("revision = 'r'\ndown_revision = ''\ndepends_on = ('',)\n").empty_references == (
        "down_revision",
        "depends_on",
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("down_revision = ['a']\ndown_revision += ['b']", ("a", "b"), id="an extended list"),
        pytest.param("down_revision = other = ['a']\nother += ['b']", ("a", "b"), id="one list under two names"),
        pytest.param("down_revision = 'a'\ndown_revision += 'b'", ("ab",), id="an extended string"),
        pytest.param("revision, (down_revision, x) = 'r', ('a', 'b')", ("a",), id="nested unpacking"),
        pytest.param("down_revision, x = 'ab'", ("a",), id="an unpacked string"),
        pytest.param("try:\n    down_revision = 'a'\nexcept E:\n    raise", ("a",), id="a handler that raises"),
        pytest.param("if x:\n    down_revision = 'a'\nelse:\n    raise E", ("a",), id="a branch that raises"),
        pytest.param("down_revision = 'a'\nif x:\n    y = 1", ("a",), id="a branch about something else"),
        pytest.param("down_revision = 'a'\nfor x in y:\n    z = 1", ("a",), id="a loop about something else"),
        pytest.param("down_revision: str\ndown_revision = 'a'", ("a",), id="an annotation alone sets nothing"),
    ],
)
def test_course_of_the_file_is_followed(code: str, expected: tuple[str, ...]) -> None:
    assert parse(f"revision = 'r'\n{code}\n").down_revisions == expected


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("down_revision = ids.LAST", "an attribute of another object", id="an attribute"),
        pytest.param("down_revision = LAST", "`LAST` is not assigned in this file", id="a name from nowhere"),
        pytest.param("from ids import down_revision", "imported from `ids`", id="an import"),
        pytest.param("down_revision = 'a'\nfrom ids import *", "may be imported from `ids`", id="a star import"),
        pytest.param(
            "down_revision = ['a']\ndown_revision.append('b')", "a list that is changed after it was made", id="append"
        ),
        pytest.param(
            "x = ['a']\ndown_revision = x\nx[0] = 'b'", "a list that is changed after it was made", id="an alias"
        ),
        pytest.param(
            "down_revision = f'{x:>9}'", "`x` is not assigned in this file", id="an unknown name in an f-string"
        ),
        pytest.param("down_revision = f'{1:>99999999999}'", "known only when the file runs", id="a huge width"),
        pytest.param("down_revision = 'a' * 99999999999", "known only when the file runs", id="a huge product"),
        pytest.param(
            "x = 'aaaaaaaaaa'\n" + "x = x + x\n" * 60 + "down_revision = x", "too long", id="doubled sixty times"
        ),
        pytest.param(
            "if x:\n    down_revision = 'a'\nelse:\n    down_revision = 'b'",
            "set in one branch of the `if` in line 2",
            id="a branch",
        ),
        pytest.param(
            "down_revision = 'a' if x else 'b'", "a choice that depends on what is not in this file", id="a choice"
        ),
        pytest.param("def down_revision(): ...", "a function or class", id="a function"),
        pytest.param(
            "def __getattr__(name): ...", "answered by the module's `__getattr__`", id="a module's own lookup"
        ),
        pytest.param(
            "import sys\ndown_revision = 'a'\nsys.modules[__name__].down_revision = 'b'",
            "may be set through the module object",
            id="the module object",
        ),
        pytest.param(
            "down_revision = 'a'\nsetattr(m, 'down_revision', 'b')",
            "may be set by a call that changes this module",
            id="setattr",
        ),
        pytest.param(
            "down_revision = 'a'\nwith x:\n    del down_revision", "set in the `with` in line 3", id="a with statement"
        ),
    ],
)
def test_value_that_only_running_tells_is_dynamic_with_a_reason(code: str, reason: str) -> None:
    parsed = parse_revision("versions/x.py", f"revision = 'r'\n{code}\n".encode())
    assert isinstance(parsed, DynamicRevision), parsed
    # A loss that may touch every name is told of the first.
    assert parsed.attribute in {"revision", "down_revision"}
    assert parsed.reason == reason


def test_dynamic_parent_leaves_the_id_known() -> None:
    assert parse_revision("versions/x.py", b"revision = 'r'\ndown_revision = pick()\n") == DynamicRevision(
        "versions/x.py", "down_revision", "the result of a call", Span(2, 17, 2, 23), "r"
    )


def test_unknown_labels_and_dependencies_are_no_fault() -> None:
    parsed = parse("revision = 'r'\ndown_revision = None\nbranch_labels = (cli.EXPAND,)\ndepends_on = pick()\n")
    assert (parsed.labels_known, parsed.branch_labels) == (False, ())
    assert (parsed.depends_on_known, parsed.depends_on) == (False, ())


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        pytest.param("abc123.py", "down_revision = None\n", "abc123", id="the name is the id"),
        pytest.param("abc123.py", "revision = 'r'\ndown_revision = None\n", "r", id="a declared id wins"),
    ],
)
def test_id_is_found(name: str, source: str, expected: str) -> None:
    assert parse(source, f"versions/{name}").id == expected


def test_file_without_an_id_is_no_revision() -> None:
    assert parse_revision("v/columns.py", b"x = 1\n") == NotARevision("v/columns.py")


@pytest.mark.parametrize(
    ("source", "reason", "span"),
    [
        pytest.param("x = 1\n<<<<<<< HEAD\n", "has conflict markers", Span(2, 1, 2, 13), id="a conflict's beginning"),
        pytest.param("x = 1\n=======\n", "has conflict markers", Span(2, 1, 2, 8), id="a conflict's middle"),
        pytest.param("x = 1\n>>>>>>> a\n", "has conflict markers", Span(2, 1, 2, 10), id="a conflict's end"),
        pytest.param("||||||| base\nx\n", "has conflict markers", Span(1, 1, 1, 13), id="a conflict's base"),
        pytest.param("if x:\n    print 'a'\n", "is Python 2: a `print` statement", Span(2, 5, 2, 14), id="print"),
        pytest.param("print x\n", "is Python 2: a `print` statement", Span(1, 1, 1, 8), id="print of a name"),
        pytest.param("exec 'a'\n", "is Python 2: an `exec` statement", Span(1, 1, 1, 9), id="exec"),
        pytest.param("é = 0; x = 0777\n", "is Python 2: an octal number without `0o`", Span(1, 12, 1, 16), id="octal"),
        pytest.param("x = 10L\n", "is Python 2: a long number", Span(1, 5, 1, 8), id="a long number"),
        pytest.param("x = ur'a'\n", "is Python 2: a `ur` string", Span(1, 5, 1, 7), id="a ur string"),
        pytest.param("x = `a`\n", "is Python 2: backquotes", Span(1, 5, 1, 8), id="backquotes"),
        pytest.param("x = a <> b\n", "is Python 2: the operator `<>`", Span(1, 7, 1, 9), id="not equal"),
        pytest.param("raise E, 'a'\n", "is Python 2: `raise` with a comma", Span(1, 1, 1, 13), id="raise"),
        pytest.param(
            "def f((a, b)):\n    pass\n", "is Python 2: an unpacked parameter", Span(1, 1, 1, 14), id="a parameter"
        ),
        pytest.param(
            "x = 1\nreturn x\n", "is not valid Python: 'return' outside function", Span(2, 1, 2, 9), id="a stray return"
        ),
        pytest.param("x = (\n", "is not valid Python: '(' was never closed", Span(1, 5, 1, 6), id="something else"),
        pytest.param(
            "revision = None\ndown_revision = None\n",
            "declares `None` as its `revision`",
            Span(1, 12, 1, 16),
            id="no id",
        ),
        pytest.param(
            "revision = ''\ndown_revision = None\n",
            "declares an empty string as its `revision`",
            Span(1, 12, 1, 14),
            id="an empty id",
        ),
        pytest.param(
            "revision = ['a']\ndown_revision = None\n",
            "declares a list as its `revision`",
            Span(1, 12, 1, 17),
            id="a list",
        ),
        pytest.param(
            "revision = 'a-b'\ndown_revision = None\n",
            "declares a `revision` with `-`, which Alembic does not allow",
            Span(1, 12, 1, 17),
            id="a sign",
        ),
        pytest.param("revision = 'a'\n", "declares no `down_revision`", Span(1, 12, 1, 15), id="no down_revision"),
        pytest.param(
            "revision = 'a'\ndown_revision = 1\n",
            "declares a `down_revision` that is neither a string, strings nor None",
            Span(2, 17, 2, 18),
            id="a number",
        ),
        pytest.param(
            "raise SystemExit\n", "raises an exception when it is loaded", Span(1, 1, 1, 17), id="an exception"
        ),
        pytest.param(
            "x = '" + "\\d" + "'\nx = (\n",
            "is not valid Python: '(' was never closed",
            Span(2, 5, 2, 6),
            id="no warning of an escape",
        ),
        pytest.param(b"x = '\xe9'\n", "is not text in utf-8", Span(1, 1, 1, 2), id="Latin-1 without a declaration"),
        pytest.param(b"x = 1\n\n\nx = '\xe9'\n", "is not text in utf-8", Span(4, 1, 4, 2), id="Latin-1 further down"),
        pytest.param(
            b"# coding: latin-0\n",
            "declares an encoding that Python does not know or that does not fit",
            Span(1, 1, 1, 2),
            id="an unknown encoding",
        ),
        pytest.param(
            b"# coding: rot13\n", "declares `rot13`, which is no text encoding", Span(1, 1, 1, 2), id="no text encoding"
        ),
    ],
)
def test_file_that_cannot_be_loaded_says_why_and_where(source: str | bytes, reason: str, span: Span) -> None:
    assert parse_unreadable(source) == (reason, span)


def test_null_byte_is_no_crash() -> None:
    reason, _ = parse_unreadable(b"x = 1\0\n")
    assert reason == "is not valid Python: source code string cannot contain null bytes"


def test_deep_nesting_is_no_crash() -> None:
    reason, _ = parse_unreadable("x = " + "(" * 500 + ")" * 500)
    assert reason.startswith(("is not valid Python: too many nested parentheses", "is nested too deeply"))
    parsed = parse_revision("versions/x.py", ("revision = " + " + ".join(["'a'"] * 50_000) + "\n").encode())
    assert isinstance(parsed, UnreadableRevision | DynamicRevision)


def test_both_ids_of_a_conflict_are_kept() -> None:
    source = b"<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision: str = \"b\"\n>>>>>>> main\n"
    parsed = parse_revision("versions/x.py", source)
    assert isinstance(parsed, UnreadableRevision)
    assert parsed.ids == ("a", "b")


@pytest.mark.parametrize(
    ("docstring", "message", "revises"),
    [
        pytest.param('"""\n\n  add email  \n\nRevises: a, b\n"""', "add email", ("a", "b"), id="blank lines above"),
        pytest.param('"""first\nRevises:\n"""', "first", (), id="a base"),
        pytest.param('"""first\nRevises: None\n"""', "first", (), id="a base in an older template"),
        pytest.param('""" """', None, (), id="an empty docstring"),
        pytest.param("", None, (), id="no docstring"),
    ],
)
def test_docstring_is_read(docstring: str, message: str | None, revises: tuple[str, ...]) -> None:
    parsed = parse(f"{docstring}\nrevision = 'a'\ndown_revision = None\n")
    assert (parsed.message, parsed.revises) == (message, revises)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("a_add.py", True, id="a revision"),
        pytest.param(".hidden.py", True, id="a hidden file"),
        pytest.param("__init__.py", False, id="a package"),
        pytest.param("__init__2.py", False, id="what begins like a package"),
        pytest.param("__main__.py", True, id="another dunder"),
        pytest.param(".#a.py", False, id="an editor's lock"),
        pytest.param("a.pyc", False, id="bytecode"),
        pytest.param("a.pyi", False, id="a stub"),
        pytest.param("a.py.orig", False, id="a leftover of a merge"),
        pytest.param("a\nb.py", False, id="a newline"),
    ],
)
def test_revision_file_is_known_by_its_name(name: str, expected: bool) -> None:
    assert is_revision_filename(name) is expected


def test_declared_encoding_is_honoured() -> None:
    assert decode_source("# coding: latin-1\nx = 'é'\n".encode("latin-1")) == "# coding: latin-1\nx = 'é'\n"
    assert decode_source(b"\xef\xbb\xbfx = 1\n") == "x = 1\n"
    with pytest.raises(UndecodableSource):
        decode_source(b"\xff\xfe")
