"""What revisions touch, and when two of them meet."""

from __future__ import annotations

import pytest

from migguard.revisions.touches import find_meeting, find_touches

HEAD = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"


def touches(*lines: str) -> list[str] | None:
    """Each thing as `table part`, with `?` where it is only relied on."""
    found = find_touches((HEAD + "".join(f"    {line}\n" for line in lines)).encode())
    if found is None:
        return None
    return sorted(f"{item.table} {item.part}{'' if item.is_change else '?'}".strip() for item in found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("pass", [], id="nothing"),
        pytest.param("op.add_column('user', sa.Column('email', sa.String(20)))", ["user column email"], id="column"),
        pytest.param(
            "op.add_column('user', sa.Column('team_id', sa.Integer(), sa.ForeignKey('team.id')))",
            ["team column id?", "user column team_id"],
            id="column with a foreign key",
        ),
        pytest.param("op.drop_column('user', 'email', schema='hr')", ["hr.user column email"], id="with a schema"),
        pytest.param(
            "op.alter_column('user', 'email', new_column_name='mail')",
            ["user column email", "user column mail"],
            id="renamed column",
        ),
        pytest.param(
            "op.create_table('tag', sa.Column('id', sa.Integer()), sa.ForeignKeyConstraint(['p'], ['post.id']))",
            ["post column id?", "tag *"],
            id="table",
        ),
        pytest.param("op.rename_table('a', 'b')", ["a *", "b *"], id="renamed table"),
        pytest.param(
            "op.create_index(op.f('ix_user_email'), 'user', ['email'], unique=True)",
            ["index ix_user_email", "user column email?"],
            id="index",
        ),
        pytest.param(
            "op.create_index('ix', 'user', [sa.text('lower(email)')])", ["index ix", "user *?"], id="index of a text"
        ),
        pytest.param(
            "op.create_foreign_key('fk', 'post', 'user', ['author_id'], ['id'])",
            ["post column author_id?", "post constraint fk", "user column id?"],
            id="foreign key",
        ),
        pytest.param("op.drop_constraint('fk', 'post', type_='foreignkey')", ["post constraint fk"], id="constraint"),
        pytest.param(
            "op.create_check_constraint('ck', 'post', 'a > b')", ["post *?", "post constraint ck"], id="check"
        ),
        pytest.param("op.execute('update user set email = 1')", None, id="raw SQL"),
        pytest.param("op.add_column(TABLE, sa.Column('x', sa.Integer()))", None, id="a name that is computed"),
        pytest.param("helper()", None, id="another function"),
        pytest.param("for x in 'ab': op.drop_table(x)", None, id="a loop"),
        pytest.param("op.add_column('user', make_column())", None, id="a column from a function"),
        pytest.param("op.create_unique_constraint(None, 'user', ['email'])", None, id="a name made up"),
    ],
)
def test_touches_of_an_operation(line: str, expected: list[str] | None) -> None:
    assert touches(line) == expected


def test_batch_operations_know_their_table() -> None:
    assert touches(
        "with op.batch_alter_table('user', schema=None) as batch_op:",
        "    batch_op.add_column(sa.Column('email', sa.String()))",
        "    batch_op.alter_column('name', nullable=False)",
        "    batch_op.create_index(batch_op.f('ix'), ['email'], unique=False)",
        "    batch_op.create_unique_constraint('uq', ['name'])",
        "    batch_op.create_foreign_key('fk', 'team', ['team_id'], ['id'])",
        "    batch_op.drop_constraint('old', type_='unique')",
    ) == [
        "index ix",
        "team column id?",
        "user column email",
        "user column email?",
        "user column name",
        "user column name?",
        "user column team_id?",
        "user constraint fk",
        "user constraint old",
        "user constraint uq",
    ]


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        pytest.param("add_column('user', sa.Column('a', sa.Integer()))", "drop_table('tag')", [], id="other tables"),
        pytest.param(
            "add_column('user', sa.Column('a', sa.Integer()))",
            "add_column('user', sa.Column('b', sa.Integer()))",
            [],
            id="two columns of one table",
        ),
        pytest.param(
            "add_column('user', sa.Column('a', sa.Integer()))",
            "add_column('user', sa.Column('a', sa.String()))",
            ["column `user.a`"],
            id="one column twice",
        ),
        pytest.param(
            "add_column('user', sa.Column('a', sa.Integer()))",
            "rename_table('user', 'account')",
            ["column `user.a`"],
            id="a column of a table that is renamed",
        ),
        pytest.param("drop_table('user')", "drop_table('user')", ["table `user`"], id="one table twice"),
        pytest.param(
            "create_index('ix', 'user', ['a'])", "create_index('iy', 'user', ['a'])", [], id="both only rely on it"
        ),
        pytest.param(
            "create_index('ix', 'user', ['a'])",
            "create_index('ix', 'user', ['b'])",
            ["index `ix`"],
            id="one index name twice",
        ),
        pytest.param(
            "create_index('ix', 'user', ['a'])",
            "drop_column('user', 'a')",
            ["column `user.a`"],
            id="relied on, dropped",
        ),
    ],
)
def test_meeting_of_two_revisions(one: str, other: str, met: list[str]) -> None:
    first = find_touches(f"{HEAD}    op.{one}\n".encode())
    second = find_touches(f"{HEAD}    op.{other}\n".encode())
    assert first is not None
    assert second is not None
    assert sorted({item.name for item in find_meeting(first, second)}) == met
    assert sorted({item.name for item in find_meeting(second, first)}) == met
