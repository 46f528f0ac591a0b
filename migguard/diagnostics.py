"""The shared vocabulary of what migguard reports: data only, no behaviour that needs git or a database."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class Severity(enum.Enum):
    """Only ERROR makes a command fail; OFF rules do not run unless configured."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


class Applicability(enum.Enum):
    """Whether the command of a fix may be run without thinking (SAFE), after reading it (UNSAFE), or only shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True)
class RuleName:
    """A rule's code (`MG101`), its name (`multiple-heads`) and the severity it has unless configured."""

    code: str
    name: str
    severity: Severity


def _rules(*rules: tuple[str, str, Severity]) -> Mapping[str, RuleName]:
    return MappingProxyType({code: RuleName(code, name, severity) for code, name, severity in rules})


#: Every rule that exists, by code. Codes are never reused.
RULES: Mapping[str, RuleName] = _rules(
    ("MG001", "environment-unavailable", Severity.ERROR),
    ("MG002", "replay-unsupported", Severity.ERROR),
    ("MG003", "no-revisions", Severity.ERROR),
    ("MG004", "dynamic-revision-id", Severity.ERROR),
    ("MG005", "publication-unknown", Severity.ERROR),
    ("MG101", "multiple-heads", Severity.ERROR),
    ("MG102", "missing-parent", Severity.ERROR),
    ("MG103", "duplicate-revision", Severity.ERROR),
    ("MG104", "revision-cycle", Severity.ERROR),
    ("MG105", "unreadable-revision", Severity.ERROR),
    ("MG106", "diverges-from-upstream", Severity.ERROR),
    ("MG107", "stale-revises", Severity.WARNING),
    ("MG108", "merge-not-allowed", Severity.OFF),
    ("MG109", "merge-with-operations", Severity.WARNING),
    ("MG110", "overlong-revision-id", Severity.ERROR),
    ("MG201", "unmigrated-models", Severity.ERROR),
    ("MG202", "unmodelled-schema", Severity.ERROR),
    ("MG203", "replay-fails", Severity.ERROR),
    ("MG208", "conflicting-changes", Severity.ERROR),
    ("MG210", "not-compared", Severity.WARNING),
    ("MG301", "unstaged-revision", Severity.ERROR),
    ("MG302", "partly-staged-revision", Severity.WARNING),
    ("MG401", "edited-published-revision", Severity.ERROR),
    ("MG402", "removed-published-revision", Severity.ERROR),
    ("MG403", "repointed-published-revision", Severity.ERROR),
    ("MG501", "unknown-database-revision", Severity.WARNING),
    ("MG502", "database-behind", Severity.OFF),
)


def find_rule(name_or_code: str) -> RuleName | None:
    """The rule with this code (any case) or name, or None."""
    rule = RULES.get(name_or_code.upper())
    if rule is not None:
        return rule
    return next((rule for rule in RULES.values() if rule.name == name_or_code), None)


def is_cannot_check(code: str) -> bool:
    """Whether the code says "could not check" (exit 2, never clean) rather than "found wrong" (exit 1)."""
    return code in {"MG001", "MG002", "MG004", "MG005"}


@dataclass(frozen=True)
class Location:
    """A place in a file: repository path (POSIX), 1-based line and column, exclusive 1-based `end_column`.

    `source` is the text of that line, for renderers that show it; `label` is what the underline says.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    source: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Note:
    """A fact that helps to understand, and perhaps another place."""

    text: str
    location: Location | None = None


@dataclass(frozen=True)
class Help:
    """What to do: a phrase (may be empty) and one command to paste (may be None)."""

    text: str
    command: str | None = None


@dataclass(frozen=True)
class Fix:
    """A repair as data. `kind` names a module of `fixes/`, `arguments` are its command-line arguments."""

    kind: str
    arguments: tuple[str, ...] = ()
    applicability: Applicability = Applicability.SAFE


@dataclass(frozen=True)
class Diagnostic:
    """One finding. One cause gives one diagnostic.

    `message` is what is wrong: one line, lower case, no full stop, names in backticks, no advice.
    `environment` is the name of the Alembic environment, where the repository has several.
    `subject` is what per-item settings match against (`operation`, `table`, `column`, `revision`).
    `waived` is the reason why it does not count, or None.
    """

    code: str
    message: str
    location: Location | None = None
    notes: tuple[Note, ...] = ()
    helps: tuple[Help, ...] = ()
    fix: Fix | None = None
    severity: Severity = Severity.ERROR
    environment: str | None = None
    subject: Mapping[str, str] = field(default_factory=dict)
    waived: str | None = None

    @property
    def name(self) -> str:
        """The rule's name, as in `ignore = ["multiple-heads"]`."""
        return RULES[self.code].name
