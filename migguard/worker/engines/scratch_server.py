"""A real server that holds databases of ours: what every kind of server has in common."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Optional

from .maintenance import Maintenance
from .scratch_names import find_run, is_template, new_run, scratch_name
from .scratch_url import ScratchUrl

Row = tuple[Any, ...]


class ServerProblem(Exception):
    """The server cannot be used; the message says why, without a secret, and what would help."""


class ScratchServer(ABC):
    """The databases of one run on a server. Every method but `close` raises ServerProblem.

    product and version: what the server says it is ("PostgreSQL", (15, 18)); known after `open`.
    """

    product: str = ""
    version: tuple[int, ...] = ()

    def __init__(self, real: type[Any], server: ScratchUrl) -> None:
        self.server = server
        self.run = new_run()
        self._real = real
        self._number = 0
        self._made: list[str] = []
        self._maintenance: Optional[Maintenance] = None

    @property
    def version_text(self) -> str:
        """The version as one writes it."""
        return ".".join(map(str, self.version))

    def open(self) -> None:
        """Connect, make sure that databases may be made here, and remove those of runs that were killed."""
        try:
            self._maintenance = self._connect()
            self._examine()
            self._lock_run()
            self._remove_leftovers()
        except ServerProblem:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise ServerProblem(self.explain("cannot be used", error)) from None

    def create(self, template: Optional[str] = None) -> str:
        """A new database, empty or a copy of a template; its name."""
        self._number += 1
        name = scratch_name(self.run, self._number)
        try:
            self._create(name, template)
        except Exception as error:
            raise ServerProblem(self.explain("makes no database", error)) from None
        self._made.append(name)
        return name

    def drop(self, name: str) -> None:
        """Drop a database of this run, whoever is still connected to it."""
        if name not in self._made:
            raise ServerProblem(f"`{name}` is no database of this run")
        try:
            self._drop(name)
        except Exception as error:
            raise ServerProblem(self.explain(f"does not drop `{name}`", error)) from None
        self._made.remove(name)

    def keep(self, name: str) -> Optional[str]:
        """Keep a copy of a database of this run for later runs; the template's name, None where there is no way."""
        return None

    def has_template(self, name: str) -> bool:
        """Whether a kept copy is still there."""
        return False

    def close(self) -> None:
        """Drop what this run made, and disconnect. Never raises: what is left is removed by the next run."""
        for name in list(self._made):
            with contextlib.suppress(ServerProblem):
                self.drop(name)
        if self._maintenance is not None:
            self._maintenance.close()
            self._maintenance = None

    def query(self, statement: str) -> list[Row]:
        """Run one statement over the connection for housekeeping. Raises what the driver raises."""
        assert self._maintenance is not None
        return self._maintenance.run(statement)

    @abstractmethod
    def _connect(self) -> Maintenance:
        """Open the connection for housekeeping. Raises ServerProblem for what has a better text than the driver's."""

    @abstractmethod
    def _examine(self) -> None:
        """Find product and version. Raises ServerProblem where this is no place for scratch databases."""

    @abstractmethod
    def _lock_run(self) -> None:
        """Show the other runs that this one lives, for as long as the session does."""

    @abstractmethod
    def _is_live(self, run: str) -> bool:
        """Whether the session of a run is still there."""

    @abstractmethod
    def _database_names(self) -> Iterable[str]:
        """All databases whose names begin with ours."""

    @abstractmethod
    def _create(self, name: str, template: Optional[str]) -> None: ...

    @abstractmethod
    def _drop(self, name: str) -> None:
        """Drop a database of this run."""

    @abstractmethod
    def _drop_leftover(self, name: str) -> None:
        """Drop a database of a run that is gone; an error where somebody is still connected."""

    def _remove_leftovers(self) -> None:
        for name in self._database_names():
            run = find_run(name)
            if run is None or run == self.run or is_template(name) or self._is_live(run):
                continue
            # another run may be at it, or the server may not have noticed yet that the client is gone
            with contextlib.suppress(Exception):
                self._drop_leftover(name)

    def explain(self, what: str, error: BaseException) -> str:
        """One line about an error of the driver, without the password."""
        reason = self.server.hide(" ".join(_first_lines(error)))
        return f"the scratch server {self.server.address} {what}: {reason}"


def _first_lines(error: BaseException) -> list[str]:
    """What a driver says, on one line and without its decoration."""
    text = str(error.args[1] if len(error.args) > 1 and isinstance(error.args[0], int) else error)
    if error.args and isinstance(error.args[0], dict):  # pg8000
        text = str(error.args[0].get("M", text))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[:2] or [type(error).__name__]
