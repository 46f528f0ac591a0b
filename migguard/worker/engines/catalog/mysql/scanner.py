"""The lexical rules of MySQL and MariaDB (sql_lex.cc), with the default sql_mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from ..errors import NotUnderstood
from ..scanner import Cursor, Token, lower_ascii
from .server import Server

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--(?=[\s\x00-\x1f]|$)[^\n]*|\#[^\n]*)
  | (?P<executable>/\*(?P<maria>M?)!(?P<number>\d{5,6})?)
  | (?P<comment>/\*.*?\*/)
  | (?P<bits>[bB]'[01]*'|[xX]'[0-9A-Fa-f]*'|0x[0-9A-Fa-f]+(?![\w$])|0b[01]+(?![\w$]))
  | (?P<introduced>[nN]'(?:[^'\\]|\\.|'')*')
  | (?P<string>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<variable>@@?(?:`(?:[^`]|``)*`|'[^']*'|"[^"]*"|[\w$.\u0080-\U0010ffff]*))
  | (?P<number_>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+(?![\w$])|\d+(?![\w$\u0080-\U0010ffff]))
  | (?P<id>[\w$\u0080-\U0010ffff]+)
  | (?P<parameter>%\(\w+\)s|%s)
  | (?P<operator><=>|<>|!=|<=|>=|<<|>>|\|\||&&|->>|->|:=|[-+*/%^<>=~!&|?])
  | (?P<punctuation>[(),;.:{}\[\]\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
#: A body with statements of its own follows: semicolons in it do not end the statement.
_BODIES = {"procedure", "function", "trigger", "event", "package"}
#: MariaDB leaves out `/*!50701` to `/*!99999`, which are for MySQL alone (sql_lex.cc).
_MYSQL_ONLY = range(50700, 100000)


class MysqlCursor(Cursor):
    """A cursor with MySQL's rules for names and strings."""

    reserved = frozenset(
        [
            "add",
            "all",
            "alter",
            "and",
            "as",
            "asc",
            "before",
            "between",
            "by",
            "case",
            "cast",
            "change",
            "character",
            "check",
            "collate",
            "column",
            "constraint",
            "create",
            "cross",
            "current_date",
            "current_time",
            "current_timestamp",
            "current_user",
            "database",
            "default",
            "delete",
            "desc",
            "distinct",
            "div",
            "drop",
            "else",
            "exists",
            "false",
            "for",
            "force",
            "foreign",
            "from",
            "fulltext",
            "group",
            "having",
            "if",
            "ignore",
            "in",
            "index",
            "inner",
            "insert",
            "interval",
            "into",
            "is",
            "join",
            "key",
            "keys",
            "left",
            "like",
            "limit",
            "lock",
            "match",
            "mod",
            "natural",
            "not",
            "null",
            "on",
            "optimize",
            "option",
            "or",
            "order",
            "outer",
            "primary",
            "procedure",
            "references",
            "regexp",
            "rename",
            "replace",
            "restrict",
            "right",
            "rlike",
            "select",
            "set",
            "show",
            "spatial",
            "starting",
            "straight_join",
            "table",
            "terminated",
            "then",
            "to",
            "trigger",
            "true",
            "union",
            "unique",
            "unlock",
            "unsigned",
            "update",
            "usage",
            "use",
            "using",
            "values",
            "varying",
            "when",
            "where",
            "with",
            "write",
            "xor",
            "zerofill",
            "int",
            "integer",
            "tinyint",
            "smallint",
            "mediumint",
            "bigint",
            "float",
            "double",
            "decimal",
            "numeric",
            "char",
            "varchar",
            "binary",
            "varbinary",
            "blob",
            "text_",
            "tinyblob",
            "mediumblob",
            "longblob",
            "tinytext",
            "mediumtext",
            "longtext",
            "real",
            "dec",
            "fixed_",
            "read",
            "range",
            "precision",
            "window_",
            "rows_",
            "call",
            "condition",
            "convert",
            "declare",
            "describe",
            "explain",
            "each",
            "escaped",
            "enclosed",
            "fetch",
            "grant",
            "kill",
            "load",
            "loop",
            "low_priority",
            "high_priority",
            "purge",
            "repeat",
            "require",
            "return",
            "revoke",
            "schema",
            "schemas",
            "sql",
            "undo",
            "unsigned",
            "while",
            "analyze",
            "cascade",
            "databases",
            "delayed",
            "exit",
            "explain",
            "leave",
            "lines",
            "localtime",
            "localtimestamp",
            "long",
            "natural",
            "optionally",
            "out",
            "outfile",
            "sensitive",
            "separator",
            "specific",
            "sqlexception",
            "sqlstate",
            "sqlwarning",
            "trailing",
            "utc_date",
            "utc_time",
            "utc_timestamp",
            "both",
            "cursor",
            "continue",
            "bigint",
            "inout",
            "infile",
            "int1",
            "int2",
            "int3",
            "int4",
            "int8",
            "float4",
            "float8",
            "iterate",
            "leading",
            "linear",
            "middleint",
            "modifies",
            "offset_",
            "reads",
            "release_",
            "resignal",
            "signal",
        ]
    )

    def __init__(self, sql: str, tokens: list[Token], body: Optional[str] = None) -> None:
        super().__init__(sql, tokens)
        #: The text of the whole statement where it holds statements of its own.
        self.body = body

    def string(self) -> str:
        """A string literal's value; strings that follow one another are one."""
        value = super().string()
        while self.at_string():
            value += self.take().value
        return value

    def equals(self) -> None:
        """An `=` may stand here."""
        self.accept("=")


