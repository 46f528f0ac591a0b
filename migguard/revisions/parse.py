"""One revision file, from its bytes to what it says of itself. Nothing is imported or run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from migguard.revisions.faults import describe_syntax_error, find_declared_ids
from migguard.revisions.model import DynamicRevision, NotARevision, ParsedFile, Revision, Span, UnreadableRevision
from migguard.revisions.names import Binding, Known, Names, Unknown
from migguard.revisions.source import Places, UndecodableSource, decode_source, split_lines
from migguard.revisions.statements import follow_module

#: Alembic's own: the id of a file that declares none (as before its version 0.2) is its name.
_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py")
#: Alembic's `+`, `-`, `@` and `:` are operators where a revision is named on its command line.
_ILLEGAL_IN_ID = frozenset("@-+:")
_ATTRIBUTES = ("revision", "down_revision", "branch_labels", "depends_on")


def is_revision_filename(name: str) -> bool:
    """Whether Alembic takes a file of this name (no folder) in a versions folder for a revision."""
    return name.endswith(".py") and not name.startswith(("__init__", ".#")) and "\n" not in name


def parse_revision(path: str, source: bytes) -> ParsedFile:
    """What the file at repository path `path` says of itself; every fault is a value, nothing is raised."""
    try:
        text = decode_source(source)
    except UndecodableSource as error:
        return UnreadableRevision(path, error.reason, Span(error.line, 1, error.line, 2))
    try:
        tree = _parse(text)
        return _read_module(path, text, tree)
    except SyntaxError as error:
        reason, span = describe_syntax_error(split_lines(text), error)
        return UnreadableRevision(path, reason, span, find_declared_ids(text))
    except ValueError as error:
        return UnreadableRevision(path, f"is not valid Python: {error}", None, find_declared_ids(text))
    except (RecursionError, MemoryError):
        return UnreadableRevision(path, "is nested too deeply to be read", None, find_declared_ids(text))


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # Invalid escapes in someone else's file are not news.
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
        # Some syntax errors (`return` outside a function) show only now. Nothing is run.
        compile(tree, "<revision>", "exec", dont_inherit=True)
        return tree


@dataclass(frozen=True)
class _Module:
    """A parsed file on its way to a `Revision`."""

    path: str
    text: str
    tree: ast.Module
    names: Names
    places: Places

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]

    def unreadable(self, reason: str, span: Span | None) -> UnreadableRevision:
        return UnreadableRevision(self.path, reason, span, find_declared_ids(self.text))

    def span_of(self, binding: Binding | None) -> Span | None:
        return self.places.span(binding.node) if binding is not None and binding.node is not None else None


def _read_module(path: str, text: str, tree: ast.Module) -> ParsedFile:
    # Alembic loads a file under its name with every other character replaced.
    module_name = re.sub(r"\W", "_", path.rpartition("/")[2])
    names, gets_through = follow_module(tree, module_name)
    module = _Module(path, text, tree, names, Places(text))
    if not gets_through:
        return module.unreadable("raises an exception when it is loaded", _find_raise(module))
    identifier = _read_id(module)
    if not isinstance(identifier, str):
        return identifier
    return _read_revision(module, identifier)


def _find_raise(module: _Module) -> Span | None:
    return next((module.places.span(node) for node in module.tree.body if isinstance(node, ast.Raise)), None)


def _read_id(module: _Module) -> str | UnreadableRevision | DynamicRevision | NotARevision:
    binding = module.names.binding("revision")
    span = module.span_of(binding)
    if binding is None:
        legacy = _LEGACY_NAME.fullmatch(module.file_name)
        if legacy is None or module.names.binding("down_revision") is None:
            return NotARevision(module.path)
        return legacy[1]
    if isinstance(binding.value, Unknown):
        return DynamicRevision(module.path, "revision", binding.value.reason, span)
    identifier = binding.value.value
    if not isinstance(identifier, str) or not identifier:
        return module.unreadable(f"declares {_name_value(identifier)} as its `revision`", span)
    illegal = sorted(_ILLEGAL_IN_ID.intersection(identifier))
    if illegal:
        return module.unreadable(f"declares a `revision` with `{illegal[0]}`, which Alembic does not allow", span)
    return identifier


def _name_value(value: object) -> str:
    if value is None or isinstance(value, bool | int):
        return f"`{value}`"
    return "an empty string" if value == "" else f"a {type(value).__name__}"


def _read_revision(module: _Module, identifier: str) -> ParsedFile:
    down = module.names.binding("down_revision")
    if down is None:
        return module.unreadable("declares no `down_revision`", module.span_of(module.names.binding("revision")))
    if isinstance(down.value, Unknown):
        span = module.span_of(down)
        return DynamicRevision(module.path, "down_revision", down.value.reason, span, identifier)
    values: dict[str, tuple[str, ...] | None] = {}
    for attribute in _ATTRIBUTES[1:]:
        binding = module.names.binding(attribute)
        known = binding.value if binding is not None else Known(None)
        values[attribute] = () if isinstance(known, Unknown) else _as_texts(known.value)
        if values[attribute] is None:
            reason = f"declares a `{attribute}` that is neither a string, strings nor None"
            return module.unreadable(reason, module.span_of(binding))
    empty = tuple(attribute for attribute in ("down_revision", "depends_on") if values[attribute] == ("",))
    labels, depends_on = module.names.binding("branch_labels"), module.names.binding("depends_on")
    docstring = _read_docstring(module.tree)
    return Revision(
        path=module.path,
        id=identifier,
        down_revisions=() if "down_revision" in empty else values["down_revision"] or (),
        depends_on=() if "depends_on" in empty else values["depends_on"] or (),
        branch_labels=values["branch_labels"] or (),
        labels_known=labels is None or isinstance(labels.value, Known),
        depends_on_known=depends_on is None or isinstance(depends_on.value, Known),
        message=docstring.message,
        create_date=docstring.create_date,
        revises=docstring.revises,
        has_revises=docstring.has_revises,
        empty_references=empty,
        spans={name: span for name in _ATTRIBUTES if (span := module.span_of(module.names.binding(name))) is not None},
        element_spans=_find_element_spans(module),
    )


def _as_texts(value: object) -> tuple[str, ...] | None:
    """A value as Alembic makes a tuple of it, or None where it holds anything but strings."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, set | frozenset):
        # The order of a set differs from run to run; any fixed one will do.
        value = sorted(value, key=str)
    if not isinstance(value, tuple | list | dict):
        return None
    items: Iterable[object] = value
    texts = tuple(item for item in items if isinstance(item, str))
    return texts if len(texts) == len(value) else None


def _find_element_spans(module: _Module) -> dict[tuple[str, str], Span]:
    spans: dict[tuple[str, str], Span] = {}
    for attribute in _ATTRIBUTES:
        binding = module.names.binding(attribute)
        if binding is None or isinstance(binding.value, Unknown):
            continue
        for text, node in binding.value.parts.items():
            span = module.places.span(node)
            if span is not None:
                spans[attribute, text] = span
    return spans


@dataclass(frozen=True)
class _Docstring:
    """What Alembic's template writes above the code."""

    message: str | None = None
    create_date: str | None = None
    revises: tuple[str, ...] = ()
    has_revises: bool = False


def _read_docstring(tree: ast.Module) -> _Docstring:
    text = (ast.get_docstring(tree, clean=False) or "").strip()
    if not text:
        return _Docstring()
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.strip().partition(":")
        if colon and name in {"Revises", "Create Date"}:
            fields.setdefault(name, value.strip())
    named = [part.strip() for part in fields.get("Revises", "").split(",")]
    return _Docstring(
        message=text.splitlines()[0].strip(),
        create_date=fields.get("Create Date") or None,
        revises=tuple(part for part in named if part and part not in {"None", "<base>"}),
        has_revises="Revises" in fields,
    )
