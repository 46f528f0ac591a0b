"""The catalog beside a real server: the same code on a connection of each, and what each gave back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import dialects
from sqlalchemy.pool import NullPool

from migguard.worker.engines import Engines, Stage
from migguard.worker.engines.catalog.flags import Flag, FlagLog
from migguard.worker.ledger import Ledger, ProjectPaths
from migguard.worker.origin import TableWatch
from migguard.worker.redirect import install_redirect

Story = Callable[[sa.engine.Connection], Any]


@dataclass
class CatalogSide:
    """An engine of the catalog as a project meets it, and what it records."""

    folder: Path
    flags: FlagLog = field(init=False)
    engines: Engines = field(init=False)
    watch: TableWatch = field(init=False)

    def __post_init__(self) -> None:
        paths = ProjectPaths(str(self.folder))
        self.flags, self.watch = FlagLog(paths), TableWatch(paths)
        folder = str(self.folder)
        self.engines = Engines(Stage(folder, folder, folder, Ledger(), self.watch, paths, self.flags))

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Engines that are made meanwhile are the catalog's; the registry is left as it was."""
        registry: Any = dialects.registry
        load = registry.load
        install_redirect(self.engines)
        try:
            yield
        finally:
            registry.load = load

    def create_engine(self, url: str, **options: Any) -> sa.engine.Engine:
        """As SQLAlchemy's, for the catalog."""
        with self.redirected():
            return sa.create_engine(url, **options)

    def wipe(self) -> None:
        """Empty databases, no flags."""
        self.engines.wipe()
        self.flags.clear()


@dataclass
class Twin:
    """One database on a real server, and the catalog's of the same URL."""

    real: sa.engine.Engine
    side: CatalogSide
    ours: sa.engine.Engine

    def tell(self, story: Story) -> tuple[Any, Any, list[Flag]]:
        """Run a story on both, from empty: what the server gave, what the catalog gave, and the flags."""
        with self.real.connect() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            for (name,) in connection.exec_driver_sql(_OTHER_SCHEMAS).fetchall():
                connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
            connection.commit()
        self.side.wipe()
        return run(story, self.real), run(story, self.ours), list(self.side.flags.flags)


_OTHER_SCHEMAS = r"SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^public$'"


def make_twin(url: str, folder: Path) -> Twin:
    """A twin for an empty database."""
    side = CatalogSide(folder)
    return Twin(sa.create_engine(url, poolclass=NullPool), side, side.create_engine(url, poolclass=NullPool))


def run(story: Story, engine: sa.engine.Engine) -> Any:
    """What a story gives; an error of the database by its class and code."""
    try:
        with engine.connect() as connection:
            return story(connection)
    except sa.exc.DBAPIError as error:
        return type(error).__name__, getattr(error.orig, "sqlstate", None)
