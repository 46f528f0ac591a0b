"""Where the replay really happens: one file per engine, one interface, one registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..ledger import Ledger, ProjectPaths
from ..origin import TableWatch

if TYPE_CHECKING:
    from .catalog.flags import FlagLog


@dataclass
class Stage:
    """What an engine works with: the folder for its files, and those who watch.

    flags: what the catalog cannot follow exactly; `worker/verdict.py` judges them at the end.
    """

    scratch: str
    top: str
    tree: str
    ledger: Ledger
    watch: TableWatch
    paths: ProjectPaths
    flags: FlagLog


class Engine(ABC):
    """Stands in for the databases of one dialect."""

    #: As in `Response.engine`.
    name: str = ""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @abstractmethod
    def wrap(self, real: type[Any]) -> type[Any]:
        """A subclass of the real dialect whose connections reach this engine only."""

    @abstractmethod
    def wipe(self) -> None:
        """Make every database empty; connections that were opened before are not used again."""

    def database_of(self, connection: Any) -> str | None:
        """The identity of the database behind a SQLAlchemy connection, None where it is not a current one of ours."""
        return None


class Engines:
    """The engines of one run, made when first needed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._made: dict[str, Engine] = {}

    def engine_for(self, dialect_name: str) -> Engine:
        """The engine for a dialect by SQLAlchemy's name of it; the one that refuses to connect where there is none."""
        kind = _engine_class(dialect_name)
        if kind.name not in self._made:
            self._made[kind.name] = kind(self._stage)
        return self._made[kind.name]

    def wipe(self) -> None:
        """Make every database of every engine empty."""
        for engine in self._made.values():
            engine.wipe()


def _engine_class(dialect_name: str) -> type[Engine]:
    from .sqlite import SqliteEngine
    from .unsupported import UnsupportedEngine

    return {"sqlite": SqliteEngine}.get(dialect_name, UnsupportedEngine)
