"""MG104 revision-cycle: revisions that follow or depend on themselves.

## What it does
Reports revisions that come back to themselves through `down_revision` and `depends_on`, and revisions that name
themselves.

## Why is this bad
There is no order in which they could be applied. Alembic refuses to do anything, or does not notice and applies
some of them never.

## Example
```python
# a1b2c3_add_email.py
revision = "a1b2c3"
down_revision = "d4e5f6"

# d4e5f6_add_phone.py
revision = "d4e5f6"
down_revision = "a1b2c3"
```

## Options
None.

## Fix safety
There is no automatic fix: only you know which of them came first.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Note
from migguard.revisions.model import Revision
from migguard.revisions.state import GraphState

CODE = "MG104"
_MOST_NAMED = 8


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for each knot of revisions; cycles that only a duplicate id makes are left to MG103."""
    graph = state.graph
    for verb, attribute, cycles in (
        ("follows", "down_revision", graph.down_revision_cycles),
        ("depends on", "depends_on", graph.dependency_cycles),
    ):
        for cycle in cycles:
            if not graph.duplicates.keys() & set(cycle):
                yield _describe(state, cycle, verb, attribute)


def _describe(state: GraphState, cycle: tuple[str, ...], verb: str, attribute: str) -> Diagnostic:
    revisions = [state.graph.revisions[id_] for id_ in cycle]
    shown = state.pick_editable(*_with_attribute(revisions, attribute))
    position = cycle.index(shown.id)
    turned = (*cycle[position:], *cycle[:position])
    through = "" if len(cycle) == 1 else f" through {_name(turned[1:])}"
    following = turned[1] if len(cycle) > 1 else turned[0]
    held_by = attribute if following not in shown.down_revisions else "down_revision"
    return Diagnostic(
        CODE,
        f"revision `{shown.id}` {verb} itself{through}",
        state.locate_value(shown, held_by, following),
        notes=tuple(_note(state, revision, cycle) for revision in revisions if revision is not shown)[:_MOST_NAMED],
        environment=state.environment,
        subject={"revision": shown.id},
    )


def _with_attribute(revisions: list[Revision], attribute: str) -> list[Revision]:
    """Those that hold the attribute which closes the cycle: one of them has to change."""
    return [revision for revision in revisions if attribute == "down_revision" or revision.depends_on]


def _note(state: GraphState, revision: Revision, cycle: tuple[str, ...]) -> Note:
    following = cycle[(cycle.index(revision.id) + 1) % len(cycle)]
    is_parent = following in revision.down_revisions
    attribute, verb = ("down_revision", "follows") if is_parent else ("depends_on", "depends on")
    return Note(f"`{revision.id}` {verb} `{following}`", state.locate_value(revision, attribute, following))


def _name(ids: tuple[str, ...]) -> str:
    named = ", ".join(f"`{id_}`" for id_ in ids[:_MOST_NAMED])
    return named if len(ids) <= _MOST_NAMED else f"{named} and {len(ids) - _MOST_NAMED} more"
