"""What a literal after DEFAULT becomes: the server stores it in the column, and shows it from there."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Optional

from ..errors import NotUnderstood, Rejected
from .model import ColumnType, Text, quote_string
from .server import Server
from .types import BLOBS, FLOATS, INTEGERS, SPATIAL, TEXTS

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?")


class Literal:
    """A literal as written. kind: string, number or bits; value: of a string without quotes."""

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        self.value = value


def store_literal(literal: Literal, shape: ColumnType, column: str, server: Server) -> Text:
    """The text after DEFAULT. Rejected 1067 where the server would refuse it; inexact where that is not known."""
    text = _store(literal, shape, column, server)
    if server.is_mariadb or text.startswith("'") or shape.name == "bit":
        return text
    # MySQL quotes every literal
    return Text(f"'{text}'", exact=text.exact)


def _store(literal: Literal, shape: ColumnType, column: str, server: Server) -> Text:
    name = shape.name
    if literal.kind == "bits":
        literal = _from_bits(literal.value, shape)
    if name in INTEGERS:
        return _integer(literal, shape, column)
    if name == "decimal":
        return _decimal(literal, shape, column)
    if name in FLOATS:
        return _float(literal, shape, column)
    if name == "bit":
        return _bit(literal, shape, column)
    if name in ("char", "varchar", "binary", "varbinary") or name in TEXTS or name in BLOBS:
        return _string(literal, shape, column, server)
    if name in ("enum", "set"):
        return _member(literal, shape, column)
    if name in ("date", "datetime", "timestamp", "time"):
        return _moment(literal, shape, column, server)
    if name == "year":
        return _year(literal, column)
    if name in SPATIAL:
        raise Rejected(
            f"BLOB, TEXT, GEOMETRY or JSON column '{column}' can't have a default value", "1101", is_certain=False
        )
    raise NotUnderstood(f"{literal.value!r} as DEFAULT of {name}")


def _refuse(column: str) -> Rejected:
    return Rejected(f"Invalid default value for '{column}'", "1067")


def _from_bits(text: str, shape: ColumnType) -> Literal:
    digits = text.strip("'").lstrip("bBxX0").strip("'") if "'" in text else text[2:]
    value = int(digits or "0", 2 if text[0] in "bB" or text[:2] == "0b" else 16)
    if shape.name in INTEGERS or shape.name == "bit":
        if text[0] in "xX":
            raise NotUnderstood("x'…' as the default of a number")
        return Literal("number", str(value))
    raise NotUnderstood("a bit or hexadecimal literal as DEFAULT")


def _number(literal: Literal, column: str) -> Decimal:
    if not _NUMBER.fullmatch(literal.value):
        raise _refuse(column)
    try:
        return Decimal(literal.value.strip())
    except InvalidOperation:
        raise _refuse(column) from None


def _integer(literal: Literal, shape: ColumnType, column: str) -> Text:
    value = int(_number(literal, column).quantize(Decimal(1), ROUND_HALF_UP))
    bits = INTEGERS[shape.name][2] * 8
    low, high = (0, 2**bits - 1) if shape.is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= value <= high:
        raise _refuse(column)
    width = int(shape.arguments[0]) if shape.is_zerofill else 0
    return Text(str(value).zfill(width))


def _decimal(literal: Literal, shape: ColumnType, column: str) -> Text:
    precision, scale = int(shape.arguments[0]), int(shape.arguments[1])
    number = _number(literal, column)
    value = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    if abs(value) >= Decimal(10) ** (precision - scale) or (shape.is_unsigned and value < 0):
        raise _refuse(column)
    text = f"{value:f}"
    if value == 0:
        text = text.lstrip("-")
    if precision == scale:
        text = text.replace("0.", "0.", 1)
    # a string that loses digits may be refused
    return Text(text, exact=not shape.is_zerofill and (literal.kind == "number" or number == value))


def _float(literal: Literal, shape: ColumnType, column: str) -> Text:
    value = _number(literal, column)
    if shape.is_unsigned and value < 0:
        raise _refuse(column)
    if len(shape.arguments) == 2:
        precision, scale = int(shape.arguments[0]), int(shape.arguments[1])
        shown = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
        if abs(shown) >= Decimal(10) ** (precision - scale):
            raise _refuse(column)
        exact = shown == value and precision <= (6 if shape.name == "float" else 15)
        return Text(f"{shown:f}", exact=exact and not shape.is_zerofill)
    shown = value.normalize()
    digits = len(shown.as_tuple().digits)
    exact = digits <= (6 if shape.name == "float" else 15) and (value == 0 or Decimal("0.0001") <= abs(value) < 10**10)
    text = f"{shown:f}"
    return Text("0" if value == 0 else text, exact=exact and not shape.is_zerofill)


def _bit(literal: Literal, shape: ColumnType, column: str) -> Text:
    if literal.kind == "string":
        data = literal.value.encode()
        value = int.from_bytes(data, "big")
    else:
        value = int(_number(literal, column).quantize(Decimal(1), ROUND_HALF_UP))
    if value < 0 or value >= 2 ** int(shape.arguments[0]):
        raise _refuse(column)
    return Text(f"b'{value:b}'")


def _string(literal: Literal, shape: ColumnType, column: str, server: Server) -> Text:
    if shape.name in TEXTS or shape.name in BLOBS:
        if not server.is_mariadb:
            raise Rejected(f"BLOB, TEXT, GEOMETRY or JSON column '{column}' can't have a default value", "1101")
    elif shape.collation is not None:
        if len(literal.value) > int(shape.arguments[0]):
            raise _refuse(column)
    elif len(literal.value.encode()) > int(shape.arguments[0]):
        raise _refuse(column)
    value = literal.value.rstrip(" ") if shape.name == "char" else literal.value
    is_plain = value.isascii() and value.isprintable()
    if shape.name == "binary" and len(value) < int(shape.arguments[0]):
        return Text(quote_string(value + "\0" * (int(shape.arguments[0]) - len(value))), exact=False)
    is_exact = is_plain or (value.isprintable() and (shape.collation or "").startswith("utf8mb4"))
    is_exact = is_exact or (value.replace("\n", "").isascii() and value.replace("\n", "").isprintable())
    # a number of which the text is not its digits (1e3) is made a string by other rules
    if literal.kind == "number" and not re.fullmatch(r"-?(\d|[1-9]\d+)(\.\d+)?", value):
        is_exact = False
    return Text(quote_string(value), exact=is_exact)


def _member(literal: Literal, shape: ColumnType, column: str) -> Text:
    if literal.kind == "number":
        raise _refuse(column)
    folds = not (shape.collation or "").endswith(("_bin", "_cs"))

    def find(value: str) -> Optional[str]:
        wanted = value.rstrip(" ").lower() if folds else value.rstrip(" ")
        return next((one for one in shape.members if (one.lower() if folds else one) == wanted), None)

    if shape.name == "enum":
        found = find(literal.value)
        if found is None:
            raise _refuse(column)
        return Text(quote_string(found))
    if literal.value == "":
        return Text("''")
    chosen = [find(one) for one in literal.value.split(",")]
    if None in chosen:
        raise _refuse(column)
    return Text(quote_string(",".join(one for one in shape.members if one in chosen)))


def _moment(literal: Literal, shape: ColumnType, column: str, server: Server) -> Text:
    fraction = int(shape.arguments[0]) if shape.arguments else 0
    value = literal.value
    if literal.kind == "number":
        if value.strip("0") == "" and shape.name != "time":
            value = "0000-00-00"
        elif value == "0":
            value = "00:00:00"
        else:
            raise NotUnderstood(f"the number {value} as DEFAULT of {shape.name}")
    date, _, time = value.replace("T", " ").partition(" ") if shape.name != "time" else ("", "", value)
    if shape.name != "time":
        date_match = _DATE.fullmatch(date)
        if date_match is None:
            if not re.search(r"\d", value):
                raise _refuse(column)
            raise NotUnderstood(f"{value!r} as DEFAULT of {shape.name}")
        date = _checked_date([int(one) for one in date_match.groups()], shape, column)
        if date == "0000-00-00":
            server.only_mariadb("a default of zero")
    if shape.name == "date":
        if time and not _TIME.fullmatch(time):
            raise NotUnderstood(f"{value!r} as DEFAULT of {shape.name}")
        return Text(quote_string(date))
    if not re.search(r"\d", value):
        raise _refuse(column)
    time_match = _TIME.fullmatch(time or "00:00:00")
    if time_match is None:
        raise NotUnderstood(f"{value!r} as DEFAULT of {shape.name}")
    hour, minute, second = (int(one or 0) for one in time_match.groups()[:3])
    digits = time_match[4] or ""
    if hour > 23 or minute > 59 or second > 59:
        raise NotUnderstood(f"{value!r} as DEFAULT of {shape.name}")
    shown = f"{hour:02}:{minute:02}:{second:02}" + (f".{digits[:fraction]:0<{fraction}}" if fraction else "")
    return Text(quote_string(f"{date} {shown}".strip()))


def _checked_date(parts: list[int], shape: ColumnType, column: str) -> str:
    year, month, day = parts
    shown = f"{year:04}-{month:02}-{day:02}"
    if shown == "0000-00-00":
        return shown
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if month > 12 or day > 31 or (month and day > days[month - 1]):
        raise _refuse(column)
    if month == 0 or day == 0:
        raise NotUnderstood(f"default {shown}")
    if shape.name == "timestamp" and not 1970 < year < 2038:
        raise NotUnderstood(f"timestamp {shown}: it depends on the time zone")
    return shown


def _year(literal: Literal, column: str) -> Text:
    value = literal.value
    if not value.isdigit():
        if re.search(r"\d", value):
            raise NotUnderstood(f"{value} as DEFAULT of a year")
        raise _refuse(column)
    if len(value) == 4 and (1901 <= int(value) <= 2155 or value == "0000"):
        return Text(value)
    if value in ("0", "00"):
        raise NotUnderstood("0 as DEFAULT of a year")
    if len(value) <= 2:
        return Text(str(int(value) + (2000 if int(value) < 70 else 1900)))
    raise _refuse(column)
