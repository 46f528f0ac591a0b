"""The objects of a MySQL schema. Columns are named by name: the server too keeps texts and looks names up again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Optional

from ..errors import Rejected

if TYPE_CHECKING:
    from .expressions import Node

PRIMARY, UNIQUE, INDEX, FULLTEXT, SPATIAL = "primary", "unique", "index", "fulltext", "spatial"


class Text(str):
    """SQL text as the server shows it. exact: whether that is certain."""

    exact: bool

    def __new__(cls, text: str, *, exact: bool = True) -> Text:
        made = super().__new__(cls, text)
        made.exact = exact
        return made


@dataclass(frozen=True)
class ColumnType:
    """name: as shown. arguments: as shown. collation: of character types, None for all others."""

    name: str
    arguments: tuple[str, ...] = ()
    is_unsigned: bool = False
    is_zerofill: bool = False
    collation: Optional[str] = None
    #: Values of ENUM and SET, unquoted.
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Default:
    """What DEFAULT gives: a literal as shown, the current time, or an expression."""

    literal: Optional[Text] = None
    is_now: bool = False
    expression: Optional[Node] = None


@dataclass(frozen=True)
class Generated:
    expression: Node
    is_stored: bool


@dataclass
class Column:
    name: str
    type: ColumnType
    is_nullable: bool = True
    default: Optional[Default] = None
    is_on_update_now: bool = False
    is_auto_increment: bool = False
    comment: str = ""
    generated: Optional[Generated] = None
    check: Optional[Node] = None
    is_invisible: bool = False


@dataclass(frozen=True)
class KeyPart:
    """length: of a prefix, in characters (bytes of binary columns)."""

    column: str
    length: Optional[int] = None
    is_descending: bool = False


@dataclass(frozen=True)
class Key:
    """is_generated: made for a foreign key, and removed when another key can serve."""

    kind: str
    name: str
    parts: tuple[KeyPart, ...]
    is_generated: bool = False
    using: str = ""
    comment: str = ""
    is_ignored: bool = False
    #: A unique key too long for a tree (MariaDB): no foreign key can use it.
    is_hashed: bool = False

    @property
    def is_unique(self) -> bool:
        return self.kind in (PRIMARY, UNIQUE)

    def covers(self, columns: tuple[str, ...]) -> bool:
        """Do the first columns of this key serve a foreign key over these?"""
        if self.is_hashed or self.kind in (FULLTEXT, SPATIAL) or len(self.parts) < len(columns):
            return False
        firsts = self.parts[: len(columns)]
        return all(part.length is None and same_name(part.column, column) for part, column in zip(firsts, columns))  # noqa: B905

    def renamed(self, name: str) -> Key:
        return replace(self, name=name)


@dataclass
class ForeignKey:
    """schema: of the table it refers to, always given. That table may not exist."""

    name: str
    columns: tuple[str, ...]
    schema: str
    table: str
    referred: tuple[str, ...]
    on_delete: str = ""
    on_update: str = ""


@dataclass
class Check:
    name: str
    expression: Node


@dataclass
class Table:
    schema: str
    name: str
    collation: str
    engine: str = "InnoDB"
    columns: list[Column] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    comment: str = ""
    auto_increment: int = 0
    row_format: str = ""
    #: Options that are shown as they were given, in the order of SHOW CREATE TABLE.
    options: dict[str, str] = field(default_factory=dict)
    is_temporary: bool = False

    def find_column(self, name: str) -> Optional[Column]:
        """Column names are compared without case."""
        return next((one for one in self.columns if same_name(one.name, name)), None)

    def column(self, name: str, place: str = "") -> Column:
        """Rejected 1054 where there is none."""
        found = self.find_column(name)
        if found is None:
            raise Rejected(f"Unknown column '{name}' in '{place or self.name}'", "1054")
        return found

    def find_key(self, name: str) -> Optional[Key]:
        return next((one for one in self.keys if same_name(one.name, name)), None)

    @property
    def primary_key(self) -> Optional[Key]:
        return next((one for one in self.keys if one.kind == PRIMARY), None)

    def find_foreign_key(self, name: str) -> Optional[ForeignKey]:
        return next((one for one in self.foreign_keys if same_name(one.name, name)), None)

    def find_check(self, name: str) -> Optional[Check]:
        return next((one for one in self.checks if same_name(one.name, name)), None)


@dataclass
class View:
    """Known by name; what it shows is not followed."""

    name: str
    text: str = ""


@dataclass
class Schema:
    """A database of the server."""

    name: str
    collation: str
    tables: dict[str, Table] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    sequences: set[str] = field(default_factory=set)
    #: (kind, name) of triggers, procedures, functions and events.
    routines: set[tuple[str, str]] = field(default_factory=set)
    #: Trigger name → table.
    triggers: dict[str, str] = field(default_factory=dict)


def same_name(first: str, second: str) -> bool:
    """Are these one column, key or constraint?"""
    return first.lower() == second.lower()


def quote_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def quote_string(value: str) -> str:
    """As append_unescaped: the server doubles quotes and escapes what a client could not show."""
    for plain, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\n", "\\n"), ("\r", "\\r"), ("'", "''")):
        value = value.replace(plain, escaped)
    return f"'{value}'"