def tokenize(sql: str, server: Server) -> list[Token]:
    """All tokens of a text, executable comments opened; NotUnderstood where it cannot be cut into tokens."""
    tokens: list[Token] = []
    place, depth = 0, 0
    while place < len(sql):
        if depth and sql.startswith("*/", place):
            place, depth = place + 2, depth - 1
            continue
        match = _TOKEN.match(sql, place)
        if match is None:
            raise NotUnderstood(f"cannot be cut into tokens at {sql[place : place + 20]!r}")
        kind = match.lastgroup if match["executable"] is None else "executable"
        place = match.end()
        if kind == "executable":
            if _is_carried_out(match, server):
                depth += 1
            else:
                place = _end_of_comment(sql, place)
        elif kind not in ("space", "comment"):
            tokens.append(_token(str(kind), match[0], match.start(), match.end()))
    return tokens


def _is_carried_out(match: re.Match[str], server: Server) -> bool:
    if match["maria"] and not server.is_mariadb:
        return False
    if match["number"] is None:
        return True
    number = int(match["number"])
    if server.is_mariadb and not match["maria"] and number in _MYSQL_ONLY:
        return False
    return number <= server.comment_version


def _end_of_comment(sql: str, place: int) -> int:
    end = sql.find("*/", place)
    return len(sql) if end < 0 else end + 2


def _token(kind: str, text: str, start: int, end: int) -> Token:
    if kind == "quoted":
        return Token("quoted", text[1:-1].replace("``", "`"), start, end)
    if kind in ("string", "introduced"):
        return Token("string", unescape(text.lstrip("nN")), start, end)
    if kind == "variable":
        return Token("parameter", text, start, end)
    return Token("number" if kind == "number_" else kind, text, start, end)


def unescape(literal: str) -> str:
    """The value of a string literal with its quotes."""
    quote, inner = literal[0], literal[1:-1]

    def replace(match: re.Match[str]) -> str:
        escaped = match[0]
        if escaped[0] != "\\":
            return quote
        # the two patterns of LIKE keep their backslash
        return escaped if escaped[1] in "%_" else _ESCAPES.get(escaped[1], escaped[1])

    return re.sub(r"\\.|" + quote * 2, replace, inner, flags=re.DOTALL)


def split(sql: str, server: Server) -> list[MysqlCursor]:
    """The statements of a text, a cursor each."""
    return list(_statements(sql, tokenize(sql, server)))


def _statements(sql: str, tokens: list[Token]) -> Iterator[MysqlCursor]:
    current: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind == "punctuation" and token.value == ";":
            if _has_body(current):
                yield MysqlCursor(sql, current + tokens[index:], body=sql)
                return
            if current:
                yield MysqlCursor(sql, current)
            current = []
        else:
            current.append(token)
    if current:
        yield MysqlCursor(sql, current)


def _has_body(tokens: list[Token]) -> bool:
    """Does this begin CREATE PROCEDURE and the like, so that what follows the semicolon belongs to it?"""
    words = [lower_ascii(token.value) if token.kind == "id" else "" for token in tokens[:14]]
    if not words or words[0] not in ("create", "begin", "alter") or (words[0] == "begin" and "not" not in words):
        return False
    kind = next((word for word in words[1:] if word in _BODIES | {"table", "view", "index"}), "")
    return kind in _BODIES and "begin" in [lower_ascii(t.value) for t in tokens if t.kind == "id"]
