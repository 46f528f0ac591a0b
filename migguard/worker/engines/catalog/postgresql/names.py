"""How PostgreSQL writes names and strings (ruleutils.c, 15: quote_identifier, simple_quote_literal)."""

from __future__ import annotations

import re

from .scanner import COLUMN_NAMES, FUNCTION_NAMES, RESERVED

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_QUOTED_WORDS = RESERVED | FUNCTION_NAMES | COLUMN_NAMES


def quote_identifier(name: str) -> str:
    """The name, in double quotes where it is no plain one or a keyword that is not unreserved."""
    if _PLAIN.fullmatch(name) and name not in _QUOTED_WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """The text as a string literal (standard_conforming_strings is on)."""
    return "'" + text.replace("'", "''") + "'"


def quote_qualified(schema: str, name: str) -> str:
    return f"{quote_identifier(schema)}.{quote_identifier(name)}"
