"""A real server and the catalog side by side: the same statements on both, and the comparison of what came of them."""

from __future__ import annotations

import enum
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import dialects, exc
from sqlalchemy.pool import NullPool

from migguard.worker.engines import Engines, Stage
from migguard.worker.engines.catalog.errors import Rejected
from migguard.worker.engines.catalog.flags import OPAQUE, READ, Flag, FlagLog
from migguard.worker.ledger import Ledger, ProjectPaths
from migguard.worker.origin import TableWatch
from migguard.worker.redirect import install_redirect

from .judge import Difference, Verdict, compare_rendered, compare_snapshots
from .snapshot import Key, read_snapshot, render_difference


class Outcome(enum.Enum):
    """What both sides said to one statement."""

    ACCEPTED = "accepted by both"
    FLAGGED = "accepted by both, not followed by the catalog and flagged"
    REJECTED = "rejected by both"
    #: Allowed: the catalog is no validator of rows and types.
    REAL_REJECTS = "rejected by the server only"
    #: Allowed: the catalog does not claim to know.
    CATALOG_DOUBTS = "rejected by the catalog only, not certain"
    CATALOG_REJECTS = "rejected by the catalog only, certain"
    CATALOG_CRASHES = "an error of the catalog itself"


#: After these the two no longer hold the same schema where the dialect cannot roll back DDL.
APART = frozenset(
    {Outcome.FLAGGED, Outcome.REAL_REJECTS, Outcome.CATALOG_DOUBTS, Outcome.CATALOG_REJECTS, Outcome.CATALOG_CRASHES}
)
#: After these the test fails.
FAULTS = frozenset({Outcome.CATALOG_REJECTS, Outcome.CATALOG_CRASHES})


@dataclass(frozen=True)
class Ran:
    """One statement on both sides: the outcome, and what the side that refused it said."""

    sql: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class Called:
    """What Python code raised on either side, and the flags of the catalog at its end."""

    real: Exception | None
    catalog: Exception | None
    flags: tuple[Flag, ...]

    @property
    def is_fault(self) -> bool:
        """The catalog alone refused, and had not said that it no longer knows what it answers."""
        return self.real is None and self.catalog is not None and not self.flags


@dataclass
class CatalogSide:
    """The catalog as a project meets it: an engine of the redirected dialect, and the flags it raises."""

    url: str
    stage: Stage
    engines: Engines
    flags: FlagLog
    connect_args: dict[str, Any] = field(default_factory=dict)

    def make_engine(self) -> sa.engine.Engine:
        """A SQLAlchemy engine, made through the redirect; the registry is left as it was."""
        registry: Any = dialects.registry
        load = registry.load
        install_redirect(self.engines)
        try:
            return sa.create_engine(self.url, poolclass=NullPool, future=True)
        finally:
            registry.load = load

    def wipe(self) -> None:
        """An empty database, no flags."""
        self.engines.wipe()
        self.flags.clear()


def open_catalog(url: str, folder: Path | None = None) -> CatalogSide:
    """The catalog for a URL. Nothing is opened but a folder for its files."""
    scratch = str(folder or Path(tempfile.gettempdir(), "migguard-differential"))
    paths = ProjectPaths(scratch)
    flags = FlagLog(paths)
    watch = TableWatch(paths)
    stage = Stage(scratch=scratch, top=scratch, tree=scratch, ledger=Ledger(), watch=watch, paths=paths, flags=flags)
    return CatalogSide(url, stage, Engines(stage), flags)


