"""Revisions joined by `down_revision` and `depends_on`, as Alembic joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from migguard.revisions.cycles import find_cycles
from migguard.revisions.model import Revision


@dataclass(frozen=True, order=True)
class MissingReference:
    """`revision` (an id) names in its `attribute` a `reference` that no revision file declares."""

    reference: str
    revision: str
    attribute: str


class RevisionGraph:
    """What is above, below and beside each revision. Every answer is sorted; ids that are not there give nothing.

    As in Alembic, `down_revision` names whole ids only, `depends_on` whole ids or branch labels: neither a part
    of an id nor `label@head` is looked up. Two files with one id are one node with the parents of both, so that
    the fault shows as `duplicates` alone.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        by_id: dict[str, list[Revision]] = {}
        for revision in sorted(revisions, key=lambda revision: (revision.id, revision.path)):
            by_id.setdefault(revision.id, []).append(revision)
        #: By id, the first by path where several files declare one id.
        self.revisions: Mapping[str, Revision] = {id_: files[0] for id_, files in by_id.items()}
        #: Ids that several files declare.
        self.duplicates: Mapping[str, tuple[Revision, ...]] = {
            id_: tuple(files) for id_, files in by_id.items() if len(files) > 1
        }
        self._files = {id_: tuple(files) for id_, files in by_id.items()}
        self._declared_labels = self._find_declared_labels()
        self._parents: dict[str, tuple[str, ...]] = {}
        self._dependencies: dict[str, tuple[str, ...]] = {}
        missing: set[MissingReference] = set()
        for id_ in self.revisions:
            self._link(id_, missing)
        #: References that lead nowhere. Where labels are unknown, an unknown `depends_on` may be one and is left out.
        self.missing: tuple[MissingReference, ...] = tuple(sorted(missing))
        self._children = _reverse(self._parents)
        self._dependents = _reverse(self._dependencies)

    def __contains__(self, id_: object) -> bool:
        return id_ in self.revisions

    def __len__(self) -> int:
        return len(self.revisions)

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids."""
        return tuple(self.revisions)

    def parents(self, id_: str) -> tuple[str, ...]:
        """The revisions of its `down_revision` that exist, in the order in which they are written."""
        return self._parents.get(id_, ())

    def children(self, id_: str) -> tuple[str, ...]:
        """The revisions that follow it."""
        return self._children.get(id_, ())

    def dependencies(self, id_: str) -> tuple[str, ...]:
        """The revisions of its `depends_on` that exist, labels resolved, in the order in which they are written."""
        return self._dependencies.get(id_, ())

    def dependents(self, id_: str) -> tuple[str, ...]:
        """The revisions that depend on it."""
        return self._dependents.get(id_, ())

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Revisions that no other follows: `alembic heads`."""
        return tuple(id_ for id_ in self.revisions if not self._children.get(id_))

    @cached_property
    def effective_heads(self) -> tuple[str, ...]:
        """Heads on which nothing depends: what the version table holds after `alembic upgrade heads`."""
        return tuple(id_ for id_ in self.heads if not self._dependents.get(id_))

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Revisions that follow no other."""
        return tuple(
            id_ for id_, files in self._files.items() if any(not revision.down_revisions for revision in files)
        )

    @cached_property
    def branch_points(self) -> tuple[str, ...]:
        """Revisions that several others follow."""
        return tuple(id_ for id_ in self.revisions if len(self.children(id_)) > 1)

    @cached_property
    def merge_points(self) -> tuple[str, ...]:
        """Revisions that follow several others."""
        return tuple(id_ for id_, revision in self.revisions.items() if revision.is_merge)

    def ancestors(self, id_: str, *, include_dependencies: bool = False) -> frozenset[str]:
        """All revisions below it, without itself."""
        return _reach(id_, (self.parents, self.dependencies) if include_dependencies else (self.parents,))

    def descendants(self, id_: str, *, include_dependencies: bool = False) -> frozenset[str]:
        """All revisions above it, without itself."""
        return _reach(id_, (self.children, self.dependents) if include_dependencies else (self.children,))

    @cached_property
    def down_revision_cycles(self) -> tuple[tuple[str, ...], ...]:
        """Revisions that follow themselves: each with its parent next, from the smallest id on."""
        return find_cycles(self._parents)

    @cached_property
    def dependency_cycles(self) -> tuple[tuple[str, ...], ...]:
        """Cycles that exist only with `depends_on`."""
        within = {id_ for cycle in self.down_revision_cycles for id_ in cycle}
        both = {id_: (*self.parents(id_), *self.dependencies(id_)) for id_ in self.revisions}
        return tuple(cycle for cycle in find_cycles(both) if not within.intersection(cycle))

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Cycles of both kinds."""
        return (*self.down_revision_cycles, *self.dependency_cycles)

    @cached_property
    def label_conflicts(self) -> Mapping[str, tuple[Revision, ...]]:
        """Labels that several revisions declare, or that are also an id: the files in question."""
        return {
            label: (*files, *self._files.get(label, ()))
            for label, files in self._declared_labels.items()
            if len(files) > 1 or label in self.revisions
        }

    @cached_property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """Each branch label with all revisions that carry it.

        As in Alembic: the revision that declares it, those above it, and those below it down to the next branch
        point or merge point.
        """
        return {label: tuple(sorted(self._lineage(label))) for label in sorted(self._declared_labels)}

    def heads_by_label(self, label: str) -> tuple[str, ...]:
        """The heads of a label's line, as `alembic upgrade label@heads` finds them."""
        carriers = {revision.id for revision in self._declared_labels.get(label, ())}
        above = carriers.union(*(self.descendants(id_) for id_ in carriers))
        return tuple(id_ for id_ in self.heads if id_ in above)

    def _find_declared_labels(self) -> dict[str, tuple[Revision, ...]]:
        declared: dict[str, list[Revision]] = {}
        for files in self._files.values():
            for revision in files:
                for label in revision.branch_labels:
                    declared.setdefault(label, []).append(revision)
        return {label: tuple(revisions) for label, revisions in declared.items()}

    def _link(self, id_: str, missing: set[MissingReference]) -> None:
        parents: dict[str, None] = {}
        dependencies: dict[str, None] = {}
        for revision in self._files[id_]:
            for reference in revision.down_revisions:
                if reference in self.revisions:
                    parents[reference] = None
                else:
                    missing.add(MissingReference(reference, id_, "down_revision"))
            for reference in revision.depends_on:
                target = self._resolve_dependency(reference)
                if target is not None:
                    dependencies[target] = None
                elif not self._has_unknown_labels:
                    missing.add(MissingReference(reference, id_, "depends_on"))
            # Alembic takes an empty `depends_on` for none, but no longer finds a base that has one.
            for attribute in revision.empty_references:
                if attribute == "down_revision" or not revision.down_revisions:
                    missing.add(MissingReference("", id_, attribute))
        self._parents[id_] = tuple(parents)
        self._dependencies[id_] = tuple(dependencies)

    def _resolve_dependency(self, reference: str) -> str | None:
        if reference in self.revisions:
            return reference
        declaring = self._declared_labels.get(reference)
        return declaring[0].id if declaring else None

    @cached_property
    def _has_unknown_labels(self) -> bool:
        return any(not revision.labels_known for files in self._files.values() for revision in files)

    def _lineage(self, label: str) -> set[str]:
        carriers: set[str] = set()
        for revision in self._declared_labels[label]:
            above = self.descendants(revision.id)
            carriers.update(above, {revision.id})
            carriers.update(self._line_below(revision.id, above))
        return carriers

    def _line_below(self, id_: str, above: frozenset[str]) -> Iterable[str]:
        """What Alembic labels below a revision: only a line that neither branches nor merges anywhere above."""
        if any(self._ends_line(node) for node in (id_, *above)):
            return
        seen = {id_}
        parents = self.parents(id_)
        while parents and not self._ends_line(parents[0]) and parents[0] not in seen:
            seen.add(parents[0])
            yield parents[0]
            parents = self.parents(parents[0])

    def _ends_line(self, id_: str) -> bool:
        followers = {*self.children(id_), *self.dependents(id_)}
        return len(followers) > 1 or len(self.revisions[id_].down_revisions) > 1


def _reverse(edges: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    reversed_edges: dict[str, list[str]] = {}
    # Sources come sorted, so targets' lists are sorted too.
    for source, targets in edges.items():
        for target in targets:
            reversed_edges.setdefault(target, []).append(source)
    return {target: tuple(sources) for target, sources in reversed_edges.items()}


def _reach(start: str, steps: Sequence[Callable[[str], tuple[str, ...]]]) -> frozenset[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        current = todo.pop()
        for step in steps:
            for neighbour in step(current):
                if neighbour not in found:
                    found.add(neighbour)
                    todo.append(neighbour)
    found.discard(start)
    return frozenset(found)
