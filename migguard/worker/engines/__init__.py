"""Where the replay really happens: one file per engine, one interface, one registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..ledger import Ledger, ProjectPaths
from ..origin import TableWatch

if TYPE_CHECKING:
    from .catalog.flags import FlagLog


#: The server that is imitated where the user gave no `server-version`.
DEFAULT_VERSIONS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"postgresql": (15,), "mysql": (8, 0), "mariadb": (10, 11)}
)


@dataclass(frozen=True)
class Settings:
    """What the user chose. engine: who stands in for databases other than SQLite (`catalog`, `server`, `embedded`).

    given_versions: dialect → version, those that the user gave. state: a folder for what is kept between runs, which
    need not exist yet; "" where nothing is kept.
    """

    engine: str = "catalog"
    given_versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    scratch_servers: tuple[str, ...] = ()
    state: str = ""

    def version_of(self, dialect_name: str) -> tuple[int, ...]:
        """The server's version to imitate (`postgresql`, `mysql`, `mariadb`)."""
        return self.given_versions.get(dialect_name) or DEFAULT_VERSIONS[dialect_name]


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
    settings: Settings = field(default_factory=Settings)


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

    def describe(self) -> str:
        """The real server that answered, for people; "" where there is none."""
        return ""

    def notes(self) -> list[str]:
        """Facts about the engine that belong to the answer."""
        return []

    def dump_state(self) -> bytes | None:
        """All databases as bytes for `load_state` of another run; None where this engine cannot, or not now."""
        return None

    def load_state(self, state: bytes) -> None:
        """Put what `dump_state` gave in place of all databases. Raises where it cannot."""
        raise NotImplementedError

    def close(self) -> None:  # noqa: B027
        """Leave nothing behind; called once, after the last use. Never raises."""


class Engines:
    """The engines of one run, made when first needed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._made: dict[str, Engine] = {}

    def engine_for(self, dialect_name: str) -> Engine:
        """The engine for a dialect by SQLAlchemy's name of it; the one that refuses to connect where there is none."""
        kind = _engine_class(dialect_name, self._stage.settings.engine)
        if kind.name not in self._made:
            self._made[kind.name] = kind(self._stage)
        return self._made[kind.name]

    @property
    def settings(self) -> Settings:
        """What the user chose."""
        return self._stage.settings

    def is_imitated(self, dialect_name: str) -> bool:
        """Whether a dialect's database has a schema only, and no rows."""
        return self.engine_for(dialect_name).name == "catalog"

    def wipe(self) -> None:
        """Make every database of every engine empty."""
        for engine in self._made.values():
            engine.wipe()

    def describe(self) -> str:
        """The real servers that answered, for people."""
        return ", ".join(filter(None, (engine.describe() for engine in self._made.values())))

    def notes(self) -> list[str]:
        """Facts about the engines that belong to the answer."""
        return [note for engine in self._made.values() for note in engine.notes()]

    def dump_state(self) -> dict[str, bytes] | None:
        """The state of every engine by its name; None where one cannot tell."""
        states = {name: engine.dump_state() for name, engine in self._made.items()}
        found = {name: state for name, state in states.items() if state is not None}
        return found if len(found) == len(states) else None

    def load_state(self, states: Mapping[str, bytes]) -> None:
        """Put what `dump_state` gave in place. Raises where an engine of it is not in use, or cannot take it."""
        if set(states) != set(self._made):
            raise KeyError(f"engines {sorted(self._made)} in place of {sorted(states)}")
        for name, state in states.items():
            self._made[name].load_state(state)

    def close(self) -> None:
        """Leave nothing behind."""
        for engine in self._made.values():
            engine.close()


def _engine_class(dialect_name: str, chosen: str) -> type[Engine]:
    """SQLite is always the real library; the rest is what the user chose."""
    from .sqlite import SqliteEngine
    from .unsupported import UnsupportedEngine

    if chosen == "server" and dialect_name in DEFAULT_VERSIONS:
        from .server import ServerEngine

        return ServerEngine
    if chosen == "embedded" and dialect_name in DEFAULT_VERSIONS:
        from .embedded import EmbeddedEngine

        return EmbeddedEngine
    if chosen == "catalog" and dialect_name in DEFAULT_VERSIONS:
        from .catalog import CatalogEngine

        return CatalogEngine
    return {"sqlite": SqliteEngine}.get(dialect_name, UnsupportedEngine)
