"""What autogenerate passes over, asked of real servers: each such change of the models is named by MG210."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, text
from sqlalchemy.dialects import mysql, postgresql

from migguard.rules import not_compared
from migguard.worker.alembic_run import Target
from migguard.worker.describe import describe_targets

pytestmark = pytest.mark.skipif(sa.__version__.startswith("1."), reason="the options are those of SQLAlchemy 2")

Make = Callable[[], Any]
#: Alembic finds it by itself: MG210 has nothing to say.
SEEN = "seen"


class _NoPlaces:
    def find_in_table(self, table: Any, columns: list[str], name: str | None = None) -> None:
        return None


def table(*items: Any, **options: Any) -> MetaData:
    """A table `t` with these columns and constraints; `r` has a type for EXCLUDE where that exists."""
    return keyed(
        Column("id", Integer, primary_key=True), Column("a", Integer), Column("s", String(20)), *items, **options
    )


def keyed(*items: Any, **options: Any) -> MetaData:
    """A table `t` of nothing else."""
    metadata = MetaData()
    arguments: tuple[Any, ...] = ("t", metadata, *items)
    Table(*arguments, **options)
    return metadata


def enum(*values: str, name: str = "mood", **options: Any) -> MetaData:
    """A table with an enum column `e`."""
    return table(Column("e", sa.Enum(*values, name=name, **options)))


def typed(kind: Any) -> MetaData:
    """A table with a column `k` of a type."""
    return table(Column("k", kind))


def excluding(operator: str | None) -> MetaData:
    """A table with an EXCLUDE constraint."""
    constraints = [postgresql.ExcludeConstraint(("r", operator), name="ex")] if operator else []
    return table(Column("r", postgresql.INT4RANGE), *constraints)


def key(*columns: str, name: str | None = None, **options: Any) -> MetaData:
    """A table `t` of two columns and a primary key."""
    parts = [Column(one, Integer, nullable=False, **options) for one in ("a", "b")]
    return keyed(*parts, sa.PrimaryKeyConstraint(*columns, name=name))


def with_sequence(**options: Any) -> MetaData:
    """A table, and a sequence of no table."""
    metadata = table()
    sa.Sequence("free", metadata=metadata, **options)
    return metadata


def foreign(**options: Any) -> MetaData:
    """A table with a foreign key to itself."""
    return table(sa.ForeignKeyConstraint(["a"], ["t.id"], **options))


def unique(**options: Any) -> MetaData:
    """A table with a unique constraint."""
    return table(sa.UniqueConstraint("s", name="u", **options))


def indexed(*columns: Any, **options: Any) -> MetaData:
    """A table with an index."""
    return table(Index("i", *(columns or ("s",)), **options))


def child() -> MetaData:
    """A table that inherits."""
    metadata = table(postgresql_inherits="p")
    Table("p", metadata, Column("id", Integer), Column("a", Integer), Column("s", String(20)))
    return metadata


def parent() -> MetaData:
    """The same, not inheriting."""
    metadata = table()
    Table("p", metadata, Column("id", Integer), Column("a", Integer), Column("s", String(20)))
    return metadata


POSTGRESQL: dict[str, tuple[Make, Make, str]] = {
    "an enum value": (lambda: enum("x"), lambda: enum("x", "y"), "enum values of `t.e`"),
    "the order of enum values": (lambda: enum("x", "y"), lambda: enum("y", "x"), "enum values of `t.e`"),
    "another enum": (lambda: enum("x"), lambda: enum("x", name="other"), SEEN),
    "an array of enums": (
        lambda: typed(sa.ARRAY(sa.Enum("x", name="mood"))),
        lambda: typed(sa.ARRAY(sa.Enum("x", "y", name="mood"))),
        "enum values of `t.k`",
    ),
    "an enum of the dialect": (
        lambda: typed(postgresql.ENUM("x", name="mood")),
        lambda: typed(postgresql.ENUM("x", "y", name="mood")),
        "enum values of `t.k`",
    ),
    "an enum as text": (
        lambda: enum("x", "y", native_enum=False),
        lambda: enum("x", "z", native_enum=False),
        "enum values of `t.e`",
    ),
    "an enum as text, now checked": (
        lambda: enum("x", native_enum=False),
        lambda: enum("x", native_enum=False, create_constraint=True),
        "check `mood` of `t`",
    ),
    "an enum as a variant": (
        lambda: typed(String(5).with_variant(sa.Enum("x", name="mood"), "postgresql")),
        lambda: typed(String(5).with_variant(sa.Enum("x", "y", name="mood"), "postgresql")),
        "enum values of `t.k`",
    ),
    "a check": (
        lambda: table(sa.CheckConstraint("a > 0", name="c")),
        lambda: table(sa.CheckConstraint("a > 1", name="c")),
        "check `c` of `t`",
    ),
    "a new check": (table, lambda: table(sa.CheckConstraint("a > 1", name="c")), "check `c` of `t`"),
    "an exclude constraint": (lambda: excluding(None), lambda: excluding("&&"), "exclude constraint `ex` of `t`"),
    "an operator of it": (lambda: excluding("="), lambda: excluding("&&"), "exclude constraint `ex` of `t`"),
    "a primary key": (lambda: key("a"), lambda: key("a", "b"), "primary key of `t`"),
    "its order": (lambda: key("a", "b"), lambda: key("b", "a"), "primary key of `t`"),
    "no autoincrement": (
        lambda: keyed(Column("a", Integer, primary_key=True)),
        lambda: keyed(Column("a", Integer, primary_key=True, autoincrement=False)),
        "primary key of `t`",
    ),
    "a sequence": (
        lambda: table(Column("q", Integer)),
        lambda: table(Column("q", Integer, sa.Sequence("sq"))),
        "sequence `q` of `t`",
    ),
    "where it starts": (
        lambda: table(Column("q", Integer, sa.Sequence("sq"))),
        lambda: table(Column("q", Integer, sa.Sequence("sq", start=5))),
        "sequence `q` of `t`",
    ),
    "a sequence of no table": (table, with_sequence, "sequence `free`"),
    "where that starts": (with_sequence, lambda: with_sequence(start=3), "sequence `free`"),
    "an identity": (
        lambda: table(Column("q", Integer, nullable=False)),
        lambda: table(Column("q", Integer, sa.Identity(), nullable=False)),
        "server default of `t.q`",
    ),
    "a computed column": (
        lambda: table(Column("q", Integer, sa.Computed("a + 1", persisted=True))),
        lambda: table(Column("q", Integer, sa.Computed("a + 2", persisted=True))),
        "computed of `t.q`",
    ),
    "a default": (
        lambda: table(Column("q", Integer, server_default="1")),
        lambda: table(Column("q", Integer, server_default="2")),
        "server default of `t.q`",
    ),
    "an index's condition": (
        indexed,
        lambda: indexed(postgresql_where=text("a > 1")),
        "index options `i` of `t`",
    ),
    "an index's method": (indexed, lambda: indexed(postgresql_using="hash"), "index options `i` of `t`"),
    "an operator class": (
        indexed,
        lambda: indexed(postgresql_ops={"s": "varchar_pattern_ops"}),
        "index options `i` of `t`",
    ),
    "columns of an index's leaves": (indexed, lambda: indexed(postgresql_include=["a"]), "index options `i` of `t`"),
    "storage of an index": (
        indexed,
        lambda: indexed(postgresql_with={"fillfactor": 50}),
        "index options `i` of `t`",
    ),
    "nulls of a unique index": (
        lambda: indexed(unique=True),
        lambda: indexed(unique=True, postgresql_nulls_not_distinct=True),
        SEEN,
    ),
    "the direction of an index": (indexed, lambda: indexed(text("s DESC")), SEEN),
    "a new index with a condition": (table, lambda: indexed(postgresql_where=text("a > 1")), SEEN),
    "a unique constraint, deferrable": (unique, lambda: unique(deferrable=True), "unique options `s` of `t`"),
    "its other columns": (unique, lambda: unique(postgresql_include=["a"]), "unique options `s` of `t`"),
    "its nulls": (unique, lambda: unique(postgresql_nulls_not_distinct=True), SEEN),
    "a foreign key that cascades": (foreign, lambda: foreign(ondelete="CASCADE"), SEEN),
    "a foreign key, deferrable": (foreign, lambda: foreign(deferrable=True, initially="DEFERRED"), SEEN),
    "MATCH FULL": (foreign, lambda: foreign(match="FULL"), "foreign key options `a -> t.id` of `t`"),
    "a name of a foreign key": (
        lambda: foreign(name="f"),
        lambda: foreign(name="g"),
        "foreign key options `a -> t.id` of `t`",
    ),
    "a comment": (table, lambda: table(comment="x"), SEEN),
    "a length": (lambda: typed(String(5)), lambda: typed(String(9)), SEEN),
    "no length": (lambda: typed(String(5)), lambda: typed(String()), "type options of `t.k`"),
    "a collation": (
        lambda: typed(String(5)),
        lambda: typed(String(5, collation="C")),
        "type options of `t.k`",
    ),
    "a time zone": (lambda: typed(sa.DateTime()), lambda: typed(sa.DateTime(timezone=True)), SEEN),
    "fields of an interval": (
        lambda: typed(postgresql.INTERVAL()),
        lambda: typed(postgresql.INTERVAL(fields="DAY")),
        "type options of `t.k`",
    ),
    "JSON": (lambda: typed(postgresql.JSON()), lambda: typed(postgresql.JSONB()), SEEN),
    "items of an array": (lambda: typed(sa.ARRAY(Integer)), lambda: typed(sa.ARRAY(sa.BigInteger)), SEEN),
    "what a domain checks": (
        lambda: typed(postgresql.DOMAIN("dd", Integer, check="VALUE > 0")),
        lambda: typed(postgresql.DOMAIN("dd", Integer, check="VALUE > 5")),
        "type options of `t.k`",
    ),
    "UNLOGGED": (table, lambda: table(prefixes=["UNLOGGED"]), "table options of `t`"),
    "partitions": (
        lambda: keyed(Column("a", Integer)),
        lambda: keyed(Column("a", Integer), postgresql_partition_by="RANGE (a)"),
        "table options of `t`",
    ),
    "INHERITS": (parent, child, "table options of `t`"),
}


MYSQL: dict[str, tuple[Make, Make, str]] = {
    "the order of enum values": (lambda: enum("x", "y"), lambda: enum("y", "x"), "enum values of `t.e`"),
    "a value of a set": (
        lambda: typed(mysql.SET("x", "y")),
        lambda: typed(mysql.SET("x", "y", "z")),
        "type options of `t.k`",
    ),
    "a check": (
        lambda: table(sa.CheckConstraint("a > 0", name="c")),
        lambda: table(sa.CheckConstraint("a > 1", name="c")),
        "check `c` of `t`",
    ),
    "a checked boolean": (
        lambda: typed(sa.Boolean()),
        lambda: typed(sa.Boolean(create_constraint=True, name="ckb")),
        "check `ckb` of `t`",
    ),
    "a primary key": (
        lambda: key("a", autoincrement=False),
        lambda: key("a", "b", autoincrement=False),
        "primary key of `t`",
    ),
    "no autoincrement": (
        lambda: keyed(Column("a", Integer, primary_key=True)),
        lambda: keyed(Column("a", Integer, primary_key=True, autoincrement=False)),
        "primary key of `t`",
    ),
    "UNSIGNED": (
        lambda: typed(mysql.INTEGER()),
        lambda: typed(mysql.INTEGER(unsigned=True)),
        "type options of `t.k`",
    ),
    "a collation": (
        lambda: typed(String(5)),
        lambda: typed(String(5, collation="utf8mb4_bin")),
        "type options of `t.k`",
    ),
    "a character set": (
        lambda: typed(mysql.VARCHAR(5)),
        lambda: typed(mysql.VARCHAR(5, charset="latin1")),
        "type options of `t.k`",
    ),
    "parts of a second": (
        lambda: typed(mysql.DATETIME()),
        lambda: typed(mysql.DATETIME(fsp=3)),
        "type options of `t.k`",
    ),
    "ON UPDATE": (
        lambda: table(Column("k", mysql.TIMESTAMP(), server_default=text("CURRENT_TIMESTAMP"))),
        lambda: table(
            Column("k", mysql.TIMESTAMP(), server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"))
        ),
        "server default of `t.k`",
    ),
    "a computed column": (
        lambda: table(Column("q", Integer, sa.Computed("a + 1", persisted=True))),
        lambda: table(Column("q", Integer, sa.Computed("a + 2", persisted=True))),
        "computed of `t.q`",
    ),
    "an engine": (table, lambda: table(mysql_engine="MyISAM"), "table options of `t`"),
    "a table's character set": (table, lambda: table(mysql_charset="latin1"), "table options of `t`"),
    "a length in an index": (indexed, lambda: indexed(mysql_length=5), "index options `i` of `t`"),
    "FULLTEXT": (indexed, lambda: indexed(mysql_prefix="FULLTEXT"), "index options `i` of `t`"),
    "a longer text": (lambda: typed(mysql.TEXT()), lambda: typed(mysql.LONGTEXT()), SEEN),
    "a foreign key that cascades": (foreign, lambda: foreign(ondelete="CASCADE"), SEEN),
}


@pytest.fixture(scope="module")
def postgresql_server(postgres_url: str) -> Iterator[sa.engine.Engine]:
    """A database of the module's own."""
    engine = sa.create_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def mysql_server(mysql_url: str) -> Iterator[sa.engine.Engine]:
    """A database of the module's own."""
    engine = sa.create_engine(mysql_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("before", "after", "named"), [pytest.param(*case, id=name) for name, case in POSTGRESQL.items()]
)
def test_on_postgresql(postgresql_server: sa.engine.Engine, before: Make, after: Make, named: str) -> None:
    """Either Alembic sees the change, or the rule names it, and never both."""
    with postgresql_server.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    _judge(postgresql_server, before, after, named)


@pytest.mark.parametrize(("before", "after", "named"), [pytest.param(*case, id=name) for name, case in MYSQL.items()])
def test_on_mysql(mysql_server: sa.engine.Engine, before: Make, after: Make, named: str) -> None:
    """The same."""
    with mysql_server.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS t"))
    _judge(mysql_server, before, after, named)


def _judge(server: sa.engine.Engine, before: Make, after: Make, named: str) -> None:
    old, new = before(), after()
    old.create_all(server)
    with server.connect() as connection:
        opts = {"compare_type": True}
        with warnings.catch_warnings():
            # "Computed default on t.q cannot be modified" is all that Alembic does about it
            warnings.simplefilter("ignore")
            seen = compare_metadata(MigrationContext.configure(connection, opts=opts), new)
        places: Any = _NoPlaces()
        past, present = (describe_targets([Target(connection.dialect, [one], opts)], places) for one in (old, new))
    found = [item.message for item in not_compared.check(past, present, [], environment=None)]
    if named == SEEN:
        assert seen
        assert found == []
    else:
        assert seen == []
        assert found == [f"{named} changed, which autogenerate does not compare"]
