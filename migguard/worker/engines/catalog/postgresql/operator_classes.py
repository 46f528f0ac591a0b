"""Operator classes: which there are for an access method, and which one PostgreSQL takes where none is named.

`operator_classes.txt` holds pg_opclass of 15 and of the usual extensions: extension|method|class:type*, … with a star
for the default of a type.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, NamedTuple, Optional

from ..errors import NotUnderstood, Rejected
from .model import Composite, Domain, Enum, TypeRef
from .scanner import words

if TYPE_CHECKING:
    from .catalog import Catalog

_METHODS = ("btree", "hash", "gist", "gin", "spgist", "brin")
#: Types whose values another type's class takes as they are (pg_cast, binary coercible).
_COERCIBLE = {
    "character varying": "text",
    "cidr": "inet",
    "citext": "text",
    **dict.fromkeys(
        words(
            """regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure
            regrole regtype"""
        ),
        "oid",
    ),
}


class OperatorClass(NamedTuple):
    extension: str
    method: str
    name: str
    type: str
    is_default: bool


@functools.lru_cache(maxsize=None)
def _all() -> tuple[OperatorClass, ...]:
    path = os.path.join(os.path.dirname(__file__), "operator_classes.txt")
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("|") for line in file if line.strip()]
    found = []
    for extension, method, classes in rows:
        for one in classes.split(", "):
            name, _, kind = one.partition(":")
            found.append(OperatorClass(extension, method, name, kind.rstrip("*"), kind.endswith("*")))
    return tuple(found)


def _known(catalog: Catalog, method: str) -> list[OperatorClass]:
    """The classes of an access method. Rejected (42704): there is no such method."""
    found = [
        one for one in _all() if one.method == method and (not one.extension or one.extension in catalog.extensions)
    ]
    if not found and method not in _METHODS:
        if _unlisted(catalog):
            raise NotUnderstood(f"access method {method}")
        raise Rejected(f'access method "{method}" does not exist', "42704")
    return found


def _unlisted(catalog: Catalog) -> bool:
    """Is there an extension whose classes are not known?"""
    return (
        bool(catalog.extensions - {one.extension for one in _all()} - _WITHOUT_CLASSES) or "class" in catalog.functions
    )


_WITHOUT_CLASSES = words(
    """plpgsql pgcrypto uuid-ossp unaccent tablefunc fuzzystrmatch earthdistance pg_stat_statements dblink postgres_fdw
    file_fdw lo moddatetime dict_int dict_xsyn sslinfo xml2 adminpack"""
)


def _type_names(ref: TypeRef) -> list[str]:
    """What the type of a key may be called in a class, the closest first."""
    if ref.dimensions:
        return [f"{ref.name}[]", "anyarray"]
    if isinstance(ref.user, Domain):
        return _type_names(ref.user.type)
    if isinstance(ref.user, Enum):
        return ["anyenum"]
    if isinstance(ref.user, Composite) and ref.user.extension is None:
        return ["anyrange" if ref.user.kind == "range" else "record"]
    names = [ref.name]
    if ref.name in _COERCIBLE:
        names.append(_COERCIBLE[ref.name])
    if ref.name.endswith("multirange"):
        names.append("anymultirange")
    elif ref.name.endswith("range"):
        names.append("anyrange")
    return names


def default_class(catalog: Catalog, method: str, ref: TypeRef) -> Optional[OperatorClass]:
    """The class that a key of this type gets where none is named (GetDefaultOpClass); None: there is none."""
    known = _known(catalog, method)
    for name in _type_names(ref):
        for one in known:
            if one.is_default and one.type == name:
                return one
    return None


def check_default(catalog: Catalog, method: str, ref: TypeRef) -> None:
    """Rejected (42704) where a key of this type has no default class."""
    if default_class(catalog, method, ref) is None:
        if _unlisted(catalog):
            raise NotUnderstood(f"the default operator class of {ref.name} for {method}")
        raise Rejected(f'data type {ref.name} has no default operator class for access method "{method}"', "42704")


def resolve(catalog: Catalog, method: str, name: str, ref: Optional[TypeRef]) -> Optional[str]:
    """What pg_get_indexdef prints for a class that was named: None for the default one of the key's type.

    ref: None where the type of the key is not known. Rejected (42704, 42804): no such class, or not for this type.
    """
    named = [one for one in _known(catalog, method) if one.name == name]
    if not named:
        if _unlisted(catalog):
            raise NotUnderstood(f"operator class {name}")
        raise Rejected(f'operator class "{name}" does not exist for access method "{method}"', "42704")
    if not any(one.is_default for one in named):
        _check_type(named, ref)
        return name
    if ref is None:
        raise NotUnderstood(f"whether {name} is the default operator class")
    default = default_class(catalog, method, ref)
    if default is not None and default.name == name:
        return None
    _check_type(named, ref)
    return name


def _check_type(named: list[OperatorClass], ref: Optional[TypeRef]) -> None:
    if ref is None or any(one.type in _type_names(ref) for one in named):
        return
    raise Rejected(f'operator class "{named[0].name}" does not accept data type {ref.name}', "42804", is_certain=False)


def classes_of(extension: str, method: str) -> list[OperatorClass]:
    """What an extension brings for an access method."""
    return [one for one in _all() if one.extension == extension and one.method == method]
