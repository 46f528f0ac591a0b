"""MG101 multiple-heads: more heads than the environment is meant to have.

## What it does
Reports heads beyond the expected number, which is one unless configured. Where `heads` lists branch labels, each
label has one head, and a head that carries none of them is one too many.

## Why is this bad
`alembic upgrade head` refuses to run, and `upgrade heads` applies both lines in an order that nobody chose. It
happens whenever two branches add a revision each: both follow the same parent, and git merges the files without a
conflict.

## Example
```python
# a1b2c3_add_email.py, on your branch
down_revision = "9f8e7d"

# d4e5f6_add_phone.py, on `main`
down_revision = "9f8e7d"
```
`migguard merge` writes a revision that joins them.

## Options
`heads` of an environment: a number, or a list of branch labels.

## Fix safety
Safe: a merge revision changes nothing in a database, whichever of the lines it already holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from migguard.diagnostics import Diagnostic, Fix, Help, Note
from migguard.revisions.state import GraphState, find_gaps

CODE = "MG101"


def check(state: GraphState) -> Iterator[Diagnostic]:
    """One diagnostic for an expected number; for labels, one each and one for all heads without any of them."""
    heads = _find_certain_heads(state)
    if isinstance(state.heads, int):
        yield from _check_number(state, heads, state.heads)
    else:
        yield from _check_labels(state, heads, state.heads)


def _find_certain_heads(state: GraphState) -> tuple[str, ...]:
    """The heads that stay heads whatever a missing revision or an unreadable file turns out to be.

    One such gap may follow any head that does not itself hang on it. So only the heads above one and the same
    gap are certain; with several gaps, those above the one with the fewest.
    """
    certain = state.graph.heads
    for gap in find_gaps(state):
        above = () if gap.reference is None else _find_heads_above(state, gap.reference)
        if len(above) < len(certain):
            certain = above
    return certain


def _find_heads_above(state: GraphState, reference: str) -> tuple[str, ...]:
    graph = state.graph
    found = {missing.revision for missing in graph.missing if missing.reference == reference}
    todo = list(found)
    while todo:
        for child in graph.children(todo.pop()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return tuple(head for head in graph.heads if head in found)


def _check_number(state: GraphState, heads: tuple[str, ...], expected: int) -> Iterator[Diagnostic]:
    if len(heads) <= expected:
        return
    count = f"{len(heads)} heads" if expected == 1 else f"{len(heads)} heads where {expected} are expected"
    if expected == 1:
        help_, fix = Help("join them", "migguard merge"), Fix("merge")
        yield _describe(state, f"{count}: {_name(heads)}", heads, help_, fix)
    else:
        yield _describe(state, f"{count}: {_name(heads)}", heads, Help("join those that belong together"), None)


def _check_labels(state: GraphState, heads: tuple[str, ...], expected: tuple[str, ...]) -> Iterator[Diagnostic]:
    by_label = {label: [head for head in state.graph.heads_by_label(label) if head in heads] for label in expected}
    for label, labelled in by_label.items():
        # A merge of two labels is the head of both.
        own = tuple(labelled)
        if len(own) > 1:
            help_ = Help("join them", " ".join(("migguard merge", *own)))
            yield _describe(state, f"{len(own)} heads of label `{label}`: {_name(own)}", own, help_, Fix("merge", own))
    if find_gaps(state):
        # The label may be declared where nothing can be read.
        return
    unlabelled = tuple(head for head in heads if not any(head in labelled for labelled in by_label.values()))
    uncertain = tuple(head for head in unlabelled if _may_be_labelled(state, head))
    # Each head with an unknown label may be the one of a label that has none yet.
    vacant = sum(not labelled for labelled in by_label.values())
    extra = unlabelled if len(uncertain) > vacant else tuple(head for head in unlabelled if head not in uncertain)
    if extra:
        labels = _name(expected)
        message = f"{'head' if len(extra) == 1 else 'heads'} {_name(extra)} without an expected label ({labels})"
        yield _describe(state, message, extra, Help("join it to the line that it belongs to"), None)


def _may_be_labelled(state: GraphState, head: str) -> bool:
    graph = state.graph
    return any(not graph.revisions[id_].labels_known for id_ in (head, *graph.ancestors(head)))


def _describe(state: GraphState, message: str, heads: tuple[str, ...], help_: Help, fix: Fix | None) -> Diagnostic:
    revisions = state.graph.revisions
    shown = state.pick_editable(*(revisions[head] for head in heads))
    return Diagnostic(
        CODE,
        message,
        state.locate_value(shown, "down_revision", label=_describe_parents(state, shown.id)),
        notes=tuple(_note(state, head) for head in heads if head != shown.id),
        helps=(help_,),
        fix=fix,
        environment=state.environment,
        subject={"revision": shown.id},
    )


def _describe_parents(state: GraphState, head: str) -> str:
    parents = state.graph.revisions[head].down_revisions
    return f"`{head}` follows {_name(parents)}" if parents else f"`{head}` follows nothing"


def _note(state: GraphState, head: str) -> Note:
    revision = state.graph.revisions[head]
    title = f" ({revision.message})" if revision.message else ""
    return Note(f"`{head}`{title} is a head too", state.locate_value(revision, "down_revision"))


def _name(ids: tuple[str, ...]) -> str:
    return ", ".join(f"`{id_}`" for id_ in ids)
