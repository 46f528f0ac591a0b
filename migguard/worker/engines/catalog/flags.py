"""What a replay could not follow exactly: recorded while it runs, judged at the end."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from ...ledger import ProjectPaths
from ...protocol import Place

if TYPE_CHECKING:
    from .database import Change

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
    """All flags of a run. `revision` is set by whoever runs the revisions.

    Each flag has a fate for the tables that it names: a table that a followed statement drops later is `gone`, with
    whatever was not followed of it; one that is created anew while it is not gone was renamed, or made by what was not
    followed, and is `lost`: no later drop speaks for it.
    """

    paths: ProjectPaths
    flags: list[Flag] = field(default_factory=list)
    revision: Optional[str] = None
    _fates: list[dict[TableName, str]] = field(default_factory=list)

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
        if flag in self.flags:
            self._fates[self.flags.index(flag)].clear()
        else:
            self.flags.append(flag)
            self._fates.append({})

    def follow(self, change: Change) -> None:
        """Take a change of the schema that a followed statement made, in order with the flags."""
        if change.kind != "table" or change.verb not in {"created", "dropped"}:
            return
        table = TableName(change.schema, change.name)
        for index, fates in enumerate(self._fates):
            tables = self.flags[index].tables
            if tables is not None and table in tables and table not in fates:
                fates[table] = "gone" if change.verb == "dropped" else "lost"

    def undo(self) -> None:
        """Something was rolled back: what was dropped may be there again."""
        for fates in self._fates:
            fates.update(dict.fromkeys(fates, "lost"))

    def remaining_tables(self, flag: Flag) -> Optional[frozenset[TableName]]:
        """The tables of a flag that no later statement dropped; None where it may be any."""
        if flag.tables is None:
            return None
        fates = self._fates[self.flags.index(flag)]
        return frozenset(table for table in flag.tables if fates.get(table) != "gone")

    def clear(self) -> None:
        """Forget everything: the replay starts from empty."""
        self.flags.clear()
        self._fates.clear()

    def dump_state(self) -> Any:
        """What `load_state` takes, to go on in another run; it can be pickled."""
        return list(self.flags), [dict(fates) for fates in self._fates]

    def load_state(self, state: Any) -> None:
        """Go on from what another run recorded."""
        self.flags, self._fates = list(state[0]), [dict(fates) for fates in state[1]]
