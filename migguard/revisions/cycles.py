"""Cycles of a directed graph, without recursion: histories are thousands of revisions long."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

Edges = Mapping[str, tuple[str, ...]]


def find_cycles(edges: Edges) -> tuple[tuple[str, ...], ...]:
    """One shortest cycle through the smallest id of each knot (strongly connected component), sorted.

    A cycle is written from its smallest id on, each id followed by one that `edges` gives for it.
    """
    knots = [knot for knot in _components(edges) if len(knot) > 1 or knot[0] in edges.get(knot[0], ())]
    return tuple(sorted(_shortest_cycle(edges, min(knot), frozenset(knot)) for knot in knots))


def _components(edges: Edges) -> Iterator[list[str]]:
    """Tarjan's algorithm with a stack of its own."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    for root in edges:
        if root in order:
            continue
        work = [(root, iter(edges[root]))]
        order[root] = lowest[root] = len(order)
        open_nodes.append(root)
        is_open.add(root)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == order[node]:
                    yield _close(node, open_nodes, is_open)
            elif target not in order:
                order[target] = lowest[target] = len(order)
                open_nodes.append(target)
                is_open.add(target)
                work.append((target, iter(edges.get(target, ()))))
            elif target in is_open:
                lowest[node] = min(lowest[node], order[target])


def _close(node: str, open_nodes: list[str], is_open: set[str]) -> list[str]:
    component: list[str] = []
    while True:
        member = open_nodes.pop()
        is_open.discard(member)
        component.append(member)
        if member == node:
            return component


def _shortest_cycle(edges: Edges, start: str, knot: frozenset[str]) -> tuple[str, ...]:
    came_from: dict[str, str] = {}
    todo = deque([start])
    while todo:
        node = todo.popleft()
        for target in edges.get(node, ()):
            if target == start:
                return _walk_back(came_from, start, node)
            if target in knot and target not in came_from:
                came_from[target] = node
                todo.append(target)
    raise AssertionError("a knot without a cycle")  # pragma: no cover - a component always has one


def _walk_back(came_from: Mapping[str, str], start: str, node: str) -> tuple[str, ...]:
    path = [node]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))
