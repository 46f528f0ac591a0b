"""Ends a revision that waits for rows which a replay will never have."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable

from sqlalchemy import event
from sqlalchemy.engine import Engine

from .ledger import NotFollowable, ProjectPaths
from .origin import TableWatch

#: Statements of one revision in a row that change no schema. The largest seeds of public projects have some thousand.
MOST_STATEMENTS = 20_000
#: Seconds of one revision, where at least SOME_STATEMENTS in a row changed nothing.
MOST_SECONDS = 30.0
SOME_STATEMENTS = 500


class Ended(BaseException):
    """No `except Exception` of the waiting loop holds this one; its cause is what is told."""


class Watchdog:
    """Counts the statements of databases that have no rows of their own."""

    def __init__(
        self, paths: ProjectPaths, watch: TableWatch, is_imitated: Callable[[str], bool], revision: Callable[[], Any]
    ) -> None:
        self._paths = paths
        self._watch = watch
        self._is_imitated = is_imitated
        self._revision = revision
        self._state: tuple[Any, int] = (None, 0)
        self._statements = 0
        self._started = 0.0

    def install(self) -> None:
        """Hear of every statement that SQLAlchemy sends."""
        event.listen(Engine, "before_cursor_execute", self.hear)

    def hear(self, connection: Any, *rest: Any) -> None:
        """Count one statement; raises where enough is enough."""
        revision = self._revision()
        if revision is None or not self._is_imitated(connection.dialect.name):
            return
        if revision is not self._state[0]:
            self._started = time.monotonic()
        state = (revision, self._watch.heard)
        self._statements = self._statements + 1 if state == self._state else 0
        self._state = state
        is_slow = self._statements > SOME_STATEMENTS and time.monotonic() - self._started > MOST_SECONDS
        if self._statements > MOST_STATEMENTS or is_slow:
            name = getattr(revision, "revision", None)
            text = f"revision `{name}` runs statement after statement and changes no schema: it waits for something"
            place = self._paths.innermost_place(sys._getframe(1))
            raise Ended from NotFollowable("endless", text, place)
