"""Histories as one line: `graph("a", "b<a", "c<a", "m<b,c")`."""

from __future__ import annotations

import re

from migguard.revisions.graph import RevisionGraph
from migguard.revisions.model import Revision, Span

_LINE = re.compile(r"(?P<id>[\w.]+)(?:<(?P<parents>[\w.,]+))?(?:\+(?P<needs>[\w.,@]+))?(?:#(?P<labels>[\w.,]+))?$")


def revisions(*lines: str) -> tuple[Revision, ...]:
    """Revisions from `id<parents+depends_on#labels`: `"m<b,c+x#main"`. A repeated id gets a file of its own."""
    made: list[Revision] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match is not None, line
        id_ = match["id"]
        copies = sum(revision.id == id_ for revision in made)
        made.append(
            Revision(
                path=f"versions/{id_}{'_copy' * copies}.py",
                id=id_,
                down_revisions=_split(match["parents"]),
                depends_on=_split(match["needs"]),
                branch_labels=_split(match["labels"]),
                spans={"revision": Span(1, 12, 1, 14 + len(id_)), "down_revision": Span(2, 17, 2, 30)},
            )
        )
    return tuple(made)


def graph(*lines: str) -> RevisionGraph:
    """The graph of `revisions(*lines)`."""
    return RevisionGraph(revisions(*lines))


def _split(words: str | None) -> tuple[str, ...]:
    return tuple(words.split(",")) if words else ()
