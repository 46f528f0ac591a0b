"""How servers of one dialect behave beside their DDL: what a session asks of PostgreSQL, MySQL or MariaDB."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from .answer import Answer
from .database import Database
from .flags import FlagLog
from .parameters import quote_standard
from .rows import Rows
from .scanner import Cursor

if TYPE_CHECKING:
    from .session import Session


@dataclass
class Query:
    """One data statement as the session puts it to those who answer.

    context: SQLAlchemy's execution context, None for a raw cursor. times: how often it runs (executemany).
    note_read: to be called where an answer is made up and cannot wait until it is fetched. run: has the interpreter run
    a statement, as if the project had.
    """

    cursor: Cursor
    database: Database
    rows: Rows
    flags: FlagLog
    context: Any = None
    times: int = 1
    note_read: Callable[[str], None] = lambda text: None
    run: Callable[[str], None] = lambda text: None

    @property
    def text(self) -> str:
        """The statement's own text."""
        return self.cursor.text_between(0, len(self.cursor.tokens))

    @property
    def verb(self) -> str:
        """Its first word, parentheses passed over."""
        return next((token.word for token in self.cursor.tokens if token.word != "("), "")


class Flavour(ABC):
    """One kind of server."""

    #: SQLAlchemy's name of the dialect whose settings and URLs mean this server.
    name: str = ""
    default_schema: Optional[str] = None
    #: First words of statements that data.py and `answer` take, and not the interpreter of DDL.
    data_verbs: frozenset[str] = frozenset()

    @abstractmethod
    def new_database(self, flags: FlagLog, version: tuple[int, ...], name: Optional[str]) -> Database:
        """An empty database; `name`: what the URL calls it."""

    @abstractmethod
    def dialect_members(self, real: type[Any]) -> tuple[tuple[type[Any], ...], dict[str, Any]]:
        """Mix-ins and members that turn a real dialect class into one that reflects from the catalog."""

    def start(self, session: Session, options: Mapping[str, Any]) -> None:  # noqa: B027
        """Apply what the driver's connection arguments set on the server."""

    def reflect(self, context: Any) -> Optional[Callable[[Database, FlagLog], Answer]]:
        """What answers the statement that SQLAlchemy runs now, where it is one of its own reflection queries."""
        return None

    def answer(self, query: Query) -> Optional[Answer]:
        """What only this server knows: system catalogs, its functions, SHOW; None leaves it to data.py."""
        return None

    @abstractmethod
    def error_name(self, code: Optional[str]) -> str:
        """The DBAPI's class of error for a code ("ProgrammingError")."""

    def error_arguments(self, message: str, code: Optional[str]) -> tuple[Any, ...]:
        """What the driver's error is made with."""
        return (message,)

    def error_members(self, code: Optional[str]) -> dict[str, Any]:
        """Attributes of the driver's error (`pgcode`)."""
        return {}

    def quote(self, text: str) -> str:
        """A string literal."""
        return quote_standard(text)

    def is_forbidden_in_transaction(self, statement: Cursor) -> Optional[str]:
        """Why the server refuses the statement inside a transaction block, or None."""
        return None
