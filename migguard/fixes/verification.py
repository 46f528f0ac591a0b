"""After a repair: the graph and the schema are checked again, beside what they were before it."""

from __future__ import annotations

from migguard.context import CheckContext
from migguard.diagnostics import Diagnostic, is_cannot_check
from migguard.errors import MigguardError
from migguard.fixes.plan import Plan
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, judge


def list_remaining_faults(context: CheckContext, plan: Plan, refusal: str) -> list[str]:
    """A line for each error that is left with the plan carried out.

    MigguardError, beginning with `refusal`, where one of them was not there before: what a repair breaks, it must not
    leave. "Could not check" is told and refuses nothing: after a merge, new requirements may not be installed yet.
    """
    faults = _judge_quietly(context.overlaid(plan.files, plan.removed_paths)).errors
    if faults:
        known = {_identify(item) for item in _judge_quietly(context).errors}
        for item in faults:
            if _identify(item) not in known and not is_cannot_check(item.code):
                raise MigguardError(f"{refusal}: {item.message}")
    return [f"{item.code} {item.message}" for item in faults]


def _identify(item: Diagnostic) -> tuple[str | None, ...]:
    """What makes two findings the same one. Of several heads, some may have been joined and others left."""
    return (item.code, item.environment) if item.code == "MG101" else (item.code, item.environment, item.message)


def _judge_quietly(context: CheckContext) -> Verdict:
    return judge(context, Policy(context.config), schema=context.config.schema_at == "commit", publication=False)
