"""A plan of ALTER TABLE on a table of the database."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Optional

from .alter_table import Plan, tolerate
from .altering import Altering

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase


def alter(database: MysqlDatabase, schema: Optional[str], name: str, plan: Plan) -> None:
    """Carry a plan out on a table."""
    old = database.table(schema, name)
    before = copy.deepcopy(old)
    tolerate(plan, database, old.schema, old.name)
    new = Altering(database, old, plan).run()
    database.replace_table(old, new)
    if before != new:
        database.note("altered", "table", new.schema, new.name)
    if plan.rename_to is not None:
        database.rename_table(new, *plan.rename_to)
