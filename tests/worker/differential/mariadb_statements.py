"""Random DDL for MariaDB, mostly sensible, guided by the tables that there are."""

from __future__ import annotations

import random
from collections.abc import Callable

from migguard.worker.engines.catalog.mysql.catalog import MysqlDatabase
from migguard.worker.engines.catalog.mysql.model import Table

INTEGERS = ["int", "integer", "bigint", "smallint", "tinyint", "mediumint", "tinyint(1)", "bool", "int(5)", "int unsigned",  # noqa: E501
            "bigint unsigned", "int(8) unsigned zerofill", "smallint(3)"]  # fmt: skip
NUMBERS = ["decimal", "decimal(10,2)", "numeric(5)", "decimal(6,4) unsigned", "float", "double", "float(7,3)", "double precision",  # noqa: E501
           "float(30)", "real", "bit", "bit(8)"]  # fmt: skip
STRINGS = ["varchar(20)", "varchar(255)", "char(5)", "char", "varchar(100) character set latin1", "varchar(50) collate utf8mb4_bin",  # noqa: E501
           "varchar(30) charset utf8mb3", "varchar(40) collate utf8mb4_unicode_ci", "national varchar(10)", "varchar(800)",  # noqa: E501
           "varchar(9)", "char(36) character set ascii", "varchar(64) binary"]  # fmt: skip
LONG = ["text", "longtext", "mediumtext", "tinytext", "text(100)", "text(20000)", "json", "text collate utf8mb4_bin"]
BYTES = ["blob", "longblob", "varbinary(16)", "binary(16)", "blob(300)", "tinyblob", "binary"]
TIMES = ["date", "datetime", "timestamp", "time", "datetime(6)", "timestamp(3)", "time(2)", "year", "datetime(0)"]
LISTS = ["enum('a','b','c')", "set('x','y')", "enum('it''s','B')", "enum('only') character set latin1"]
OTHERS = ["uuid", "inet6", "point"]
NAMES = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "id",
    "Name",
    "user_id",
    "value",
    "x1",
    "order",
    "longer_name_of_a_column",
]
TABLES = ["t1", "t2", "t3", "parent", "Child"]
CONSTRAINTS = ["k1", "k2", "ix_a", "uq_b", "fk_1", "fk_2", "ck_1", "ck_2", "a", "b"]


def quote(name: str) -> str:
    return f"`{name}`"


