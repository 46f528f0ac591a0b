"""What a statement for a real server does, as far as we must know: which objects it makes, and what it must not reach.

The server itself follows the statement. Here it is only read for two questions: who made this table, and would it reach
beyond the scratch database.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Optional


def _pieces(comments: str, strings: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<comment>{comments}|/\*(?!!).*?\*/)"
        r"|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
        rf"|(?P<string>{strings})"
        r'|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)'
        r"|(?P<end>;)",
        re.DOTALL,
    )


_ESCAPED = r"'(?:[^'\\]|''|\\.)*'"
#: In PostgreSQL a backslash is one, unless the string says otherwise.
_POSTGRESQL_PIECES = _pieces(r"--[^\n]*", rf"\b[eE]{_ESCAPED}|'(?:[^']|'')*'")
_MYSQL_PIECES = _pieces(r"--[^\n]*|\#[^\n]*", rf'{_ESCAPED}|"(?:[^"\\]|""|\\.)*"')
_NAME = r'(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[\w$]+)'
_QUALIFIED = rf"{_NAME}(?:\s*\.\s*{_NAME})?"
_IF = r"(?P<condition>if\s+(?:not\s+)?exists\s+)?"
_PATTERNS = tuple(
    (verb, kind, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for verb, kind, pattern in (
        (
            "created",
            "table",
            rf"create\s+(?:or\s+replace\s+)?(?:unlogged\s+)?(?:foreign\s+)?table\s+{_IF}(?P<names>{_QUALIFIED})",
        ),
        (
            "created",
            "index",
            rf"create\s+(?:or\s+replace\s+)?(?:(?:unique|fulltext|spatial)\s+)?index\s+(?:concurrently\s+)?{_IF}"
            rf"(?P<names>(?!on\b){_QUALIFIED})",
        ),
        (
            "dropped",
            "table",
            rf"drop\s+(?:foreign\s+)?table\s+{_IF}(?P<names>{_QUALIFIED}(?:\s*,\s*{_QUALIFIED})*)",
        ),
        (
            "dropped",
            "index",
            rf"drop\s+index\s+(?:concurrently\s+)?{_IF}(?P<names>{_QUALIFIED}(?:\s*,\s*{_QUALIFIED})*)",
        ),
        ("altered", "table", rf"alter\s+(?:foreign\s+)?table\s+{_IF}(?:only\s+)?(?P<names>{_QUALIFIED})"),
        ("altered", "table", rf"rename\s+table\s+(?P<names>{_QUALIFIED})"),
    )
)
_RENAME = re.compile(rf"\brename\s+to\s+(?P<name>{_QUALIFIED})", re.IGNORECASE)
_OBJECTS = r"(?:role|user(?!\s+mapping)|group|tablespace|subscription)"
#: What is shared by all databases of a server. PostgreSQL:
_POSTGRESQL = re.compile(
    rf"\b(?:create|alter|drop)\s+(?:{_OBJECTS}|database)\b|\balter\s+system\b|\b(?:reassign|drop)\s+owned\b"
    r"|^(?:grant|revoke|comment|security)\b.*\bon\s+(?:database|role|tablespace)\b"
    r"|^(?:grant|revoke)\b(?!.*\bon\b)"
    r"|\bcopy\b[^;]*\b(?:program\b|to\s+'|from\s+')|\bdblink|\blo_export\b",
    re.IGNORECASE | re.DOTALL,
)
#: MySQL and MariaDB.
_MYSQL = re.compile(
    rf"\b(?:create|alter|drop|rename)\s+(?:{_OBJECTS}|server|logfile)\b|\b(?:create|drop)\s+(?:database|schema)\b"
    rf"|\balter\s+(?:database|schema)\s+(?!default\b|character\b|charset\b|collate\b|comment\b){_NAME}"
    r"|^(?:grant|revoke|use|flush|kill|shutdown|install|uninstall|reset|purge|change|load)\b"
    r"|\bset\s+(?:password|global|persist\w*|@@global)\b|\binto\s+(?:out|dump)file\b",
    re.IGNORECASE | re.DOTALL,
)
#: `DROP role` in it is a column.
_BLOCK = re.compile(r"\s*do\b", re.IGNORECASE)
_ALTER_TABLE = re.compile(r"alter\s+table\b", re.IGNORECASE)
_QUALIFIER = re.compile(
    r"(?P<table>\b(?:from|join|into|update|table|exists|references|view|truncate)\s+)?"
    rf"(?P<name>{_NAME})\s*\.\s*{_NAME}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ObjectChange:
    """One object that a statement makes, changes or drops. is_conditional: `IF EXISTS` or `IF NOT EXISTS`."""

    verb: str
    kind: str
    name: str
    is_conditional: bool = False
    new_name: Optional[str] = None


def find_changes(sql: str, dialect_name: str) -> list[ObjectChange]:
    """The tables and indexes that a text of statements concerns; temporary ones and those of blocks are left out."""
    found = []
    for statement in _split(sql, dialect_name):
        for verb, kind, pattern in _PATTERNS:
            match = pattern.match(statement)
            if match is None:
                continue
            rename = _RENAME.search(statement) if verb == "altered" else None
            new_name = _plain(rename["name"]) if rename else None
            is_conditional = bool(match.groupdict().get("condition"))
            for name in re.findall(_QUALIFIED, match["names"]):
                found.append(ObjectChange(verb, kind, _plain(name), is_conditional, new_name))
            break
    return found


def find_reach(sql: str, dialect_name: str) -> Optional[str]:
    """The words by which a statement would reach beyond its database, None where it does not."""
    pattern = _POSTGRESQL if dialect_name == "postgresql" else _MYSQL
    for statement in _split(sql, dialect_name, keeps_strings=_BLOCK.match(sql) is not None):
        match = None if _ALTER_TABLE.match(statement) else pattern.search(statement)
        if match is not None:
            words = match[0].split()
            return " ".join(words if len(words) < 5 else [words[0], "…", *words[-2:]]).upper()
    return None


def find_qualifiers(sql: str, tables: Collection[str]) -> frozenset[str]:
    """Names before a dot that are no tables' as far as one can see, in lower case: on MySQL they may be databases.

    tables: names (in lower case) that stand for a table where they qualify a column.
    """
    found = set()
    for statement in _split(sql, "mysql"):
        for match in _QUALIFIER.finditer(statement):
            name = _plain(match["name"]).lower()
            if match["table"] or name not in tables:
                found.add(name)
    return frozenset(found)


def _split(sql: str, dialect_name: str, *, keeps_strings: bool = False) -> Iterator[str]:
    """Statements without comments, and with empty strings; the bodies of blocks stay."""
    pieces = _POSTGRESQL_PIECES if dialect_name == "postgresql" else _MYSQL_PIECES
    parts: list[str] = []
    position = 0
    for match in pieces.finditer(sql):
        parts.append(sql[position : match.start()])
        position = match.end()
        if match["end"]:
            yield "".join(parts).strip()
            parts = []
        elif match["comment"]:
            parts.append(" ")
        elif match["string"] and not keeps_strings:
            parts.append("''")
        else:
            parts.append(match[0])
    parts.append(sql[position:])
    last = "".join(parts).strip()
    if last:
        yield last


def _plain(name: str) -> str:
    """A name as the project means it: without quotes."""
    parts = re.findall(_NAME, name)
    return ".".join(part[1:-1].replace(part[0] * 2, part[0]) if part[0] in '"`' else part for part in parts)
