"""Literals as a type's input function takes them and its output function prints them again (15).

None: it is not known how the server would print it. Rejected 22P02 and the like: it surely refuses it. Settings are
taken as they are by default: DateStyle ISO, IntervalStyle postgres, bytea_output hex, extra_float_digits 1.
"""

from __future__ import annotations

import ipaddress
import json
import re
import struct
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Optional

from ...errors import Rejected
from ..model import Enum
from .moments import read_date, read_interval, read_time, read_timestamp
from .nodes import Type, words

if TYPE_CHECKING:
    from .system import System

_INTEGERS = {"int2": 15, "int4": 31, "int8": 63}
_BLANK = " \t\n\r\v\f"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_BOOLEANS = {
    **dict.fromkeys(("t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"), "true"),
    **dict.fromkeys(("f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"), "false"),
}
_TEXT_SEARCH = words(
    "simple arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian "
    "irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish "
    "yiddish"
)


def read_literal(text: str, type_: Type, modifiers: str, system: System) -> Optional[str]:
    """The text that the type's output function would print for this literal."""
    if type_.is_array:
        return _array(text, type_, system)
    if isinstance(type_.user, Enum):
        if text not in type_.user.labels:
            raise Rejected(f'invalid input value for enum {type_.user.name}: "{text}"', "22P02")
        return text
    if type_.name == "interval":
        return read_interval(text, modifiers)
    reader = _READERS.get(type_.name)
    return reader(text) if reader is not None and type_.user is None else None


def _refuse(type_: str, text: str) -> Rejected:
    return Rejected(f'invalid input syntax for type {type_}: "{text}"', "22P02")


def _integer(name: str) -> Callable[[str], Optional[str]]:
    def read(text: str) -> str:
        stripped = text.strip(_BLANK)
        if not re.fullmatch(r"[+-]?[0-9]+", stripped):
            raise _refuse(name, text)
        number = int(stripped)
        if not -(2 ** _INTEGERS[name]) <= number < 2 ** _INTEGERS[name]:
            raise Rejected(f'value "{text}" is out of range for type {name}', "22003")
        return str(number)

    return read


def read_numeric(text: str) -> Optional[str]:
    """numeric_in and numeric_out: the scale is kept, exponents are written out."""
    stripped = text.strip(_BLANK)
    if stripped.lower() == "nan":
        return "NaN"
    if not _NUMBER.fullmatch(stripped):
        if re.fullmatch(r"[+-]?inf(inity)?", stripped, re.IGNORECASE):
            return None
        raise _refuse("numeric", text)
    try:
        number = Decimal(stripped)
    except InvalidOperation:
        return None
    if abs(number.adjusted()) > 1000:
        return None
    shown = format(number, "f")
    return shown[1:] if shown.startswith("-") and not number else shown


def _double(text: str) -> Optional[str]:
    stripped = text.strip(_BLANK)
    if not _NUMBER.fullmatch(stripped):
        return _odd_float(stripped, text, "double precision")
    number = float(stripped)
    if number in (float("inf"), float("-inf")) or (number == 0 and re.search(r"[1-9]", stripped.lower().split("e")[0])):
        raise Rejected(f'"{text}" is out of range for type double precision', "22003")
    return _shortest(repr(number), 15)


def _real(text: str) -> Optional[str]:
    stripped = text.strip(_BLANK)
    if not _NUMBER.fullmatch(stripped):
        return _odd_float(stripped, text, "real")
    try:
        single = struct.unpack("f", struct.pack("f", float(stripped)))[0]
    except OverflowError:
        return None
    if single == 0 and float(stripped) != 0:
        return None
    for digits in range(1, 10):
        shown = f"{single:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(shown)))[0] == single:
            return _shortest(repr(float(shown)), 6)
    return None


def _odd_float(stripped: str, text: str, name: str) -> Optional[str]:
    odd = {"nan": "NaN", "infinity": "Infinity", "-infinity": "-Infinity", "inf": "Infinity", "-inf": "-Infinity"}
    found = odd.get(stripped.lower())
    if found is None and not stripped.lower().startswith(("+", "0x", "-0x")):
        raise _refuse(name, text)
    return found


