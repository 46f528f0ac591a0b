"""Expressions of PostgreSQL: read, typed as its parse analysis does, and printed as ruleutils.c does (15).

syntax.py and primary.py read; analysis.py, calls.py, resolution.py and coercion.py type; printing.py prints; facts/
holds PostgreSQL's own catalogs, whitelist.py what has been compared with a server.
"""

from __future__ import annotations

from .build import (
    bind,
    bind_condition,
    bind_domain,
    canonical,
    coerce_default,
    columns_of,
    functions_of,
    nextval,
    parse_call,
    parse_expression,
    plain_column,
    retype,
    sequences_of,
    show,
    show_index_element,
    types_of,
    verbatim,
)
from .labels import function_name
from .nodes import Node, Text

__all__ = [
    "Node",
    "Text",
    "bind",
    "bind_condition",
    "bind_domain",
    "canonical",
    "coerce_default",
    "columns_of",
    "function_name",
    "functions_of",
    "nextval",
    "parse_call",
    "parse_expression",
    "plain_column",
    "retype",
    "sequences_of",
    "show",
    "show_index_element",
    "types_of",
    "verbatim",
]
