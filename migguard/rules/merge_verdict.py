"""Runs the graph rules on what a merge would give, and keeps what neither side has alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from migguard.config import load_config
from migguard.context import CheckContext, EnvironmentView
from migguard.diagnostics import Diagnostic, Severity
from migguard.environments import Environment, discover_environments
from migguard.errors import ConfigError
from migguard.git.predict import PredictedSnapshot, Tip, predict_merge
from migguard.git.snapshot import OverlaidSnapshot, Snapshot, TreeSnapshot
from migguard.revisions.state import GraphState
from migguard.rules.diverges_from_upstream import PredictedMerge, check
from migguard.rules.verdict import GRAPH_RULES


def judge_merge(
    context: CheckContext, yours: Tip, upstream: Tip, severity: Severity, only: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """MG106 for the merge of `yours`, the commit of the context's snapshot, with `upstream`.

    `only` names the environments to look at (none: all). Raises MigguardError where the merge cannot be predicted.
    """
    prediction = predict_merge(context.repository, yours, upstream)
    if prediction.tree in (context.snapshot.tree(), context.repository.tree_of(upstream.oid)):
        return ()
    merged = PredictedSnapshot(context.repository, prediction, f"the merge with `{upstream.name}`")
    theirs = TreeSnapshot(context.repository, upstream.oid, f"`{upstream.name}`")
    found: list[Diagnostic] = []
    for environment in _discover(context, merged):
        if not only or environment.name in only:
            found += _judge(environment, (context.snapshot, theirs, merged), upstream.name, severity, merged.conflicts)
    return tuple(found)


def _discover(context: CheckContext, merged: PredictedSnapshot) -> tuple[Environment, ...]:
    """The environments of the merge. Where settings are in conflict, yours say what they are."""
    settled: Snapshot = merged
    own = context.snapshot.read_many(merged.conflicts)
    if own:
        settled = OverlaidSnapshot(merged, own)
    try:
        config = load_config(settled)
    except ConfigError:
        # Merged by lines, two good files can make a bad one.
        config = context.config
    return discover_environments(settled, config).environments


def _judge(
    environment: Environment,
    snapshots: tuple[Snapshot, Snapshot, Snapshot],
    upstream_name: str,
    severity: Severity,
    conflicts: Collection[str],
) -> Iterator[Diagnostic]:
    yours, upstream, merged = (_list_revisions(environment, snapshot) for snapshot in snapshots)
    if merged in (yours, upstream):
        return
    own = frozenset(path for path, oid in yours.items() if upstream.get(path) != oid)
    states = [replace(EnvironmentView(environment, snapshot).state, yours=own) for snapshot in snapshots]
    merge = PredictedMerge(states[0], states[1], states[2], upstream_name, conflicts)
    known = {_identify(fault) for state in (merge.yours, merge.upstream) for fault in _find_faults(state)}
    faults = [fault for fault in _find_faults(merge.merged) if _identify(fault) not in known]
    yield from check(merge, faults, severity)


def _list_revisions(environment: Environment, snapshot: Snapshot) -> dict[str, str]:
    """The revision files by path, as blobs: what the verdict about a graph depends on."""
    entries = snapshot.entries()
    return {path: entries[path].oid for path in environment.revision_paths(snapshot)}


def _find_faults(state: GraphState) -> list[Diagnostic]:
    return [fault for rule in GRAPH_RULES for fault in rule.check(state)]


def _identify(fault: Diagnostic) -> tuple[str, str]:
    """What makes two faults of two trees the same one."""
    return fault.code, fault.message
