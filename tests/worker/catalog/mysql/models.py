"""Models that use what SQLAlchemy's MySQL dialect can say."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import mysql


class Color(enum.Enum):
    red = 1
    green = 2


def make_metadata() -> sa.MetaData:
    """A new MetaData with all of them."""
    metadata = sa.MetaData()
    sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(255), nullable=False, unique=True, comment="it's the key"),
        sa.Column("name", sa.Unicode(50, collation="utf8mb4_unicode_ci"), index=True, server_default="x"),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("checked", sa.Boolean(create_constraint=True, name="ck_checked")),
        sa.Column("color", sa.Enum(Color), server_default="red"),
        sa.Column("plain_enum", sa.Enum("a", "b", name="plain")),
        sa.Column("bio", sa.Text),
        sa.Column("long_bio", mysql.LONGTEXT(charset="latin1")),
        sa.Column("data", sa.JSON),
        sa.Column("price", sa.Numeric(10, 2), server_default="0"),
        sa.Column("ratio", sa.Float),
        sa.Column("big", mysql.BIGINT(unsigned=True)),
        sa.Column("small", mysql.SMALLINT(unsigned=True, zerofill=True)),
        sa.Column("bits", mysql.BIT(4)),
        sa.Column("year", mysql.YEAR()),
        sa.Column("flags", mysql.SET("x", "y")),
        sa.Column("token", sa.LargeBinary(16)),
        sa.Column("raw", mysql.VARBINARY(32)),
        sa.Column("born", sa.Date),
        sa.Column("at", sa.Time),
        sa.Column("created", sa.DateTime, server_default=sa.func.now()),
        sa.Column("precise", mysql.DATETIME(fsp=6)),
        sa.Column(
            "updated",
            mysql.TIMESTAMP(),
            nullable=False,
            server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
        ),
        sa.Column("double_price", sa.Numeric(12, 2), sa.Computed("`price` * 2", persisted=True)),
        sa.Column("upper_name", sa.String(50), sa.Computed("ucase(`name`)")),
        sa.CheckConstraint("price >= 0", name="ck_price"),
        sa.CheckConstraint("ratio > 0 and ratio < 100"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        comment="people",
    )
    sa.Table(
        "post",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("parent_id", sa.BigInteger, sa.ForeignKey("post.id", name="fk_parent", onupdate="CASCADE")),
        sa.Column("title", sa.String(200)),
        sa.Column("body", sa.Text),
        sa.Index("ix_title", "title", mysql_length=20, mariadb_length=20),
        sa.Index("ix_both", "account_id", sa.text("title DESC")),
        sa.Index("ft_body", "body", mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT"),
        sa.UniqueConstraint("account_id", "title", name="uq_post"),
    )
    sa.Table(
        "tag_of_post",
        metadata,
        sa.Column("post_id", sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("tag", sa.String(30), primary_key=True),
        sa.Column("account_id", sa.Integer),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account", ondelete="SET NULL"),
    )
    return metadata
