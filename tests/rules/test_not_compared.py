"""MG210 on descriptions of models before and after a change."""

from __future__ import annotations

import pytest

from migguard.rules import not_compared
from migguard.schema.protocol import Description

BEFORE = {
    "columns": {"id": "", "state": ""},
    "check": {"positive": "id > 0"},
    "primary key": {"": "id"},
    "enum values": {"state": "active, closed"},
    "server default": {"state": "'active'"},
}


def described(**changed: dict[str, str]) -> Description:
    """The table `user` with some categories said otherwise."""
    return Description("user", {**BEFORE, **{name.replace("_", " "): value for name, value in changed.items()}})


def messages(after: Description, *revisions: bytes) -> list[str]:
    """What the rule says of the change from `BEFORE` to `after`."""
    return [item.message for item in not_compared.check([described()], [after], revisions, environment="db")]


@pytest.mark.parametrize(
    ("after", "message"),
    [
        pytest.param(
            described(check={"positive": "id > 1"}),
            "check `positive` of `user` changed, which autogenerate does not compare",
            id="a check",
        ),
        pytest.param(
            described(primary_key={"": "id, state"}),
            "primary key of `user` changed, which autogenerate does not compare",
            id="a primary key",
        ),
        pytest.param(
            described(enum_values={"state": "active, closed, paused"}),
            "enum values of `user.state` changed, which autogenerate does not compare",
            id="enum values",
        ),
        pytest.param(
            described(server_default={}),
            "server default of `user.state` changed, which autogenerate does not compare",
            id="a server default that went",
        ),
    ],
)
def test_change_that_autogenerate_does_not_see_is_named(after: Description, message: str) -> None:
    """One warning, with before and after."""
    assert messages(after) == [message]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(described(), id="nothing changed"),
        pytest.param(
            described(columns={"id": "", "state": "", "kind": ""}, server_default={"state": "'active'", "kind": "0"}),
            id="a new column with a default is autogenerate's business",
        ),
        pytest.param(
            described(columns={"id": ""}, enum_values={}, server_default={}),
            id="so is a column that went",
        ),
        pytest.param(Description("tag", {"check": {"x": "y"}}), id="so is a new table"),
    ],
)
def test_what_autogenerate_sees_itself_is_ignored(after: Description) -> None:
    """No warning."""
    assert messages(after) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"op.drop_constraint('positive', 'user')", id="an operation on the table"),
        pytest.param(b'op.execute("ALTER TABLE user DROP CONSTRAINT positive")', id="its name in SQL"),
    ],
)
def test_a_new_revision_that_names_the_table_answers_for_it(source: bytes) -> None:
    """Who wrote the migration by hand is not warned."""
    assert messages(described(check={}), source) == []
    assert len(messages(described(check={}), b"op.drop_table('other')")) == 1
