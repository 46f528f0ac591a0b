"""Statements on which the catalog once differed from the server without saying so. A flag is as good as the right answer.

`OWED`: which part of the catalog has still to mend what.
"""

# ruff: noqa: E501 (statements are read more easily on one line)
from __future__ import annotations

from .cases import Case

REGRESSIONS: dict[str, Case] = {}

OWED: dict[str, str] = {}
