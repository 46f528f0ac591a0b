"""Whether a read without a known answer may decide over what a revision does."""

from __future__ import annotations

import textwrap

import pytest

from migguard.worker.conditions import has_conditional_operations

HEAD = "from alembic import op\nimport sqlalchemy as sa\nimport json\nfrom app.tools import mend\n"


def conditional(body: str, head: str = "") -> bool:
    """The answer for a revision with this upgrade()."""
    source = f"{HEAD}{head}\n\ndef upgrade():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    return has_conditional_operations(source.encode())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("op.add_column('t', c)", id="nothing but an operation"),
        pytest.param("for row in rows:\n    bind.execute(t.update())", id="rows are changed in a loop"),
        pytest.param("for row in rows:\n    session.add(Tag(row.a))", id="rows are added in a loop"),
        pytest.param("for row in rows:\n    if row.a:\n        json.loads(row.a)", id="Python's own functions"),
        pytest.param("for name in ['a', 'b']:\n    op.drop_column('t', name)", id="a loop over constants"),
        pytest.param(
            "if op.get_bind().dialect.name == 'postgresql':\n    op.execute('ALTER TABLE t ADD a int')",
            id="a branch by dialect",
        ),
        pytest.param(
            "for row in rows:\n    if not row:\n        continue\nop.drop_table('t')",
            id="a loop before an operation",
        ),
        pytest.param("bind.execute('UPDATE t SET a = 1')\nif rows:\n    print(rows)", id="a branch that only prints"),
        pytest.param("op.drop_table('t')\nif rows:\n    return", id="an early return after the operations"),
    ],
)
def test_operations_that_always_run(body: str) -> None:
    """None of these depends on what was read."""
    assert not conditional(body)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param("", "if rows:\n    op.drop_table('t')", id="if"),
        pytest.param("", "if not rows:\n    pass\nelse:\n    op.drop_table('t')", id="else"),
        pytest.param("", "for row in rows:\n    op.execute(f'ALTER TABLE {row.name} ADD a int')", id="SQL in a loop"),
        pytest.param("", "while bind.scalar(q):\n    op.drop_table('t')", id="while"),
        pytest.param("", "if not rows:\n    return\nop.drop_table('t')", id="an early return before"),
        pytest.param("", "if not rows:\n    raise ValueError\nop.drop_table('t')", id="an exception before"),
        pytest.param("", "rows and op.drop_table('t')", id="and"),
        pytest.param("", "op.drop_table('a') if rows else None", id="conditional expression"),
        pytest.param("", "[op.drop_table(row.t) for row in rows]", id="comprehension"),
        pytest.param("", "try:\n    bind.execute(q).one()\nexcept Exception:\n    op.drop_table('t')", id="except"),
        pytest.param("SQL = 'DROP TABLE t'\n", "if rows:\n    op.execute(SQL)", id="SQL in a variable"),
        pytest.param("def clean():\n    op.drop_table('t')\n", "if rows:\n    clean()", id="a function of the file"),
        pytest.param("", "if rows:\n    mend(bind)", id="a function of the project"),
        pytest.param("", "if rows:\n    bind.execute(sa.schema.CreateTable(t))", id="a DDL element"),
        pytest.param("", "if rows:\n    globals()['clean_' + name]()", id="a function found at run time"),
        pytest.param("", "return (", id="a file that cannot be read"),
    ],
)
def test_operations_under_a_condition(head: str, body: str) -> None:
    """Each of these may run or not, by what was read."""
    assert conditional(body, head)


def test_downgrade_does_not_count() -> None:
    """Only what the replay runs is looked at."""
    assert not has_conditional_operations(
        b"def upgrade():\n    pass\ndef downgrade():\n    if rows:\n        op.drop_table('t')\n"
    )
