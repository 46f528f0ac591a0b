"""DO blocks: those that surely change no table, and the idioms that guard one statement against what is there."""

from __future__ import annotations

from ...errors import NotUnderstood
from ...scanner import Cursor
from ..catalog import Catalog


def do_block(catalog: Catalog, cursor: Cursor) -> None:
    """DO, after this word."""
    raise NotUnderstood("a DO block")