def _shortest(shown: str, limit: int) -> str:
    """The shortest digits with PostgreSQL's own choice between plain and scientific notation (ryu, float8out)."""
    number = Decimal(shown)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(text) if text else 0
    if not text:
        return "-0" if sign else "0"
    place = len(text) + exponent - 1
    if -5 < place < limit:
        return format(Decimal((sign, tuple(map(int, text)), exponent)), "f")
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if place < 0 else '+'}{abs(place):02d}"


def _boolean(text: str) -> str:
    found = _BOOLEANS.get(text.strip(_BLANK).lower())
    if found is None:
        raise _refuse("boolean", text)
    return found


def _same(text: str) -> str:
    return text


def _name(text: str) -> str:
    return text.encode("utf-8", "surrogatepass")[:63].decode("utf-8", "ignore")


def _json(text: str) -> Optional[str]:
    _parse_json(text)
    return text


def _jsonb(text: str) -> Optional[str]:
    value = _parse_json(text)
    return _jsonb_text(value)


class _Number(str):
    """A number of a JSON text as it is written."""


def _parse_json(text: str) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    try:
        return json.loads(
            text.strip(" \t\n\r"), parse_int=_Number, parse_float=_Number, parse_constant=refuse, strict=True
        )
    except (ValueError, RecursionError):
        raise _refuse("json", text) from None


def _jsonb_text(value: Any) -> Optional[str]:
    """JsonbToCString: keys by length and then bytes, the last of equal keys, numbers as numeric prints them."""
    if isinstance(value, dict):
        keys = sorted(
            value, key=lambda key: (len(key.encode("utf-8", "surrogatepass")), key.encode("utf-8", "surrogatepass"))
        )
        parts = [(_json_string(key), _jsonb_text(value[key])) for key in keys]
        if any(key is None or item is None for key, item in parts):
            return None
        return "{" + ", ".join(f"{key}: {item}" for key, item in parts) + "}"
    if isinstance(value, list):
        items = [_jsonb_text(item) for item in value]
        return None if None in items else "[" + ", ".join(map(str, items)) + "]"
    if isinstance(value, _Number):
        return read_numeric(str(value))
    if isinstance(value, str):
        return _json_string(value)
    return {None: "null", True: "true", False: "false"}[value]


def _json_string(text: str) -> Optional[str]:
    """escape_json; what cannot be in a database of whatever encoding is not known."""
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        return None
    return json.dumps(text, ensure_ascii=False)


def _uuid(text: str) -> Optional[str]:
    if not _UUID.fullmatch(text):
        if re.fullmatch(r"[0-9a-fA-F{}-]+", text):
            return None
        raise _refuse("uuid", text)
    digits = text.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _bytea(text: str) -> Optional[str]:
    if text.startswith("\\x"):
        digits = re.sub(r"\s", "", text[2:])
        if not re.fullmatch(r"([0-9a-fA-F]{2})*", digits):
            return None
        return "\\x" + digits.lower()
    if "\\" in text:
        return None
    return "\\x" + text.encode("utf-8", "surrogatepass").hex() if text.isascii() else None


def _inet(text: str) -> Optional[str]:
    """inet_out leaves out the mask of a single host."""
    return _address(text, is_network=False)


def _cidr(text: str) -> Optional[str]:
    return _address(text, is_network=True)


def _address(text: str, *, is_network: bool) -> Optional[str]:
    host, slash, mask = text.partition("/")
    if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+|[0-9a-f:]+", host) or (slash and not re.fullmatch(r"\d{1,3}", mask)):
        return None
    try:
        address = ipaddress.ip_address(host)
        length = int(mask) if slash else address.max_prefixlen
        if is_network:
            ipaddress.ip_network(f"{host}/{length}")
    except ValueError:
        return None
    if str(address) != host or length > address.max_prefixlen:
        return None
    return host if length == address.max_prefixlen and not is_network else f"{host}/{length}"


