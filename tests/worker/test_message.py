"""Messages derived from operations."""

from __future__ import annotations

import pytest

from migguard.worker.message import derive_message
from migguard.worker.protocol import Operation


def op(kind: str, table: str | None = None, column: str | None = None, detail: str | None = None) -> Operation:
    return Operation(kind, table, None, column, None, detail)


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        pytest.param([op("add_column", "user", "email")], "add email to user", id="a column"),
        pytest.param(
            [op("add_column", "user", "email"), op("add_column", "user", "phone")],
            "add email and phone to user",
            id="two columns of one table",
        ),
        pytest.param(
            [op("add_column", "user", name) for name in "abc"], "add 3 columns to user", id="many columns of one table"
        ),
        pytest.param([op("add_table", "tag")], "create table tag", id="a table"),
        pytest.param(
            [op("add_table", "tag"), op("add_index", "tag", "name"), op("add_table_comment", "tag")],
            "create table tag",
            id="a table with its index",
        ),
        pytest.param(
            [op("add_column", "post", "author"), op("add_fk", "post", "author"), op("add_index", "post", "author")],
            "add author to post",
            id="a column with its foreign key and index",
        ),
        pytest.param([op("add_index", "post", "title")], "add index on post.title", id="an index"),
        pytest.param([op("add_index", "post")], "add index on post", id="an index on several columns"),
        pytest.param([op("remove_index", "post", "title")], "drop index on post.title", id="a dropped index"),
        pytest.param([op("remove_column", "user", "legacy")], "drop legacy from user", id="a dropped column"),
        pytest.param(
            [op("remove_table", "b"), op("remove_index", "b", "x"), op("remove_table", "a")],
            "drop table a and drop table b",
            id="dropped tables whatever their order",
        ),
        pytest.param(
            [op("add_constraint", "user", "email", "unique on email")],
            "add unique constraint on user.email",
            id="a unique constraint",
        ),
        pytest.param(
            [op("modify_nullable", "user", "email", "nullable to not null")],
            "make user.email not null",
            id="nullability",
        ),
        pytest.param([op("modify_type", "User", "Email")], "change type of user.email", id="lower case"),
        pytest.param(
            [op("add_table", "tag"), op("remove_column", "user", "legacy")],
            "create table tag and drop legacy from user",
            id="two things",
        ),
        pytest.param(
            [op("add_column", "user", "a"), *(op("add_table", name) for name in "xyz")],
            "update user and 3 other tables",
            id="many tables",
        ),
        pytest.param(
            [op("add_column", "user", "a"), op("modify_type", "user", "b"), op("add_table", "x")],
            "update user and 1 other table",
            id="two tables",
        ),
        pytest.param(
            [op("add_column", "user", "a"), op("modify_type", "user", "b"), op("add_index", "user", "c")],
            "update user",
            id="many things of one table",
        ),
        pytest.param([op("CreateViewOp")], "update schema", id="an operation of a plugin"),
        pytest.param([], "update schema", id="nothing"),
    ],
)
def test_message_of_operations_is_derived(operations: list[Operation], message: str) -> None:
    assert derive_message(operations) == message
