"""Numbers that stand for objects, as their oids do: the same for the same name during the run."""

from __future__ import annotations

_FIRST = 16384
_numbers: dict[tuple[str, str, str], int] = {}
_names: dict[int, tuple[str, str, str]] = {}


def number_of(kind: str, schema: str, name: str) -> int:
    """The number of an object by its kind (relation, type, schema, constraint, …), schema and name."""
    key = (kind, schema, name)
    if key not in _numbers:
        number = _FIRST + len(_numbers)
        _numbers[key], _names[number] = number, key
    return _numbers[key]


def name_of(number: int) -> tuple[str, str, str]:
    """Kind, schema and name of a number that was given; ("", "", "") for others."""
    return _names.get(number, ("", "", ""))
