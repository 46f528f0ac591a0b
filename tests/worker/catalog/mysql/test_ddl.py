"""Statements of real migrations, a story each, on the catalog and on the server."""

from __future__ import annotations

import pytest

from tests.worker.differential.mariadb_pair import FLAGGED, Pair

STORIES = {
    "keys are named and sorted": [
        "create table t (a int, b int, c varchar(10) not null, unique(a), key(b), unique u2 "
        "(c), primary key (b), key (a,b), fulltext ft (c), key (a))"
    ],
    "a dropped primary key leaves NOT NULL": [
        "create table t (a int, b int, c int, primary key(a))",
        "alter table t drop primary key",
    ],
    "a column of a unique key of two cannot go": [
        "create table t (a int, b int, unique(a,b))",
        "alter table t drop column b",
    ],
    "a column of a plain key goes from it": [
        "create table t (a int, b int, key k (a,b), key l (b))",
        "alter table t drop column b",
    ],
    "a prefix becomes whole when the column shrinks": [
        "create table t (a varchar(20), key k (a(10)))",
        "alter table t modify a varchar(5)",
        "alter table t modify a int",
    ],
    "renaming goes into checks": [
        "create table t (a int, b int check (b > 0), check (a > b), constraint cc check (a<5))",
        "alter table t rename column b to z",
        "alter table t drop constraint cc",
    ],
    "modify forgets the check of a column": [
        "create table t (a int, b int check (b > 0))",
        "alter table t modify b bigint",
    ],
    "a check over two columns keeps them": [
        "create table t (a int, b int, check (a>b))",
        "alter table t drop column b",
    ],
    "a check over one column goes with it": [
        "create table t (a int, b int, check (b > 1))",
        "alter table t drop column b",
    ],
    "foreign keys bring an index that gives way": [
        "create table p (id int primary key)",
        "create table t (a int, b int, foreign key (a) references p(id), "
        "constraint fkb foreign key (b) references p (id) on delete cascade "
        "on update no action)",
        "alter table t add index ix (a)",
        "alter table t add index (b)",
        "alter table t drop foreign key t_ibfk_1",
        "alter table t drop index ix",
        "alter table t drop index b",
        "alter table t drop foreign key fkb",
        "alter table t drop index b",
    ],
    "a referenced table cannot be dropped": [
        "create table p (id int primary key)",
        "create table t (a int, foreign key (a) references p(id))",
        "drop table p",
        "alter table t drop column a",
        "set foreign_key_checks=0",
        "drop table p",
        "set foreign_key_checks=1",
        "create table p (id bigint primary key)",
        "create table p (id int primary key)",
    ],
    "foreign keys follow a rename": [
        "create table p (id int primary key)",
        "create table t (a int references p(id), b int)",
        "alter table t add c int references p(id)",
        "alter table t rename to u",
        "alter table u add foreign key (b) references p(id)",
        "rename table p to c",
        "alter table c rename column id to idd",
    ],
    "types of a foreign key must fit": [
        "create table p (id int primary key, s varchar(10), key (s), n int)",
        "create table t (a bigint, foreign key (a) references p(id))",
        "create table t (a int unsigned, foreign key (a) references p(id))",
        "create table t (s char(4), foreign key (s) references p(s))",
        "create table u (n int, foreign key (n) references p(n))",
    ],
    "columns of foreign keys may become NOT NULL": [
        "create table p (id int not null primary key, u int, unique (u))",
        "create table t (a int, b int, foreign key (a) references p(id), foreign key (b) references p(u))",
        "alter table t modify a int not null",
        "alter table p modify u int not null",
        "alter table t modify a bigint",
        "alter table t modify a int(5) comment 'x'",
    ],
    "but not with SET NULL": [
        "create table p (id int not null primary key, u int, unique (u))",
        "create table t (a int, foreign key (a) references p(id) on delete set null)",
        "alter table t modify a int not null",
        "alter table t change a a2 int default 5",
    ],
    "text columns of foreign keys keep their length": [
        "create table p (id varchar(10) primary key)",
        "create table t (a varchar(10), foreign key (a) references p(id))",
        "alter table t modify a varchar(20)",
        "alter table p modify id varchar(30)",
    ],
    "options of a table": [
        "create table t (a int auto_increment primary key) auto_increment=5 comment='x' "
        "engine=innodb row_format=compressed default charset=latin1",
        "alter table t add b varchar(3), comment=''",
        "alter table t convert to character set utf8mb4",
        "alter table t auto_increment=100",
        "alter table t default charset utf8mb4 collate utf8mb4_bin",
        "alter table t add c varchar(3)",
    ],
    "auto increment wants a key": [
        "create table t (a int auto_increment)",
        "create table t (a int auto_increment, b int auto_increment, key(a), key(b))",
        "create table t (a int auto_increment, key (a))",
    ],
    "first and after": [
        "create table t (a int, b int, c int)",
        "alter table t add d int first, add e int after a, modify c bigint after d, drop b",
        "alter table t change a z int first",
        "alter table t add x int after nothing",
    ],
    "several columns in parentheses": ["create table t (a int)", "alter table t add (b int, c varchar(5) not null)"],
    "if exists and if not exists": [
        "create table if not exists t (a int)",
        "create table if not exists t (b int)",
        "alter table t add column if not exists a int, add column if not exists b int",
        "alter table t drop column if exists b, drop column if exists nothing",
        "alter table t drop index if exists nothing",
        "create index if not exists i on t (a)",
        "create index if not exists i on t (a)",
        "drop index if exists j on t",
        "drop table if exists nothing",
        "alter table t modify if exists nothing int",
    ],
    "like copies all but foreign keys": [
        "create table p (id int not null primary key, u int, unique (u))",
        "create table t (a int, b varchar(5) default 'x' comment 'c', key (b), check "
        "(a > 1), foreign key (a) references p (u))",
        "create table l like t",
    ],
    "temporary tables hide others": [
        "create table t (a int)",
        "create temporary table t (b int)",
        "drop temporary table t",
        "drop table t",
    ],
    "long unique keys are hashed": [
        "create table t (a text, b varchar(1000), unique (a))",
        "alter table t add unique (b)",
    ],
    "long keys are cut or refused": [
        "create table t (a varchar(800), key (a))",
        "create table u (a varchar(800) not null, primary key (a))",
        "create table v (a varchar(500), b varchar(500), key (a, b))",
    ],
    "defaults are set and dropped": [
        "create table t (a int not null default 1, b varchar(5))",
        "alter table t alter a drop default",
        "alter table t alter column b set default 'x'",
        "alter table t alter b set default (concat('a', 'b'))",
        "alter table t alter nothing set default 1",
    ],
    "index renamed, ignored": [
        "create table t (a int, key k (a))",
        "alter table t rename index k to l",
        "alter table t alter index l ignored",
        "alter table t rename key k to m",
    ],
    "keys keep their order": [
        "create table t (g int primary key, l int not null, m int not null, unique uq_b(l), unique a(m))",
        "alter table t modify l int null",
        "alter table t force",
        "alter table t add unique z (g)",
    ],
    "names of columns are folded": [
        "create table t (Abc int, KEY (ABC), check (aBC > 1))",
        "alter table t add index x (abC)",
        "alter table t rename column ABC to `d``e`",
    ],
    "executable comments": [
        "create table t (a int /*!50000 not null */ /*!99999 oops */ /*M!100100 default 5 */) "
        "/*!40100 default charset=latin1 */"
    ],
    "a view takes a table's name": [
        "create table t (a int)",
        "create view v as select a from t",
        "create table v (a int)",
        "create or replace view v as select 1",
        "drop view v",
        "drop view v",
        "drop view if exists v",
    ],
    "two databases": [
        "create table t (a int primary key)",
        "create table if not exists nowhere.t (a int)",
        "drop table nowhere.t",
        "use nowhere",
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_story_goes_as_on_the_server(pair: Pair, story: list[str]) -> None:
    assert FLAGGED not in pair.run_all(*story)


#: Flagged, never followed wrongly.
OUTSIDE = {
    "partitions": "create table t (a int, x int unsigned) partition by hash(a) partitions 2",
    "system versioning": "create table t (a int) with system versioning",
    "another engine": "create table t (a int) engine=MyISAM",
    "as select": "create table t as select 1 as a",
    "columns and select": "create table t (b int) select 1 as a",
    "options": "create table t (a varchar(10)) checksum=1 max_rows=5",
    "a sql_mode": "set sql_mode = 'ANSI_QUOTES'",
}


@pytest.mark.parametrize("statement", OUTSIDE.values(), ids=OUTSIDE)
def test_statement_outside_the_whitelist_is_flagged(pair: Pair, statement: str) -> None:
    try:
        assert pair.run_all(statement) == [FLAGGED]
    finally:
        pair.cursor.execute("SET sql_mode = DEFAULT")
