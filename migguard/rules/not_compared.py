"""MG210 not-compared: the change alters something that autogenerate does not compare.

## What it does
Compares what the models say before and after the change about what Alembic's autogenerate passes over: CHECK and
EXCLUDE constraints, primary keys, enum values, sequences, computed columns, options of types (a collation, UNSIGNED,
the definition of a domain), of indexes (condition, method, operator classes), of unique constraints and foreign keys,
of the table itself (UNLOGGED, partitions, the engine of MySQL); and about types and server defaults where this env.py
does not compare them. Where one of these changed, and no new revision of the commit names the table, it warns.

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
import re
from collections.abc import Iterable, Iterator, Mapping

from migguard.diagnostics import Diagnostic, Help, Location, Note, Severity
from migguard.schema.protocol import Description, Operation

CODE = "MG210"

Features = Mapping[tuple[str, str], str]


def check(
    before: Iterable[Description],
    after: Iterable[Description],
    new_revisions: Iterable[bytes],
    *,
    environment: str | None,
    found: Iterable[Operation] = (),
) -> Iterator[Diagnostic]:
    """One warning for each feature that differs on a table that both sides have and no new revision names.

    A table that is new, or gone, is autogenerate's business as a whole. Sequences of no table have a description
    named "". `found` are operations that autogenerate asks for: what it compared after all.
    """
    seen = {(_full_name(one), one.column) for one in found if one.kind.startswith("modify_")}
    old = {item.table: item for item in before}
    named = frozenset(text for source in new_revisions for text in _strings(source))
    old.setdefault("", Description("", {}))
    now = {"": Description("", {}), **{item.table: item for item in after}}
    for item in now.values():
        if item.table not in old or item.table.rpartition(".")[2] in named:
            continue
        past, present = _flatten(old[item.table]), _flatten(item)
        if not item.table:
            past, present = ({key: texts[key] for key in texts if key[1] not in named} for texts in (past, present))
        for diagnostic in _compare(item, past, present, environment):
            if (item.table, diagnostic.subject.get("column")) not in seen:
                yield diagnostic


def _full_name(operation: Operation) -> str:
    return f"{operation.schema}.{operation.table}" if operation.schema else operation.table or ""


def _compare(item: Description, before: Features, after: Features, environment: str | None) -> Iterator[Diagnostic]:
    for category, name in sorted({*before, *after}):
        old, new = before.get((category, name)), after.get((category, name))
        of_column = category in _COLUMN_CATEGORIES
        if old == new or _is_seen(category, old, new):
            continue
        if of_column and ("columns", name) not in before.keys() & after.keys():
            # What comes or goes with a column is autogenerate's business, like the column itself.
            continue
        what = f"`{item.table}.{name}`" if of_column else f"`{item.table}`" if item.table else ""
        which = f" `{name}`" if name and not of_column else ""
        yield Diagnostic(
            code=CODE,
            message=f"{_LABELS.get(category, category)}{which}{f' of {what}' if what else ''} changed, "
            "which autogenerate does not compare",
            location=None if item.place is None else Location(item.place.path, item.place.line),
            notes=(Note(f"before: {old or 'nothing'}"), Note(f"after: {new or 'nothing'}")),
            helps=(Help("write the revision by hand", 'alembic revision -m "..."'),),
            severity=Severity.WARNING,
            environment=environment,
            subject={"table": item.table, **({"column": name} if of_column else {})},
        )


_COLUMN_CATEGORIES = frozenset({"columns", "computed", "enum values", "type", "server default"})
#: Autogenerate sees the thing itself come or go; only its options it does not compare.
_OF_THINGS = frozenset({"columns", "index options", "unique options", "foreign key options"})
#: The text of a column is the form of its type.
_LABELS = {"columns": "type options"}


def _is_seen(category: str, old: str | None, new: str | None) -> bool:
    """Whether autogenerate finds such a difference by itself."""
    if category not in _OF_THINGS:
        return False
    if not old or not new:
        return True
    return category == "columns" and _sees_type_change(_type_words(old), _type_words(new))


def _sees_type_change(old: list[str], new: list[str]) -> bool:
    """Alembic compares the first words of two types, and all words where both have as many."""
    return old[:1] != new[:1] or (len(old) == len(new) and old != new)


def _type_words(text: str) -> list[str]:
    """The words of a type, without its arguments and what no reflection tells."""
    without = re.sub(r"\([^()]*\)|(COLLATE|CHARACTER SET) \S+", " ", text)
    return re.sub(r"\(.*\)", " ", without).split()


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
