"""Reading one TOML table by its fields: every mistake is collected with its key path, none ends the reading."""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from migguard.config.globs import find_glob_fault
from migguard.diagnostics import RULES, RuleName, find_rule
from migguard.errors import ConfigError, MigguardError

T = TypeVar("T")


class Problems:
    """The mistakes found so far in one file."""

    def __init__(self, source: str | None) -> None:
        self._source = source
        self._found: list[MigguardError] = []

    def add(self, key: str, message: str, hint: str | None = None) -> None:
        """Record a mistake at a key path (`tool.migguard.ignore[0]`)."""
        self._found.append(MigguardError(f"`{key}`: {message}", hint, path=self._source))

    def add_error(self, error: MigguardError) -> None:
        """Record a mistake that has no key path."""
        self._found.append(error)

    def raise_if_any(self) -> None:
        """ConfigError with all of them."""
        if self._found:
            raise ConfigError(tuple(self._found))


def find_rule_or_report(name: str, key: str, problems: Problems) -> RuleName | None:
    """The rule of this code or name; None after the mistake was recorded."""
    rule = find_rule(name)
    if rule is None:
        problems.add(key, f"unknown rule `{name}`", _suggest_rule(name))
    return rule


def _suggest_rule(word: str) -> str | None:
    import difflib  # only a mistake pays for it

    if re.fullmatch(r"(?i)mg\d*", word):
        return suggest(word.upper(), RULES)
    names = {rule.name: rule for rule in RULES.values()}
    close = difflib.get_close_matches(word.lower().replace("_", "-"), names, n=1)
    return f"did you mean `{close[0]}` ({names[close[0]].code})?" if close else None


def suggest(word: str, words: Iterable[str]) -> str | None:
    """A did-you-mean hint, or None where nothing is close."""
    import difflib  # only a mistake pays for it

    close = difflib.get_close_matches(word, list(words), n=1)
    return f"did you mean `{close[0]}`?" if close else None


def join_key(key: str, name: str) -> str:
    """The key path of a member, quoted where TOML wants it quoted."""
    return f"{key}.{name}" if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'{key}."{name}"'