class Pair:
    """One open connection on each side. `real` is a database that is ours alone.

    Where DDL is transactional a statement that either side does not take is rolled back on both, so that they keep
    holding the same schema.
    """

    def __init__(self, real: sa.engine.Engine, catalog: CatalogSide, *, is_transactional: bool = True) -> None:
        self.side = catalog
        self.is_transactional = is_transactional
        #: What reading raised at the last comparison.
        self.reading_flags: list[Flag] = []
        self._real_engine = real
        self._catalog_engine = catalog.make_engine()
        self.real = self._connect(self._real_engine)
        self.catalog = self._connect(self._catalog_engine)

    @staticmethod
    def _connect(engine: sa.engine.Engine) -> sa.engine.Connection:
        return engine.connect().execution_options(no_parameters=True)

    def close(self) -> None:
        self.real.close()
        self.catalog.close()

    def reconnect(self) -> None:
        """New connections: what a session had set (search_path, temporary tables) is gone."""
        self.close()
        self.real = self._connect(self._real_engine)
        self.catalog = self._connect(self._catalog_engine)

    @property
    def flags(self) -> list[Flag]:
        return list(self.side.flags.flags)

    def run(
        self, sql: str, *, is_catalog_asked: bool = True, keep_flagged: bool = False, is_autocommit: bool = False
    ) -> Ran:
        """One statement on both. is_catalog_asked: whether the catalog sees what the server refused."""
        if is_autocommit:
            return self._run_autocommitted(sql)
        refused = self._try_real(sql)
        if refused is not None and not is_catalog_asked:
            self._end(is_kept=False)
            return Ran(sql, Outcome.REJECTED, refused)
        before = self.side.flags.dump_state()
        outcome, message = self._try_catalog(sql, refused)
        is_kept = outcome is Outcome.ACCEPTED or (keep_flagged and outcome is Outcome.FLAGGED)
        self._end(is_kept=is_kept)
        if not is_kept:
            self.side.flags.load_state(before)
        return Ran(sql, outcome, message)

    def call(self, function: Callable[[sa.engine.Connection], None]) -> Called:
        """Python code on both sides, each in a transaction: kept where neither side raised, with its flags."""
        before = self.side.flags.dump_state()
        real, catalog = _raised_by(function, self.real), _raised_by(function, self.catalog)
        called = Called(real, catalog, tuple(self.flags))
        is_kept = real is None and catalog is None
        self._end(is_kept=is_kept)
        if not is_kept:
            self.side.flags.load_state(before)
        return called

    def _run_autocommitted(self, sql: str) -> Ran:
        """As `run`, for what cannot be in a transaction; nothing is taken back."""
        usual = self.real, self.catalog
        self.real, self.catalog = (c.execution_options(isolation_level="AUTOCOMMIT") for c in usual)
        try:
            refused = self._try_real(sql)
            outcome, message = self._try_catalog(sql, refused)
        finally:
            self._end(is_kept=True)
            for connection in (self.real, self.catalog):
                connection.execution_options(isolation_level=connection.default_isolation_level)
            self.real, self.catalog = usual
        return Ran(sql, outcome, message)

    def _try_real(self, sql: str) -> str | None:
        try:
            self.real.exec_driver_sql(sql)
        except exc.DBAPIError as error:
            return str(error.orig).splitlines()[0]
        return None

    def _try_catalog(self, sql: str, refused: str | None) -> tuple[Outcome, str]:
        known = self.flags
        try:
            self.catalog.exec_driver_sql(sql)
        except exc.DBAPIError as error:
            if refused is not None:
                return Outcome.REJECTED, refused
            is_certain = _is_certain(error)
            return Outcome.CATALOG_REJECTS if is_certain else Outcome.CATALOG_DOUBTS, str(error.orig)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
            return Outcome.CATALOG_CRASHES, f"{type(error).__name__}: {error}"
        opaque = next((flag for flag in self.flags if flag.kind == OPAQUE and flag not in known), None)
        if refused is not None:
            return (Outcome.REJECTED if opaque else Outcome.REAL_REJECTS), refused
        return (Outcome.FLAGGED, opaque.text) if opaque else (Outcome.ACCEPTED, "")

    def _end(self, *, is_kept: bool) -> None:
        for connection in (self.real, self.catalog):
            if is_kept:
                connection.commit()
            else:
                connection.rollback()

    def compare(self) -> Verdict:
        """The Inspector's whole answer on both sides."""
        with self._flags_of_reading() as flags:
            real = read_snapshot(self.real)
            try:
                catalog = read_snapshot(self.catalog)
            except Exception as error:  # noqa: BLE001 (a finding)
                return _crash(error)
            return compare_snapshots(real, catalog, flags)

    def compare_rendered(self, real: sa.MetaData, catalog: sa.MetaData | None = None, **options: Any) -> Verdict:
        """What Alembic renders on both sides for two equal metadata (a comparison may leave traces in them)."""
        with self._flags_of_reading() as flags:
            expected = render_difference(self.real, real, **options)
            try:
                given = render_difference(self.catalog, real if catalog is None else catalog, **options)
            except Exception as error:  # noqa: BLE001 (a finding)
                return _crash(error)
            return compare_rendered(expected, given, flags)

    @contextmanager
    def _flags_of_reading(self) -> Iterator[list[Flag]]:
        """Both connections end their transactions afterwards; flags that only reading raised are not kept."""
        log = self.side.flags
        before, known = log.dump_state(), list(log.flags)
        try:
            yield log.flags
        finally:
            self._end(is_kept=False)
            self.reading_flags = [flag for flag in log.flags if flag not in known]
            log.load_state(before)
            # what was asked for in vain is said once in a run
            for flag in self.reading_flags:
                if flag.kind == READ:
                    log.add(flag.kind, flag.text, flag.tables)


def _crash(error: Exception) -> Verdict:
    """Reading the catalog failed: as bad as a silent difference."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return Verdict(differences=[Difference(Key("", "", "raised"), "-", f"{type(error).__name__}: {error} ({where})")])


def _raised_by(function: Callable[[sa.engine.Connection], None], connection: sa.engine.Connection) -> Exception | None:
    try:
        function(connection)
    except Exception as error:  # noqa: BLE001 (it is compared)
        return error
    return None


def _is_certain(error: exc.DBAPIError) -> bool:
    """Whether the catalog claims that the server refuses, too."""
    cause: BaseException | None = error.orig
    while cause is not None:
        if isinstance(cause, Rejected):
            return cause.is_certain
        certain = getattr(cause, "is_certain", None)
        if certain is not None:
            return bool(certain)
        cause = cause.__cause__
    return True
