"""Expressions in CHECK, DEFAULT and generated columns: read, and shown as the server shows them."""

from __future__ import annotations

from .functions import TEXT_FUNCTIONS, VOLATILE
from .nodes import Node, columns_of, functions_of, rename_columns
from .parse import parse
from .show import show, show_default

__all__ = [
    "TEXT_FUNCTIONS",
    "VOLATILE",
    "Node",
    "columns_of",
    "functions_of",
    "parse",
    "rename_columns",
    "show",
    "show_default",
]
