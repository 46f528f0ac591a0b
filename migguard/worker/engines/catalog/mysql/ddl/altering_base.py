"""What ALTER TABLE works on: the table before and after, and the plan."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Optional

from ..model import Column, ForeignKey, Table, same_name
from .alter_table import CONSTRAINT, FOREIGN_KEY, KEY, Drop, Plan
from .options import Options

if TYPE_CHECKING:
    from ..catalog import MysqlDatabase


class AlteringBase:
    """`old` is left as it was; `new` is what comes of it."""

    def __init__(self, database: MysqlDatabase, old: Table, plan: Plan) -> None:
        self.database = database
        self.server = database.server
        self.old = old
        self.plan = plan
        self.new = Table(old.schema, old.name, old.collation, old.engine)
        for name in ("comment", "auto_increment", "row_format", "options", "is_temporary"):
            setattr(self.new, name, copy.copy(getattr(old, name)))
        #: Old name in lower case → new name, of columns that stay.
        self.names: dict[str, str] = {}
        #: Old columns that CHANGE or MODIFY replaced.
        self.replaced: dict[str, Column] = {}
        self.referring = database.referring(old)

    def _is_alone(self, *, is_renaming: bool = False) -> bool:
        """Is DROP (or RENAME) the only clause?"""
        plan = self.plan
        others: list[object] = [
            plan.columns,
            plan.items,
            plan.defaults,
            plan.column_names,
            plan.key_names,
            plan.convert,
        ]
        others.append(plan.is_copied)
        others += [] if is_renaming else [plan.rename_to]
        return len(plan.drops) == (0 if is_renaming else 1) and not any(others) and plan.options == Options()

    def _kind_of(self, drop: Drop) -> str:
        if self.old.find_check(drop.name) is not None:
            return CONSTRAINT
        if self.old.find_foreign_key(drop.name) is not None:
            return FOREIGN_KEY
        key = self.old.find_key(drop.name)
        return KEY if key is not None and key.is_unique else CONSTRAINT

    def _dropped(self, kind: str, name: str) -> bool:
        return any(one.kind == kind and same_name(one.name, name) for one in self.plan.drops)

    def _is_gone(self, key: ForeignKey) -> bool:
        """Is it a foreign key of this table that is dropped?"""
        return any(one is key for one in self.old.foreign_keys) and self._dropped(FOREIGN_KEY, key.name)

    def _new_column(self, old_name: str) -> Optional[Column]:
        name = self.names.get(old_name.lower())
        return self.new.find_column(name) if name is not None else None
