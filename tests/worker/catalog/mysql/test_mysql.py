"""MySQL 8.0, of which no server is at hand: what its manual shows, and honesty about the rest."""

from __future__ import annotations

import pytest

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.engines.catalog.mysql.catalog import MysqlDatabase
from migguard.worker.engines.catalog.mysql.server import Server
from migguard.worker.ledger import ProjectPaths


@pytest.fixture
def database() -> MysqlDatabase:
    return MysqlDatabase(FlagLog(ProjectPaths("/nowhere")), Server(is_mariadb=False, version=(8, 0)), "app")


def test_create_table_is_shown_as_by_mysql_8(database: MysqlDatabase) -> None:
    database.run(
        "create table t (id int(11) not null auto_increment primary key, flag bool default true, n bigint unsigned "
        "default 5, name varchar(20) not null default 'x', body text, doc json, at datetime(3) default now(3), "
        "made timestamp null default current_timestamp on update current_timestamp, price decimal(8,2) default 1.5)"
    )
    assert database.show_create_table(None, "t").text.split("\n") == [
        "CREATE TABLE `t` (",
        "  `id` int NOT NULL AUTO_INCREMENT,",
        "  `flag` tinyint(1) DEFAULT '1',",
        "  `n` bigint unsigned DEFAULT '5',",
        "  `name` varchar(20) NOT NULL DEFAULT 'x',",
        "  `body` text,",
        "  `doc` json DEFAULT NULL,",
        "  `at` datetime(3) DEFAULT CURRENT_TIMESTAMP(3),",
        "  `made` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,",
        "  `price` decimal(8,2) DEFAULT '1.50',",
        "  PRIMARY KEY (`id`)",
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("create table t (a int check (a > 1))", id="check of a column"),
        pytest.param("create table t (a int default (1))", id="default in parentheses"),
        pytest.param("create table t (a varchar(5) collate utf8mb4_bin)", id="another collation"),
        pytest.param("create table t (a int zerofill)", id="zerofill"),
        pytest.param("create table t (a int, key ((a + 1)))", id="functional key"),
    ],
)
def test_what_cannot_be_tried_is_not_claimed(database: MysqlDatabase, statement: str) -> None:
    with pytest.raises(NotUnderstood):
        database.run(statement)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param("create table u (a text, key (a))", "1170", id="key over text"),
        pytest.param("create table u (a text default 'x')", "1101", id="default of text"),
        pytest.param("alter table t add column if not exists b int", "1064", id="if not exists"),
        pytest.param("create sequence s", "1064", id="sequence"),
        pytest.param("create table u (a uuid)", None, id="type of MariaDB"),
    ],
)
def test_what_mysql_refuses_is_refused(database: MysqlDatabase, statement: str, code: str | None) -> None:
    database.run("create table t (a int)")
    with pytest.raises(Rejected if code else NotUnderstood) as caught:
        database.run(statement)
    assert getattr(caught.value, "code", None) == code


def test_expressions_are_never_certain(database: MysqlDatabase) -> None:
    database.run("create table t (a int, b int generated always as (a + 1) virtual, constraint c check (a > 1))")
    doubts = database.show_create_table(None, "t").doubts
    assert [(one.detail, one.subject) for one in doubts] == [("computed", "b"), ("check", "c")]


def test_database_survives_a_pickle(database: MysqlDatabase) -> None:
    import pickle

    database.run("create table t (a int, check (a > 1 and a < 5), key (a))")
    loaded = pickle.loads(pickle.dumps(database))
    assert loaded.show_create_table(None, "t") == database.show_create_table(None, "t")