class Maker:
    """Makes statements for a database as it is now."""

    def __init__(self, random_: random.Random, database: MysqlDatabase) -> None:
        self.random = random_
        self.database = database

    def tables(self) -> list[Table]:
        return list(self.database.schemas[self.database.home or ""].tables.values())

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def pick(self, *values: str) -> str:
        return self.random.choice(values)

    def statement(self) -> str:
        tables = self.tables()
        if not tables or (len(tables) < 4 and self.chance(0.15)):
            return self.create_table()
        kinds: list[tuple[float, Callable[[], str]]] = [
            (0.72, self.alter_table),
            (0.09, self.create_index),
            (0.05, self.drop_index),
            (0.03, self.rename_table),
            (0.05, self.drop_table),
            (0.02, self.like),
            (0.02, lambda: self.pick("SET foreign_key_checks=0", "SET FOREIGN_KEY_CHECKS = 1", "SET foreign_key_checks=1")),  # noqa: E501
        ]  # fmt: skip
        chosen = self.random.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]
        return chosen()

    # ---- names
    def table(self) -> Table:
        return self.random.choice(self.tables())

    def column_of(self, table: Table) -> str:
        if self.chance(0.02):
            return self.pick(*NAMES)
        return self.random.choice(table.columns).name

    def new_name(self, table: Table | None) -> str:
        taken = {one.name.lower() for one in table.columns} if table else set()
        free = [name for name in NAMES if name.lower() not in taken]
        return self.random.choice(free if free and not self.chance(0.03) else NAMES)

    # ---- columns
    def type(self) -> str:
        pools = [INTEGERS, NUMBERS, STRINGS, LONG, BYTES, TIMES, LISTS, OTHERS]
        return self.random.choice(self.random.choices(pools, [8, 4, 8, 3, 2, 5, 2, 0.6])[0])

    def default_for(self, shape: str) -> str:
        if self.chance(0.04):
            return self.pick("'x'", "0", "''", "current_timestamp", "(uuid())", "1.5", "'2020-01-01'", "true")
        if shape in INTEGERS:
            return self.pick(
                "0", "1", "'1'", "-5", "'0'", "7", "100", "(1 + 2)", "null", "'12'", "false", "true", "5.5"
            )
        if shape in NUMBERS and not shape.startswith("bit"):
            return self.pick("0", "1.5", "'2.25'", "3", "null", "0.10", "(2 * 3)", "99", "'0'")
        if shape.startswith("bit"):
            return self.pick("b'1'", "1", "0", "b'0'", "null")
        if shape in STRINGS or shape in LONG:
            return self.pick(
                "''",
                "'x'",
                "'it''s'",
                "'a\\\\b'",
                "null",
                "5",
                "'new'",
                "('y')",
                "(concat('a','b'))",
                '"q"',
                "(uuid())",
            )
        if shape in BYTES:
            return self.pick("'x'", "null", "''")
        if shape in TIMES:
            return self._moment(shape)
        if shape in LISTS:
            return self.pick("'a'", "'x'", "'B'", "null", "'x,y'", "'only'")
        return "null"

    def _moment(self, shape: str) -> str:
        if shape.startswith(("datetime", "timestamp")):
            return self.pick("current_timestamp", "now()", "'2020-01-02'", "'2020-01-02 03:04:05'", "null", "(now())",
                             "current_timestamp()", "'2020-01-02 03:04:05.5'", "(now() + interval 1 day)")  # fmt: skip
        if shape == "date":
            return self.pick("'2020-01-02'", "null", "(curdate())", "(current_date)", "'2021-3-4'")
        if shape == "year":
            return self.pick("2020", "'2021'", "null")
        return self.pick("'10:11:12'", "'10:11'", "null")

    def column(self, name: str, table: Table | None, others: list[str]) -> str:
        shape = self.type()
        text = f"{quote(name)} {shape}"
        if others and self.chance(0.05):
            expression = self.pick(
                f"{quote(others[0])} + 1", f"concat({quote(others[0])}, 'x')", f"{quote(others[-1])} > 3"
            )
            return f"{quote(name)} varchar(40) {self.pick('generated always ', '')}as ({expression}) {self.pick('virtual', 'stored', '')}"  # noqa: E501
        if self.chance(0.35):
            text += self.pick(" not null", " not null", " null")
        if self.chance(0.4):
            default = self.default_for(shape)
            text += f" default {default}"
        if shape.startswith(("datetime", "timestamp")) and self.chance(0.2):
            text += " on update current_timestamp"
        if self.chance(0.08):
            text += " comment " + self.pick("'a comment'", "'it''s'", "''", "'new\\nline'")
        if self.chance(0.04):
            text += self.pick(" unique", " unique key", " primary key")
        if self.chance(0.03):
            text += f" check ({self.condition([name])})"
        if self.chance(0.02):
            text += " invisible"
        if self.chance(0.02) and self.tables():
            text += f" references {quote(self.table().name)} (`id`)"
        return text

    def condition(self, columns: list[str]) -> str:
        one, other = quote(self.random.choice(columns)), quote(self.random.choice(columns))
        return self.pick(
            f"{one} > 0", f"{one} is not null", f"{one} <> {other}", f"{one} in (1, 2, 3)", f"{one} between 1 and 5",
            f"{one} > 0 and {other} < 10", f"{one} = 1 or {other} = 2 and {one} <> 5", f"not ({one} = 3)", f"length({one}) > 2",  # noqa: E501
            f"{one} + {other} * 2 > 3", f"({one} + {other}) * 2 > 3", f"{one} like 'a%'", f"{one} is null or {other} = ''",  # noqa: E501
            f"char_length({one}) > 1", f"coalesce({one}, {other}) is not null", f"{one} in ('x', 'y')", f"{one} not in (1)",  # noqa: E501
            f"lower({one}) = {other}", f"({one} is null) = ({other} is null)", f"{one} >= {other} or {one} is null",
            f"case when {one} > 1 then {other} > 2 else 1 end", f"not {one}", f"{one} and {other}", f"not {one} like 'x'",  # noqa: E501
            f"not ({one} > 1 and {other} < 2)", f"{one} % 2 = 0", f"-{one} < 5", f"{one} - {other} - 1 <> 0", f"json_valid({one})",  # noqa: E501
            f"{one} xor {other}", f"{one} regexp '^a'", f"({one} > 1) is true", f"if({one} > 1, 1, 0) = 1",
        )  # fmt: skip

    # ---- keys
    def parts(self, columns: list[str], table: Table | None) -> str:
        chosen = self.random.sample(columns, min(len(columns), self.random.choice([1, 1, 1, 2, 2, 3])))
        texts = []
        for name in chosen:
            text = quote(name)
            column = table.find_column(name) if table else None
            wants = column is not None and (column.type.collation is not None or "blob" in column.type.name)
            if (wants and self.chance(0.5)) or self.chance(0.02):
                text += f"({self.pick('5', '10', '20', '100')})"
            texts.append(text + self.random.choice(["", "", "", "", " desc", " asc"]))
        return ", ".join(texts)

    def key(self, columns: list[str], table: Table | None) -> str:
        kind = self.random.choices(
            ["key", "index", "unique", "unique key", "primary key", "fulltext key", "constraint unique"],
            [5, 4, 3, 2, 2, 0.4, 1],
        )[0]  # fmt: skip
        name = self.pick(*CONSTRAINTS) if self.chance(0.6) else ""
        parts = self.parts(columns, table)
        if kind == "primary key":
            return f"{self.pick('', 'constraint pk ')}primary key ({parts})"
        if kind == "constraint unique":
            return f"constraint {quote(self.pick(*CONSTRAINTS))} unique ({parts})"
        suffix = self.pick("", "", "", "", " using btree", " comment 'kc'") if kind != "fulltext key" else ""
        return f"{kind} {quote(name) if name else ''} ({parts}){suffix}"

    def foreign_key(self, columns: list[str], table: Table | None) -> str:
        name = f"constraint {quote(self.pick(*CONSTRAINTS))} " if self.chance(0.5) else ""
        targets = self.tables()
        target = self.random.choice(targets) if targets else table
        if target is None:
            return f"{name}foreign key ({quote(columns[0])}) references `missing` (`id`)"
        count = 1 if self.chance(0.85) else 2
        mine = self.random.sample(columns, min(count, len(columns)))
        theirs = self._referred(target, mine, table)
        index = quote(self.pick(*CONSTRAINTS)) if self.chance(0.1) else ""
        text = f"{name}foreign key {index} ({', '.join(map(quote, mine))}) references {quote(target.name)} ({', '.join(map(quote, theirs))})"  # noqa: E501
        for event in ("delete", "update"):
            if self.chance(0.3):
                text += f" on {event} {self.pick('cascade', 'set null', 'no action', 'restrict')}"
        return text

    def _referred(self, target: Table, mine: list[str], table: Table | None) -> list[str]:
        """Columns of a key of the target, and, where there are any, columns of ours of the same type."""
        keys = [key for key in target.keys if key.kind not in ("fulltext", "spatial")]
        if keys and self.chance(0.9):
            key = self.random.choice(keys)
            theirs = [part.column for part in key.parts][: len(mine)]
            if table is not None:
                for place, name in enumerate(theirs):
                    wanted = target.column(name).type
                    same = [one.name for one in table.columns if one.type == wanted and one.name not in mine]
                    if same and self.chance(0.9) and place < len(mine):
                        mine[place] = self.random.choice(same)
            del mine[len(theirs) :]
            return theirs
        return [self.random.choice(target.columns).name for _ in mine]

    # ---- statements
    def create_table(self) -> str:
        name = self.pick(*TABLES)
        columns: list[str] = []
        texts: list[str] = []
        if self.chance(0.75):
            columns.append("id")
            kind = self.pick("int", "int", "bigint", "int unsigned", "int(11)")
            texts.append(
                f"`id` {kind} {self.pick('not null ', '')}{self.pick('auto_increment ', 'auto_increment ', '')}primary key"  # noqa: E501
            )
        for _ in range(self.random.randint(1, 6)):
            column = self.new_name(None)
            if column.lower() in [one.lower() for one in columns]:
                continue
            texts.append(self.column(column, None, columns))
            columns.append(column)
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            texts.append(self.item(columns, None))
        options = self.pick("", "", "", " engine=InnoDB", " default charset=utf8mb4", " charset latin1", " collate utf8mb4_unicode_ci",  # noqa: E501
                            " comment='table'", " default character set utf8 collate utf8_bin", " row_format=dynamic")  # fmt: skip  # noqa: E501
        return f"create table {quote(name)} ({', '.join(texts)}){options}"

    def item(self, columns: list[str], table: Table | None) -> str:
        kind = self.random.choices(["key", "foreign", "check"], [6, 3, 1.5])[0]
        if kind == "key":
            return self.key(columns, table)
        if kind == "foreign":
            return self.foreign_key(columns, table)
        name = f"constraint {quote(self.pick('ck_1', 'ck_2', 'ck_3'))} " if self.chance(0.5) else ""
        return f"{name}check ({self.condition(columns)})"

    def alter_table(self) -> str:
        table = self.table()
        clauses = [self.clause(table) for _ in range(self.random.choice([1, 1, 1, 1, 2, 2, 3]))]
        return f"alter table {quote(table.name)} {', '.join(clauses)}"

    def clause(self, table: Table) -> str:
        columns = [one.name for one in table.columns]
        kinds: list[tuple[float, Callable[[], str]]] = [
            (5, lambda: self.add_column(table, columns)),
            (3, lambda: f"modify {self.pick('', 'column ')}{self.column(self.column_of(table), table, [])}{self.position(table)}"),  # noqa: E501
            (2, lambda: self.change(table)),
            (3, lambda: f"drop {self.pick('', 'column ')}{self.pick('', '', 'if exists ')}{quote(self.column_of(table))}"),  # noqa: E501
            (1.5, lambda: f"rename column {quote(self.column_of(table))} to {quote(self.new_name(table))}"),
            (4, lambda: f"add {self.key(columns, table)}"),
            (3, lambda: f"add {self.foreign_key(columns, table)}"),
            (1.5, lambda: f"add {self.item(columns, table)}"),
            (2.5, lambda: self.drop_named(table)),
            (1, lambda: f"drop primary key"),  # noqa: F541
            (1.5, lambda: self.alter_default(table)),
            (0.7, lambda: self.rename_key(table)),
            (0.4, lambda: "comment " + self.pick("'x'", "= ''", "= 'it''s'")),
            (0.3, lambda: self.pick("engine=InnoDB", "force", "auto_increment=10", "algorithm=copy", "lock=shared")),
            (0.4, lambda: "convert to character set " + self.pick("utf8mb4", "latin1", "utf8mb4 collate utf8mb4_unicode_ci", "utf8mb3")),  # noqa: E501
            (0.3, lambda: "default " + self.pick("charset latin1", "character set utf8mb4", "collate utf8mb4_bin")),
            (0.2, lambda: f"rename to {quote(self.pick(*TABLES))}"),
        ]  # fmt: skip
        return self.random.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def position(self, table: Table) -> str:
        if not self.chance(0.2):
            return ""
        return self.random.choice([" first", f" after {quote(self.column_of(table))}"])

    def add_column(self, table: Table, columns: list[str]) -> str:
        tolerant = self.pick("", "", "", "if not exists ")
        name = self.new_name(table)
        return f"add {self.pick('', 'column ')}{tolerant}{self.column(name, table, columns)}{self.position(table)}"

    def change(self, table: Table) -> str:
        old = self.column_of(table)
        new = old if self.chance(0.4) else self.new_name(table)
        return f"change {self.pick('', 'column ')}{quote(old)} {self.column(new, table, [])}{self.position(table)}"

    def drop_named(self, table: Table) -> str:
        names = [("index", one.name) for one in table.keys] + [("foreign key", one.name) for one in table.foreign_keys]
        names += [("constraint", one.name) for one in table.checks]
        names += [("constraint", one.name) for one in table.foreign_keys]
        if not names or self.chance(0.03):
            names = [(kind, "k1") for kind in ("index", "foreign key", "constraint", "key", "index if exists")]
        kind, name = self.random.choice(names)
        return f"drop {kind} {quote(name)}"

    def alter_default(self, table: Table) -> str:
        name = self.column_of(table)
        if self.chance(0.3):
            return f"alter {quote(name)} drop default"
        value = self.pick("0", "'x'", "null", "'1'", "5", "current_timestamp", "'2020-01-01'", "(1 + 1)", "''")
        return f"alter {self.pick('', 'column ')}{quote(name)} set default {value}"

    def rename_key(self, table: Table) -> str:
        name = self.random.choice(table.keys).name if table.keys else "k1"
        return f"rename {self.pick('index', 'key')} {quote(name)} to {quote(self.pick(*CONSTRAINTS))}"

    def create_index(self) -> str:
        table = self.table()
        columns = [one.name for one in table.columns]
        kind = self.pick("", "", "unique ")
        return (
            f"create {kind}index {quote(self.pick(*CONSTRAINTS))} on {quote(table.name)} ({self.parts(columns, table)})"
        )

    def drop_index(self) -> str:
        table = self.table()
        name = self.random.choice(table.keys).name if table.keys and self.chance(0.95) else "k9"
        return f"drop index {self.pick('', '', 'if exists ')}{quote(name)} on {quote(table.name)}"

    def rename_table(self) -> str:
        return f"rename table {quote(self.table().name)} to {quote(self.pick(*TABLES))}"

    def drop_table(self) -> str:
        name = self.table().name if self.chance(0.95) else "nothing"
        return f"drop table {self.pick('', '', 'if exists ')}{quote(name)}"

    def like(self) -> str:
        return f"create table {quote(self.pick(*TABLES))} like {quote(self.table().name)}"
