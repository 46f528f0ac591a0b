"""Which tables this env.py keeps from autogenerate: its own filters are listened to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .engines.catalog.flags import TableName


@dataclass
class LeftOut:
    """Tables that this env.py keeps from autogenerate, as its own filters answered.

    hidden, shown, versions (Alembic's own tables): names in lower case. schema: the only one that is looked at, None
    where env.py includes others.
    """

    hidden: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    schema: Optional[str] = None
    versions: set[str] = field(default_factory=set)
    _is_silent: bool = False
    _name_filters: list[Any] = field(default_factory=list)

    def hides(self, table: TableName) -> bool:
        """Whether the table takes no part in the comparison."""
        name = table.name.lower()
        if name in self.shown:
            return False
        if name in self.versions or (self.schema is not None and table.schema != self.schema):
            return True
        if name in self.hidden and not self._is_silent:
            return True
        return bool(self._name_filters) and all(_hides_name(one, table, self.schema) for one in self._name_filters)

    def observe(self, context: Any) -> None:
        """Listen to the filters of a MigrationContext; they answer Alembic as before."""
        opts = context.opts
        schema = None if opts.get("include_schemas") else getattr(context.dialect, "default_schema_name", None)
        self.schema = schema if not self._name_filters or schema == self.schema else None
        self.versions.add(context.version_table.lower())
        original = opts.get("include_object")
        # of several databases one may have a table that another one hides
        self._is_silent = self._is_silent or original is None
        if original is not None:
            opts["include_object"] = self._listen(original)
        self._name_filters.append(opts.get("include_name"))

    def _listen(self, original: Any) -> Any:
        def include_object(item: Any, name: Any, type_: str, reflected: bool, compare_to: Any) -> Any:
            answer = original(item, name, type_, reflected, compare_to)
            if type_ == "table":
                (self.shown if answer else self.hidden).add(str(name).lower())
            return answer

        return include_object


def _hides_name(include_name: Any, table: TableName, default: Optional[str]) -> bool:
    """What include_name says of a table that the replay may not have."""
    if include_name is None:
        return False
    schema = None if table.schema == default else table.schema
    qualified = table.name if schema is None else f"{schema}.{table.name}"
    try:
        return not include_name(table.name, "table", {"schema_name": schema, "schema_qualified_table_name": qualified})
    except Exception:  # the project's code, asked about something that it does not expect
        return False
