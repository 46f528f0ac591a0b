"""Runs MG208 on a merge: what each side has added, whether it meets, and what both orders give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migguard.context import CheckContext, EnvironmentView
from migguard.diagnostics import Diagnostic
from migguard.git.snapshot import TreeSnapshot
from migguard.revisions.touches import Touch, find_meeting, find_touches
from migguard.rules.conflicting_changes import Collision, check


@dataclass(frozen=True)
class _Side:
    """The revisions that one side has added since the two parted, and the heads of that side."""

    added: tuple[str, ...]
    heads: tuple[str, ...]


def judge_sides(context: CheckContext, view: EnvironmentView) -> list[Diagnostic]:
    """MG208 for one environment; empty where the context's snapshot is no merge, or the sides do not meet."""
    sides = _find_sides(context, view)
    if sides is None:
        return []
    collisions = _find_collisions(view, *sides)
    if not collisions:
        return []
    yours, upstream = sides
    response = context.checker.replay_orders(
        context.snapshot, view.environment, [[*upstream.heads, "heads"], [*yours.heads, "heads"]]
    )
    orders, reason = None, ""
    if response.failure is not None:
        reason = response.failure.message
    elif response.not_followed:
        reason = response.not_followed[0].text
    else:
        orders = (response.orders[0], response.orders[1])
    return list(check(collisions, orders, reason, view.environment.name))


def _find_sides(context: CheckContext, view: EnvironmentView) -> tuple[_Side, _Side] | None:
    """Yours and upstream's; None where nothing is being merged, or one of them added nothing."""
    commits = _find_parents(context)
    if len(commits) < 2:
        return None
    repository = context.repository
    bases = repository.merge_bases(commits[0], *commits[1:])
    if not bases:
        # unrelated histories: no database can stand on one side alone
        return None
    known = {id_ for base in bases for id_ in _view_at(context, view, base).graph.ids}
    graphs = [_view_at(context, view, commit).graph for commit in commits]
    added = [{id_ for id_ in graph.ids if id_ not in known and id_ in view.graph} for graph in graphs]
    others = set().union(*added[1:])
    mine = tuple(sorted(added[0] - others))
    theirs = tuple(sorted(others - added[0]))
    if not mine or not theirs:
        return None
    heads = tuple(dict.fromkeys(head for graph in graphs[1:] for head in graph.heads if head in view.graph))
    return _Side(mine, tuple(head for head in graphs[0].heads if head in view.graph)), _Side(theirs, heads)


def _find_parents(context: CheckContext) -> tuple[str, ...]:
    """The commits that are merged: HEAD and MERGE_HEAD, or the parents of a merge commit that is checked."""
    repository, snapshot = context.repository, context.snapshot
    if isinstance(snapshot, TreeSnapshot):
        commit = repository.resolve(snapshot.treeish)
        return repository.parents(commit) if commit else ()
    head = repository.head()
    return (head, *context.moment.merge_heads) if head and context.is_staged else ()


def _view_at(context: CheckContext, view: EnvironmentView, commit: str) -> EnvironmentView:
    return EnvironmentView(view.environment, TreeSnapshot(context.repository, commit))


def _find_collisions(view: EnvironmentView, yours: _Side, upstream: _Side) -> tuple[Collision, ...]:
    """The pairs that meet in something named, and one pair of which only running tells."""
    graph = view.graph
    touches: Mapping[str, frozenset[Touch] | None] = {
        id_: find_touches(view.sources[graph.revisions[id_].path]) for id_ in (*yours.added, *upstream.added)
    }
    named: list[Collision] = []
    unknown: list[Collision] = []
    for mine in yours.added:
        for theirs in upstream.added:
            pair = graph.revisions[mine], graph.revisions[theirs]
            one, other = touches[mine], touches[theirs]
            if one is None or other is None:
                if one != frozenset() and other != frozenset():
                    unknown.append(Collision(*pair, ()))
            elif met := find_meeting(one, other):
                named.append(Collision(*pair, tuple(sorted({item.name for item in met}))))
    return (*named, *unknown[:1])
