"""PostgreSQL's lexical rules (scan.l, 15): SQL text to tokens, tokens to statements, and how names fold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Optional

from ..errors import NotUnderstood, Rejected
from ..scanner import Cursor, Token, lower_ascii

#: NAMEDATALEN - 1, in bytes.
NAME_LENGTH = 63


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


#: kwlist.h: RESERVED_KEYWORD.
RESERVED = words(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
    leading limit localtime localtimestamp not null offset on only or order placing primary references returning select
    session_user some symmetric table then to trailing true union unique user using variadic when where window
    with"""
)
#: kwlist.h: TYPE_FUNC_NAME_KEYWORD, names of functions and types only.
FUNCTION_NAMES = words(
    """authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like
    natural notnull outer overlaps right similar tablesample verbose"""
)
#: kwlist.h: COL_NAME_KEYWORD, names of columns and tables, not of functions and types.
COLUMN_NAMES = words(
    """between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
    integer interval least national nchar none normalize nullif numeric out overlay position precision real row setof
    smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"""
)

_OPERATOR_SIGNS = "~!@#^&|`?+-*/%<>="
_SPACE = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)+")
_WORD = re.compile(r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*")
_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[Ee][+-]?\d+)?")
_DOLLAR = re.compile(r"\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$")
_PARAMETER = re.compile(r"\$\d+")
_PLAIN_STRING = re.compile(r"'((?:[^']|'')*)'")
_ESCAPE_STRING = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
#: Two strings are one where only white space with a line end, or comments, stand between them.
_CONTINUED = re.compile(r"(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*(?=')")
_OPERATOR = re.compile("[" + re.escape(_OPERATOR_SIGNS) + "]+")
_PUNCTUATION = ("::", ":=", "..", "(", ")", "[", "]", ",", ";", ":", ".")
_SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|''", re.DOTALL)


def cut_name(name: str) -> str:
    """The first 63 bytes of a name, whole characters only (scansup.c, truncate_identifier)."""
    if len(name) <= NAME_LENGTH // 4:
        return name
    return name.encode("utf-8", "surrogatepass")[:NAME_LENGTH].decode("utf-8", "ignore")


class PostgresqlCursor(Cursor):
    """Names fold to lower case unless quoted, and are cut at 63 bytes."""

    reserved = RESERVED | FUNCTION_NAMES

    def fold(self, token: Token) -> str:
        return cut_name(token.value if token.kind == "quoted" else lower_ascii(token.value))

    def at_function_name(self) -> bool:
        """Does the name of a function or type come next? (It may be `left` but not `between`.)"""
        token = self.peek()
        if token is None or token.kind == "quoted":
            return token is not None
        return token.kind == "id" and token.word not in RESERVED and token.word not in COLUMN_NAMES


def scan(sql: str) -> list[Token]:
    """All tokens of a text, comments left out. NotUnderstood: what 15 calls a lexical error, and rare forms."""
    return list(_Scanner(sql).run())


def open_cursor(sql: str) -> PostgresqlCursor:
    """A cursor over the whole text."""
    return PostgresqlCursor(sql, scan(sql))


