"""MG208 conflicting-changes: both sides of a merge change one table, column, index or constraint.

## What it does
In a merge, compares the operations of the revisions that each side has added since the two parted. Where they do not
touch each other, nothing is said. Where they do, or where only running a revision tells what it touches, the revisions
are replayed in both orders, one side first and then the other, and the two schemas are compared. It is an error where
the schemas differ or a revision fails in one of the orders, and a warning where both come to the same. What only
running tells, and comes to the same, is not mentioned.

## Why is this bad
Two databases that stood on different sides before the merge apply the revisions in different orders. Where the order
matters they end with different schemas, or the deploy of one of them stops half way. No merge revision mends that.

## Example
```python
# one side                                            # the other
op.rename_table("user", "account")                    op.add_column("user", sa.Column("email", sa.String()))
```

## Options
None.

## Fix safety
There is no automatic fix: change the revision that no database has applied yet, so that it works after the other one,
and put it behind that one (`migguard rebase`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migguard.diagnostics import Diagnostic, Help, Location, Note, Severity
from migguard.revisions.model import Revision

if TYPE_CHECKING:
    from migguard.worker.protocol import OrderResult

CODE = "MG208"


@dataclass(frozen=True)
class Collision:
    """One revision of each side that meet, and in what (empty: only running them tells)."""

    yours: Revision
    upstream: Revision
    things: tuple[str, ...]


def check(
    collisions: tuple[Collision, ...], orders: tuple[OrderResult, OrderResult] | None, reason: str, environment: str
) -> Iterator[Diagnostic]:
    """One diagnostic for each pair. `orders`: upstream first, yours first; None, and the `reason`, where unknown."""
    outcome, severity = _describe_outcome(orders, reason)
    for collision in collisions:
        if not collision.things and severity is Severity.WARNING and orders is not None:
            continue
        things = " and ".join(collision.things) or "what only running them tells"
        yield Diagnostic(
            CODE,
            f"`{collision.yours.id}` and `{collision.upstream.id}` both change {things}: {outcome}",
            Location(collision.yours.path),
            notes=(Note("the other one", Location(collision.upstream.path)),),
            helps=_helps(severity),
            severity=severity,
            environment=environment,
            subject={"revision": collision.yours.id},
        )


def _helps(severity: Severity) -> tuple[Help, ...]:
    if severity is not Severity.ERROR:
        return ()
    return (Help("make yours work after the other one, then put it behind it", "migguard rebase"),)


def _describe_outcome(orders: tuple[OrderResult, OrderResult] | None, reason: str) -> tuple[str, Severity]:
    if orders is None:
        return f"whether their order matters could not be told ({reason})", Severity.WARNING
    names = ("upstream's first", "yours first")
    for order, name in zip(orders, names, strict=True):
        if order.problem is not None:
            return f"with {name}, `{order.revision}` fails ({order.problem})", Severity.ERROR
    first, second = (set(order.schema) for order in orders)
    if first != second:
        line = sorted(first ^ second)[0]
        return f"the schema depends on which comes first ({line})", Severity.ERROR
    return "in either order the schema is the same", Severity.WARNING
