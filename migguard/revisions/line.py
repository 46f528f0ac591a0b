"""Putting your own revisions in one line behind upstream's: which follows which afterwards. Pure, no git."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from migguard.revisions.graph import RevisionGraph


class CannotMove(Exception):
    """The revisions cannot be put in line; the text says why, `ids` which are meant."""

    def __init__(self, text: str, ids: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.ids = tuple(ids)


@dataclass(frozen=True)
class Move:
    """One revision that follows `after` instead of `before`."""

    revision: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """The moves, in the order of the line, and the merge revisions that have nothing left to join."""

    moves: tuple[Move, ...] = ()
    dissolved: tuple[str, ...] = ()


def find_line(
    graph: RevisionGraph, own: Collection[str], order: Mapping[str, int], keeping: Collection[str] = ()
) -> Line:
    """Put the revisions `own` behind the heads that the others have, each chain behind the head of its lineage.

    Chains keep together and their inner order; where several could come next it is the one with the smallest `order`
    (its first commit), then id. A merge revision of yours whose parents come to stand in one line is dissolved, unless
    it is in `keeping` (it does something itself): then it stays in the line. A chain that starts at a base, or that
    declares a branch label of its own, stays where it is. Raises CannotMove where a chain has no one head to go to.
    """
    fixed = [id_ for id_ in graph.ids if id_ not in own]
    heads = [id_ for id_ in fixed if not any(child not in own for child in graph.children(id_))]
    lineages: dict[str, list[str]] = {}
    for id_ in fixed:
        if graph.ancestors(id_).intersection(own):
            raise CannotMove(f"`{id_}` may be published, and follows revisions that are not", (id_,))
    for id_ in sorted(own):
        head = _find_head(graph, id_, own, heads)
        if head is not None:
            lineages.setdefault(head, []).append(id_)
    moves: list[Move] = []
    dissolved: list[str] = []
    for head in sorted(lineages):
        _put_in_line(graph, head, lineages[head], order, keeping, moves, dissolved)
    return Line(tuple(moves), tuple(dissolved))


def _find_head(graph: RevisionGraph, id_: str, own: Collection[str], heads: Sequence[str]) -> str | None:
    """The head that a revision of yours belongs behind; None for one that stays where it is."""
    chain = {id_, *(one for one in graph.ancestors(id_) if one in own)}
    below = {parent for one in chain for parent in graph.parents(one) if parent not in own}
    if any(not graph.revisions[one].down_revisions or graph.revisions[one].branch_labels for one in chain):
        return None
    if len(below) > 1 and all(parent in heads for parent in below):
        raise CannotMove(f"`{id_}` joins {_names(below)}, which upstream keeps apart", (id_,))
    reached = [head for head in heads if below <= {head, *graph.ancestors(head)}]
    if len(reached) == 1:
        return reached[0]
    if not reached:
        raise CannotMove(f"`{id_}` stands on {_names(below)}, which no one head of upstream's follows", (id_,))
    raise CannotMove(f"`{id_}` could follow {_names(reached)}: upstream has several heads above its parent", (id_,))


def _put_in_line(
    graph: RevisionGraph,
    head: str,
    members: Sequence[str],
    order: Mapping[str, int],
    keeping: Collection[str],
    moves: list[Move],
    dissolved: list[str],
) -> None:
    tip = head
    for id_ in _sort(graph, members, order):
        old = graph.revisions[id_].down_revisions
        if len(old) > 1 and id_ not in keeping:
            dissolved.append(id_)
            continue
        if old != (tip,):
            moves.append(Move(id_, old, (tip,)))
        tip = id_


def _sort(graph: RevisionGraph, members: Sequence[str], order: Mapping[str, int]) -> list[str]:
    """Each after all that it follows or needs, the one that goes on the present chain first."""
    left, done = set(members), list[str]()
    while left:
        ready = [id_ for id_ in left if not left.intersection((*graph.parents(id_), *graph.dependencies(id_)))]
        if not ready:
            raise CannotMove("they follow one another in a circle", sorted(left))
        last = done[-1] if done else None
        chosen = min(ready, key=lambda id_: (last not in graph.parents(id_), order.get(id_, len(order)), id_))
        left.discard(chosen)
        done.append(chosen)
    return done


def _names(ids: Collection[str]) -> str:
    return ", ".join(f"`{id_}`" for id_ in sorted(ids))