def _hardware_address(text: str) -> Optional[str]:
    return text.lower() if re.fullmatch(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", text) else None


def _text_search(text: str) -> Optional[str]:
    name = text[len("pg_catalog.") :] if text.startswith("pg_catalog.") else text
    return name if name in _TEXT_SEARCH else None


def _bits(text: str) -> Optional[str]:
    digits = text[1:] if text[:1] in ("b", "B") else text
    return digits if re.fullmatch(r"[01]*", digits) else None


def _point(text: str) -> Optional[str]:
    return text if re.fullmatch(r"\((0|-?[1-9]\d{0,8}),(0|-?[1-9]\d{0,8})\)", text) else None


def _range(size: int) -> Callable[[str], Optional[str]]:
    """A discrete range of whole numbers: [lower,upper)."""

    def read(text: str) -> Optional[str]:
        stripped = text.strip(_BLANK)
        if stripped.lower() == "empty":
            return "empty"
        found = re.fullmatch(r"([\[(])\s*(-?\d+)?\s*,\s*(-?\d+)?\s*([\])])", stripped)
        if found is None:
            return None
        lower = None if found[2] is None else int(found[2]) + (found[1] == "(")
        upper = None if found[3] is None else int(found[3]) + (found[4] == "]")
        if any(one is not None and not -(2**size) <= one < 2**size for one in (lower, upper)):
            return None
        if lower is not None and upper is not None and lower >= upper:
            return "empty" if int(found[2]) <= int(found[3]) else None
        start = "(" if lower is None else f"[{lower}"
        return f"{start},{'' if upper is None else upper})"

    return read


def _single(text: str) -> Optional[str]:
    """ "char": one byte."""
    return text if len(text) <= 1 and text.isascii() and text != "\\" else None


def _open_range(text: str) -> Optional[str]:
    return {"empty": "empty", "(,)": "(,)"}.get(text)


def _ltree(text: str) -> Optional[str]:
    return text if re.fullmatch(r"([A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*)?", text) else None


def _hstore(text: str) -> Optional[str]:
    """What is empty; of tsvector, too."""
    return "" if not text.strip(_BLANK) else None


_READERS: dict[str, Callable[[str], Optional[str]]] = {
    **{name: _integer(name) for name in _INTEGERS},
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "unknown", "refcursor"), _same),
    **dict.fromkeys(("numrange", "daterange", "tsrange", "tstzrange"), _open_range),
    **dict.fromkeys(("bit", "varbit"), _bits),
    "numeric": read_numeric,
    "float8": _double,
    "float4": _real,
    "bool": _boolean,
    "name": _name,
    "json": _json,
    "jsonb": _jsonb,
    "uuid": _uuid,
    "bytea": _bytea,
    "inet": _inet,
    "cidr": _cidr,
    "macaddr": _hardware_address,
    "date": read_date,
    "time": read_time,
    "timestamp": read_timestamp,
    "regconfig": _text_search,
    "point": _point,
    "int4range": _range(31),
    "int8range": _range(63),
    "ltree": _ltree,
    "hstore": _hstore,
    "tsvector": _hstore,
    "char": _single,
}

_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",{}\\]*))\s*', re.DOTALL)


def _array(text: str, type_: Type, system: System) -> Optional[str]:
    """array_in and array_out, one dimension."""
    stripped = text.strip(_BLANK)
    if not stripped.startswith(("{", "[")):
        raise Rejected(f'malformed array literal: "{text}"', "22P02")
    if not stripped.startswith("{") or not stripped.endswith("}"):
        return None
    if not stripped[1:-1].strip(_BLANK):
        return "{}"
    items = _split_array(stripped[1:-1])
    if items is None:
        return None
    shown = [_array_item(item, type_.element, system) for item in items]
    return None if None in shown else "{" + ",".join(map(str, shown)) + "}"


def _split_array(text: str) -> Optional[list[tuple[str, bool]]]:
    """The items and whether each was quoted."""
    items: list[tuple[str, bool]] = []
    place = 0
    while True:
        found = _ITEM.match(text, place)
        if found is None:
            return None
        is_quoted = found[1] is not None
        value = re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL) if is_quoted else found[2].strip(_BLANK)
        if not value and not is_quoted:
            return None
        items.append((value, is_quoted))
        place = found.end()
        if place == len(text):
            return items
        if text[place] != ",":
            return None
        place += 1


def _array_item(item: tuple[str, bool], element: Type, system: System) -> Optional[str]:
    value, is_quoted = item
    if value.upper() == "NULL" and not is_quoted:
        return "NULL"
    shown = read_literal(value, system.base(element), "", system)
    if shown is None:
        return None
    if element.name == "bool":
        shown = shown[0]
    if not shown or shown.upper() == "NULL" or re.search(r'[\s{},"\\]', shown):
        return '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
    return shown
