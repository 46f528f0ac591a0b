"""MG003 no-revisions: an environment has no revision file.

## What it does
Reports an environment without a revision file in its versions folders: one that migguard's settings name, one that was
there before this change, or one that has revision files on disk. Where `alembic init` has just been committed, the
lack is only mentioned.

## Why is this bad
A check that finds nothing to check must not look like one that found nothing wrong. The usual causes are a versions
folder that git ignores, a moved folder, and a mistyped path.

## Example
```toml
[[tool.migguard.environments]]
name = "orders"
script-location = "orders/migration"  # the folder is called `migrations`
```

## Options
`script-location` and `version-locations` of the environment; `exclude` for one that nobody uses.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Help, Location
from migguard.git.shell import quote_paths
from migguard.revisions.state import GraphState

CODE = "MG003"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """At most one diagnostic: a file that could not be understood counts as a revision here."""
    if _is_expected(state) and _is_empty(state):
        yield Diagnostic(
            CODE,
            f"environment `{state.environment}` has no revisions",
            Location(state.script_location),
            helps=(
                Help(
                    "see whether git ignores them",
                    f"git status --ignored -- {quote_paths([state.script_location], state.prefix)}",
                ),
            ),
            environment=state.environment,
        )


def notes(state: GraphState) -> tuple[str, ...]:
    """What is said of an environment without revisions that nobody configured."""
    if _is_expected(state) or not _is_empty(state):
        return ()
    return (f"environment `{state.environment}` in `{state.script_location}` has no revisions yet",)


def _is_expected(state: GraphState) -> bool:
    return state.configured or state.is_established


def _is_empty(state: GraphState) -> bool:
    return not (state.graph.revisions or state.obscure)
