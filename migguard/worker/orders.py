"""The schema that revisions give in one order, so that two orders can be compared."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from .alembic_run import AlembicRun
from .doubts import is_believed
from .engines.catalog.flags import OPAQUE, STEER, FlagLog
from .failures import error_text
from .ledger import NotFollowable
from .protocol import OrderResult


def replay_order(run: AlembicRun, targets: list[str], flags: FlagLog) -> OrderResult:
    """Upgrade from empty to each of the targets in turn, and describe what is there then.

    A revision that fails is an answer. NotFollowable where the engine cannot tell.
    """
    try:
        run.replay(*targets)
    except NotFollowable:
        raise
    except Exception as error:
        running = run.progress.running
        _require_followed(flags)
        if running is None or not is_believed(error):
            raise
        return OrderResult(revision=running.revision, problem=error_text(error))
    _require_followed(flags)
    lines: list[str] = []
    run.visit(lambda context: lines.extend(_describe(context)))
    return OrderResult(sorted(lines))


def _require_followed(flags: FlagLog) -> None:
    for flag in flags.flags:
        if flag.kind in {OPAQUE, STEER}:
            raise NotFollowable("opaque", flag.text, flag.place)


def _describe(context: Any) -> list[str]:
    """A line for each thing; what comes in no particular order (columns too) is sorted."""
    inspector = inspect(context.connection)
    found = []
    for table in inspector.get_table_names():
        if table == context.version_table:
            continue
        found.append(f"table {table}")
        for column in inspector.get_columns(table):
            told = {name: _text(column.get(name)) for name in ("type", "nullable", "default", "comment", "computed")}
            found.append(f"{table} column {column['name']} {told}")
        key = inspector.get_pk_constraint(table)
        found.append(f"{table} primary key {_text(key.get('name'))} {key.get('constrained_columns')}")
        for kind in ("indexes", "foreign_keys", "unique_constraints", "check_constraints"):
            items = getattr(inspector, f"get_{kind}")(table)
            found += [f"{table} {kind} {_text(dict(sorted(item.items())))}" for item in items]
    return found


def _text(value: Any) -> str:
    return repr(value)
