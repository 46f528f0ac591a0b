"""Character sets and collations as MariaDB 10.11 and MySQL 8 know them."""

from __future__ import annotations

from typing import Optional

from ..errors import NotUnderstood, Rejected

_UNICODE = (
    "general_ci bin unicode_ci icelandic_ci latvian_ci romanian_ci slovenian_ci polish_ci estonian_ci spanish_ci "
    "swedish_ci turkish_ci czech_ci danish_ci lithuanian_ci slovak_ci spanish2_ci roman_ci persian_ci esperanto_ci "
    "hungarian_ci sinhala_ci german2_ci croatian_ci unicode_520_ci vietnamese_ci"
)
_MARIADB_UNICODE = "croatian_mysql561_ci myanmar_ci thai_520_w2 unicode_nopad_ci unicode_520_nopad_ci"

#: Character set: bytes of its longest character, and its collations without the prefix, the default one first.
_CHARSETS: dict[str, tuple[int, str]] = {
    "ascii": (1, "general_ci bin"),
    "big5": (2, "chinese_ci bin"),
    "cp1250": (1, "general_ci bin croatian_ci czech_cs polish_ci"),
    "cp1251": (1, "general_ci bin bulgarian_ci general_cs ukrainian_ci"),
    "cp1256": (1, "general_ci bin"),
    "cp1257": (1, "general_ci bin lithuanian_ci"),
    "cp850": (1, "general_ci bin"),
    "cp852": (1, "general_ci bin"),
    "cp866": (1, "general_ci bin"),
    "cp932": (2, "japanese_ci bin"),
    "eucjpms": (3, "japanese_ci bin"),
    "euckr": (2, "korean_ci bin"),
    "gb2312": (2, "chinese_ci bin"),
    "gbk": (2, "chinese_ci bin"),
    "greek": (1, "general_ci bin"),
    "hebrew": (1, "general_ci bin"),
    "koi8r": (1, "general_ci bin"),
    "koi8u": (1, "general_ci bin"),
    "latin1": (1, "swedish_ci bin german1_ci danish_ci german2_ci general_ci general_cs spanish_ci"),
    "latin2": (1, "general_ci bin czech_cs hungarian_ci croatian_ci"),
    "latin5": (1, "turkish_ci bin"),
    "latin7": (1, "general_ci bin estonian_cs general_cs"),
    "sjis": (2, "japanese_ci bin"),
    "tis620": (1, "thai_ci bin"),
    "ucs2": (2, _UNICODE),
    "ujis": (3, "japanese_ci bin"),
    "utf16": (4, _UNICODE),
    "utf16le": (4, "general_ci bin"),
    "utf32": (4, _UNICODE),
    "utf8mb3": (3, _UNICODE),
    "utf8mb4": (4, _UNICODE),
}
#: MySQL 8 has made 0900_ai_ci the default of utf8mb4.
_MYSQL_UTF8MB4 = "0900_ai_ci 0900_as_ci 0900_as_cs 0900_bin"


def charset_of(collation: str) -> str:
    """The character set of a collation, by its name."""
    return collation.split("_", 1)[0]


def longest_character(collation: str) -> int:
    """Bytes of the longest character of a collation's character set."""
    return 1 if collation == "binary" else _CHARSETS[charset_of(collation)][0]


def find_charset(name: str) -> str:
    """The character set of that name; Rejected 1115, or NotUnderstood where it is one that is rarely met."""
    wanted = name.lower()
    wanted = "utf8mb3" if wanted == "utf8" else wanted
    if wanted == "binary" or wanted in _CHARSETS:
        return wanted
    if wanted in {"armscii8", "dec8", "geostd8", "hp8", "keybcs2", "macce", "macroman", "swe7", "gb18030"}:
        raise NotUnderstood(f"character set {name}")
    raise Rejected(f"Unknown character set: '{name}'", "1115")


def default_collation(charset: str, *, is_mariadb: bool) -> str:
    """The collation that a character set has where none is named."""
    if charset == "binary":
        return "binary"
    if charset == "utf8mb4" and not is_mariadb:
        return "utf8mb4_0900_ai_ci"
    return f"{charset}_{_CHARSETS[charset][1].split()[0]}"


def binary_collation(charset: str) -> str:
    """The collation of the attribute BINARY."""
    return "binary" if charset == "binary" else f"{charset}_bin"


def find_collation(name: str, *, is_mariadb: bool, charset: Optional[str] = None) -> str:
    """The collation of that name; Rejected 1273 (1253 where it is not of `charset`), or NotUnderstood."""
    wanted = name.lower()
    if wanted.startswith("utf8_"):
        wanted = "utf8mb3_" + wanted[len("utf8_") :]
    family, _, suffix = wanted.partition("_")
    if wanted != "binary" and suffix not in _suffixes(family, is_mariadb=is_mariadb):
        if "uca1400" in wanted or "nopad" in wanted or "0900" in wanted or family not in _CHARSETS:
            raise NotUnderstood(f"collation {name}")
        raise Rejected(f"Unknown collation: '{name}'", "1273", is_certain=False)
    if charset is not None and charset_of(wanted) != charset:
        raise Rejected(f"COLLATION '{wanted}' is not valid for CHARACTER SET '{charset}'", "1253")
    return wanted


def _suffixes(charset: str, *, is_mariadb: bool) -> list[str]:
    if charset not in _CHARSETS:
        return []
    found = _CHARSETS[charset][1].split()
    if charset == "utf8mb4" and not is_mariadb:
        return [*_MYSQL_UTF8MB4.split(), *found]
    if found == _UNICODE.split() and is_mariadb:
        return [*found, *_MARIADB_UNICODE.split()]
    return found
