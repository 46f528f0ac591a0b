"""Column types: read as written, and made what the server stores and shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ..errors import NotUnderstood, Rejected
from .charsets import binary_collation, charset_of, default_collation, find_charset, find_collation, longest_character
from .model import ColumnType, quote_string
from .scanner import MysqlCursor
from .server import Server

#: Integers: width that is shown, width where unsigned, bytes.
INTEGERS = {
    "tinyint": (4, 3, 1), "smallint": (6, 5, 2), "mediumint": (9, 8, 3), "int": (11, 10, 4), "bigint": (20, 20, 8),
}  # fmt: skip
FLOATS = ("float", "double")
TEXTS = {"tinytext": 255, "text": 65535, "mediumtext": 16777215, "longtext": 4294967295}
BLOBS = {"tinyblob": 255, "blob": 65535, "mediumblob": 16777215, "longblob": 4294967295}
TEMPORAL = ("time", "datetime", "timestamp")
SPATIAL = frozenset(
    [
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
    ]
)
MARIADB_TYPES = frozenset({"inet6", "uuid", "inet4"})
_SYNONYMS = {
    "integer": "int", "int1": "tinyint", "int2": "smallint", "int3": "mediumint", "middleint": "mediumint",
    "int4": "int", "int8": "bigint", "dec": "decimal", "numeric": "decimal", "fixed": "decimal", "real": "double",
    "float4": "float", "float8": "double", "character": "char", "nvarchar": "varchar", "varcharacter": "varchar",
    "geomcollection": "geometrycollection",
}  # fmt: skip
_BINARY_TWINS = {
    "char": "binary", "varchar": "varbinary", "tinytext": "tinyblob", "text": "blob", "mediumtext": "mediumblob",
    "longtext": "longblob",
}  # fmt: skip


@dataclass
class TypeText:
    """A type as it was written; the character set may still depend on the table."""

    name: str
    arguments: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    is_unsigned: bool = False
    is_zerofill: bool = False
    charset: Optional[str] = None
    collation: Optional[str] = None
    is_binary: bool = False
    is_json: bool = False
    is_serial: bool = False


def read_type(cursor: MysqlCursor, server: Server) -> TypeText:
    """A type with its attributes, without COLLATE."""
    made = _read_name(cursor, server)
    if cursor.accept("("):
        _read_arguments(cursor, made)
    _read_attributes(cursor, made)
    return made


def _read_name(cursor: MysqlCursor, server: Server) -> TypeText:
    token = cursor.peek()
    if token is None or token.kind != "id":
        cursor.fail("type expected")
    word = cursor.take().word
    made = TypeText(_SYNONYMS.get(word, word))
    if word in ("national", "nchar", "nvarchar"):
        made.charset = "utf8mb3"
        made.name = "char"
        if word == "national":
            cursor.expect_one("char", "character", "varchar")
        if (
            cursor.accept("varying")
            or cursor.accept("varchar")
            or word == "nvarchar"
            or cursor.tokens[cursor.index - 1].word == "varchar"
        ):
            made.name = "varchar"
    elif made.name == "char" and cursor.accept("varying"):
        made.name = "varchar"
    elif made.name == "double":
        cursor.accept("precision")
    elif word == "long":
        is_binary = cursor.accept("varbinary")
        made.name = "mediumblob" if is_binary else "mediumtext"
        cursor.accept("varchar") or cursor.accept("char", "varying")
    elif word in ("bool", "boolean"):
        made.name, made.arguments = "tinyint", ["1"]
    elif word == "json" and server.is_mariadb:
        made.name, made.charset, made.is_json = "longtext", "utf8mb4", True
        made.collation = "utf8mb4_bin"
    elif word == "serial":
        made.name, made.is_unsigned, made.is_serial = "bigint", True, True
    elif not _is_known(made.name, server):
        raise NotUnderstood(f"type {word}")
    return made


def _is_known(name: str, server: Server) -> bool:
    if name in MARIADB_TYPES:
        return server.is_mariadb and (name != "inet4" or server.version >= (10, 10))
    return (
        name in INTEGERS
        or name in FLOATS
        or name in TEXTS
        or name in BLOBS
        or name in TEMPORAL
        or name in SPATIAL
        or name in ("char", "varchar", "binary", "varbinary", "decimal", "bit", "date", "year", "enum", "set", "json")
    )


def _read_arguments(cursor: MysqlCursor, made: TypeText) -> None:
    while True:
        if made.name in ("enum", "set"):
            made.members.append(cursor.string())
        else:
            made.arguments.append(str(cursor.integer()))
        if not cursor.accept(","):
            break
    cursor.expect(")")


def _read_attributes(cursor: MysqlCursor, made: TypeText) -> None:
    is_number = made.name in INTEGERS or made.name in FLOATS or made.name == "decimal"
    is_text = made.name in _BINARY_TWINS or made.name in ("enum", "set")
    while True:
        if is_number and cursor.accept("unsigned"):
            made.is_unsigned = True
        elif is_number and cursor.accept("zerofill"):
            made.is_unsigned = made.is_zerofill = True
        elif is_number and cursor.accept("signed"):
            pass
        elif is_text and cursor.accept_one("character set", "charset", "char set"):
            made.charset = find_charset(cursor.string() if cursor.at_string() else cursor.label())
        elif is_text and cursor.accept("binary"):
            made.is_binary = True
        elif is_text and cursor.accept("ascii"):
            made.charset = "latin1"
        elif is_text and cursor.accept("unicode"):
            made.charset = "ucs2"
        elif is_text and cursor.accept("byte"):
            made.charset = "binary"
        else:
            return


def resolve_type(text: TypeText, column: str, table_collation: str, server: Server) -> ColumnType:
    """What the server stores. Rejected: 1074, 1425, 1426, 1427, 1439, 1063, 1291."""
    name = text.name
    if name in INTEGERS:
        return _integer(text, column, server)
    if name == "decimal":
        return _decimal(text, column)
    if name in FLOATS:
        return _float(text, column, server)
    if name in _BINARY_TWINS or name in ("enum", "set"):
        return _character(text, column, table_collation, server)
    if name in BLOBS or name in ("binary", "varbinary"):
        return _bytes(name, text, column, 1)
    return _other(text, column, server)


def _integer(text: TypeText, column: str, server: Server) -> ColumnType:
    if not server.has_display_width:
        is_boolean = text.name == "tinyint" and text.arguments == ["1"] and not text.is_unsigned
        if text.is_zerofill:
            raise NotUnderstood("ZEROFILL: MySQL differs from MariaDB here")
        return ColumnType(text.name, ("1",) if is_boolean else (), text.is_unsigned, False)
    _at_most_one(text, column)
    width = INTEGERS[text.name][1 if text.is_unsigned else 0]
    if text.arguments and text.arguments[0] != "0":
        width = int(text.arguments[0])
    if width > 255:
        raise Rejected(f"Display width out of range for '{column}' (max = 255)", "1439")
    return ColumnType(text.name, (str(width),), text.is_unsigned, text.is_zerofill)


def _decimal(text: TypeText, column: str) -> ColumnType:
    if len(text.arguments) > 2:
        raise NotUnderstood("decimal with more than two numbers")
    precision, scale = (int(one) for one in (text.arguments + ["10", "0"][len(text.arguments) :]))
    precision = precision or 10
    if precision > 65:
        raise Rejected(f"Too big precision specified for '{column}'. Maximum is 65", "1426")
    if scale > 38:
        raise Rejected(f"Too big scale specified for '{column}'. Maximum is 38", "1425")
    if scale > precision:
        raise Rejected(f"M must be >= D (column '{column}')", "1427")
    return ColumnType("decimal", (str(precision), str(scale)), text.is_unsigned, text.is_zerofill)


def _float(text: TypeText, column: str, server: Server) -> ColumnType:
    name, arguments = text.name, tuple(text.arguments)
    if len(arguments) == 1:
        if name == "double":
            raise Rejected("You have an error in your SQL syntax", "1064")
        if int(arguments[0]) > 53:
            raise Rejected(f"Incorrect column specifier for column '{column}'", "1063")
        name, arguments = ("float" if int(arguments[0]) <= 24 else "double"), ()
    if len(arguments) == 2:
        precision, scale = int(arguments[0]), int(arguments[1])
        if scale > precision:
            raise Rejected(f"M must be >= D (column '{column}')", "1427")
        if precision > 255 or scale > 30:
            raise Rejected(f"Display width out of range for '{column}' (max = 255)", "1439")
    if text.is_zerofill and not server.is_mariadb:
        raise NotUnderstood("ZEROFILL: MySQL differs from MariaDB here")
    return ColumnType(name, arguments, text.is_unsigned, text.is_zerofill)


def column_collation(text: TypeText, table_collation: str, server: Server) -> str:
    """The collation of a character type."""
    is_mariadb = server.is_mariadb
    if text.collation is not None:
        return find_collation(text.collation, is_mariadb=is_mariadb, charset=None if text.is_json else text.charset)
    found = table_collation
    if text.charset is not None:
        found = default_collation(text.charset, is_mariadb=is_mariadb)
    return binary_collation(charset_of(found)) if text.is_binary else found


def _character(text: TypeText, column: str, table_collation: str, server: Server) -> ColumnType:
    collation = column_collation(text, table_collation, server)
    if not server.is_mariadb and collation not in (table_collation, "binary"):
        raise NotUnderstood("a column with another collation than its table's: MySQL differs from MariaDB here")
    if text.name in ("enum", "set"):
        return _enumeration(text, column, collation, server)
    if collation == "binary":
        return _bytes(_BINARY_TWINS[text.name], text, column, 1)
    longest = longest_character(collation)
    if text.name in TEXTS:
        name = sized(text, TEXTS, longest)
        return ColumnType(name, collation=collation)
    return _bytes(text.name, text, column, longest, collation)


def sized(text: TypeText, family: dict[str, int], longest: int) -> str:
    """TEXT(n) and BLOB(n) become the smallest of the family that holds so much."""
    if not text.arguments or text.arguments[0] == "0":
        return text.name
    if text.name not in ("text", "blob"):
        raise Rejected("You have an error in your SQL syntax", "1064", is_certain=False)
    wanted = int(text.arguments[0]) * longest
    return next((name for name, size in family.items() if wanted <= size), "")


def _bytes(name: str, text: TypeText, column: str, longest: int, collation: Optional[str] = None) -> ColumnType:
    _at_most_one(text, column)
    if name in BLOBS:
        return ColumnType(sized(text, BLOBS, 1) if text.name in BLOBS else name)
    if name in ("varchar", "varbinary"):
        if not text.arguments:
            raise Rejected("You have an error in your SQL syntax", "1064")
        most = 65535 // longest
        if longest == 1:
            most = 65532
    else:
        most = 255
    length = text.arguments[0] if text.arguments else "1"
    if int(length) > most:
        message = f"Column length too big for column '{column}' (max = {most}); use BLOB or TEXT instead"
        raise Rejected(message, "1074")
    return ColumnType(name, (str(int(length)),), collation=collation)


def _enumeration(text: TypeText, column: str, collation: str, server: Server) -> ColumnType:
    if not text.members:
        cause = "You have an error in your SQL syntax"
        raise Rejected(cause, "1064")
    if collation == "binary":
        raise NotUnderstood("ENUM of character set binary")
    members = tuple(one.rstrip(" ") for one in text.members)
    if not all(one.isascii() and one.isprintable() for one in members) and charset_of(collation) not in (
        "utf8mb4",
        "utf8mb3",
    ):
        raise NotUnderstood("members of an ENUM that may not exist in its character set")
    seen: set[str] = set()
    for one in members:
        folded = one if collation.endswith(("_bin", "_cs")) else one.casefold()
        if folded in seen:
            raise Rejected(f"Column '{column}' has duplicated value '{one}' in {text.name.upper()}", "1291")
        seen.add(folded)
        if text.name == "set" and "," in one:
            raise Rejected(f"Illegal set '{one}' value found during parsing", "1367")
    if text.name == "set" and len(members) > 64:
        raise Rejected(f"Too many strings for column {column} and SET", "1097")
    return ColumnType(text.name, tuple(quote_string(one) for one in members), collation=collation, members=members)


def _other(text: TypeText, column: str, server: Server) -> ColumnType:
    name = text.name
    _at_most_one(text, column)
    argument = text.arguments[0] if text.arguments else ""
    if name in TEMPORAL:
        if argument and int(argument) > 6:
            raise Rejected(f"Too big precision {argument} specified for '{column}'. Maximum is 6", "1426")
        return ColumnType(name, () if argument in ("", "0") else (argument,))
    if name == "bit":
        if int(argument or 1) > 64:
            raise Rejected(f"Display width out of range for '{column}' (max = 64)", "1439")
        return ColumnType(name, (argument if argument not in ("", "0") else "1",))
    if name == "year":
        if not server.is_mariadb:
            return ColumnType(name)
        if argument not in ("", "4", "2"):
            raise NotUnderstood(f"year({argument})")
        return ColumnType(name, (argument or "4",))
    if argument:
        raise Rejected("You have an error in your SQL syntax", "1064", is_certain=False)
    if text.members:
        raise NotUnderstood(f"type {name} with members")
    return ColumnType(name)


def _at_most_one(text: TypeText, column: str) -> None:
    if len(text.arguments) > 1:
        raise Rejected("You have an error in your SQL syntax", "1064")


def show_type(shape: ColumnType, table_collation: str) -> str:
    """The type as SHOW CREATE TABLE has it, with its character set where that is not the table's."""
    text = shape.name + (f"({','.join(shape.arguments)})" if shape.arguments else "")
    text += " unsigned" if shape.is_unsigned else ""
    text += " zerofill" if shape.is_zerofill else ""
    if shape.collation is not None and shape.collation != table_collation:
        text += f" CHARACTER SET {charset_of(shape.collation)} COLLATE {shape.collation}"
    return text


