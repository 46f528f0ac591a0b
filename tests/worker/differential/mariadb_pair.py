"""One statement on a real MariaDB and on the catalog, and what each shows afterwards."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql  # type: ignore[import-untyped,unused-ignore]
from sqlalchemy.engine import make_url

from migguard.worker.engines.catalog.errors import NotUnderstood, Rejected
from migguard.worker.engines.catalog.flags import FlagLog
from migguard.worker.engines.catalog.mysql.catalog import MysqlDatabase
from migguard.worker.engines.catalog.mysql.server import Server
from migguard.worker.ledger import ProjectPaths

IDENTICAL, REFUSED, FLAGGED, DOUBTED, SILENT = "identical", "refused by both", "not understood", "doubted", "SILENT"


@dataclass
class Outcome:
    """kind: one of the constants above. detail: what differs, for SILENT."""

    kind: str
    detail: str = ""


class Pair:
    """A database on the server, and the same in memory."""

    def __init__(self, connection: Any, name: str) -> None:
        self.name = name
        self.cursor = connection.cursor()
        self.reset()

    def reset(self) -> None:
        """Both empty."""
        self.cursor.execute(f"DROP DATABASE IF EXISTS `{self.name}`")
        self.cursor.execute(f"CREATE DATABASE `{self.name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self.cursor.execute(f"USE `{self.name}`")
        self.cursor.execute("SET foreign_key_checks=1")
        self.catalog = MysqlDatabase(FlagLog(ProjectPaths("/nowhere")), Server(), self.name)

    def forget(self) -> None:
        """Without tables, which is cheaper than a new database."""
        self.cursor.execute("SET foreign_key_checks=0")
        self.cursor.execute("SHOW FULL TABLES")
        for table, kind in self.cursor.fetchall():
            self.cursor.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} `{table}`")
        self.cursor.execute("SET foreign_key_checks=1")
        self.catalog = MysqlDatabase(self.catalog.flags, Server(), self.name)

    def run_all(self, *statements: str) -> list[str]:
        """The kind of each outcome; AssertionError where one is SILENT."""
        outcomes = [(sql, self.run(sql)) for sql in statements]
        silent = [f"{sql}\n{outcome.detail}" for sql, outcome in outcomes if outcome.kind == SILENT]
        assert not silent, "\n".join(silent)
        return [outcome.kind for _, outcome in outcomes]

    def run(self, sql: str) -> Outcome:
        """The statement on both sides."""
        refusal = None
        try:
            self.cursor.execute(sql)
        except pymysql.err.MySQLError as error:
            refusal = f"{error.args}"
        before = copy.deepcopy(self.catalog)
        try:
            self.catalog.run(sql)
        except NotUnderstood as error:
            self.catalog = before
            return Outcome(FLAGGED, str(error))
        except Rejected as error:
            self.catalog = before
            if refusal is not None:
                return Outcome(REFUSED)
            return Outcome(SILENT, f"refused only here: {error.code} {error}")
        except Exception as error:  # noqa: BLE001
            self.catalog = before
            return Outcome(SILENT, f"the interpreter fails: {traceback.format_exc(limit=-2)} {error}")
        if refusal is not None:
            return Outcome(SILENT, f"refused only by the server: {refusal}")
        return self.compare()

    def compare(self) -> Outcome:
        """SHOW TABLES and SHOW CREATE TABLE of all."""
        self.cursor.execute("SHOW FULL TABLES")
        theirs = sorted(row[0] for row in self.cursor.fetchall() if row[1] == "BASE TABLE")
        mine = sorted(self.catalog.schemas[self.name].tables)
        if theirs != mine:
            return Outcome(SILENT, f"tables {mine}, on the server {theirs}")
        doubted = ""
        for table in theirs:
            self.cursor.execute(f"SHOW CREATE TABLE `{table}`")
            wanted = self.cursor.fetchone()[1]
            shown = self.catalog.show_create_table(None, table)
            if shown.text == wanted:
                continue
            if not _explains(shown.doubts, shown.text, wanted):
                return Outcome(SILENT, f"{shown.text}\n--- on the server\n{wanted}")
            doubted = table
        return Outcome(DOUBTED, doubted) if doubted else Outcome(IDENTICAL)


def _explains(doubts: list[Any], mine: str, theirs: str) -> bool:
    """Does every line that differs belong to a doubt?"""
    first, second = mine.split("\n"), theirs.split("\n")
    if len(first) != len(second):
        return False
    differing = [one for one, other in zip(first, second, strict=True) if one != other]
    return all(any(f"`{doubt.subject}`" in line for doubt in doubts) for line in differing)


@contextmanager
def open_pair(url: str, name: str) -> Iterator[Pair]:
    """A pair on a database of its own, dropped afterwards."""
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host or "127.0.0.1",
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
        autocommit=True,
    )
    try:
        yield Pair(connection, name)
    finally:
        connection.cursor().execute(f"DROP DATABASE IF EXISTS `{name}`")
        connection.close()
