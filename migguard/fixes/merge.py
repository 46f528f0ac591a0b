"""The merge revision that joins surplus heads, made from its parents alone, so that two people write the same file."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from migguard.context import CheckContext, EnvironmentView
from migguard.errors import MigguardError
from migguard.fixes.plan import FileChange, Plan
from migguard.fixes.published import find_published_ids
from migguard.revisions.graph import RevisionGraph
from migguard.schema.client import MergeRequest

#: Alembic makes ids of twelve hexadecimal digits (`alembic.util.rev_id`, all versions); its version table holds 32.
ID_LENGTH = 12

#: What every Python reads as a date, and the date of a merge where no revision below it has one: never "now".
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(Z|[+-]\d\d:\d\d)?")
_NO_DATE = "1970-01-01 00:00:00"


@dataclass(frozen=True)
class Merge:
    """One merge revision to be: the heads that it joins (sorted), its id and message."""

    parents: tuple[str, ...]
    rev_id: str
    message: str
    create_date: str


def find_surplus(graph: RevisionGraph, heads: int | tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The groups of heads to join so that the environment has the heads it is meant to have.

    With labels, the heads of each label are one group. With a number above one, heads are grouped by the lineage they
    come from (the base revisions below them); MigguardError where that does not give the number. Empty where nothing
    is to be joined.
    """
    found = tuple(graph.heads)
    if isinstance(heads, tuple):
        groups = [tuple(head for head in found if head in graph.heads_by_label(label)) for label in heads]
        unlabelled = [head for head in found if not any(head in group for group in groups)]
        vacant = sum(not group for group in groups)
        if unlabelled and (any(groups) or len(unlabelled) > vacant):
            raise MigguardError(
                f"{_names(unlabelled)} belongs to none of the labels {_names(heads)}",
                "name the heads to join: migguard merge REVISION REVISION",
            )
        return tuple(group for group in groups if len(group) > 1)
    if len(found) <= heads:
        return ()
    if heads == 1:
        return (found,)
    lineages = _group_by_base(graph, found)
    if len(lineages) != heads:
        raise MigguardError(
            f"{len(found)} heads of {len(lineages)} lineages cannot be joined to {heads} on their own",
            "name the heads to join: migguard merge REVISION REVISION",
        )
    return tuple(group for group in lineages if len(group) > 1)


def find_heads(graph: RevisionGraph, names: Iterable[str]) -> tuple[str, ...]:
    """The heads that a user names, each by its id or the beginning of it; MigguardError for fewer than two."""
    found: dict[str, None] = {}
    listing = f"the heads are: {', '.join(graph.heads)}"
    for name in names:
        matching = [name] if name in graph.heads else [head for head in graph.heads if head.startswith(name)]
        if len(matching) != 1:
            raise MigguardError(f"`{name}` names {'several heads' if matching else 'no head'}", listing)
        found[matching[0]] = None
    if len(found) < 2:
        raise MigguardError("a merge revision joins at least two heads", listing)
    return tuple(found)


def describe_merge(graph: RevisionGraph, parents: Iterable[str], message: str | None = None) -> Merge:
    """Id, message and date of the merge revision of these parents: from nothing but the parents."""
    ordered = tuple(sorted(parents))
    digest = hashlib.sha256("\n".join(ordered).encode()).hexdigest()
    said = message or f"merge {' and '.join([', '.join(ordered[:-1]), ordered[-1]])}"
    return Merge(ordered, digest[:ID_LENGTH], said, _find_date(graph, ordered))


def _find_date(graph: RevisionGraph, parents: Sequence[str]) -> str:
    """The latest Create Date of the parents; where none has one, of all that is below them."""
    below = (ancestor for parent in parents for ancestor in graph.ancestors(parent))
    for group in (parents, below):
        told = [revision.create_date for id_ in group if (revision := graph.revisions.get(id_))]
        dates = [(moment, date) for date in told if date and (moment := _read_date(date))]
        if dates:
            return max(dates)[1]
    return _NO_DATE