def is_large(shape: ColumnType) -> bool:
    """TEXT, BLOB, JSON and spatial types: in a key only with a length."""
    return shape.name in TEXTS or shape.name in BLOBS or shape.name in SPATIAL or shape.name == "json"


def character_bytes(shape: ColumnType) -> int:
    """Bytes of one unit of a prefix length."""
    return longest_character(shape.collation) if shape.collation is not None else 1


def key_length(shape: ColumnType) -> int:
    """Bytes that a whole column takes in a key (Field::key_length)."""
    name = shape.name
    if name in INTEGERS:
        return INTEGERS[name][2]
    if name in ("char", "varchar", "binary", "varbinary"):
        return int(shape.arguments[0]) * character_bytes(shape)
    if name == "decimal":
        return decimal_bytes(int(shape.arguments[0]), int(shape.arguments[1]))
    if name in TEMPORAL:
        fraction = (int(shape.arguments[0]) + 1) // 2 if shape.arguments else 0
        return {"time": 3, "datetime": 5, "timestamp": 4}[name] + fraction
    if name == "bit":
        return (int(shape.arguments[0]) + 7) // 8
    if name == "enum":
        return 1 if len(shape.members) < 256 else 2
    if name == "set":
        count = (len(shape.members) + 7) // 8
        return 8 if count > 4 else count
    return {"float": 4, "double": 8, "date": 3, "year": 1, "inet6": 16, "inet4": 4, "uuid": 16}.get(name, 0)


def decimal_bytes(precision: int, scale: int) -> int:
    """decimal_bin_size: nine digits in four bytes."""
    left = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
    whole = precision - scale
    return whole // 9 * 4 + left[whole % 9] + scale // 9 * 4 + left[scale % 9]
