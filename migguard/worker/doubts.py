"""Which of the things not followed exactly the answer rests on: those make it "cannot tell"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

from .conditions import has_conditional_operations
from .engines.catalog.errors import NotUnderstood, Rejected
from .engines.catalog.flags import COMPARISON, INEXACT, OPAQUE, READ, STEER, Flag, FlagLog, TableName
from .failures import chain
from .filters import LeftOut
from .ledger import ProjectPaths
from .protocol import Failure, NotFollowed, Place

#: Details of INEXACT whose texts autogenerate only renders. Of a computed column it compares the text for a warning,
#: and asks for no operation; the condition of an index it does not compare (PostgresqlImpl.compare_indexes, 1.20).
_FILE_TEXTS = frozenset({"check", "computed", "where"})
#: What a revision would do with a reflected text; asking which names are there needs none.
_USES_TEXTS = re.compile(
    r"batch_alter_table|autoload|reflect|get_view_definition|\.server_default\b|\.sqltext\b"
    r"|[\[(]\s*[\"'](default|sqltext|expressions|computed|dialect_options)[\"']"
)
#: Names of indexes may be cut from about this length on.
_LONG_NAME = 60
_TEXT_NAMES = {
    "default": "the server default of `{table}.{subject}`",
    "computed": "the expression of the computed column `{table}.{subject}`",
    "index": "the expressions of index `{subject}` on `{table}`",
    "where": "the condition of index `{subject}` on `{table}`",
    "check": "the CHECK `{subject}` of `{table}`",
}
_QUOTING = re.compile(r"\\[nrt]?|[\s'\"]")


@dataclass
class Compared:
    """What the comparison rested on.

    models: names of the models' tables, in lower case and without schemas: a flag is never excused by a schema that
    may be another one. indexes: (table, index) of the models, "" for one without a name. defaults: whether this
    env.py compares them. left_out: tables that its filters hide. text: all that was rendered. revision_files:
    revision → path as in `Place`; sources: path → its content.
    """

    models: frozenset[str] = frozenset()
    indexes: frozenset[tuple[str, str]] = frozenset()
    defaults: bool = True
    left_out: LeftOut = field(default_factory=LeftOut)
    text: str = ""
    revision_files: dict[str, str] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)

    def revision_of(self, flag: Flag) -> Optional[str]:
        """The revision that was running, also where the app upgrades by itself."""
        if flag.revision is not None or flag.place is None:
            return flag.revision
        return next((one for one, path in self.revision_files.items() if path == flag.place.path), None)

    def may_compare(self, table: TableName) -> bool:
        """Whether something unknown about a table could change what autogenerate finds."""
        return table.name.lower() in self.models or not self.left_out.hides(table)

    def has(self, tables: Optional[Iterable[TableName]]) -> bool:
        """Whether one of these is a table of the models that is compared; None may be any."""
        return tables is None or any(
            table.name.lower() in self.models and not self.left_out.hides(table) for table in tables
        )


def find_doubts(log: FlagLog, compared: Compared) -> list[NotFollowed]:
    """What keeps the comparison from being a proof, in the order in which it happened."""
    found: list[NotFollowed] = []
    for flag in log.flags:
        tables = log.remaining_tables(flag)
        if _spoils(flag, tables, compared):
            entry = _describe(flag, tables, compared)
            if not any((old.text, old.place) == (entry.text, entry.place) for old in found):
                found.append(entry)
    return found


def find_causes(log: FlagLog) -> list[Flag]:
    """What may be the reason for a failure: anything that was not followed, or read without an answer, before it."""
    return [flag for flag in log.flags if flag.kind in {OPAQUE, READ, STEER} or flag.revision is not None]


def _spoils(flag: Flag, tables: Optional[frozenset[TableName]], compared: Compared) -> bool:
    if flag.kind == READ:
        return _may_steer(flag, compared)
    if flag.kind == COMPARISON:
        return compared.defaults and compared.has(tables)
    if flag.kind == INEXACT and flag.revision is None:
        return _is_compared(flag, tables, compared) or _stands_in(flag, compared.text)
    if flag.kind == INEXACT and not _uses_texts(flag, compared):
        return False
    return tables is None or any(compared.may_compare(table) for table in tables)


def _may_steer(flag: Flag, compared: Compared) -> bool:
    """Whether the revision could have changed the schema, had it got the rows that a server would have given.

    Where it did change the schema after the read there is a STEER flag; here it did not.
    """
    path = compared.revision_files.get(compared.revision_of(flag) or "")
    if path is None or flag.place is None or flag.place.path != path:
        return True
    return has_conditional_operations(compared.sources.get(path, b"("))


def _uses_texts(flag: Flag, compared: Compared) -> bool:
    """Whether the revision could do something with a text that it was given."""
    path = compared.revision_files.get(compared.revision_of(flag) or "")
    if path is None or flag.place is None or flag.place.path != path:
        return True
    return _USES_TEXTS.search(compared.sources.get(path, b"reflect").decode("utf-8", "replace")) is not None


def _is_compared(flag: Flag, tables: Optional[frozenset[TableName]], compared: Compared) -> bool:
    if flag.detail in _FILE_TEXTS or not compared.has(tables):
        return False
    if flag.detail == "default":
        return compared.defaults
    if flag.detail == "index" and tables is not None and flag.subject:
        names = {table.name.lower() for table in tables}
        wanted = {flag.subject.lower(), ""}
        return any(table in names and (name in wanted or len(name) > _LONG_NAME) for table, name in compared.indexes)
    return True


def _stands_in(flag: Flag, text: str) -> bool:
    """Whether the text was written into a file, however it is quoted there."""
    if not text:
        return False
    printed = _QUOTING.sub("", flag.printed.replace("%%", "%"))
    return not printed or printed in _QUOTING.sub("", text.replace("%%", "%"))


def _describe(flag: Flag, tables: Optional[frozenset[TableName]], compared: Compared) -> NotFollowed:
    revision = compared.revision_of(flag)
    who = f"revision `{revision}`" if revision else "env.py"
    named = ", ".join(f"`{table.name}`" for table in sorted(tables or (), key=lambda one: (one.name, one.schema)))
    if flag.kind == OPAQUE:
        text = f"{who} runs a statement that is not followed: {flag.text}"
    elif flag.kind == STEER:
        text = f"{who} changes the schema after it read rows that the replay does not have: {flag.text}"
    elif flag.kind == READ:
        text = f"{who} reads rows that the replay does not have, and they may decide what it does: {flag.text}"
    elif flag.kind == COMPARISON:
        text = f"whether a server default of {named or 'a table'} differs cannot be told: {flag.text}"
    else:
        text = _describe_text(flag, tables)
    place = flag.place
    if place is None and revision in compared.revision_files:
        place = Place(compared.revision_files[revision or ""])
    names = sorted({table.name for table in tables or ()})
    return NotFollowed(flag.kind, text, place, revision, names)


def _describe_text(flag: Flag, tables: Optional[frozenset[TableName]]) -> str:
    table = min((one.name for one in tables or ()), default="?")
    form = _TEXT_NAMES.get(flag.detail, "a text of `{table}`")
    what = form.format(table=table, subject=flag.subject)
    shown = f": `{flag.printed}`" if flag.printed else ""
    return f"the server may write {what} otherwise than the replay does{shown}"


def is_believed(error: BaseException) -> bool:
    """Whether a failure is the revision's own: nobody of ours refused, or somebody who is certain."""
    return all(one.is_certain for one in chain(error) if isinstance(one, Rejected)) and not any(
        isinstance(one, NotUnderstood) for one in chain(error)
    )


