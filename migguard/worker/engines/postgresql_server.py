"""Scratch databases on a PostgreSQL server: made from template0, kept as templates, guarded by an advisory lock."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable
from typing import Any, Optional

from .maintenance import Maintenance
from .scratch_names import PREFIX, is_template, new_template_name
from .scratch_server import ScratchServer, ServerProblem
from .scratch_url import ScratchUrl

#: First key of the advisory locks of all runs ("migg"); the second is the number of the run.
_LOCK = 0x6D696767
#: Databases for housekeeping: an application's are refused.
_MAINTENANCE = ("postgres", "template1")
_KEPT, _KEPT_SECONDS = 8, 14 * 24 * 3600
_USER_TABLES = (
    "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass"
    " AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
)


class PostgresqlServer(ScratchServer):
    """A server that others use too: nothing but databases with our names is touched."""

    product = "PostgreSQL"

    def keep(self, name: str) -> Optional[str]:
        template = new_template_name()
        try:
            self._disconnect_all(name)
            self.query(f'CREATE DATABASE "{template}" TEMPLATE "{name}" ALLOW_CONNECTIONS false')
            self._mark_used(template)
            self._forget_templates()
        except Exception as error:
            raise ServerProblem(self.explain("keeps no template", error)) from None
        return template

    def has_template(self, name: str) -> bool:
        return is_template(name) and name in self._database_names()

    def _connect(self) -> Maintenance:
        named = self.server.url.database
        for database in (named,) if named else _MAINTENANCE:
            maintenance = Maintenance(self._real, self.server.for_database(database, driver=self._real.driver))
            try:
                maintenance.open()
            except Exception as error:
                maintenance.close()
                if not named and database != _MAINTENANCE[-1] and "does not exist" in str(error):
                    continue
                raise ServerProblem(self.explain("cannot be reached", error)) from None
            return maintenance
        raise AssertionError

    def _examine(self) -> None:
        number = int(self.query("SHOW server_version_num")[0][0])
        self.version = (number // 10000, number % 10000)
        if self.version[0] < 10:
            raise ServerProblem(
                f"the scratch server {self.server.address} is PostgreSQL {self.version_text}; 10 is needed"
            )
        self._refuse_application()
        allowed = self.query("SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")
        if not allowed[0][0]:
            user = str(self.query("SELECT current_user")[0][0])
            raise ServerProblem(
                f"the user `{user}` may not create databases on the scratch server {self.server.address}"
                f' (ALTER ROLE "{user}" CREATEDB)'
            )

    def _refuse_application(self) -> None:
        named = self.server.url.database
        if not named:
            return
        tables = [str(row[0]) for row in self.query(_USER_TABLES)]
        if tables:
            some = f"the table `{tables[0]}`" if len(tables) == 1 else f"{len(tables)} tables, such as `{tables[0]}`"
            raise ServerProblem(
                f"`scratch-server` names the database `{named}`, which holds {some}:"
                " name a server for scratch databases, without a database in the URL"
            )

    def _lock_run(self) -> None:
        if not self.query(f"SELECT pg_catalog.pg_try_advisory_lock({_LOCK}, {_lock_key(self.run)})")[0][0]:
            raise ServerProblem("another run has the same number")

    def _is_live(self, run: str) -> bool:
        # locks are shown for the whole server, whichever database the other run is connected to
        rows = self.query(
            "SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted"
            f" AND classid = {_LOCK} AND objid = {int(run, 16)} AND objsubid = 2"
        )
        return bool(rows)

    def _database_names(self) -> Iterable[str]:
        rows = self.query(f"SELECT datname FROM pg_catalog.pg_database WHERE left(datname, {len(PREFIX)}) = '{PREFIX}'")
        return [str(row[0]) for row in rows]

    def _create(self, name: str, template: Optional[str]) -> None:
        # template1 may hold what an administrator has put there, and a session on it would block the copy
        self.query(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        if template is not None:
            self._mark_used(template)

    def _drop(self, name: str) -> None:
        if self.version >= (13,):
            self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        self._disconnect_all(name)
        self.query(f'DROP DATABASE IF EXISTS "{name}"')

    def _drop_leftover(self, name: str) -> None:
        self.query(f'DROP DATABASE IF EXISTS "{name}"')

    def _disconnect_all(self, name: str) -> None:
        """End the sessions on a database of ours, and wait until they are gone."""
        sessions = f"FROM pg_catalog.pg_stat_activity WHERE datname = '{name}'"
        deadline = time.monotonic() + 5
        while self.query(f"SELECT pg_catalog.pg_terminate_backend(pid) {sessions}") and time.monotonic() < deadline:
            time.sleep(0.01)

    def _mark_used(self, template: str) -> None:
        # not a matter of life and death: a template without a mark is merely dropped first
        with contextlib.suppress(Exception):
            self.query(f"COMMENT ON DATABASE \"{template}\" IS 'migguard template, used {int(time.time())}'")

    def _forget_templates(self) -> None:
        """Keep the newest few."""
        rows = self.query(
            "SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database d"
            f" WHERE left(d.datname, {len(PREFIX)}) = '{PREFIX}'"
        )
        used = sorted(((_used_at(row[1]), str(row[0])) for row in rows if is_template(str(row[0]))), reverse=True)
        oldest = time.time() - _KEPT_SECONDS
        for number, (moment, name) in enumerate(used):
            if number >= _KEPT or moment < oldest:
                with contextlib.suppress(Exception):  # it is being copied
                    self.query(f'DROP DATABASE IF EXISTS "{name}"')


def _lock_key(run: str) -> int:
    """The run's number as the signed integer that advisory locks take."""
    number = int(run, 16)
    return number - 2**32 if number >= 2**31 else number


def _used_at(comment: Any) -> int:
    match = re.search(r"used (\d+)", str(comment or ""))
    return int(match[1]) if match else 0


def make_postgresql_server(real: type[Any], server: ScratchUrl) -> PostgresqlServer:
    """The server behind a URL."""
    return PostgresqlServer(real, server)
