"""`engine`, `server-version` and `scratch-server`: which engines answer, and what they imitate or use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from migguard.config.fields import Table, describe, suggest

EngineName = Literal["catalog", "server", "embedded"]

#: The server that the catalog imitates where `server-version` does not say.
DEFAULT_VERSIONS: Mapping[str, str] = MappingProxyType({"postgresql": "15", "mysql": "8.0", "mariadb": "10.11"})
DEFAULT_ORDER: tuple[EngineName, ...] = ("catalog",)

_DIALECT_NAMES = {"postgres": "postgresql", "pg": "postgresql", "psql": "postgresql", "maria": "mariadb"}
_VARIABLE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})")
_URL = re.compile(r"(?P<dialect>[a-z0-9]+)(?:\+[a-z0-9_]+)?://(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class EngineConfig:
    """The engines of one environment, or of all that do not say otherwise; SQLite always has the real library.

    `order` is who is asked, one after the other until one can tell. `server_versions` maps a dialect (`postgresql`,
    `mysql`, `mariadb`) to the version to imitate. `scratch_servers` are SQLAlchemy URLs or `$VAR`, one for a dialect.
    None and empty mean "not said here": see `fill`.
    """

    order: tuple[EngineName, ...] | None = None
    server_versions: Mapping[str, str] = field(default_factory=dict)
    scratch_servers: tuple[str, ...] = ()

    def fill(self, general: EngineConfig) -> EngineConfig:
        """These settings, and those of all environments for what these leave open."""
        return EngineConfig(
            order=self.order if self.order is not None else general.order,
            server_versions={**general.server_versions, **self.server_versions},
            scratch_servers=self.scratch_servers or general.scratch_servers,
        )

    @property
    def engines(self) -> tuple[EngineName, ...]:
        """Who is asked, in this order."""
        return self.order or DEFAULT_ORDER

    @property
    def versions(self) -> Mapping[str, str]:
        """The version of every dialect."""
        return {**DEFAULT_VERSIONS, **self.server_versions}


def read_engines(table: Table) -> EngineConfig:
    """The three keys of a table; every mistake is recorded."""
    return EngineConfig(_read_order(table), _read_versions(table), _read_servers(table))


def report_missing_server(table: Table, engines: EngineConfig) -> None:
    """Record that `server` is asked and that there is none."""
    if "server" in engines.engines and not engines.scratch_servers:
        hint = 'add scratch-server = "$VARIABLE" (its value: a SQLAlchemy URL of a server for scratch databases)'
        table.report("engine", "`server` without `scratch-server`", hint)


def _read_order(table: Table) -> tuple[EngineName, ...] | None:
    name, words = "engine", get_args(EngineName)
    if table.raw(name) is None:
        return None
    found: list[EngineName] = []
    for index, word in _one_or_several(table, name):
        if word not in words:
            table.report(name, f"unknown engine `{word}`", _suggest_engine(word, words), index=index)
        elif word in found:
            table.report(name, f"`{word}` a second time", index=index)
        else:
            found += [engine for engine in words if engine == word]
    if table.raw(name) == []:
        table.report(name, "an empty list")
    return tuple(found) or None


def _suggest_engine(word: str, words: Sequence[str]) -> str | None:
    if word == "sqlite":
        return "leave it out: SQLite is always replayed by the real library"
    return suggest(word, words)


def _read_versions(table: Table) -> Mapping[str, str]:
    name = "server-version"
    found: dict[str, str] = {}
    for index, text in _one_or_several(table, name):
        dialect, _, version = " ".join(text.split()).partition(" ")
        if dialect not in DEFAULT_VERSIONS or not re.fullmatch(r"\d+(\.\d+)*", version):
            wanted = 'such as "postgresql 16.4", "mysql 8.0" or "mariadb 10.11"'
            known = _DIALECT_NAMES.get(dialect.lower(), dialect.lower())
            meant = f"{known} {version or DEFAULT_VERSIONS.get(known, '')}"
            hint = f"did you mean `{meant}`?" if known in DEFAULT_VERSIONS and meant != text else None
            table.report(name, f"expected a server and its version, {wanted}, got {describe(text)}", hint, index=index)
        elif dialect in found:
            table.report(name, f"a second version of {dialect}", index=index)
        else:
            found[dialect] = version
    return found


def _read_servers(table: Table) -> tuple[str, ...]:
    name = "scratch-server"
    found: list[str] = []
    dialects: set[str] = set()
    for index, text in _one_or_several(table, name):
        fault, hint = _find_url_fault(text)
        if fault is not None:
            table.report(name, fault, hint, index=index)
            continue
        match = _URL.fullmatch(text)
        dialect = match["dialect"] if match else text
        if dialect in dialects:
            table.report(name, f"a second server for `{dialect}`" if match else f"`{dialect}` twice", index=index)
        dialects.add(dialect)
        found.append(text)
    return tuple(found)


def _find_url_fault(text: str) -> tuple[str | None, str | None]:
    """What is wrong with a server's URL, and what would be right. It may hold a password, so it is never shown."""
    if _VARIABLE.fullmatch(text):
        return None, None
    match = _URL.fullmatch(text)
    if match is None:
        return "expected a SQLAlchemy URL or `$VARIABLE`", 'such as "postgresql+psycopg://user@host/postgres"'
    dialect = match["dialect"]
    if dialect == "sqlite":
        return "SQLite needs no server", "leave it out: SQLite is always replayed by the real library"
    if dialect not in DEFAULT_VERSIONS:
        known = _DIALECT_NAMES.get(dialect)
        hint = f"did you mean `{known}`?" if known else suggest(dialect, DEFAULT_VERSIONS)
        return f"no engine for the dialect `{dialect}`", hint
    return None, None


def _one_or_several(table: Table, name: str) -> list[tuple[int | None, str]]:
    """The strings of a field that is a string or a list of strings, with their index in the list."""
    if isinstance(table.raw(name), str):
        text = table.text(name)
        return [] if text is None else [(None, text)]
    return list(table.items(name))
