"""The passes in which the subcommands of one ALTER TABLE are done (tablecmds.c, AlterTablePass, 15)."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional


class Pass(enum.IntEnum):
    """In the server's order. REBUILD: what ALTER TYPE concerns besides its column."""

    DROP = 0
    ALTER_TYPE = 1
    REBUILD = 2
    ADD_COLUMN = 3
    COLUMN_ATTRIBUTES = 4
    ADD_INDEX_CONSTRAINT = 5
    ADD_INDEX = 6
    ADD_OTHER_CONSTRAINT = 7
    MISC = 8


@dataclass
class Step:
    """One subcommand. run: does it, and may give steps for later passes."""

    number: Pass
    run: Callable[[], Optional[list[Step]]]
