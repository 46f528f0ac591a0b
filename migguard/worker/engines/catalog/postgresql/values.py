"""Literals as values: equal or not by their type's own `=`, and cast from one type to another."""

from __future__ import annotations

import json
import re
import struct
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Optional

from .expressions.literals import read_literal
from .expressions.nodes import Const, Type, words
from .expressions.system import system_for
from .model import Enum

_EXACT_NUMBERS = frozenset(["int2", "int4", "int8", "numeric", "oid"])
_FLOATS = frozenset(["float4", "float8"])
_TEXTS = frozenset(["text", "varchar", "name"])
#: Types whose printed text is one for one value.
_BY_TEXT = _TEXTS | words(
    """bool uuid date time timestamp bytea inet cidr macaddr bit varbit ltree int4range int8range regclass regconfig"""
)
_INTEGER_BITS = {"int2": 15, "int4": 31, "int8": 63}


def same_values(left: Const, right: Const) -> Optional[bool]:
    """Does the server find them equal? None: not known."""
    if not isinstance(left.value, str) or not isinstance(right.value, str):
        return None
    if {left.type.name, right.type.name} <= _EXACT_NUMBERS and not left.type.is_array and not right.type.is_array:
        return _same_numbers(left.value, right.value)
    if left.type != right.type:
        return None
    return _same(left.value, right.value, left.type)


def _same(left: str, right: str, type_: Type) -> Optional[bool]:
    if type_.is_array:
        return _same_arrays(left, right, type_)
    if isinstance(type_.user, Enum):
        return left == right
    if type_.user is not None:
        return None
    if type_.name in _BY_TEXT:
        return left == right
    if type_.name == "bpchar":
        return left.rstrip(" ") == right.rstrip(" ")
    if type_.name in _EXACT_NUMBERS or type_.name in _FLOATS:
        return _same_numbers(left, right)
    if type_.name == "interval":
        first, second = interval_length(left), interval_length(right)
        return None if first is None or second is None else first == second
    if type_.name == "jsonb":
        return _same_json(json.loads(left, **_NUMBERS), json.loads(right, **_NUMBERS))
    if type_.name == "citext" and left.isascii() and right.isascii():
        return left.lower() == right.lower()
    return True if left == right and type_.name in ("hstore", "numrange", "daterange", "tsrange", "tstzrange") else None


def _same_arrays(left: str, right: str, type_: Type) -> Optional[bool]:
    if left == right and not re.search(r"\bNULL\b", left):
        return True
    is_plain = isinstance(type_.user, Enum) or type_.name in _BY_TEXT or type_.name in _INTEGER_BITS
    return left == right if is_plain else None


def _same_numbers(left: str, right: str) -> Optional[bool]:
    if not all(re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", one) for one in (left, right)):
        return left == right
    return Decimal(left) == Decimal(right)


_NUMBERS: dict[str, Any] = {"parse_int": Decimal, "parse_float": Decimal}


def _same_json(left: Any, right: Any) -> bool:
    """As jsonb compares: numbers by value; true is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same_json(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same_json, left, right))
    return bool(left == right)


def interval_length(text: str) -> Optional[int]:
    """interval_cmp_value: months of 30 days, days of 24 hours, in microseconds; the text is as the server prints it."""
    total = 0
    rest = text
    units = {"year": 360, "mon": 30, "day": 1}
    while True:
        found = re.match(r"(-?\d+) (year|mon|day)s?(?: |$)", rest)
        if found is None:
            break
        total += int(found[1]) * units[found[2]] * 86_400_000_000
        rest = rest[found.end() :]
    if not rest:
        return total
    clock = re.fullmatch(r"(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?", rest)
    if clock is None:
        return None
    seconds = int(clock[2]) * 3600 + int(clock[3]) * 60 + int(clock[4])
    amount = seconds * 1_000_000 + int((clock[5] or "0").ljust(6, "0"))
    return total + (-amount if clock[1] else amount)


def cast_value(value: Const, target: Type, modifiers: str, *, is_explicit: bool) -> Optional[Const]:
    """The literal after a cast; None: not known."""
    text = value.value
    if not isinstance(text, str) or value.type.is_array != target.is_array or target.user is not None:
        return None
    if value.type.is_array:
        is_text = value.type.name in _TEXTS and target.name in _TEXTS and not modifiers
        return Const(target, text) if is_text or (value.type == target and not modifiers) else None
    if value.type.name == "bpchar" and target.name in ("text", "varchar"):
        return _cut(text.rstrip(" "), target, modifiers, is_explicit=is_explicit)
    if value.type.name in _TEXTS and target.name in _TEXTS:
        return _cut(text, target, modifiers, is_explicit=is_explicit)
    if value.type.name in _TEXTS:
        return _from_text(text, target, modifiers)
    if value.type.name in _EXACT_NUMBERS | _FLOATS and target.name in _EXACT_NUMBERS | _FLOATS:
        return _number(text, value.type, target, modifiers)
    if target.name in _TEXTS and not modifiers and value.type.name in (_BY_TEXT | _EXACT_NUMBERS) - {"name"}:
        return Const(target, text) if value.type.name not in ("inet", "cidr") else None
    if value.type == target and not modifiers:
        return value
    return _length(text, target, modifiers) if value.type == target else None


def _cut(text: str, target: Type, modifiers: str, *, is_explicit: bool) -> Optional[Const]:
    if target.name == "name":
        return Const(target, text) if len(text.encode()) < 64 else None
    if not modifiers:
        return Const(target, text)
    limit = int(modifiers.strip("()"))
    if len(text) <= limit:
        return Const(target, text)
    return Const(target, text[:limit]) if is_explicit else None


def _from_text(text: str, target: Type, modifiers: str) -> Optional[Const]:
    if modifiers:
        return None
    found = read_literal(text, target, "", system_for(()))
    return None if found is None else Const(target, found)


def _number(text: str, source: Type, target: Type, modifiers: str) -> Optional[Const]:
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text):
        return None
    if target.name in _INTEGER_BITS:
        if source.name in _FLOATS:
            return None
        whole = int(Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        bits = _INTEGER_BITS[target.name]
        return Const(target, str(whole)) if -(2**bits) <= whole < 2**bits else None
    if target.name == "numeric":
        return _numeric(text, source, modifiers)
    if target.name == "float8":
        if source.name == "float4":
            return Const(target, repr(struct.unpack("f", struct.pack("f", float(text)))[0]))
        return Const(target, repr(float(text)))
    return None


def _numeric(text: str, source: Type, modifiers: str) -> Optional[Const]:
    target = Type("numeric")
    if source.name in _FLOATS:
        return None
    if not modifiers:
        return Const(target, text)
    precision, scale = map(int, modifiers.strip("()").split(","))
    if scale < 0:
        return None
    rounded = Decimal(text).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    return Const(target, str(rounded)) if abs(rounded) < Decimal(10) ** (precision - scale) else None


def _length(text: str, target: Type, modifiers: str) -> Optional[Const]:
    if target.name == "bpchar":
        limit = int(modifiers.strip("()"))
        return Const(target, text) if len(text) <= limit else None
    if target.name in ("timestamp", "time") and "." not in text:
        return Const(target, text)
    return None
