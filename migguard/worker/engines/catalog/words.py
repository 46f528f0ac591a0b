"""Lists of names, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def listed(text: str) -> list[str]:
    """The words of a text in order."""
    return text.split()
