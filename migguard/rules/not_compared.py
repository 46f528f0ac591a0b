"""MG210 not-compared: the change alters something that autogenerate does not compare.

## What it does
Compares what the models say before and after the change about CHECK constraints, primary keys, enum values,
sequences, and about types and server defaults where this env.py does not compare them. Where one of these changed, and
no new revision of the commit names the table, it warns.

## Why is this bad
Alembic's autogenerate finds nothing in such a change, so models and revisions look in step while they are not: the new
enum value is rejected by the database, the dropped CHECK still holds.

## Example
```
warning[MG210 not-compared]: enum values of `user.state` changed, which autogenerate does not compare
 --> app/models.py:12
note: before: active, closed
note: after: active, closed, paused
help: write the revision by hand: alembic revision -m "..."
```

## Options
`compare_type` and `compare_server_default` in `context.configure()` of env.py make Alembic compare those two.

## Fix safety
There is no automatic fix.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from migguard.diagnostics import Diagnostic, Help, Location, Note, Severity

if TYPE_CHECKING:
    from migguard.worker.protocol import Description

CODE = "MG210"

Features = Mapping[tuple[str, str], str]


def check(
    before: Iterable[Description],
    after: Iterable[Description],
    new_revisions: Iterable[bytes],
    *,
    environment: str | None,
) -> Iterator[Diagnostic]:
    """One warning for each feature that differs on a table that both sides have and no new revision names.

    A table that is new, or gone, is autogenerate's business as a whole.
    """
    old = {item.table: item for item in before}
    named = frozenset(text for source in new_revisions for text in _strings(source))
    for item in after:
        if item.table not in old or item.table.rpartition(".")[2] in named:
            continue
        yield from _compare(item, _flatten(old[item.table]), _flatten(item), environment)


def _compare(item: Description, before: Features, after: Features, environment: str | None) -> Iterator[Diagnostic]:
    for category, name in sorted({*before, *after}):
        old, new = before.get((category, name)), after.get((category, name))
        of_column = category in _COLUMN_CATEGORIES
        if old == new or category == "columns" or (of_column and ("columns", name) not in before.keys() & after.keys()):
            # What comes or goes with a column is autogenerate's business, like the column itself.
            continue
        what = f"`{item.table}.{name}`" if of_column else f"`{item.table}`"
        which = f" `{name}`" if name and not of_column else ""
        yield Diagnostic(
            code=CODE,
            message=f"{category}{which} of {what} changed, which autogenerate does not compare",
            location=None if item.place is None else Location(item.place.path, item.place.line),
            notes=(Note(f"before: {old or 'nothing'}"), Note(f"after: {new or 'nothing'}")),
            helps=(Help("write the revision by hand", 'alembic revision -m "..."'),),
            severity=Severity.WARNING,
            environment=environment,
            subject={"table": item.table, **({"column": name} if of_column else {})},
        )


_COLUMN_CATEGORIES = frozenset({"enum values", "type", "server default"})


def _flatten(item: Description) -> Features:
    return {(category, name): text for category, features in item.features.items() for name, text in features.items()}


def _strings(source: bytes) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            yield from node.value.replace('"', " ").replace("`", " ").split()
