"""Names in pg_type."""

from __future__ import annotations

from typing import Optional

from .catalog import Catalog
from .model import Table, View
from .types import SHORT_NAMES


def has_type(catalog: Catalog, name: str, schema: Optional[str], *, counts_built_in: bool) -> bool:
    """Whether pg_type has the name: types, their arrays (with `_` before the name), rows of relations.

    schema None: those that the search path finds; counts_built_in: those of pg_catalog too. "*": of any schema.
    """
    built_in = {*SHORT_NAMES.values(), *(f"_{one}" for one in SHORT_NAMES.values())}
    if schema == "pg_catalog" or schema == "*" or (schema is None and counts_built_in):
        if name in built_in:
            return True
        if schema == "pg_catalog":
            return False
    places = list(catalog.schemas) if schema == "*" else catalog.searched(schema)
    names = {name, name[1:]} if name.startswith("_") else {name}
    for place in places:
        if any((place, one) in catalog.types for one in names):
            return True
        relations = catalog.schemas.get(place, {})
        if any(isinstance(relations.get(one), (Table, View)) for one in names):
            return True
    return False
