"""Names of types: reading them as gram.y does, and writing them as format_type() does (15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Optional

from ..errors import Rejected
from ..scanner import Cursor
from .model import Composite, Domain, Enum, TypeRef, UserType
from .names import quote_identifier, quote_qualified

if TYPE_CHECKING:
    from .catalog import Catalog


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Pseudo-types that make a sequence, and the type that the column gets.
SERIAL_TYPES = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}

#: The names in pg_type whose long name is another.
LONG_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "char": '"char"',
    "varbit": "bit varying",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}
#: The names in pg_type that are also the long ones.
_PLAIN_NAMES = _words(
    """bit box bytea cid cidr circle date datemultirange daterange inet int4multirange int4range int8multirange
    int8range interval json jsonb jsonpath line lseg macaddr macaddr8 money name numeric nummultirange
    numrange oid path pg_lsn pg_snapshot point polygon refcursor regclass regcollation regconfig
    regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype text tid
    tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid xid xid8 xml record
    void trigger event_trigger anyelement anyarray aclitem cstring internal unknown int2vector oidvector"""
)
SHORT_NAMES = {**{long: short for short, long in LONG_NAMES.items()}, **{name: name for name in _PLAIN_NAMES}}
#: Types that take a modifier, by their long names. Those of extensions are listed by their own.
_WITH_MODIFIER = frozenset(
    ["character varying", "character", "numeric", "bit", "bit varying", "interval", "geometry", "geography"]
    + ["vector", "halfvec", "sparsevec", "raster"]
    + [name for name in LONG_NAMES.values() if name.startswith("time")]
)

#: Types that an extension brings. Other types that it makes for its own use are left out.
EXTENSION_TYPES: dict[str, tuple[str, ...]] = {
    "citext": ("citext",),
    "hstore": ("hstore",),
    "ltree": ("ltree", "lquery", "ltxtquery"),
    "cube": ("cube",),
    "seg": ("seg",),
    "intarray": ("query_int",),
    "isn": ("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"),
    "pg_trgm": (),
    "vector": ("vector", "halfvec", "sparsevec"),
    "postgis": ("geometry", "geography", "box2d", "box3d", "spheroid"),
    "postgis_raster": ("raster",),
    "postgis_topology": (),
    "btree_gist": (),
    "btree_gin": (),
    "earthdistance": ("earth",),
    "lo": ("lo",),
}

_KEYWORD_TYPES = {
    "int": "integer",
    "integer": "integer",
    "smallint": "smallint",
    "bigint": "bigint",
    "real": "real",
    "boolean": "boolean",
    "decimal": "numeric",
    "dec": "numeric",
    "numeric": "numeric",
    "varchar": "character varying",
}
_INTERVAL_FIELDS = (
    *("year to month", "day to hour", "day to minute", "day to second", "hour to minute", "hour to second"),
    *("minute to second", "year", "month", "day", "hour", "minute", "second"),
)


def read_type(cursor: Cursor, catalog: Catalog) -> TypeRef:
    """The type whose name stands at the cursor. Rejected 42704 where there is none of that name."""
    found = _read_simple(cursor) or _read_named(cursor, catalog)
    if _read_dimensions(cursor):
        found.dimensions = 1
    return found


def format_type(ref: TypeRef, catalog: Catalog) -> str:
    """As format_type(oid, typmod): with the modifier, qualified where search_path does not find it."""
    name = _visible_name(ref, catalog)
    if ref.name == "character" and not ref.modifiers and ref.user is None:
        name = "bpchar"
    elif ref.name == "bit" and not ref.modifiers and ref.user is None:
        name = '"bit"'
    elif ref.modifiers:
        found = re.match(r"(timestamp|time)( with.*)$", name) if ref.user is None else None
        name = f"{found[1]}{ref.modifiers}{found[2]}" if found else name + ref.modifiers
    return name + "[]" if ref.dimensions else name


def base_name(ref: TypeRef, catalog: Catalog) -> str:
    """As format_type(oid, NULL): without the modifier."""
    return _visible_name(ref, catalog) + ("[]" if ref.dimensions else "")


def is_same_type(first: TypeRef, second: TypeRef) -> bool:
    """The same type, the same modifier, both arrays or neither."""
    return is_same_base(first, second) and first.modifiers == second.modifiers


def is_same_base(first: TypeRef, second: TypeRef) -> bool:
    """The same type whatever the modifier."""
    if first.user is not second.user or bool(first.dimensions) != bool(second.dimensions):
        return False
    return first.user is not None or first.name == second.name


def plain_type(name: str, modifiers: str = "") -> TypeRef:
    """A built-in type by its long name."""
    return TypeRef(name, modifiers)


def extension_types(extension: str, schema: str) -> list[UserType]:
    """New objects for the types that the extension brings into the schema."""
    found: list[UserType] = []
    for name in EXTENSION_TYPES.get(extension, ()):
        if name == "earth":
            continue
        found.append(Composite(schema, name, kind="base", extension=extension))
    return found


def _visible_name(ref: TypeRef, catalog: Catalog) -> str:
    if ref.user is None:
        return ref.name
    if is_visible(ref.user, catalog):
        return quote_identifier(ref.user.name)
    return quote_qualified(ref.user.schema, ref.user.name)


def is_visible(user: UserType, catalog: Catalog) -> bool:
    """Does its bare name mean this type? (pg_catalog comes first, and then search_path.)"""
    if user.name in LONG_NAMES or user.name in _PLAIN_NAMES:
        return False
    return catalog.find_type(None, user.name) is user


def _read_simple(cursor: Cursor) -> Optional[TypeRef]:
    """What the grammar itself knows (SimpleTypename, without GenericType)."""
    token = cursor.peek()
    if token is None or token.kind != "id":
        return None
    word = token.word
    if cursor.at("double", "precision"):
        cursor.index += 2
        return TypeRef("double precision")
    if cursor.peek(1) is not None and cursor.at(word, "."):
        return None
    if word in _KEYWORD_TYPES:
        cursor.index += 1
        return _with_modifier(cursor, _KEYWORD_TYPES[word])
    if word == "float":
        cursor.index += 1
        return _read_float(cursor)
    if word in ("character", "char", "nchar", "national"):
        return _read_character(cursor)
    if word == "bit":
        cursor.index += 1
        varying = cursor.accept("varying")
        ref = _with_modifier(cursor, "bit varying" if varying else "bit")
        return ref if varying or ref.modifiers else TypeRef("bit", "(1)")
    if word in ("time", "timestamp"):
        return _read_time(cursor, word)
    if word == "interval":
        cursor.index += 1
        return TypeRef("interval", read_interval_fields(cursor))
    return None


def _with_modifier(cursor: Cursor, name: str) -> TypeRef:
    return TypeRef(name, normal_modifier(name, _read_modifier(cursor)))


def _read_modifier(cursor: Cursor) -> list[str]:
    """The items in parentheses, if there are any."""
    items: list[str] = []
    if not cursor.accept("("):
        return items
    while True:
        sign = "-" if cursor.accept("-") else ""
        token = cursor.take()
        if token.kind not in ("number", "id", "string", "quoted"):
            cursor.fail("type modifier expected")
        items.append(sign + token.value)
        if cursor.accept(")"):
            return items
        cursor.expect(",")


_GEOMETRIES = _words(
    """Geometry Point LineString Polygon MultiPoint MultiLineString MultiPolygon GeometryCollection CircularString
    CompoundCurve CurvePolygon MultiCurve MultiSurface PolyhedralSurface Triangle Tin"""
)


def normal_modifier(name: str, items: list[str]) -> str:
    """The modifier as the type's typmodout prints it."""
    if not items:
        return ""
    if name not in _WITH_MODIFIER:
        raise Rejected(f'type modifier is not allowed for type "{name}"', "42601")
    if name == "numeric" and len(items) == 1:
        items = [items[0], "0"]
    if name.startswith("time") and items[0].isdigit():
        items = [str(min(int(items[0]), 6))]
    if name in ("geometry", "geography"):
        return _geometry_modifier(name, items)
    return "(" + ",".join(str(int(item)) if re.fullmatch(r"-?\d+", item) else item for item in items) + ")"


