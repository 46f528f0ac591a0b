"""Random models for PostgreSQL, and random changes of them: the same seed gives the same ones again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

_TYPES: tuple[Callable[[], Any], ...] = (
    sa.Integer,
    sa.BigInteger,
    sa.SmallInteger,
    lambda: sa.String(50),
    sa.String,
    sa.Text,
    lambda: sa.Unicode(20),
    sa.Boolean,
    lambda: sa.Numeric(10, 2),
    sa.Numeric,
    sa.Float,
    lambda: sa.Float(precision=24),
    sa.DateTime,
    lambda: sa.DateTime(timezone=True),
    sa.Date,
    sa.Time,
    sa.Interval,
    sa.LargeBinary,
    sa.JSON,
    pg.JSONB,
    pg.UUID,
    pg.INET,
    pg.TSVECTOR,
    lambda: pg.ARRAY(sa.Integer),
    lambda: pg.ARRAY(sa.String(5)),
    lambda: pg.TIMESTAMP(precision=3),
    lambda: sa.CHAR(3),
    lambda: pg.DOUBLE_PRECISION(),
    pg.INT4RANGE,
    lambda: pg.BIT(3),
    lambda: sa.Enum("a", "b", "it's", name="kind"),
    lambda: sa.Enum("x", "y", name="plain", native_enum=False),
)
#: Server defaults by the class of the type, as a model spells them.
_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "Integer": ("0", "5", "-1", sa.text("1 + 2"), sa.text("'7'"), sa.text("10")),
    "BigInteger": ("0", sa.text("10000000000")),
    "String": (
        "",
        "x",
        "it's",
        sa.text("'y'"),
        sa.text("'y'::character varying"),
        sa.func.lower("A"),
        sa.text("md5('a')"),
    ),
    "Text": ("z", sa.text("'z'::text"), sa.text("current_user")),
    "Boolean": ("true", "false", "t", "0", sa.true(), sa.false(), sa.text("true"), sa.text("'f'")),
    "Numeric": ("0", "0.00", "1.5", sa.text("0.5"), sa.text("1.0")),
    "Float": ("0", "1.5", sa.text("0.1")),
    "DateTime": (
        sa.func.now(),
        sa.text("now()"),
        sa.text("CURRENT_TIMESTAMP"),
        sa.text("timezone('utc', now())"),
        sa.text("(now() at time zone 'utc')"),
        "2020-01-01",
    ),
    "Date": (sa.func.current_date(), sa.text("CURRENT_DATE"), "2020-01-01"),
    "Interval": ("1 day", sa.text("'00:05:00'")),
    "JSONB": ("{}", sa.text("'{}'::jsonb"), sa.text("'[]'"), '{"a": 1}'),
    "UUID": (sa.text("gen_random_uuid()"),),
    "ARRAY": ("{}", sa.text("'{}'")),
    "Enum": ("a", "b"),
}


class Models:
    """A metadata, and the random choices made for it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.metadata = sa.MetaData(naming_convention=self._naming_convention())
        self._number = 0
        for _ in range(self.random.randint(3, 6)):
            self.add_table()

    def _naming_convention(self) -> Any:
        usual = {"ix": "ix_%(column_0_label)s"}
        full = {
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
        return self.random.choice([usual, full])

    def _name(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    @property
    def tables(self) -> list[sa.Table]:
        return [self.metadata.tables[name] for name in sorted(self.metadata.tables)]

    def change(self) -> None:
        """One random change of the models."""
        weights = {
            self.add_table: 1,
            self._drop_table: 1,
            self._add_column: 4,
            self._drop_column: 3,
            self._change_nullable: 3,
            self._change_type: 5,
            self._change_default: 6,
            self._add_index: 4,
            self._drop_index: 3,
            self._add_unique: 2,
            self._drop_constraint: 3,
            self._comment: 2,
            self._toggle_unique_index: 1,
        }
        self.random.choices(list(weights), list(weights.values()))[0]()

    # parts

    def add_table(self) -> None:
        key: Any = self.random.choice([sa.Integer(), sa.BigInteger(), pg.UUID(), sa.String(10)])
        extra = (
            [sa.Identity(start=self.random.randint(1, 3))] if isinstance(key, sa.Integer) and self._rare(0.3) else []
        )
        others = self.tables
        table = sa.Table(self._name("t"), self.metadata, sa.Column("id", key, *extra, primary_key=True))
        if self._rare(0.3):
            table.comment = "about it's"
        for _ in range(self.random.randint(2, 6)):
            table.append_column(self._make_column())
        if others and self._rare(0.6):
            self._refer(table, self.random.choice(others))
        for extra_part in (self._add_index, self._add_unique, self._add_check):
            if self._rare(0.4):
                extra_part(table)

    def _rare(self, share: float) -> bool:
        return self.random.random() < share

    def _make_column(self) -> sa.Column[Any]:
        kind = self.random.choice(_TYPES)()
        options: dict[str, Any] = {"nullable": self._rare(0.6)}
        if self._rare(0.4):
            options["server_default"] = self._default_for(kind)
        if self._rare(0.1) and not isinstance(kind, (sa.JSON, sa.LargeBinary, pg.BIT)):
            options["index" if self._rare(0.6) else "unique"] = True
        if self._rare(0.1):
            options["comment"] = "a column"
        return sa.Column(self._name("c"), kind, **options)

    def _default_for(self, kind: Any) -> Any:
        if isinstance(kind, sa.Enum):
            return "a" if kind.native_enum else "x"
        names = [cls.__name__ for cls in type(kind).__mro__]
        found = next((_DEFAULTS[name] for name in names if name in _DEFAULTS), None)
        return self.random.choice(found) if found else None

    def _refer(self, table: sa.Table, other: sa.Table) -> None:
        options: dict[str, Any] = {
            "ondelete": self.random.choice([None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"]),
            "onupdate": self.random.choice([None, None, "CASCADE"]),
            "deferrable": self.random.choice([None, None, True]),
        }
        name = self._name("r")
        table.append_column(sa.Column(name, other.c.id.type, sa.ForeignKey(other.c.id, **options)))

    def _pick_table(self) -> sa.Table:
        return self.random.choice(self.tables)

    def _plain_columns(self, table: sa.Table) -> list[sa.Column[Any]]:
        used = {c.name for k in table.constraints if isinstance(k, sa.CheckConstraint) for c in k.columns}
        return [c for c in table.c if not c.primary_key and not c.foreign_keys and c.name not in used]

    def _key_columns(self, table: sa.Table) -> list[sa.Column[Any]]:
        """Those that a btree index takes."""
        columns = self._plain_columns(table)
        return [c for c in columns if not isinstance(c.type, sa.JSON) or isinstance(c.type, pg.JSONB)] or [table.c.id]

    def _pick_column(self) -> sa.Column[Any] | None:
        columns = self._plain_columns(self._pick_table())
        return self.random.choice(columns) if columns else None

    # changes

    def _drop_table(self) -> None:
        referred = {key.column.table.name for table in self.tables for key in table.foreign_keys}
        free = [table for table in self.tables if table.name not in referred]
        if free:
            self.metadata.remove(self.random.choice(free))

    def _add_column(self) -> None:
        self._pick_table().append_column(self._make_column())

    def _drop_column(self) -> None:
        """By making the table anew without it."""
        column = self._pick_column()
        if column is None:
            return
        table = column.table
        self.metadata.remove(table)
        copy = sa.Table(table.name, self.metadata, comment=table.comment)
        for other in table.c:
            if other is not column:
                copy.append_column(other._copy())
        for constraint in sorted(_uniques_of(table), key=lambda item: str(item.name)):
            if column.name not in constraint.columns and not getattr(constraint, "_column_flag", False):
                copy.append_constraint(sa.UniqueConstraint(*constraint.columns.keys(), name=constraint.name))

    def _change_nullable(self) -> None:
        column = self._pick_column()
        if column is not None:
            column.nullable = not column.nullable

    def _change_type(self) -> None:
        column = self._pick_column()
        if column is not None:
            column.type = self.random.choice(_TYPES)()

    def _change_default(self) -> None:
        column = self._pick_column()
        if column is None:
            return
        made = None if self._rare(0.2) else self._default_for(column.type)
        column.server_default = sa.DefaultClause(made) if made is not None else None

    def _add_index(self, table: sa.Table | None = None) -> None:
        chosen = table if table is not None else self._pick_table()
        columns = self._key_columns(chosen)
        column = self.random.choice(columns)
        name = self._name("ix_")
        is_text = isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)
        if is_text and self._rare(0.4):
            sa.Index(name, sa.func.lower(column), unique=self._rare(0.2))
        elif self._rare(0.2):
            sa.Index(name, column.desc(), postgresql_where=chosen.c.id.isnot(None))
        elif self._rare(0.15):
            sa.Index(name, chosen.c.id, postgresql_include=[column.name])
        else:
            sa.Index(name, column, chosen.c.id, unique=self._rare(0.3))

    def _drop_index(self) -> None:
        table = self._pick_table()
        if table.indexes:
            table.indexes.discard(self.random.choice(sorted(table.indexes, key=lambda index: str(index.name))))

    def _toggle_unique_index(self) -> None:
        table = self._pick_table()
        for index in sorted(table.indexes, key=lambda item: str(item.name))[:1]:
            index.unique = not index.unique

    def _add_unique(self, table: sa.Table | None = None) -> None:
        chosen = table if table is not None else self._pick_table()
        columns = [column.name for column in self._key_columns(chosen) if column.name != "id"]
        chosen.append_constraint(sa.UniqueConstraint("id", *columns[:1], name=self._name("uq_")))

    def _add_check(self, table: sa.Table) -> None:
        column = self._plain_columns(table)[0]
        table.append_constraint(sa.CheckConstraint(f"{column.name} IS NOT NULL", name=self._name("ck_")))

    def _drop_constraint(self) -> None:
        table = self._pick_table()
        kinds = (sa.UniqueConstraint, sa.ForeignKeyConstraint, sa.CheckConstraint)
        found = sorted((c for c in table.constraints if isinstance(c, kinds)), key=lambda item: str(item.name))
        if found:
            table.constraints.discard(self.random.choice(found))

    def _comment(self) -> None:
        if self._rare(0.4):
            self._pick_table().comment = self.random.choice([None, "new"])
            return
        column = self._pick_column()
        if column is not None:
            column.comment = self.random.choice([None, "new note", "it's"])


def _uniques_of(table: sa.Table) -> list[sa.UniqueConstraint]:
    return [constraint for constraint in table.constraints if isinstance(constraint, sa.UniqueConstraint)]


def make_models(seed: int, changes: int = 0, change_seed: int = 0) -> sa.MetaData:
    """The metadata of a seed after so many changes."""
    models = Models(seed)
    models.random.seed(f"{seed}-{change_seed}")
    for _ in range(changes):
        models.change()
    return models.metadata