def split_statements(sql: str) -> list[PostgresqlCursor]:
    """One cursor for each statement that is not empty. A semicolon inside parentheses (CREATE RULE) or in the body of a
    SQL-standard function does not part."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in scan(sql):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.word, 0)
        if token.word == ";" and depth <= 0 and not _is_inside_body(found[-1]):
            found.append([])
        else:
            found[-1].append(token)
    return [PostgresqlCursor(sql, tokens) for tokens in found if tokens]


def _is_inside_body(tokens: list[Token]) -> bool:
    """Does the statement so far end inside BEGIN ATOMIC … END?"""
    if tokens and tokens[0].word != "create":
        return False
    depth = 0
    before = ""
    for token in tokens:
        if (before, token.word) == ("begin", "atomic"):
            depth = 1
        elif depth and token.word == "case" and before != "end":
            depth += 1
        elif depth and token.word == "end":
            depth -= 1
        before = token.word
    return depth > 0


class _Scanner:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.place = 0
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        while self._skip_blank():
            start = self.place
            kind, value = self._next()
            self.tokens.append(Token(kind, value, start, self.place))
        return self.tokens

    def _match(self, pattern: re.Pattern[str]) -> Optional[re.Match[str]]:
        found = pattern.match(self.sql, self.place)
        if found is not None:
            self.place = found.end()
        return found

    def _must(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = self._match(pattern)
        if found is None:
            raise NotUnderstood(f"no end found of {self.sql[self.place : self.place + 30]!r}")
        return found

    def _skip_blank(self) -> bool:
        """Past white space and comments; is there more?"""
        while self._match(_SPACE) or self._skip_comment():
            pass
        return self.place < len(self.sql)

    def _skip_comment(self) -> bool:
        if not self.sql.startswith("/*", self.place):
            return False
        depth, self.place = 1, self.place + 2
        while depth:
            found = re.compile(r"/\*|\*/").search(self.sql, self.place)
            if found is None:
                raise NotUnderstood("a comment without end")
            depth += 1 if found[0] == "/*" else -1
            self.place = found.end()
        return True

    def _next(self) -> tuple[str, str]:
        sign = self.sql[self.place]
        if sign == "'":
            return "string", self._strings(_PLAIN_STRING, lambda text: text)
        if sign == '"':
            return "quoted", self._must(_QUOTED)[1].replace('""', '"')
        prefixed = self._prefixed()
        if prefixed is not None:
            return prefixed
        found = self._match(_WORD)
        if found is not None:
            return "id", found[0]
        found = self._match(_NUMBER)
        if found is not None:
            if self._match(_WORD):
                raise NotUnderstood(f"trailing junk after the number {found[0]}")
            return "number", found[0]
        if sign == "$":
            return self._dollar()
        return self._sign()

    def _prefixed(self) -> Optional[tuple[str, str]]:
        """E'…', B'…', X'…', U&'…' and U&"…"; N'…' has a type of its own and is not followed."""
        sign = self.sql[self.place].lower()
        after = self.sql[self.place + 1 : self.place + 3]
        if sign == "u" and after in ("&'", '&"'):
            self.place += 2
            return self._unicode()
        if sign not in "ebxn" or not after.startswith("'"):
            return None
        if sign == "n":
            raise NotUnderstood("a national character string")
        self.place += 1
        if sign == "e":
            return "string", self._strings(_ESCAPE_STRING, _unescape)
        return "bits", sign + self._strings(_PLAIN_STRING, lambda text: text)

    def _strings(self, pattern: re.Pattern[str], decode: Callable[[str], str]) -> str:
        parts = [self._must(pattern)[1]]
        while self._match(_CONTINUED):
            parts.append(self._must(pattern)[1])
        return decode("".join(parts).replace("''", "'")) if pattern is _PLAIN_STRING else decode("".join(parts))

    def _unicode(self) -> tuple[str, str]:
        if self.sql[self.place] == '"':
            kind, text = "quoted", self._must(_QUOTED)[1].replace('""', '"')
        else:
            kind, text = "string", self._strings(_PLAIN_STRING, lambda plain: plain)
        save = self.place
        self._skip_blank()
        if self.sql[self.place : self.place + 7].lower() == "uescape":
            raise NotUnderstood("UESCAPE")
        self.place = save
        if "\\" in text.replace("\\\\", ""):
            raise NotUnderstood("escapes in a U& literal")
        return kind, text.replace("\\\\", "\\")

    def _dollar(self) -> tuple[str, str]:
        quote = self._match(_DOLLAR)
        if quote is None:
            found = self._must(_PARAMETER)
            return "parameter", found[0]
        end = self.sql.find(quote[0], self.place)
        if end < 0:
            raise NotUnderstood("a dollar-quoted string without end")
        text = self.sql[self.place : end]
        self.place = end + len(quote[0])
        return "string", text

    def _sign(self) -> tuple[str, str]:
        for mark in _PUNCTUATION:
            if self.sql.startswith(mark, self.place):
                self.place += len(mark)
                return "punctuation", mark
        found = self._must(_OPERATOR)
        text = cut_operator(found[0])
        self.place = found.start() + len(text)
        return "operator", text


def cut_operator(run: str) -> str:
    """How much of a run of operator signs is one operator (scan.l, "operator")."""
    for comment in ("/*", "--"):
        if comment in run:
            run = run[: run.index(comment)]
    while len(run) > 1 and run[-1] in "+-" and not any(sign in "~!@#^&|`?%" for sign in run[:-1]):
        run = run[:-1]
    return "<>" if run == "!=" else run


def _unescape(text: str) -> str:
    """The value of an E'…' string; bytes above ASCII by \\x or octal are not followed."""
    return _ESCAPE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    body = found[1]
    if body is None:
        return "'"
    if body[0] in "xuU" and len(body) > 1:
        return _character(int(body[1:], 16), limit=128 if body[0] == "x" else 0x110000)
    if body[0] in "01234567":
        return _character(int(body, 8), limit=128)
    return _SIMPLE_ESCAPES.get(body, body)


def _character(code: int, *, limit: int) -> str:
    if code == 0 or code >= 0x110000:
        raise Rejected("invalid Unicode escape value", "22P05")
    if code >= limit or 0xD800 <= code < 0xE000:
        raise NotUnderstood("bytes given by their codes in a string")
    return chr(code)