def _geometry_modifier(name: str, items: list[str]) -> str:
    """postgis_typmod_out: shape, dimensions and, unless it is 0, the reference system (geography: 4326 is implied)."""
    shape = items[0].lower()
    dimensions = re.search(r"(zm|z|m)?$", shape)
    suffix = dimensions[0] if dimensions is not None else ""
    root = shape[: len(shape) - len(suffix)] if suffix else shape
    proper = next((known for known in _GEOMETRIES if known.lower() == root), None)
    if proper is None:
        proper, suffix = next((known for known in _GEOMETRIES if known.lower() == shape), items[0]), ""
    srid = items[1] if len(items) > 1 else ("4326" if name == "geography" else "0")
    parts = [proper + suffix.upper()] + ([srid] if srid not in ("0", "-1") else [])
    if parts == ["Geometry"]:
        return ""
    return "(" + ",".join(parts) + ")"


def _read_float(cursor: Cursor) -> TypeRef:
    items = _read_modifier(cursor)
    if items and not items[0].isdigit():
        cursor.fail("precision expected")
    return TypeRef("real" if items and int(items[0]) <= 24 else "double precision")


def _read_character(cursor: Cursor) -> TypeRef:
    """[NATIONAL] CHARACTER | CHAR | NCHAR [VARYING]; without VARYING the length is 1 unless given."""
    cursor.accept("national")
    cursor.expect_one("character", "char", "nchar")
    varying = cursor.accept("varying")
    ref = _with_modifier(cursor, "character varying" if varying else "character")
    return ref if varying or ref.modifiers else TypeRef("character", "(1)")


