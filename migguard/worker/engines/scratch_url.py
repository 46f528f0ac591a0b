"""The URL of a scratch server: from the setting to one that a driver can use, and to one that may be shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import quote, quote_plus

from sqlalchemy.engine.url import URL, make_url

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
#: Dialects of URLs → the family of servers that they reach.
FAMILIES = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
#: libpq waits for ever, other drivers have a limit of their own.
_LIBPQ = frozenset({"psycopg", "psycopg2", "psycopg2cffi"})
_SECONDS = "10"


class BadServerUrl(Exception):
    """The setting gives no URL that can be used. The message holds no secret."""


@dataclass(frozen=True)
class ScratchUrl:
    """A scratch server as the user named it. `text` is the setting itself where it is a variable, for messages."""

    url: URL
    text: str

    @property
    def family(self) -> str:
        """`postgresql` or `mysql` (which stands for MariaDB too)."""
        return FAMILIES[self.url.get_backend_name()]

    @property
    def address(self) -> str:
        """Host and port, or the folder of the socket, for people."""
        host = self.url.host or _first(self.url.query.get("host")) or _first(self.url.query.get("unix_socket"))
        default = 5432 if self.family == "postgresql" else 3306
        if not host:
            return "local socket"
        return host if host.startswith("/") else f"{host}:{self.url.port or default}"

    @property
    def place(self) -> str:
        """Which server this is, for the answer."""
        return f"server {self.address}, scratch database"

    def for_database(self, name: Optional[str], query: Optional[Mapping[str, Any]] = None, driver: str = "") -> URL:
        """The URL of one database on the server for a driver, with options of the project's own URL."""
        # `set` takes None for "as it is"
        url = self.url._replace(database=name)
        if driver in _LIBPQ and "connect_timeout" not in url.query:
            url = url.update_query_dict({"connect_timeout": _SECONDS})
        return url.update_query_dict(dict(query)) if query else url

    def hide(self, text: str) -> str:
        """A driver's message without the password."""
        password = str(self.url.password or "")
        spellings = {quote(password), quote(password, safe=""), quote_plus(password), repr(password)[1:-1]}
        for secret in sorted({password, *spellings} - {""}, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def find_scratch_url(settings: Iterable[str], dialect_name: str) -> Optional[ScratchUrl]:
    """The server for a dialect: one of the same name before one of the same family; None where there is none.

    Raises BadServerUrl where a setting cannot be read.
    """
    known = [_read(text) for text in settings]
    same = [one for one in known if one.url.get_backend_name() == dialect_name]
    family = [one for one in known if one.family == FAMILIES.get(dialect_name)]
    return next(iter([*same, *family]), None)


def _read(text: str) -> ScratchUrl:
    variable = _VARIABLE.fullmatch(text)
    value: Optional[str] = text
    if variable is not None:
        value = os.environ.get(variable[1] or variable[2])
        if not value:
            raise BadServerUrl(f"`scratch-server`: the variable {text} is not set")
    try:
        url = make_url(str(value))
        backend = url.get_backend_name()
    except Exception:
        # the exception's own text would show the password
        raise BadServerUrl(f"`scratch-server`: {_name(variable)} is no SQLAlchemy URL") from None
    if backend not in FAMILIES:
        raise BadServerUrl(f"`scratch-server`: no engine for the dialect `{backend}`")
    return ScratchUrl(url, text if variable is not None else "")


def _name(variable: Optional[re.Match[str]]) -> str:
    return "the setting" if variable is None else f"the value of {variable[0]}"


def _first(value: Any) -> Optional[str]:
    if isinstance(value, (tuple, list)):
        return str(value[0]) if value else None
    return None if value is None else str(value)
