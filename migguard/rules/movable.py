"""Which revisions a check may still ask to change, and which waivers do nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from migguard.config import Waiver
from migguard.context import CheckContext
from migguard.diagnostics import Diagnostic
from migguard.revisions.model import Revision
from migguard.rules.policy import is_about


def find_movable(context: CheckContext, revisions: Iterable[Revision]) -> list[Revision]:
    """Those of the revisions that may still be changed: they are new, or no published ref has them.

    Where it cannot be told what is published, only those that this change adds.
    """
    candidates = list(revisions)
    if is_hook(context):
        changed = {change.path for change in context.changes}
        candidates = [revision for revision in candidates if revision.path in changed]
    if not candidates or context.base is None:
        return candidates
    if not context.published.can_tell:
        known = context.base.entries()
        return [revision for revision in candidates if revision.path not in known]
    entries = context.snapshot.entries()
    return [r for r in candidates if context.published.is_movable(r.path, entries[r.path].oid)]


def name_idle_waivers(context: CheckContext, found: Sequence[Diagnostic], void: Collection[Waiver]) -> list[str]:
    """A line for each waiver that does nothing: it came with an earlier change, or there is no change to waive."""
    lines = []
    for waiver in context.config.waivers:
        is_met = any(is_about(waiver, item) for item in found)
        name = f"the waiver of {waiver.rule} for `{waiver.revision}`"
        if is_met and waiver in void:
            lines.append(f"{name} is void: upstream has it already, and another change needs another reason")
        elif not is_met and not is_hook(context) and not context.is_selection and context.published.can_tell:
            lines.append(f"{name} does nothing: upstream has the change, or there is none")
    return lines


def is_hook(context: CheckContext) -> bool:
    """Whether the check is about one commit that is being made."""
    return context.moment.hook is not None
