"""Scratch databases on a MySQL or MariaDB server, guarded by a named lock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

from .maintenance import Maintenance
from .scratch_names import PREFIX
from .scratch_server import ScratchServer, ServerProblem

#: What belongs to the server itself.
_SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})


class MysqlServer(ScratchServer):
    """A server that others use too: nothing but databases with our names is touched."""

    #: The databases of others, in lower case: no statement of a migration may name them.
    others: frozenset[str] = frozenset()

    def _connect(self) -> Maintenance:
        maintenance = Maintenance(self._real, self.server.for_database(None, driver=self._real.driver))
        try:
            maintenance.open()
            # rather a leftover for the next run than a wait of hours (MariaDB's default: a day) for a lock on a table
            maintenance.run("SET SESSION lock_wait_timeout = 10")
        except Exception as error:
            maintenance.close()
            raise ServerProblem(self.explain("cannot be reached", error)) from None
        return maintenance

    def _examine(self) -> None:
        text = str(self.query("SELECT VERSION()")[0][0])
        # MariaDB before 11 puts 5.5.5- before its version for old clients
        match = re.search(r"(\d+)\.(\d+)\.(\d+)", text.replace("5.5.5-", ""))
        self.version = tuple(int(part) for part in match.groups()) if match else ()
        self.product = "MariaDB" if "mariadb" in text.lower() else "MySQL"
        names = {str(row[0]).lower() for row in self.query("SHOW DATABASES")}
        self.others = frozenset(names - {"information_schema"})
        named = self.server.url.database
        if named and named.lower() not in _SYSTEM:
            literal = named.replace("\\", "\\\\").replace("'", "''")
            rows = self.query(
                f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{literal}' LIMIT 1"
            )
            if rows:
                raise ServerProblem(
                    f"`scratch-server` names the database `{named}`, which holds the table `{rows[0][0]}`:"
                    " name a server for scratch databases, without a database in the URL"
                )

    def _lock_run(self) -> None:
        if self.query(f"SELECT GET_LOCK('{PREFIX}{self.run}', 0)")[0][0] != 1:
            raise ServerProblem("another run has the same number")

    def _is_live(self, run: str) -> bool:
        return self.query(f"SELECT IS_USED_LOCK('{PREFIX}{run}')")[0][0] is not None

    def _database_names(self) -> Iterable[str]:
        return [name for name in (str(row[0]) for row in self.query("SHOW DATABASES")) if name.startswith(PREFIX)]

    def _create(self, name: str, template: Optional[str]) -> None:
        assert template is None
        self.query(f"CREATE DATABASE `{name}`")

    def _drop(self, name: str) -> None:
        self._disconnect_all(name)
        self.query(f"DROP DATABASE IF EXISTS `{name}`")

    def _drop_leftover(self, name: str) -> None:
        # a session that still holds a lock in it would block the statement instead of failing it
        if not self.query(f"SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}' LIMIT 1"):
            self.query(f"DROP DATABASE IF EXISTS `{name}`")

    def _disconnect_all(self, name: str) -> None:
        """End the sessions on a database of ours: one with an open transaction would block the drop."""
        for row in self.query(f"SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}'"):
            try:
                self.query(f"KILL {int(row[0])}")
            except Exception:  # gone by itself, or not ours to see
                continue
