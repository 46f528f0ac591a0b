"""Bound parameters written into the statement as literals, as drivers do that bind on their own side."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional

from .errors import NotUnderstood, Rejected

Quote = Callable[[str], str]

_PERCENT = re.compile(r"%(?:\((?P<name>[^)]*)\)[sbt]|(?P<plain>[sbt])|(?P<double>%)|(?P<bad>.|$))", re.DOTALL)
_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/"
_UNQUOTED_PERCENT = re.compile(_QUOTED + r"|%(?:\((?P<name>[^)]*)\)s|(?P<plain>s)|(?P<double>%))", re.DOTALL)
_NUMBERED = re.compile(_QUOTED + r"|\$(?P<number>\d+)", re.DOTALL)
_MARKED = re.compile(_QUOTED + r"|(?P<mark>\?)", re.DOTALL)
_PATTERNS = {"percent": _PERCENT, "unquoted-percent": _UNQUOTED_PERCENT, "numbered": _NUMBERED, "mark": _MARKED}


def quote_standard(text: str) -> str:
    """A string literal where a backslash is a plain character (standard_conforming_strings)."""
    return "'" + text.replace("'", "''") + "'"


def write_literal(value: Any, quote: Quote) -> str:
    """The literal for a Python value; NotUnderstood where drivers have their own ways with its type."""
    if value is None:
        return "NULL"
    if isinstance(value, enum.Enum) and not isinstance(value, (str, int)):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, decimal.Decimal)):
        number = str(value + 0) if isinstance(value, int) else str(value)
        return f"'{number}'" if number.lower().lstrip("-") in {"nan", "inf", "infinity"} else number
    if isinstance(value, str):
        return quote(str(value))
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta, uuid.UUID)):
        return quote(str(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return quote("\\x" + bytes(value).hex())
    if isinstance(value, (list, tuple)):
        return "ARRAY[" + ", ".join(write_literal(one, quote) for one in value) + "]"
    return _write_wrapped(value, quote)


def _write_wrapped(value: Any, quote: Quote) -> str:
    """Json(…) of the psycopg drivers, and plain dictionaries."""
    inner = getattr(value, "adapted", getattr(value, "obj", value))
    if isinstance(inner, Mapping) or inner is not value:
        try:
            return quote(json.dumps(inner))
        except (TypeError, ValueError):
            pass
    raise NotUnderstood(f"a bound value of type {type(value).__name__}")


def write_parameters(sql: str, parameters: Any, style: str, quote: Quote) -> str:
    """Put the parameters of one execution into the text.

    style: `percent` (Python's % over the whole text: psycopg, psycopg2, PyMySQL), `unquoted-percent` (outside quotes
    and comments only: pg8000), `numbered` ($1: asyncpg), `mark` (?). Rejected where the driver would refuse.
    """
    pattern = _PATTERNS[style]
    taken = iter(parameters) if not isinstance(parameters, Mapping) else iter(())

    def replace(found: re.Match[str]) -> str:
        groups = found.groupdict()
        if groups.get("double"):
            return "%"
        if groups.get("bad") is not None:
            raise Rejected(f"unsupported format character in {found[0]!r}", is_certain=False)
        value = _pick(groups, parameters, taken)
        return found[0] if value is _NOTHING else write_literal(value, quote)

    return pattern.sub(replace, sql)


_NOTHING = object()


def _pick(groups: Mapping[str, Optional[str]], parameters: Any, taken: Any) -> Any:
    try:
        name = groups.get("name")
        if name is not None:
            return parameters[name]
        if groups.get("number") is not None:
            return parameters[int(groups["number"] or 0) - 1]
        if groups.get("plain") or groups.get("mark"):
            return next(taken)
    except (KeyError, IndexError, TypeError, StopIteration) as error:
        raise Rejected("the statement has more parameters than were given", is_certain=False) from error
    return _NOTHING


def is_empty(parameters: Optional[Sequence[Any]]) -> bool:
    """Whether an execution was given no parameter at all."""
    return parameters is None or len(parameters) == 0
