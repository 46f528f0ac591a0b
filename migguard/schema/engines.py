"""Asks the engines one after the other, until one can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from migguard.config import DEFAULT_ORDER, EngineName
from migguard.schema.protocol import ENGINE_KINDS, NotFollowed, Response
from migguard.schema.result import SchemaResult

#: The engine itself could not be used: its reasons say nothing about the project.
_UNUSABLE = frozenset({"engine"})
#: Characters of a reason in a note; the reasons themselves are told in full where they are the answer.
_LONGEST = 160


def ask_engines(order: Sequence[EngineName], ask: Callable[[EngineName], SchemaResult]) -> SchemaResult:
    """The answer of the first engine that can tell; where none can, that of the first one that could be used at all.

    A later engine is only asked where the earlier one met something that another may follow. Notes tell who answered,
    where it was not the default, and why the others did not.
    """
    silent: list[tuple[EngineName, SchemaResult]] = []
    for engine in order:
        result = ask(engine)
        if not silent and not _may_others_tell(result.response):
            return _name_answer(result, [])
        if silent and _can_tell(result.response):
            return _name_answer(result, silent)
        silent.append((engine, result))
    return _join(order, silent)


def _may_others_tell(response: Response) -> bool:
    """Whether all that keeps an engine from an answer is of its own kind."""
    if response.failure is not None or not response.not_followed or response.engine == "sqlite":
        return False
    return all(item.kind in ENGINE_KINDS for item in response.not_followed)


def _can_tell(response: Response) -> bool:
    """Whether a second engine's answer counts: a failure to run is none, but a revision that really fails is."""
    if response.failure is not None:
        return response.failure.kind == "replay"
    return not response.not_followed


def _name_answer(result: SchemaResult, silent: Sequence[tuple[EngineName, SchemaResult]]) -> SchemaResult:
    response = result.response
    if not response.engine_detail:
        return result
    why = "".join(f"; {_describe_silence(engine, other)}" for engine, other in silent)
    notes = [*response.notes, f"checked on {response.engine_detail}{why}"]
    return replace(result, response=replace(response, notes=notes))


def _describe_silence(engine: EngineName, result: SchemaResult) -> str:
    """Why an engine gave no answer, in one phrase."""
    response = result.response
    reasons = [] if response.failure is None else [response.failure.message]
    reasons += [_describe_reason(item) for item in response.not_followed]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"the {engine} engine could not tell: {reasons[0]}{more}"


def _describe_reason(item: NotFollowed) -> str:
    place = item.place
    where = f"{place.path}:{place.line}: " if place and place.line else f"{place.path}: " if place else ""
    text = item.text if len(item.text) <= _LONGEST else f"{item.text[:_LONGEST]}…"
    return where + text


def _join(order: Sequence[EngineName], silent: Sequence[tuple[EngineName, SchemaResult]]) -> SchemaResult:
    """The reasons of the first engine that ran, and a note for each of the others."""
    usable = [entry for entry in silent if not all(item.kind in _UNUSABLE for item in entry[1].response.not_followed)]
    chosen, result = (usable or silent)[0]
    notes = [_describe_silence(engine, other) for engine, other in silent if engine != chosen]
    return replace(
        result, notes=(*result.notes, *notes), helps=(*result.helps, *_find_helps(order, result.response.dialects))
    )


def _find_helps(order: Sequence[EngineName], dialects: Sequence[str]) -> list[str]:
    """What to configure, where the user has not yet chosen another engine: lines of `[tool.migguard]`."""
    if tuple(order) != DEFAULT_ORDER:
        return []
    embedded = ['engine = ["catalog", "embedded"]'] if "postgresql" in dialects else []
    return [*embedded, 'engine = ["catalog", "server"], scratch-server = "$VARIABLE"']
