"""Why a statement did not become part of the catalog."""

from __future__ import annotations

from typing import Optional


class NotUnderstood(Exception):
    """The statement, or a part of it, is outside what the interpreter follows exactly. The server may well take it."""


class Rejected(Exception):
    """The server of this dialect would refuse the statement.

    code: PostgreSQL's SQLSTATE ("42P01") or MySQL's error number ("1146") where it is known; it says which class of
    DBAPI error the project's code sees, and whether the refusal may be believed (`is_certain`).
    """

    def __init__(self, message: str, code: Optional[str] = None, *, is_certain: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.is_certain = is_certain
