"""Random text from templates: `{name}` asks a method, `{:a|b}` is one of the alternatives, `{{` is a brace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

_HOLE = re.compile(r"\{(:[^{}]*|\w+)\}")


class Impossible(Exception):
    """The template asks for something that the database does not have now."""


class Filler:
    """Fills templates; each hole is a method without arguments."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def fill(self, template: str) -> str:
        """The template with every hole filled, from left to right."""
        text = template.replace("{{", "\0").replace("}}", "\1")
        return _HOLE.sub(lambda match: self._fill_hole(match.group(1)), text).replace("\0", "{").replace("\1", "}")

    def choose(self, templates: Sequence[str]) -> str:
        """One of the templates, filled."""
        return self.fill(self.random.choice(templates))

    def _fill_hole(self, hole: str) -> str:
        if hole.startswith(":"):
            return self.random.choice(hole[1:].split("|"))
        filled: str = getattr(self, hole)()
        return filled

    def is_rare(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.random.random() < share
