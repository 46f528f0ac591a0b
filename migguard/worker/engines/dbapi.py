"""How a dialect is told which driver to use, in every SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy


def dbapi_members(load: Callable[[Any], Any]) -> dict[str, Any]:
    """The class member by which this SQLAlchemy asks a dialect for its driver: renamed in 2.0."""
    name = "dbapi" if sqlalchemy.__version__.startswith("1.") else "import_dbapi"
    return {name: classmethod(lambda cls: load(cls))}