class Table:
    """A TOML table. Each getter names a field that exists; `finish` reports the keys that no getter asked for."""

    def __init__(self, values: Mapping[str, object], key: str, problems: Problems) -> None:
        self._values = values
        self._known: list[str] = []
        self.key = key
        self.problems = problems

    def finish(self) -> None:
        """Record every key that is no field."""
        for name in self._values:
            if name not in self._known:
                self.problems.add(join_key(self.key, name), "unknown key", suggest(name, self._known))

    def raw(self, name: str) -> object | None:
        """The value as TOML gave it, None where absent."""
        if name not in self._known:
            self._known.append(name)
        return self._values.get(name)

    def key_of(self, name: str, index: int | None = None) -> str:
        """The key path of a field, or of one item of the list in it."""
        return join_key(self.key, name) + ("" if index is None else f"[{index}]")

    def report(self, name: str, message: str, hint: str | None = None, *, index: int | None = None) -> None:
        """Record a mistake in a field, or in one item of the list in it."""
        self.problems.add(self.key_of(name, index), message, hint)

    def _typed(self, name: str, kind: type[T], wanted: str) -> T | None:
        value = self.raw(name)
        if value is None or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return value
        self.report(name, f"expected {wanted}, got {describe(value)}")
        return None

    def text(self, name: str) -> str | None:
        """A string that is not empty."""
        value = self._typed(name, str, "a string")
        if value is not None and not value.strip():
            self.report(name, "an empty string")
            return None
        return value

    def required_text(self, name: str) -> str:
        """A string that must be there; "" after the mistake was recorded."""
        if name not in self._values:
            self._known.append(name)
            self.report(name, "missing")
            return ""
        return self.text(name) or ""

    def flag(self, name: str, *, default: bool) -> bool:
        """true or false."""
        value = self._typed(name, bool, "true or false")
        return default if value is None else value

    def optional_flag(self, name: str) -> bool | None:
        """true, false, or absent."""
        return self._typed(name, bool, "true or false")

    def date(self, name: str) -> datetime.date | None:
        """A TOML date without a time."""
        value = self._typed(name, datetime.date, "a date such as 2026-12-31, without quotes")
        if isinstance(value, datetime.datetime):
            self.report(name, "expected a date such as 2026-12-31, without quotes, got a date with a time")
            return None
        return value

    def seconds(self, name: str, default: float) -> float:
        """A number above zero."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            self.report(name, f"expected a number of seconds above zero, got {describe(value)}")
            return default
        return float(value)

    def choice(self, name: str, choices: Sequence[T], default: T) -> T:
        """One of some words."""
        value = self.raw(name)
        if value is None:
            return default
        for choice in choices:
            if value == choice:
                return choice
        words = [str(choice) for choice in choices]
        wanted = ", ".join(f"`{word}`" for word in words)
        self.report(name, f"expected one of {wanted}, got {describe(value)}", suggest(str(value), words))
        return default

    def items(self, name: str) -> Iterator[tuple[int, str]]:
        """The strings of a list, each with its index; what is no string, or an empty one, is recorded and left out."""
        for index, item in enumerate(self._typed(name, list, "a list of strings") or ()):
            if isinstance(item, str) and item.strip():
                yield index, item
            else:
                self.report(name, f"expected a string that is not empty, got {describe(item)}", index=index)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings that are not empty."""
        return tuple(text for _, text in self.items(name))

    def globs(self, name: str) -> tuple[str, ...]:
        """A list of globs of repository paths."""
        globs = []
        for index, pattern in self.items(name):
            fault = find_glob_fault(pattern)
            if fault is not None:
                self.report(name, fault, index=index)
            globs.append(pattern)
        return tuple(globs)

    def path(self, name: str) -> str | None:
        """A repository path, normalised; "" is the top."""
        value = self.text(name)
        return None if value is None else self._normalise(value, name)

    def paths(self, name: str) -> tuple[str, ...]:
        """A list of repository paths, normalised."""
        return tuple(self._normalise(text, name, index) for index, text in self.items(name))

    def _normalise(self, value: str, name: str, index: int | None = None) -> str:
        path = posixpath.normpath(value)
        if path.startswith("/"):
            self.report(name, "an absolute path", "write it relative to the top of the repository", index=index)
        elif path == ".." or path.startswith("../"):
            self.report(name, "a path outside the repository", index=index)
        return "" if path == "." else path

    def mapping(self, name: str) -> Mapping[str, str]:
        """A table of strings."""
        table = self.table(name)
        found: dict[str, str] = {}
        for member, value in (table._values if table else {}).items():
            if isinstance(value, str):
                found[member] = value
            else:
                self.problems.add(
                    join_key(f"{self.key}.{name}", member),
                    f"expected a string, got {describe(value)}",
                    "put it in quotes",
                )
        return found

    def table(self, name: str) -> Table | None:
        """A table within this one; None where absent."""
        value = self._typed(name, dict, "a table")
        return None if value is None else Table(value, self.key_of(name), self.problems)

    def tables(self, name: str, read: Callable[[Table], T]) -> tuple[T, ...]:
        """An array of tables, each read by `read` and then checked for unknown keys."""
        value = self._typed(name, list, f"tables, written `[[{self.key_of(name)}]]`")
        found: list[T] = []
        for index, item in enumerate(value or ()):
            if not isinstance(item, dict):
                self.report(name, f"expected a table, got {describe(item)}", index=index)
                continue
            table = Table(item, self.key_of(name, index), self.problems)
            found.append(read(table))
            table.finish()
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """All keys of a table whose keys the user invents; none of them is unknown then."""
        self._known.extend(self._values)
        return tuple(self._values)


def describe(value: object) -> str:
    """A TOML value in a message: text and numbers as they are, the rest by their type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"
