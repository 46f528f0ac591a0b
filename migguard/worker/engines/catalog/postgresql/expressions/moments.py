"""Dates, times and intervals as PostgreSQL reads and prints them (datetime.c, 15), in their ISO forms.

What depends on the clock, the session's time zone or DateStyle is not known: None.
"""

from __future__ import annotations

import datetime
import re
from typing import Optional

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?")


def read_date(text: str) -> Optional[str]:
    """A date; `infinity` too."""
    stripped = text.strip()
    if stripped in ("infinity", "-infinity"):
        return stripped
    if stripped == "epoch":
        return "1970-01-01"
    found = _DATE.fullmatch(stripped)
    return _date(found) if found is not None else None


def _date(found: re.Match[str]) -> Optional[str]:
    try:
        return datetime.date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def read_time(text: str) -> Optional[str]:
    """A time of day without a zone."""
    found = _TIME.fullmatch(text.strip())
    return _time(found) if found is not None else None


def _time(found: re.Match[str]) -> Optional[str]:
    if int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    fraction = (found[4] or "").rstrip("0").rstrip(".")
    return f"{int(found[1]):02d}:{found[2]}:{found[3] or '00'}{fraction}"


def read_timestamp(text: str) -> Optional[str]:
    """A date, perhaps with a time of day, without a zone."""
    stripped = text.strip()
    if stripped in ("infinity", "-infinity"):
        return stripped
    if stripped == "epoch":
        return "1970-01-01 00:00:00"
    found = re.fullmatch(r"(\S+?)(?:(?: +|T)(\S+))?", stripped)
    date = read_date(found[1]) if found is not None and _DATE.fullmatch(found[1]) else None
    time = read_time(found[2]) if found is not None and found[2] else "00:00:00"
    return f"{date} {time}" if date is not None and time is not None else None


#: Unit → (field, factor); fields: 0 months, 1 days, 2 microseconds.
_UNITS: dict[str, tuple[int, int]] = {}
for _names, _field, _factor in (
    ("microsecond microseconds us usec usecs", 2, 1),
    ("millisecond milliseconds ms msec msecs", 2, 1000),
    ("second seconds sec secs s", 2, 1_000_000),
    ("minute minutes min mins m", 2, 60_000_000),
    ("hour hours hr hrs h", 2, 3_600_000_000),
    ("day days d", 1, 1),
    ("week weeks w", 1, 7),
    ("month months mon mons", 0, 1),
    ("year years yr yrs y", 0, 12),
    ("decade decades", 0, 120),
    ("century centuries", 0, 1200),
):
    for _name in _names.split():
        _UNITS[_name] = (_field, _factor)


def read_interval(text: str, modifiers: str) -> Optional[str]:
    """Amounts with units, a time of day, in any order ("1 day 02:00:00"); whole amounts only."""
    if modifiers and not (_keeps_all(modifiers) and (whole := read_interval(text, "")) and "." not in whole):
        return _limited(text, modifiers)
    fields = [0, 0, 0]
    words = re.findall(r"[+-]?\d+:\d+(?::\d+(?:\.\d+)?)?|[+-]?\d+(?:\.\d+)?|[A-Za-z]+|\S", text)
    is_ago = bool(words) and words[-1].lower() == "ago"
    if not words or is_ago:
        return None
    seen: set[str] = set()
    place = 0
    while place < len(words):
        step = _read_amount(words, place, fields, seen)
        if step is None:
            return None
        place += step
    return print_interval(*fields)


def _keeps_all(modifiers: str) -> bool:
    """Does nothing but a fraction of a second get lost?"""
    return bool(re.fullmatch(r"\(\d\)| day to second(\(\d\))?", modifiers))


def _read_amount(words: list[str], place: int, fields: list[int], seen: set[str]) -> Optional[int]:
    word = words[place]
    if ":" in word:
        microseconds = _clock(word)
        if microseconds is None or "clock" in seen:
            return None
        seen.add("clock")
        fields[2] += microseconds
        return 1
    if not re.fullmatch(r"[+-]?\d+", word):
        return None
    unit = words[place + 1].lower() if place + 1 < len(words) else "second"
    if place + 1 == len(words) and len(words) > 1:
        return None
    if unit not in _UNITS or unit in seen:
        return None
    seen.add(unit)
    field, factor = _UNITS[unit]
    fields[field] += int(word) * factor
    return 2 if place + 1 < len(words) else 1


def _clock(word: str) -> Optional[int]:
    found = re.fullmatch(r"([+-]?)(\d{1,4}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?", word)
    if found is None or int(found[3]) > 59 or int(found[4] or 0) > 59:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    microseconds = seconds * 1_000_000 + int((found[5] or "").ljust(6, "0") or 0)
    return -microseconds if found[1] == "-" else microseconds


def _limited(text: str, modifiers: str) -> Optional[str]:
    """`INTERVAL '1' day`: a bare number takes the last field of the qualifier as its unit; others keep their meaning
    where they have nothing below it."""
    fields = re.fullmatch(r" (?:\w+ to )?(year|month|day|hour|minute|second)", modifiers)
    if fields is None:
        return None
    found = re.fullmatch(r"\s*([+-]?\d+)\s*", text)
    if found is None:
        return None
    field, factor = _UNITS[fields[1]]
    amounts = [0, 0, 0]
    amounts[field] = int(found[1]) * factor
    return print_interval(*amounts)


def print_interval(months: int, days: int, microseconds: int) -> Optional[str]:
    """EncodeInterval, style postgres; negative parts of mixed signs are not followed."""
    if any(one < 0 for one in (months, days, microseconds)) and any(one > 0 for one in (months, days, microseconds)):
        return None
    parts = []
    years, rest = abs(months) // 12, abs(months) % 12
    sign = "-" if months < 0 else ""
    for amount, unit, mark in ((years, "year", sign), (rest, "mon", sign), (abs(days), "day", "-" if days < 0 else "")):
        if amount:
            parts.append(f"{mark}{amount} {unit}{'' if (mark + str(amount)) == '1' else 's'}")
    if microseconds or not parts:
        parts.append(("-" if microseconds < 0 else "") + _clock_text(abs(microseconds)))
    return " ".join(parts)


def _clock_text(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, 1_000_000)
    shown = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return shown + (f".{fraction:06d}".rstrip("0") if fraction else "")
