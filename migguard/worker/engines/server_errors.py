"""Errors of a real server that say something about the server, and nothing about the revision."""

from __future__ import annotations

import re
from typing import Any, Optional

#: SQLSTATE → what the message must say for the fault to be the server's; None: whatever it says.
#: PostgreSQL, appendix A of its manual.
_STATES: dict[str, Optional[str]] = {
    "42501": None,  # insufficient_privilege
    "42704": r"^(role|tablespace|user mapping|server|foreign-data wrapper)\b|^(text search|collation)\b",
    "58P01": None,  # undefined_file: an extension's files before 15
    "0A000": r"extension .* is not available",
    "42710": r"^role\b",
    "53100": None,  # disk_full
    "53200": None,  # out_of_memory
    "53300": None,  # too_many_connections
    "57P01": None,  # admin_shutdown
    "57P03": None,  # cannot_connect_now
    "08003": None,  # connection_does_not_exist
    "08006": None,  # connection_failure
}
#: What libpq says of a session that has ended, without a SQLSTATE.
_LOST = re.compile(r"server closed the connection|terminating connection|connection .*(?:closed|lost)|EOF detected")
#: MySQL's and MariaDB's numbers.
_NUMBERS = frozenset(
    {
        1044,  # access denied to database
        1142,  # command denied to user for table
        1049,  # unknown database
        1227,  # access denied: privilege needed
        1410,  # not allowed to create a user with GRANT
        1419,  # no SUPER privilege and binary logging is enabled
        1021,  # disk full
        1040,  # too many connections
        1286,  # unknown storage engine
        2006,  # server has gone away
        2013,  # lost connection during query
    }
)


def find_lack(error: BaseException) -> Optional[str]:
    """The server's message where another server would have run the statement, else None."""
    state, message = _sqlstate(error), _message(error)
    if state is None and _LOST.search(message):
        return message
    if state in _STATES:
        pattern = _STATES[state]
        return message if pattern is None or re.search(pattern, message) else None
    number = error.args[0] if error.args and isinstance(error.args[0], int) else getattr(error, "errno", None)
    return message if number in _NUMBERS else None


def _sqlstate(error: BaseException) -> Optional[str]:
    for name in ("pgcode", "sqlstate"):  # psycopg2, asyncpg · psycopg, asyncpg
        state = getattr(error, name, None)
        if isinstance(state, str):
            return state
    first: Any = error.args[0] if error.args else None
    return str(first.get("C")) if isinstance(first, dict) else None  # pg8000


def _message(error: BaseException) -> str:
    first: Any = error.args[0] if error.args else ""
    if isinstance(first, dict):
        first = first.get("M", "")
    text = str(error.args[1]) if isinstance(first, int) and len(error.args) > 1 else str(first)
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return re.sub(r"^<class '[^']*'>: ", "", line)  # SQLAlchemy's adapter of asyncpg
