"""ALTER statements that SQLite does not have, told from faults of the revision that wants them."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Optional

from ..failures import chain

#: Methods of Alembic's SQLite implementation that refuse, and what was asked of them.
_REFUSALS = {"add_constraint": "adds a constraint", "drop_constraint": "drops a constraint"}
_ALTER_COLUMN = re.compile(r"\s*ALTER\s+TABLE\s+\S+\s+(ALTER|MODIFY|CHANGE)\s", re.IGNORECASE)


def find_missing_alter(error: BaseException) -> Optional[str]:
    """What a revision asked of SQLite that only Alembic's batch mode can do there ("adds a constraint"), or None.

    https://alembic.sqlalchemy.org/en/latest/batch.html
    """
    for one in chain(error):
        found = _find_refusal(one) or _find_unknown_statement(one)
        if found is not None:
            return found
    return None


def _find_refusal(error: BaseException) -> Optional[str]:
    if not isinstance(error, NotImplementedError):
        return None
    trace: Optional[TracebackType] = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_globals.get("__name__") != "alembic.ddl.sqlite":
        return None
    return _REFUSALS.get(trace.tb_frame.f_code.co_name, "alters a table")


def _find_unknown_statement(error: BaseException) -> Optional[str]:
    statement = getattr(error, "statement", None)
    if not isinstance(statement, str) or "syntax error" not in str(getattr(error, "orig", "")):
        return None
    return "alters a column" if _ALTER_COLUMN.match(statement) else None
