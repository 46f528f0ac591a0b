"""Which server is imitated, and what is known to differ between MySQL and MariaDB."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import NotUnderstood

#: What a URL means where `server-version` is not configured.
DEFAULT_MARIADB = (10, 11)
DEFAULT_MYSQL = (8, 0)


@dataclass(frozen=True)
class Server:
    """A MySQL or a MariaDB of some version, with the settings that it has unless somebody changed them."""

    is_mariadb: bool = True
    version: tuple[int, ...] = DEFAULT_MARIADB

    @property
    def default_collation(self) -> str:
        """Of a database that is created without one: the server's own default."""
        if self.is_mariadb:
            return "utf8mb4_general_ci"
        return "utf8mb4_0900_ai_ci" if self.version >= (8, 0) else "latin1_swedish_ci"

    @property
    def has_display_width(self) -> bool:
        """MySQL 8.0.19 no longer shows the width of integers."""
        return self.is_mariadb or self.version < (8, 0)

    @property
    def comment_version(self) -> int:
        """The number up to which `/*!NNNNN …*/` is carried out."""
        parts = (*self.version, 0, 0)
        return parts[0] * 10000 + parts[1] * 100 + (parts[2] if len(self.version) > 2 else 99)

    def only_mariadb(self, what: str) -> None:
        """Give up where MySQL is known to differ and cannot be tried."""
        if not self.is_mariadb:
            raise NotUnderstood(f"{what}: MySQL differs from MariaDB here")
