"""server: a scratch server that the user names, and databases of our own on it."""

from __future__ import annotations

from typing import Any, Optional

from .mysql_server import MysqlServer
from .postgresql_server import PostgresqlServer
from .real import RealEngine
from .scratch_server import ScratchServer, ServerProblem
from .scratch_url import BadServerUrl, find_scratch_url
from .statements import find_qualifiers, find_reach


class ServerEngine(RealEngine):
    """Touches nothing on the server but databases that it has made itself."""

    name = "server"

    def open_server(self, real: type[Any]) -> ScratchServer:
        try:
            found = find_scratch_url(self.stage.settings.scratch_servers, real.name)
        except BadServerUrl as error:
            raise ServerProblem(str(error)) from None
        if found is None:
            raise ServerProblem(f"`scratch-server` names no server for {real.name}")
        server: ScratchServer = (PostgresqlServer if found.family == "postgresql" else MysqlServer)(real, found)
        server.open()
        try:
            self._refuse_other_product(server, real.name)
        except ServerProblem:
            server.close()
            raise
        return server

    def find_reach(self, server: ScratchServer, identity: str, sql: str, dialect_name: str) -> Optional[str]:
        """Also, on MySQL, the name of another database, and of the one that the scratch stands in for."""
        reach = find_reach(sql, dialect_name)
        if reach is None and isinstance(server, MysqlServer):
            own = identity.rpartition("/")[2].lower()
            others = (find_qualifiers(sql, self.tables_of(server, identity)) & (server.others | {own})) - {""}
            reach = f"{min(others)}." if others else None
        return reach

    def _refuse_other_product(self, server: ScratchServer, dialect_name: str) -> None:
        """MySQL and MariaDB answer to one protocol, and differ in what they say of a schema."""
        given = self.stage.settings.given_versions
        product = server.product.lower()
        wanted = [name for name in ("mysql", "mariadb") if name in given] or [dialect_name]
        if product == "postgresql" or product in wanted:
            return
        if dialect_name == "mysql" and not given.get("mysql"):
            # `mysql://` is how most projects name a MariaDB
            self.note(f"the project's URL says {dialect_name}, and the scratch server is {server.product}")
            return
        raise ServerProblem(
            f"the scratch server {server.server.address} is {server.product} {server.version_text}, and the project"
            f" wants {' or '.join(wanted)}"
        )
