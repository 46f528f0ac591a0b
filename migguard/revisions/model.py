"""What a revision file says of itself, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """A stretch of one file: 1-based lines and columns (characters), `end_column` exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Revision:
    """A revision file that was understood. `path` is its repository path.

    `spans` maps `revision`, `down_revision`, `branch_labels`, `depends_on` to where the value stands (the
    last assignment counts), where it is assigned at all. `labels_known` and `depends_on_known` are False
    where only running the file could tell them. `message` is the first line of the docstring; `create_date`
    the docstring's `Create Date:` text, or None; `revises` the ids of its `Revises:` line, if it `has_revises`.

    `element_spans` maps (attribute, one of its strings) to where that string stands, where it is a literal of
    this file. `empty_references` are the attributes (`down_revision`, `depends_on`) that are an empty string:
    they name no parent here, but Alembic looks for a revision of that name.
    """

    path: str
    id: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    labels_known: bool = True
    depends_on_known: bool = True
    message: str | None = None
    create_date: str | None = None
    revises: tuple[str, ...] = ()
    has_revises: bool = False
    empty_references: tuple[str, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False)
    element_spans: Mapping[tuple[str, str], Span] = field(default_factory=dict, compare=False)

    @property
    def is_merge(self) -> bool:
        """Whether it has several parents."""
        return len(self.down_revisions) > 1

    def span_of(self, attribute: str, reference: str | None = None) -> Span | None:
        """The smallest stretch that holds `reference` in the value of `attribute`, else the whole value."""
        if reference is not None and (attribute, reference) in self.element_spans:
            return self.element_spans[attribute, reference]
        return self.spans.get(attribute)


@dataclass(frozen=True)
class UnreadableRevision:
    """A file that Alembic cannot load: conflict markers, Python 2, other syntax errors, no `down_revision`: MG105.

    `reason` goes on from the file's name: "has conflict markers". `ids` are the revision ids that the text
    seems to declare (both of a conflict); empty where nothing can be seen.
    """

    path: str
    reason: str
    span: Span | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class DynamicRevision:
    """A file whose `attribute` (`revision`, `down_revision`) only running it can tell: MG004.

    `reason` says what the value is ("the result of a call"). `id` is known where only `down_revision` is not.
    """

    path: str
    attribute: str
    reason: str
    span: Span | None = None
    id: str | None = None


@dataclass(frozen=True)
class NotARevision:
    """A Python file in a versions folder without `revision` and without an id in its name.

    Alembic loads no revision of the folder while it is there.
    """

    path: str


ParsedFile = Revision | UnreadableRevision | DynamicRevision | NotARevision
