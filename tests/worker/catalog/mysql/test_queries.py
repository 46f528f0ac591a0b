"""What migrations ask the server about its schema: the same rows, and no flag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.worker.differential.pair import CatalogSide, open_catalog

SCHEMA = """\
create table parent (id int auto_increment primary key, email varchar(255) not null unique, name varchar(20) default 'it''s', key (name(5)))
create table child (id bigint unsigned not null primary key, parent_id int, n int default 5, at timestamp not null default current_timestamp on update current_timestamp, foreign key (parent_id) references parent (id) on delete cascade, unique u (n, parent_id), flag tinyint(1), d datetime(3) default now(3), h int invisible, e enum('a','b') default 'a', v int as (n + 1) virtual, s int as (n + 2) stored, doc json, price decimal(10,2) default 1, body text, bin varbinary(8), constraint ck check (n > 1))
create view all_parents as select * from parent
"""  # noqa: E501
QUERIES = """\
SHOW TABLES
SHOW FULL TABLES
SHOW TABLES LIKE 'par%%'
SHOW TABLES LIKE 'nothing'
DESCRIBE parent
DESC child
SHOW COLUMNS FROM parent
SHOW COLUMNS FROM child LIKE 'n'
SHOW INDEX FROM child
SHOW INDEX FROM parent WHERE Key_name = 'email'
SHOW KEYS FROM parent
SELECT DATABASE()
SELECT @@sql_mode
SELECT @@foreign_key_checks
SELECT 1
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'child'
SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'child' AND COLUMN_NAME = 'n'
SELECT column_name, is_nullable, data_type, column_type, column_key, character_maximum_length, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'child' ORDER BY ordinal_position
SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = 'child' ORDER BY constraint_name
SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
SELECT INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, SUB_PART FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
SELECT UPDATE_RULE, DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name
""".splitlines()  # noqa: E501


@pytest.fixture(scope="module")
def engines(mysql_url: str) -> Iterator[tuple[sa.Engine, sa.Engine, CatalogSide]]:
    url = make_url(mysql_url).set(drivername="mariadb+pymysql")
    real = sa.create_engine(url)
    side = open_catalog(url.render_as_string(hide_password=False))
    catalog = side.make_engine()
    for engine in (real, catalog):
        with engine.begin() as connection:
            for statement in SCHEMA.splitlines():
                connection.exec_driver_sql(statement)
    yield real, catalog, side
    real.dispose()


def ask(engine: sa.Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        result = connection.exec_driver_sql(query)
        return [list(result.keys()), *map(tuple, result.fetchall())]


@pytest.mark.parametrize("query", QUERIES)
def test_query_is_answered_as_by_the_server(engines: tuple[sa.Engine, sa.Engine, CatalogSide], query: str) -> None:
    real, catalog, side = engines
    side.flags.clear()
    expected, found = ask(real, query), ask(catalog, query)
    if query.startswith(("SHOW INDEX", "SHOW KEYS")):
        # the cardinality is an estimate
        expected, found = ([row[:6] + row[7:] for row in rows] for rows in (expected, found))
    assert found == expected
    assert side.flags.flags == []


def test_missing_table_is_error_1146(engines: tuple[sa.Engine, sa.Engine, CatalogSide]) -> None:
    _, catalog, _ = engines
    with pytest.raises(sa.exc.ProgrammingError) as caught:
        ask(catalog, "SHOW CREATE TABLE missing")
    assert caught.value.orig is not None
    assert caught.value.orig.args[0] == 1146
