"""The DDL features of PostgreSQL that the catalog follows, by family: one case each."""

from __future__ import annotations

from tests.worker.differential.cases import Case

from .columns import COLUMNS
from .constraints import CONSTRAINTS
from .indexes import INDEXES
from .objects import FUNCTIONS, SCHEMAS, SEQUENCES, VIEWS
from .others import PARTITIONS, THE_REST
from .tables import TABLES
from .types import EXTENSIONS, TYPES

FAMILIES: dict[str, dict[str, Case]] = {
    "tables": TABLES,
    "columns": COLUMNS,
    "types": TYPES,
    "extensions": EXTENSIONS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "schemas": SCHEMAS,
    "sequences": SEQUENCES,
    "views": VIEWS,
    "functions": FUNCTIONS,
    "partitions": PARTITIONS,
    "the rest": THE_REST,
}
