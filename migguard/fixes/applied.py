"""Which revisions named databases have applied, and so what may not be put below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migguard.revisions.graph import RevisionGraph
from migguard.schema.databases import DatabaseState


@dataclass(frozen=True)
class Applied:
    """What the databases of one environment have applied, of the revisions of one graph.

    shared: revision → the name of a database that is not one person's. personal: likewise, one's own. unknown: name →
    why it cannot be told. `is_asked`: whether any database is named at all.
    """

    shared: dict[str, str]
    personal: dict[str, str]
    unknown: dict[str, str]
    is_asked: bool

    def has_personal(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The personal databases that have one of these revisions, sorted."""
        return tuple(sorted({self.personal[id_] for id_ in ids if id_ in self.personal}))


def find_applied(graph: RevisionGraph, states: Sequence[DatabaseState]) -> Applied:
    """Read the stamps against the graph. A stamp that the graph does not have makes its database unknown."""
    shared: dict[str, str] = {}
    personal: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for state in states:
        strange = [id_ for id_ in state.revisions if id_ not in graph]
        if state.problem is not None:
            unknown[state.name] = state.problem
        elif strange:
            unknown[state.name] = f"it is at `{strange[0]}`, which this branch does not have"
        else:
            ids = {
                id_ for stamp in state.revisions for id_ in (stamp, *graph.ancestors(stamp, include_dependencies=True))
            }
            (personal if state.personal else shared).update(dict.fromkeys(ids, state.name))
    return Applied(shared, personal, unknown, bool(states))
