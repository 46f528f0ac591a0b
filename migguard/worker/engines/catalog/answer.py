"""What a statement gives back to the cursor, and values that are not the server's own."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Callable, Optional


@dataclass
class Answer:
    """columns: None where the statement returns no rows. unknown: what was asked, where the rows are not those of the
    server: recorded when they are fetched."""

    columns: Optional[list[str]] = None
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rowcount: int = -1
    unknown: str = ""
    lastrowid: Optional[int] = None


class UnknownNumber(int):
    """A number that the replay made up: a count of rows, a generated key. `on_use` hears of whatever depends on it.

    It may be stored and bound; comparing it, or computing with it, is its use. SQLAlchemy's own comparisons (an ORM
    flush that expects a row count) are taken for met.
    """

    on_use: Callable[[], None]

    @classmethod
    def make(cls, value: int, on_use: Callable[[], None]) -> UnknownNumber:
        """Such a number."""
        number = cls(value)
        number.on_use = on_use
        return number

    def _compare(self, other: Any, operation: str, met: Optional[bool] = None) -> Any:
        if not _is_asked_by_sqlalchemy():
            self.on_use()
        elif met is not None:
            return met
        return getattr(int(self), operation)(int(other) if isinstance(other, UnknownNumber) else other)

    def __eq__(self, other: Any) -> Any:
        return self is other or self._compare(other, "__eq__", met=True)

    def __ne__(self, other: Any) -> Any:
        return self is not other and self._compare(other, "__ne__", met=False)

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, "__lt__")

    def __le__(self, other: Any) -> Any:
        return self._compare(other, "__le__")

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, "__gt__")

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, "__ge__")

    def __bool__(self) -> bool:
        if not _is_asked_by_sqlalchemy():
            self.on_use()
        return int.__bool__(self)

    def __index__(self) -> int:
        self.on_use()
        return int.__index__(self)

    def __hash__(self) -> int:
        return int.__hash__(self)

    def __int__(self) -> int:
        return int.__add__(self, 0)

    def _derive(self, value: Any) -> Any:
        return UnknownNumber.make(value, self.on_use) if isinstance(value, int) else value

    def __add__(self, other: Any) -> Any:
        return self._derive(int.__add__(self, other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._derive(int.__sub__(self, other))

    def __mul__(self, other: Any) -> Any:
        return self._derive(int.__mul__(self, other))

    __rmul__ = __mul__

    def __reduce__(self) -> Any:
        return int, (int(self),)


def _is_asked_by_sqlalchemy() -> bool:
    frame = sys._getframe(2)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).startswith("sqlalchemy.")
