"""Whether output is coloured, and the colour of each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Literal

ColorMode = Literal["auto", "always", "never"]

_STYLES: Mapping[str, Mapping[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "waived": {"dim": True},
    "message": {"bold": True},
    "frame": {"fg": "blue", "bold": True},
    "note": {"fg": "cyan", "bold": True},
    "help": {"fg": "green", "bold": True},
    "clean": {"fg": "green", "bold": True},
}


def decide_color(mode: ColorMode, stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to `stream`.

    An explicit mode wins, then NO_COLOR (https://no-color.org), then FORCE_COLOR (https://force-color.org).
    """
    if mode != "auto":
        return mode == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def paint(text: str, part: str, *, color: bool) -> str:
    """`text` in the colour of `part` (a key of the style table), or as it is."""
    if not color or not text:
        return text
    import click

    return click.style(text, **_STYLES[part])