def _read_date(text: str) -> datetime | None:
    """The moment that a Create Date names, taken as UTC where it has no offset; None where it is no date."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00")) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def plan_merge(
    context: CheckContext,
    view: EnvironmentView,
    groups: Sequence[Sequence[str]] | None = None,
    message: str | None = None,
) -> Plan | None:
    """What joins the surplus heads of one environment; None where there are none.

    Where upstream itself has several of the heads, these are joined first, by a revision that follows from them alone:
    whoever merges upstream writes the same one. Rendered by the project's own `script.py.mako` in the worker. Raises
    MigguardError where the heads cannot be joined or the file cannot be rendered.
    """
    is_automatic = groups is None
    if groups is None:
        groups = find_surplus(view.graph, view.environment.heads)
    changes: list[FileChange] = []
    for group in groups:
        upstream = _find_upstream(context, view, group) if is_automatic else ()
        if upstream:
            changes += _render(context, view, changes, upstream, None)
            joint = describe_merge(view.graph, upstream).rev_id
            group = [joint, *(head for head in group if head not in upstream)]
        changes += _render(context, view, changes, group, message)
    if not changes:
        return None
    plan = Plan(f"merge {_names(head for group in groups for head in group)}", tuple(changes))
    _require_mended(context, view, plan, groups)
    return plan


def _render(
    context: CheckContext,
    view: EnvironmentView,
    earlier: Sequence[FileChange],
    heads: Sequence[str],
    message: str | None,
) -> list[FileChange]:
    """The file that joins some heads, the earlier ones being there."""
    before = context.overlaid({change.path: change.after for change in earlier if change.after is not None})
    merge = describe_merge(EnvironmentView(view.environment, before.snapshot).graph, heads, message)
    request = MergeRequest(list(merge.parents), merge.rev_id, merge.message, merge.create_date)
    written = context.checker.merge(before.snapshot, view.environment, request)
    return [_new_file(context, item.path, item.content.encode()) for item in written]


def _find_upstream(context: CheckContext, view: EnvironmentView, group: Sequence[str]) -> tuple[str, ...]:
    """Upstream's own of the heads, where it has several and you have others; empty elsewhere."""
    if len(group) < 3 or not context.published.can_tell:
        return ()
    published = find_published_ids(context, view)
    upstream = tuple(head for head in group if head in published)
    return upstream if 1 < len(upstream) < len(group) else ()


def _new_file(context: CheckContext, path: str, content: bytes) -> FileChange:
    """A file to create; nothing to do where the very same file stands there (left by a run that was killed)."""
    try:
        existing = (context.repository.top / path).read_bytes()
    except FileNotFoundError:
        existing = None
    return FileChange(path, content if existing == content else None, content)


def _require_mended(context: CheckContext, view: EnvironmentView, plan: Plan, groups: Sequence[Sequence[str]]) -> None:
    """The graph after the merge must have lost exactly the heads that were joined."""
    after = EnvironmentView(view.environment, context.overlaid(plan.files).snapshot).graph
    expected = len(view.graph.heads) - sum(len(group) - 1 for group in groups)
    if len(after.heads) != expected or after.duplicates or len(after.missing) > len(view.graph.missing):
        raise MigguardError(
            f"the merge revision would leave {len(after.heads)} heads instead of {expected}",
            "this is a bug: report it with `migguard -v merge --dry-run`",
        )


def _group_by_base(graph: RevisionGraph, heads: Sequence[str]) -> list[tuple[str, ...]]:
    lineages: dict[tuple[str, ...], list[str]] = defaultdict(list)
    bases = set(graph.bases)
    for head in heads:
        below = tuple(sorted(bases & ({*graph.ancestors(head)} | {head})))
        lineages[below].append(head)
    return [tuple(group) for group in lineages.values()]


def _names(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)
