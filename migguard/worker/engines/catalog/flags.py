"""What a replay could not follow exactly: recorded while it runs, judged at the end."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Optional

from ...ledger import ProjectPaths
from ...protocol import Place

#: A statement was not understood: what it did to the tables it names is unknown.
OPAQUE = "opaque"
#: Rows were asked for that the replay does not have.
READ = "read"
#: A revision changed the schema after such a read, so perhaps because of it.
STEER = "steer"
#: A text that the server may print otherwise was handed to the comparison.
INEXACT = "inexact"
#: Whether two defaults are equal could not be told.
COMPARISON = "comparison"


@dataclass(frozen=True)
class TableName:
    """A table as the catalog has it. schema: never None for PostgreSQL; the database's name for MySQL."""

    schema: str
    name: str


@dataclass(frozen=True)
class Flag:
    """One thing not followed. tables: those it may concern; None where it may be any.

    detail: what of the table (`default`, `index`, `check`, `computed`) for INEXACT, with `subject` its name and
    `printed` the text that was handed out.
    """

    kind: str
    text: str
    place: Optional[Place] = None
    revision: Optional[str] = None
    tables: Optional[frozenset[TableName]] = None
    detail: str = ""
    subject: str = ""
    printed: str = ""


@dataclass
class FlagLog:
    """All flags of a run. `revision` is set by whoever runs the revisions."""

    paths: ProjectPaths
    flags: list[Flag] = field(default_factory=list)
    revision: Optional[str] = None

    def add(
        self,
        kind: str,
        text: str,
        tables: Optional[frozenset[TableName]] = None,
        *,
        detail: str = "",
        subject: str = "",
        printed: str = "",
    ) -> None:
        """Record one; the place is where the project's own code stands now. The same thing is recorded once."""
        place = self.paths.innermost_place(sys._getframe(1))
        flag = Flag(kind, " ".join(text.split()), place, self.revision, tables, detail, subject, printed)
        if flag not in self.flags:
            self.flags.append(flag)
