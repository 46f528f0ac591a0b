"""SHOW CREATE TABLE (sql_show.cc, show_create_table)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional

from . import model
from .charsets import charset_of, default_collation
from .ddl.columns import show_name
from .expressions import Node, show, show_default
from .model import Column, ForeignKey, Key, Table, Text, quote_name, quote_string
from .server import Server
from .types import show_type

_KINDS = {
    model.PRIMARY: "PRIMARY KEY",
    model.UNIQUE: "UNIQUE KEY",
    model.INDEX: "KEY",
    model.FULLTEXT: "FULLTEXT KEY",
    model.SPATIAL: "SPATIAL KEY",
}


@dataclass(frozen=True)
class Doubt:
    """A part of the text that the server may show otherwise. detail: default, check or computed."""

    detail: str
    subject: str
    printed: str


@dataclass
class Shown:
    """The text, and what in it is not certain."""

    text: str = ""
    doubts: list[Doubt] = field(default_factory=list)


class _Printer:
    def __init__(self, table: Table, server: Server) -> None:
        self.table = table
        self.server = server
        self.doubts: list[Doubt] = []

    def expression(self, node: Node, detail: str, subject: str, *, is_default: bool = False) -> Text:
        node = show_name(node, self.table)
        text = show_default(node) if is_default else show(node)
        # MySQL prints expressions by rules of its own
        if not text.exact or not self.server.is_mariadb:
            self.doubts.append(Doubt(detail, subject, text))
        return text

    def column(self, column: Column) -> str:
        text = f"  {quote_name(column.name)} {show_type(column.type, self.table.collation)}"
        if column.generated is not None:
            shown = self.expression(column.generated.expression, "computed", column.name)
            text += f" GENERATED ALWAYS AS ({shown}) {'STORED' if column.generated.is_stored else 'VIRTUAL'}"
            text += " INVISIBLE" if column.is_invisible else ""
        else:
            text += self._plain(column)
        if column.comment:
            text += f" COMMENT {quote_string(column.comment)}"
        if column.check is not None:
            text += f" CHECK ({self.expression(column.check, 'check', column.name)})"
        return text

    def _plain(self, column: Column) -> str:
        text = ""
        if not column.is_nullable:
            text = " NOT NULL"
        elif column.type.name == "timestamp":
            text = " NULL"
        text += " INVISIBLE" if column.is_invisible else ""
        default = self.default(column)
        text += f" DEFAULT {default}" if default is not None else ""
        text += f" ON UPDATE {self._now(column)}" if column.is_on_update_now else ""
        return text + (" AUTO_INCREMENT" if column.is_auto_increment else "")

    def default(self, column: Column) -> Optional[str]:
        default = column.default
        if default is None:
            is_shown = column.is_nullable and not column.is_auto_increment
            is_long = column.type.name.endswith(("text", "blob"))
            return "NULL" if is_shown and (self.server.is_mariadb or not is_long) else None
        if default.literal is not None:
            if not default.literal.exact:
                self.doubts.append(Doubt("default", column.name, default.literal))
            return default.literal
        if default.is_now:
            return self._now(column)
        assert default.expression is not None
        return self.expression(default.expression, "default", column.name, is_default=True)

    def _now(self, column: Column) -> str:
        digits = column.type.arguments[0] if column.type.arguments else ""
        if self.server.is_mariadb:
            return f"current_timestamp({digits})"
        return f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP"

    def key(self, key: Key) -> str:
        name = "" if key.kind == model.PRIMARY else f" {quote_name(key.name)}"
        parts = ",".join(
            quote_name(part.column)
            + (f"({part.length})" if part.length is not None else "")
            + (" DESC" if part.is_descending else "")
            for part in key.parts
        )
        text = f"  {_KINDS[key.kind]}{name} ({parts})"
        text += f" USING {key.using}" if key.using else ""
        text += f" COMMENT {quote_string(key.comment)}" if key.comment else ""
        return text + (" IGNORED" if key.is_ignored else "")

    def foreign_key(self, key: ForeignKey) -> str:
        columns = ", ".join(quote_name(one) for one in key.columns)
        referred = ", ".join(quote_name(one) for one in key.referred)
        table = quote_name(key.table)
        if key.schema != self.table.schema:
            table = f"{quote_name(key.schema)}.{table}"
        text = f"  CONSTRAINT {quote_name(key.name)} FOREIGN KEY ({columns}) REFERENCES {table} ({referred})"
        text += f" ON DELETE {key.on_delete}" if key.on_delete else ""
        return text + (f" ON UPDATE {key.on_update}" if key.on_update else "")

    def lines(self) -> Iterator[str]:
        for column in self.table.columns:
            yield self.column(column)
        for key in self.table.keys:
            yield self.key(key)
        if not self.table.is_temporary:
            for foreign in sorted(self.table.foreign_keys, key=lambda one: one.name):
                yield self.foreign_key(foreign)
        for check in self.table.checks:
            shown = self.expression(check.expression, "check", check.name)
            if self.server.is_mariadb:
                yield f"  CONSTRAINT {quote_name(check.name)} CHECK ({shown})"
            else:
                yield f"  CONSTRAINT {quote_name(check.name)} CHECK (({shown}))"

    def options(self) -> str:
        table = self.table
        text = f" ENGINE={table.engine}"
        is_counting = table.auto_increment > 1 and any(one.is_auto_increment for one in table.columns)
        text += f" AUTO_INCREMENT={table.auto_increment}" if is_counting else ""
        text += f" DEFAULT CHARSET={charset_of(table.collation)}"
        plain = default_collation(charset_of(table.collation), is_mariadb=self.server.is_mariadb)
        # MySQL leaves the default collations out, but for the one of utf8mb4
        if self.server.is_mariadb or table.collation != plain or plain == "utf8mb4_0900_ai_ci":
            text += f" COLLATE={table.collation}"
        text += "".join(f" {name}={value}" for name, value in table.options.items())
        text += f" ROW_FORMAT={table.row_format}" if table.row_format else ""
        return text + (f" COMMENT={quote_string(table.comment)}" if table.comment else "")


def show_table(table: Table, server: Server) -> Shown:
    """The whole statement."""
    printer = _Printer(table, server)
    kind = "TEMPORARY TABLE" if table.is_temporary else "TABLE"
    text = f"CREATE {kind} {quote_name(table.name)} (\n" + ",\n".join(printer.lines()) + f"\n){printer.options()}"
    return Shown(text, printer.doubts)
