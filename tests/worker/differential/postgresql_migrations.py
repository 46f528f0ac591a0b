"""Random migrations as people write them: Alembic operations, and queries whose answers steer them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session

_KINDS: tuple[Callable[[], Any], ...] = (
    sa.Integer,
    lambda: sa.String(30),
    sa.Text,
    sa.Boolean,
    lambda: sa.DateTime(timezone=True),
    pg.JSONB,
    pg.UUID,
    lambda: sa.Numeric(8, 2),
)


class Migration:
    """One upgrade function's worth of random steps, for one connection. The same seed takes the same steps as long as
    the database gives the same answers."""

    def __init__(self, connection: sa.engine.Connection, seed: str, number: int) -> None:
        self.random = Random(seed)
        self.bind = connection.execution_options(no_parameters=False)
        self.op: Any = Operations(MigrationContext.configure(self.bind))
        self._number = number * 1000

    def run(self) -> None:
        """Three to seven steps."""
        steps = [*_CHANGES, *_CHANGES, *_QUERIES]
        if not self._tables():
            _create_table(self)
        for _ in range(self.random.randint(3, 7)):
            self.random.choice(steps)(self)

    # what steps are made of

    def new(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}_{self._number}"

    def _tables(self) -> list[str]:
        return sorted(sa.inspect(self.bind).get_table_names())

    def table(self) -> str:
        return self.random.choice(self._tables())

    def columns(self, table: str) -> list[str]:
        return [column["name"] for column in sa.inspect(self.bind).get_columns(table) if column["name"] != "id"]

    def column(self, table: str) -> str:
        return self.random.choice(self.columns(table) or ["id"])

    def new_column(self) -> sa.Column[Any]:
        return sa.Column(self.new("c"), self.random.choice(_KINDS)(), nullable=True)

    def scalar(self, sql: str, **parameters: Any) -> Any:
        return self.bind.execute(sa.text(sql), parameters).scalar()


def _create_table(migration: Migration) -> None:
    columns = [migration.new_column() for _ in range(migration.random.randint(1, 4))]
    migration.op.create_table(
        migration.new("t"),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(20), server_default="x"),
        *columns,
        sa.UniqueConstraint("name"),
    )


def _drop_table(migration: Migration) -> None:
    tables = migration._tables()
    if len(tables) > 2:
        migration.op.execute(f"DROP TABLE {migration.random.choice(tables)} CASCADE")


def _add_column(migration: Migration) -> None:
    migration.op.add_column(migration.table(), migration.new_column())


def _drop_column(migration: Migration) -> None:
    table = migration.table()
    found = migration.columns(table)
    if len(found) > 1:
        migration.op.drop_column(table, migration.random.choice(found))


def _alter_column(migration: Migration) -> None:
    table = migration.table()
    column = migration.column(table)
    if column == "id":
        return
    choice = migration.random.randint(0, 3)
    if choice == 0:
        migration.op.alter_column(
            table, column, type_=sa.Text(), postgresql_using=f"{column}::text", server_default=None
        )
    elif choice == 1:
        migration.op.alter_column(table, column, new_column_name=migration.new("r"))
    elif choice == 2:
        migration.op.alter_column(table, column, comment="noted", existing_type=sa.Text())
    else:
        migration.op.alter_column(table, column, server_default=sa.text("NULL"))


def _create_index(migration: Migration) -> None:
    table = migration.table()
    migration.op.create_index(migration.new("ix"), table, [migration.column(table)], unique=False)


def _create_foreign_key(migration: Migration) -> None:
    table, other = migration.table(), migration.table()
    keys = sa.inspect(migration.bind).get_pk_constraint(other)["constrained_columns"]
    if keys == ["id"]:
        name = migration.new("r")
        migration.op.add_column(table, sa.Column(name, sa.Integer()))
        migration.op.create_foreign_key(migration.new("fk"), table, other, [name], ["id"], ondelete="CASCADE")


def _rename_table(migration: Migration) -> None:
    migration.op.rename_table(migration.table(), migration.new("renamed"))


def _batch(migration: Migration) -> None:
    with migration.op.batch_alter_table(migration.table()) as batch:
        batch.add_column(migration.new_column())


def _count_and_steer(migration: Migration) -> None:
    table = migration.table()
    if migration.scalar(f"SELECT count(*) FROM {table}") == 0:
        migration.op.add_column(table, sa.Column(migration.new("empty"), sa.Integer(), nullable=False))
    else:
        migration.op.add_column(table, sa.Column(migration.new("full"), sa.Integer(), nullable=True))


def _exists_and_steer(migration: Migration) -> None:
    table = migration.table()
    if migration.scalar(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE id > 0)"):
        migration.op.create_index(migration.new("ix"), table, ["id"])


def _insert(migration: Migration) -> None:
    table = migration.table()
    migration.op.execute(f"INSERT INTO {table} (id) VALUES ({migration.random.randint(1, 10**6)})")


def _bulk_insert(migration: Migration) -> None:
    table = sa.table(migration.table(), sa.column("id", sa.Integer))
    migration.op.bulk_insert(table, [{"id": migration.random.randint(10**6, 10**9)} for _ in range(2)])


def _update(migration: Migration) -> None:
    table = migration.table()
    migration.op.execute(f"UPDATE {table} SET id = id + 0 WHERE id < 0")


def _select_and_update(migration: Migration) -> None:
    table = sa.table(migration.table(), sa.column("id", sa.Integer))
    for row in migration.bind.execute(sa.select(table.c.id)).fetchall():
        migration.bind.execute(sa.update(table).where(table.c.id == row[0]).values(id=row[0]))


def _steer_by_rows(migration: Migration) -> None:
    table = migration.table()
    rows = migration.bind.execute(sa.text(f"SELECT id FROM {table} ORDER BY id LIMIT 1")).fetchall()
    for _ in rows:
        migration.op.add_column(table, sa.Column(migration.new("by_row"), sa.Text()))


def _steer_by_rowcount(migration: Migration) -> None:
    table = migration.table()
    if migration.bind.execute(sa.text(f"UPDATE {table} SET id = id + 0")).rowcount:
        migration.op.add_column(table, sa.Column(migration.new("updated"), sa.Text()))


def _inspector_and_steer(migration: Migration) -> None:
    inspector = sa.inspect(migration.bind)
    if not inspector.has_table("settings"):
        migration.op.create_table(
            "settings", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", sa.Text())
        )
    table = migration.table()
    names = {index["name"] for index in inspector.get_indexes(table)}
    if len(names) > 2:
        migration.op.drop_index(sorted(str(name) for name in names)[-1], table)


def _information_schema(migration: Migration) -> None:
    table = migration.table()
    sql = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table"
    if (migration.scalar(sql, table=table) or 0) > 4:
        migration.op.add_column(table, sa.Column(migration.new("wide"), sa.Boolean()))


def _system_catalog(migration: Migration) -> None:
    table = migration.table()
    sql = (
        "SELECT conname FROM pg_constraint WHERE conrelid = cast(:table AS regclass) AND contype = 'u' ORDER BY conname"
    )
    names = [row[0] for row in migration.bind.execute(sa.text(sql), {"table": table})]
    for name in names[:1]:
        migration.op.drop_constraint(name, table, type_="unique")


def _to_regclass(migration: Migration) -> None:
    if migration.scalar("SELECT to_regclass('public.settings')") is None:
        _add_column(migration)


def _enum(migration: Migration) -> None:
    name = migration.new("kind")
    kind = pg.ENUM("a", "b", name=name)
    kind.create(migration.bind, checkfirst=True)
    migration.op.add_column(
        migration.table(),
        sa.Column(migration.new("e"), pg.ENUM("a", "b", name=name, create_type=False), server_default="a"),
    )
    if migration.random.random() < 0.5:
        migration.op.execute(f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS 'c'")


def _session(migration: Migration) -> None:
    metadata = sa.MetaData()
    table = sa.Table(migration.table(), metadata, sa.Column("id", sa.Integer, primary_key=True))
    with Session(bind=migration.bind) as session:
        count = session.query(table).count()
    if count:
        migration.op.create_index(migration.new("ix"), table.name, ["id"])


def _reflect_and_steer(migration: Migration) -> None:
    table = sa.Table(migration.table(), sa.MetaData(), autoload_with=migration.bind)
    if len(table.c) > 5:
        migration.op.add_column(table.name, sa.Column(migration.new("reflected"), sa.Date()))


def _savepoint(migration: Migration) -> None:
    table = migration.table()
    nested = migration.bind.begin_nested()
    migration.op.add_column(table, sa.Column(migration.new("taken_back"), sa.Text()))
    if migration.random.random() < 0.6:
        nested.rollback()
    else:
        nested.commit()


def _caught_error(migration: Migration) -> None:
    nested = migration.bind.begin_nested()
    try:
        migration.op.drop_index("not_there")
        nested.commit()
    except sa.exc.ProgrammingError:
        nested.rollback()
        _add_column(migration)


_CHANGES: tuple[Callable[[Migration], None], ...] = (
    _create_table,
    _drop_table,
    _add_column,
    _drop_column,
    _alter_column,
    _create_index,
    _create_foreign_key,
    _rename_table,
    _batch,
    _enum,
)
_QUERIES: tuple[Callable[[Migration], None], ...] = (
    _count_and_steer,
    _exists_and_steer,
    _insert,
    _bulk_insert,
    _update,
    _select_and_update,
    _steer_by_rows,
    _steer_by_rowcount,
    _inspector_and_steer,
    _information_schema,
    _system_catalog,
    _to_regclass,
    _session,
    _reflect_and_steer,
    _savepoint,
    _caught_error,
)
