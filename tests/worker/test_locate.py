"""Where operations are said to come from, and what is described besides them."""

from __future__ import annotations

import pytest

from migguard.worker.protocol import Response
from tests.worker.stage import ENV, MODELS, Stage, plain_project, revision, summary

RICH = """\
import sqlalchemy as sa
from sqlalchemy import Column, Table
from sqlalchemy.orm import declarative_base, declared_attr, relationship

from mixins import Stamped

Base = declarative_base()

user_group = Table(
    "user_group",
    Base.metadata,
    Column("user_id", sa.ForeignKey("user.id"), primary_key=True),
    Column("group_id", sa.ForeignKey("group.id"), primary_key=True),
    Column("since", sa.Date),
)


class User(Stamped, Base):
    __tablename__ = "user"
    __table_args__ = (
        sa.UniqueConstraint("first", "last", name="uq_names"),
        sa.CheckConstraint("age > 0", name="ck_age"),
    )

    id = Column(sa.Integer, primary_key=True)
    first = Column(sa.String(20))
    last = Column(sa.String(20), index=True)
    years = Column("age", sa.Integer, server_default="1")
    kind = Column(sa.Enum("a", "b", name="kind"))
    groups = relationship("Group", secondary=user_group)


class Manager(User):
    level = Column(sa.Integer)


class Group(Base):
    __tablename__ = "group"
    id = Column(sa.Integer, sa.Sequence("group_ids", start=5), primary_key=True)
"""

MIXINS = """\
import sqlalchemy as sa
from sqlalchemy.orm import declared_attr


class Stamped:
    created = sa.Column(sa.DateTime)

    @declared_attr
    def owner_id(cls):
        return sa.Column(sa.ForeignKey("group.id"))
"""

FIRST = """\
op.create_table("group", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table("user_group", sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), primary_key=True),
    sa.Column("group_id", sa.Integer(), sa.ForeignKey("group.id"), primary_key=True))"""


@pytest.fixture
def rich(stage: Stage) -> Response:
    """The answer about models of every form, with only their tables in a revision."""
    files = plain_project(models=RICH, first=revision("a1", None, FIRST))
    return stage.write({**files, "mixins.py": MIXINS}).ask()


def test_each_operation_is_placed_where_the_models_say_it(rich: Response) -> None:
    places = {
        line: (one.place.path, one.place.line) if one.place else None
        for line, one in zip(summary(rich), rich.operations, strict=True)
    }

    def at(text: str) -> tuple[str, int]:
        source, name = (MIXINS, "mixins.py") if text in MIXINS else (RICH, "models.py")
        return name, next(n for n, line in enumerate(source.splitlines(), 1) if text in line)

    assert places == {
        "add_column user first": at("first = Column"),
        "add_column user last": at("last = Column"),
        "add_column user age": at("years = Column"),
        "add_column user kind": at("kind = Column"),
        "add_column user level": at("level = Column"),
        "add_column user created": at("created = sa"),
        "add_column user owner_id": at("def owner_id"),
        "add_column user_group since": at('"since"'),
        "add_index user last ix_user_last": at("last = Column"),
        "add_constraint user uq_names": at('name="uq_names"'),
        "add_fk user owner_id": at("def owner_id"),
    }


def test_features_that_autogenerate_does_not_compare_are_described(rich: Response) -> None:
    features = {one.table: one.features for one in rich.descriptions}
    assert features["group"].pop("columns") == {"id": "INTEGER"}
    assert set(features["user"].pop("columns")) >= {"age", "owner_id"}
    assert len(features["user_group"].pop("columns")) == 3
    assert features == {
        "group": {"primary key": {"": "id"}, "sequence": {"id": "group_ids start 5"}},
        "user": {
            "check": {"ck_age": "age > 0"},
            "primary key": {"": "id"},
            "enum values": {"kind": "a, b"},
            "server default": {"age": "'1'"},
            "index options": {"ix_user_last": "plain"},
            "unique options": {"first, last": "plain"},
            "foreign key options": {"owner_id -> group.id": "plain"},
        },
        "user_group": {
            "primary key": {"": "user_id, group_id"},
            "foreign key options": {"group_id -> group.id": "plain", "user_id -> user.id": "plain"},
        },
    }
    lines = [RICH.splitlines()[one.place.line - 1] for one in rich.descriptions if one.place and one.place.line]
    assert lines == ["class Group(Base):", "class User(Stamped, Base):", "user_group = Table("]


def test_describe_gives_the_same_as_check_without_a_replay(stage: Stage, rich: Response) -> None:
    stage.write({"migrations/versions/a1_first.py": revision("a1", None, "raise RuntimeError")})
    answer = stage.ask("describe")
    assert answer.failure is None
    assert answer.descriptions == rich.descriptions
    assert answer.operations == []


def test_types_and_defaults_are_described_where_env_py_does_not_compare_them(stage: Stage) -> None:
    models = MODELS + "    email = sa.Column(sa.String(50), server_default=sa.text('now()'))\n"
    env = ENV.replace("Base.metadata)", "Base.metadata, compare_type=False)")
    (described,) = stage.write(plain_project(models=models, env=env)).ask("describe").descriptions
    assert described.features["type"] == {"email": "VARCHAR(50)", "id": "INTEGER"}
    assert described.features["server default"] == {"email": "now()"}
    env = env.replace("compare_type=False", "compare_type=True, compare_server_default=True")
    (described,) = stage.write(plain_project(models=models, env=env)).ask("describe").descriptions
    assert set(described.features) == {"columns", "primary key"}


def test_changes_of_type_and_nullability_say_from_what_to_what(stage: Stage) -> None:
    models = MODELS + "    email = sa.Column(sa.String(80), nullable=False)\n"
    first = (
        'op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("email", sa.String(50)))'
    )
    env = ENV.replace("Base.metadata)", "Base.metadata, compare_type=True)")
    answer = stage.write(plain_project(models=models, env=env, first=revision("a1", None, first))).ask()
    assert sorted((one.kind, one.column, one.detail) for one in answer.operations) == [
        ("modify_nullable", "email", "nullable to not null"),
        ("modify_type", "email", "VARCHAR(50) to VARCHAR(80)"),
    ]
    assert all(one.place is not None and one.place.line == 11 for one in answer.operations)
