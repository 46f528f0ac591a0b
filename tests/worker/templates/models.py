"""The models of a small shop: as its first revision made them, and as they have become."""

from __future__ import annotations

PLAIN_HEAD = """\
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base
"""
PLAIN_BASES = """
Base = declarative_base()
"""
PLAIN_OTHER = """
EventBase = declarative_base()
"""
FLASK_HEAD = """\
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
"""
FLASK_BASES = """
db = SQLAlchemy()
Base = db.Model
"""
FLASK_OTHER = """

class EventBase(db.Model):
    __abstract__ = True
    __bind_key__ = "events"
"""

EVENT_OLD = """

class Event(EventBase):
    __tablename__ = "event"

    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.String(20), nullable=False)
"""
EVENT_NEW = (
    EVENT_OLD
    + """\
    happened = sa.Column(sa.DateTime, nullable=False)

    __table_args__ = (sa.Index("ix_event_kind_happened", "kind", "happened"),)
"""
)

POSTGRESQL_OLD = """\
from sqlalchemy.dialects import postgresql
{bases}

class Supplier(Base):
    __tablename__ = "supplier"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False, unique=True)


class Legacy(Base):
    __tablename__ = "legacy"

    id = sa.Column(sa.Integer, primary_key=True)
    words = sa.Column(sa.Text)


class Item(Base):
    __tablename__ = "item"

    id = sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, index=True)
    price = sa.Column(sa.Numeric(10, 2), nullable=False, server_default="0")
    tags = sa.Column(postgresql.ARRAY(sa.String(20)))
    data = sa.Column(postgresql.JSONB, nullable=False, server_default=sa.text("'{{}}'::jsonb"))
    created = sa.Column(sa.DateTime(timezone=True), server_default=sa.func.now())
    colour = sa.Column(sa.Enum("red", "green", name="colour"), comment="as painted")
    supplier_id = sa.Column(sa.ForeignKey("supplier.id", ondelete="CASCADE"))

    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_positive"),
        sa.Index("ix_item_colour_created", "colour", "created"),
    )
"""

POSTGRESQL_NEW = """\
from sqlalchemy.dialects import postgresql
{bases}

class Supplier(Base):
    __tablename__ = "supplier"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)
    country = sa.Column(sa.String(2), nullable=False, server_default="AT")

    __table_args__ = (sa.UniqueConstraint("country", "name", name="supplier_name_in_country"),)


class Item(Base):
    __tablename__ = "item"

    id = sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    name = sa.Column(sa.String(120))
    price = sa.Column(sa.Numeric(12, 3), nullable=False, server_default="1")
    tags = sa.Column(postgresql.ARRAY(sa.String(20)), nullable=False)
    created = sa.Column(sa.DateTime(timezone=True), server_default=sa.func.now(), comment="by the clock of the server")
    colour = sa.Column(sa.Enum("red", "green", name="colour"))
    note = sa.Column(sa.Text, server_default="100% new")
    key = sa.Column(postgresql.UUID())
    supplier_id = sa.Column(sa.ForeignKey("supplier.id", ondelete="SET NULL"))

    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_positive"),
        sa.Index("ix_item_colour_created", "colour", "created", postgresql_where=sa.text("price > 0")),
        sa.Index("ix_item_key", "key", unique=True),
    )


class Order(Base):
    __tablename__ = "order"

    number = sa.Column(sa.Integer, primary_key=True)
    line = sa.Column(sa.SmallInteger, primary_key=True)
    item_id = sa.Column(sa.ForeignKey("item.id"), nullable=False)
    state = sa.Column(sa.Enum("open", "paid", name="order_state"), nullable=False, server_default="open")
    amount = sa.Column(sa.Integer, sa.Computed("line * 2"))
    span = sa.Column(postgresql.INT4RANGE)
"""

MYSQL_OLD = """\
from sqlalchemy.dialects import mysql
{bases}

class Supplier(Base):
    __tablename__ = "supplier"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False, unique=True)


class Legacy(Base):
    __tablename__ = "legacy"

    id = sa.Column(sa.Integer, primary_key=True)
    words = sa.Column(sa.Text)


class Item(Base):
    __tablename__ = "item"

    id = sa.Column(sa.BigInteger, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, index=True)
    price = sa.Column(sa.Numeric(10, 2), nullable=False, server_default="0.00")
    pieces = sa.Column(mysql.INTEGER(unsigned=True))
    words = sa.Column(mysql.MEDIUMTEXT)
    created = sa.Column(sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP"))
    colour = sa.Column(sa.Enum("red", "green"), comment="as painted")
    supplier_id = sa.Column(sa.ForeignKey("supplier.id", ondelete="CASCADE", name="fk_item_supplier"))

    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_positive"),
        sa.Index("ix_item_colour_created", "colour", "created"),
    )
"""

MYSQL_NEW = """\
from sqlalchemy.dialects import mysql
{bases}

class Supplier(Base):
    __tablename__ = "supplier"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80), nullable=False)
    country = sa.Column(sa.String(2), nullable=False, server_default="AT")

    __table_args__ = (sa.UniqueConstraint("country", "name", name="supplier_name_in_country"),)


class Item(Base):
    __tablename__ = "item"

    id = sa.Column(sa.BigInteger, primary_key=True)
    name = sa.Column(sa.String(120))
    price = sa.Column(sa.Numeric(12, 3), nullable=False, server_default="1.000")
    pieces = sa.Column(mysql.INTEGER(unsigned=True), nullable=False)
    words = sa.Column(mysql.LONGTEXT)
    created = sa.Column(sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP"), comment="by the clock of the server")
    colour = sa.Column(sa.Enum("red", "green"))
    note = sa.Column(sa.String(40), server_default="100% new")
    supplier_id = sa.Column(sa.ForeignKey("supplier.id", ondelete="SET NULL", name="fk_item_supplier"))

    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_positive"),
        sa.Index("ix_item_colour_created", "colour", "created", "price"),
        sa.Index("ix_item_note", "note", mysql_length=10),
    )


class Order(Base):
    __tablename__ = "order"

    number = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    line = sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False)
    item_id = sa.Column(sa.ForeignKey("item.id"), nullable=False)
    state = sa.Column(sa.Enum("open", "paid"), nullable=False, server_default="open")
    paid = sa.Column(sa.Boolean, nullable=False, server_default=sa.text("0"))

    __table_args__ = {{"mysql_charset": "utf8mb4"}}
"""

_SHOPS = {
    ("postgresql", "old"): POSTGRESQL_OLD,
    ("postgresql", "new"): POSTGRESQL_NEW,
    ("mysql", "old"): MYSQL_OLD,
    ("mysql", "new"): MYSQL_NEW,
}


def shop_models(dialect: str, age: str, *, flask: bool, events: bool) -> str:
    """models.py. age: `old` or `new`; events: with a second set of models for a second database."""
    head, bases, other = (FLASK_HEAD, FLASK_BASES, FLASK_OTHER) if flask else (PLAIN_HEAD, PLAIN_BASES, PLAIN_OTHER)
    shop = _SHOPS[dialect, age].format(bases=bases + (other if events else ""))
    event = {"old": EVENT_OLD, "new": EVENT_NEW}[age] if events else ""
    return head + shop + event
