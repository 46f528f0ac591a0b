"""Tokens of a SQL text and a cursor over them, whatever the dialect: each dialect scans by its own lexical rules."""

from __future__ import annotations

import functools
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Optional

from .errors import NotUnderstood

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True)
class Token:
    """kind: id, quoted, string, number, operator, punctuation, bits or parameter. value: an id as written; a quoted
    name or a string without quotes and escapes. start and end: where its text stands in the SQL."""

    kind: str
    value: str
    start: int
    end: int

    @functools.cached_property
    def word(self) -> str:
        """What keywords and operators are compared with: in lower case; empty for quoted names and literals."""
        if self.kind == "id":
            return lower_ascii(self.value)
        return self.value if self.kind in ("operator", "punctuation") else ""


def lower_ascii(text: str) -> str:
    """Lower case of A–Z only, as servers fold names and keywords."""
    return text.translate(_LOWER)


class Cursor:
    """A place in the tokens of one statement. A dialect's own subclass says how names fold and which are reserved.

    `index` may be kept and set again to go back. Words given to its methods are in lower case; those that read raise
    NotUnderstood where something else stands.
    """

    #: Words that are no plain name.
    reserved: frozenset[str] = frozenset()

    def __init__(self, sql: str, tokens: Sequence[Token]) -> None:
        self.sql = sql
        self.tokens = tokens
        self.index = 0

    @property
    def at_end(self) -> bool:
        return self.index >= len(self.tokens)

    def peek(self, offset: int = 0) -> Optional[Token]:
        """The token at the cursor, or `offset` later; None beyond the end."""
        place = self.index + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def word(self, offset: int = 0) -> str:
        """`Token.word` at the cursor, or `offset` later; empty beyond the end."""
        token = self.peek(offset)
        return token.word if token is not None else ""

    def at(self, *words: str) -> bool:
        """Do exactly these words (or signs) come next?"""
        tokens, place = self.tokens, self.index
        if place + len(words) > len(tokens):
            return False
        for word in words:
            if tokens[place].word != word:
                return False
            place += 1
        return True

    def accept(self, *words: str) -> bool:
        """Go past these words if they come next."""
        if not self.at(*words):
            return False
        self.index += len(words)
        return True

    def accept_one(self, *options: str) -> Optional[str]:
        """Go past the first option that comes next and return it; several words in one option are parted by blanks."""
        first = self.word()
        for option in options:
            if first and option.startswith(first) and self.accept(*option.split()):
                return option
        return None

    def expect(self, *words: str) -> None:
        """Go past these words, which must come next."""
        if not self.accept(*words):
            self.fail(f"{' '.join(words)!r} expected")

    def expect_one(self, *options: str) -> str:
        """As accept_one, and one of them must come next."""
        found = self.accept_one(*options)
        if found is None:
            self.fail(f"one of {', '.join(options)} expected")
        return found

    def expect_end(self) -> None:
        """There must be nothing more."""
        if not self.at_end:
            self.fail("end of statement expected")

    def take(self) -> Token:
        """The token at the cursor, whatever it is; goes past it."""
        token = self.peek()
        if token is None:
            self.fail("more expected")
        self.index += 1
        return token

    def fail(self, reason: str) -> NoReturn:
        """Give the statement up, naming the place."""
        raise NotUnderstood(f"{reason} at {self.near()}")

    def near(self) -> str:
        """The next few tokens, for messages."""
        last = min(self.index + 6, len(self.tokens))
        return repr(self.text_between(self.index, last)) if self.index < last else "the end"

    def fold(self, token: Token) -> str:
        """The name that an id or quoted token stands for."""
        return token.value

    def at_name(self) -> bool:
        """Does a plain name come next?"""
        token = self.peek()
        return token is not None and (
            token.kind == "quoted" or (token.kind == "id" and token.word not in self.reserved)
        )

    def name(self) -> str:
        """A plain name, folded."""
        if not self.at_name():
            self.fail("name expected")
        return self.fold(self.take())

    def label(self) -> str:
        """A name that may be a reserved word: after a dot or AS."""
        token = self.peek()
        if token is None or token.kind not in ("id", "quoted"):
            self.fail("name expected")
        self.index += 1
        return self.fold(token)

    def qualified_name(self) -> tuple[Optional[str], str]:
        """(schema or None, name)."""
        first = self.name()
        return (first, self.label()) if self.accept(".") else (None, first)

    def names(self) -> list[str]:
        """Names in parentheses, parted by commas."""
        self.expect("(")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        self.expect(")")
        return found

    def at_string(self) -> bool:
        token = self.peek()
        return token is not None and token.kind == "string"

    def string(self) -> str:
        """A string literal's value."""
        if not self.at_string():
            self.fail("string expected")
        return self.take().value

    def integer(self) -> int:
        """An integer, with a sign if there is one."""
        sign = self.accept_one("-", "+")
        token = self.peek()
        if token is None or token.kind != "number" or not token.value.isdigit():
            self.fail("integer expected")
        self.index += 1
        return -int(token.value) if sign == "-" else int(token.value)

    def text_between(self, first_index: int, last_index: int) -> str:
        """The SQL text of the tokens from `first_index` up to, without, `last_index`."""
        if first_index >= last_index:
            return ""
        return self.sql[self.tokens[first_index].start : self.tokens[last_index - 1].end]

    def rest(self) -> str:
        """The text of all that is left; the cursor goes to the end."""
        text = self.text_between(self.index, len(self.tokens))
        self.index = len(self.tokens)
        return text

    def skip_group(self) -> str:
        """Go past balanced parentheses; the text between them."""
        first = self.index
        self.expect("(")
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take().word, 0)
        return self.text_between(first + 1, self.index - 1)

    def skip_item(self) -> str:
        """Go to the next comma or closing parenthesis on this level, or the end; the text passed."""
        first = self.index
        while not self.at_end and not self.at(",") and not self.at(")"):
            if self.at("("):
                self.skip_group()
            else:
                self.index += 1
        return self.text_between(first, self.index)