def _read_time(cursor: Cursor, word: str) -> TypeRef:
    cursor.index += 1
    items = _read_modifier(cursor)
    name = word + " without time zone"
    if cursor.accept("with", "time", "zone"):
        name = word + " with time zone"
    else:
        cursor.accept("without", "time", "zone")
    return TypeRef(name, normal_modifier(name, items))


def read_interval_fields(cursor: Cursor) -> str:
    """What may follow INTERVAL, as intervaltypmodout prints it: "(3)", " day to second(3)", or nothing."""
    items = _read_modifier(cursor)
    if items:
        return f"({_precision(cursor, items)})"
    fields = cursor.accept_one(*_INTERVAL_FIELDS)
    if fields is None:
        return ""
    items = _read_modifier(cursor) if fields.endswith("second") else []
    return f" {fields}" + (f"({_precision(cursor, items)})" if items else "")


def _precision(cursor: Cursor, items: list[str]) -> int:
    """Digits of a second: at most 6."""
    if len(items) != 1 or not items[0].isdigit():
        cursor.fail("precision expected")
    return min(int(items[0]), 6)


def _read_named(cursor: Cursor, catalog: Catalog) -> TypeRef:
    """GenericType: a name in pg_type, qualified or not."""
    schema, name = _read_type_name(cursor)
    ref = None if schema not in (None, "pg_catalog") else _built_in(name)
    if ref is None:
        user = None if schema == "pg_catalog" else catalog.find_type(schema, name)
        if user is None:
            shown = f"{schema}.{name}" if schema else name
            raise Rejected(f'type "{shown}" does not exist', "42704")
        ref = TypeRef(user.name, user=user)
    items = _read_modifier(cursor)
    if items and isinstance(ref.user, (Enum, Domain)):
        raise Rejected(f'type modifier is not allowed for type "{name}"', "42601")
    ref.modifiers = normal_modifier(ref.name, items) if not ref.dimensions else ""
    if ref.name == "interval" and ref.user is None and not items:
        ref.modifiers = ""
    return ref


def _read_type_name(cursor: Cursor) -> tuple[Optional[str], str]:
    """Function names such as `left` may name types, too; names after a dot are any word."""
    first = cursor.label()
    if not cursor.accept("."):
        return None, first
    second = cursor.label()
    return (second, cursor.label()) if cursor.accept(".") else (first, second)


def _built_in(name: str) -> Optional[TypeRef]:
    if name in LONG_NAMES:
        return TypeRef(LONG_NAMES[name])
    if name in _PLAIN_NAMES:
        return TypeRef(name)
    if name.startswith("_"):
        element = _built_in(name[1:])
        if element is not None:
            element.dimensions = 1
        return element
    return None


def _read_dimensions(cursor: Cursor) -> bool:
    """`[]`, `[3]`, `ARRAY`, `ARRAY[3]`, any number of the brackets."""
    is_array = False
    if cursor.at("array"):
        cursor.index += 1
        is_array = True
    while cursor.at("["):
        token, after = cursor.peek(1), cursor.word(2)
        if cursor.at("[", "]"):
            cursor.index += 2
        elif token is not None and token.kind == "number" and after == "]":
            cursor.index += 3
        else:
            break
        is_array = True
    return is_array