def describe_rejection(causes: list[Flag], failure: Failure) -> str:
    """A failure that may come from what was not followed before, or from a refusal that a server may not share."""
    who = f"revision `{failure.revision}`" if failure.revision else "the replay"
    if not causes:
        return f"{who} stops, where a server may go on: {failure.message}"
    first = causes[0]
    where = f" at {first.place.path}:{first.place.line}" if first.place else ""
    return f"{who} stops: {failure.message}; but this was not followed before{where}: {first.text}"


def gather_compared(run: Any, paths: ProjectPaths, text: str) -> Compared:
    """What a finished run compared. `text` is all that it rendered."""
    models, indexes = _gather_models(run.targets)
    defaults = any(target.opts.get("compare_server_default") for target in run.targets)
    return Compared(models, indexes, defaults, run.left_out, text, **gather_sources(run, paths))


def gather_sources(run: Any, paths: ProjectPaths) -> dict[str, Any]:
    """The fields of `Compared` that tell where revisions are and what they say."""
    files = {revision: paths.relative(path) or path for revision, path in run.revision_files.items()}
    sources = {files[revision]: _read(path) for revision, path in run.revision_files.items()}
    return {"revision_files": files, "sources": sources}


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b"("


def _gather_models(targets: Iterable[Any]) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Names of the models' tables, and of their indexes."""
    tables = [table for target in targets for metadata in target.metadata for table in metadata.tables.values()]
    names = frozenset(str(table.name).lower() for table in tables)
    return names, frozenset(_index_names(tables))


def _index_names(tables: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for index in table.indexes:
            yield str(table.name).lower(), str(index.name or "").lower()
