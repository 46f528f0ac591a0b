"""MySQL and MariaDB beside their DDL: errors, and the dialect whose queries the catalog answers."""

from __future__ import annotations

from typing import Any, Optional

from ..answer import Answer
from ..database import Database
from ..flags import FlagLog
from ..flavour import Flavour, Query
from ..words import words
from .catalog import MysqlDatabase
from .model import quote_string
from .server import Server

#: Classes of errors as PyMySQL and mysqlclient map them (pymysql/err.py); all others are OperationalError.
_ERRORS = {
    "ProgrammingError": {1007, 1064, 1102, 1103, 1110, 1111, 1112, 1113, 1146, 1149, 1179},
    "DataError": {1171, 1230, 1264, 1265, 1366, 1406, 1441},
    "IntegrityError": {1048, 1062, 1215, 1216, 1217, 1451, 1452},
    "NotSupportedError": {1196, 1235, 1286, 1289},
}
#: What the common layers refuse by PostgreSQL's names.
_STATES = {"42P01": "1146", "42703": "1054", "3B001": "1305", "42601": "1064", "42P18": "1064"}


class MysqlFlavour(Flavour):
    """One of the two servers."""

    data_verbs = words(
        """select insert update delete with values replace show describe desc explain call truncate do load handler
        execute prepare deallocate analyze check checksum optimize help"""
    )

    def __init__(self, *, is_mariadb: bool) -> None:
        self.is_mariadb = is_mariadb
        self.name = "mariadb" if is_mariadb else "mysql"

    def new_database(self, flags: FlagLog, version: tuple[int, ...], name: Optional[str]) -> Database:
        return MysqlDatabase(flags, Server(self.is_mariadb, version), name)

    def dialect_members(self, real: type[Any]) -> tuple[tuple[type[Any], ...], dict[str, Any]]:
        return (MysqlDialect,), {"reflection_options": real.reflection_options}

    def answer(self, query: Query) -> Optional[Answer]:
        from .queries import answer_query

        return answer_query(query)

    def error_name(self, code: Optional[str]) -> str:
        number = _number(code)
        found = next((name for name, numbers in _ERRORS.items() if number in numbers), None)
        return found or "OperationalError"

    def error_arguments(self, message: str, code: Optional[str]) -> tuple[Any, ...]:
        return (_number(code), message)

    def error_members(self, code: Optional[str]) -> dict[str, Any]:
        return {"errno": _number(code)}

    def quote(self, text: str) -> str:
        return quote_string(text)


class MysqlDialect:
    """What drivers would tell of a connection."""

    def _detect_charset(self, connection: Any) -> str:
        return "utf8mb4"

    def _found_rows_client_flag(self) -> int:
        """CLIENT.FOUND_ROWS of the protocol: aiomysql and asyncmy would import it from their drivers."""
        return 2

    def _extract_error_code(self, exception: Any) -> Any:
        return exception.args[0]

    def _compat_fetchall(self, rows: Any, charset: Any = None) -> Any:
        return rows.fetchall()

    def _compat_fetchone(self, rows: Any, charset: Any = None) -> Any:
        return rows.fetchone()

    def _compat_first(self, rows: Any, charset: Any = None) -> Any:
        return rows.first()

    def _get_server_version_info(self, connection: Any) -> Any:
        return self._parse_server_version(connection.exec_driver_sql("SELECT VERSION()").scalar())

    def _parse_server_version(self, text: str) -> Any:
        return super()._parse_server_version(text)  # type: ignore[misc]

    def get_default_isolation_level(self, dbapi_connection: Any) -> str:
        """As an untouched server has it."""
        return "REPEATABLE READ"

    def reset_isolation_level(self, dbapi_connection: Any) -> None:
        """Back to how the engine was made."""
        level = getattr(self, "_on_connect_isolation_level", None) or "REPEATABLE READ"
        self.set_isolation_level(dbapi_connection, level)  # type: ignore[attr-defined]


def _number(code: Optional[str]) -> int:
    text = _STATES.get(code or "", code or "")
    return int(text) if text.isdigit() else 1105


_FLAVOURS = {True: MysqlFlavour(is_mariadb=True), False: MysqlFlavour(is_mariadb=False)}


def flavour_of(real: type[Any], given: Optional[Any] = None) -> Flavour:
    """The server that a dialect's URLs mean. given: dialect → version of `server-version`: `mysql+driver` may well
    reach a MariaDB, and does where only a version of MariaDB is given."""
    is_mariadb = real.name == "mariadb" or getattr(real, "is_mariadb", False) is True
    if not is_mariadb and given:
        is_mariadb = "mariadb" in given and "mysql" not in given
    return _FLAVOURS[is_mariadb]
