"""What the configuration makes of findings: left out, weighed otherwise, or waived with a reason that is shown."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from migguard.config import Config, ExpectedDrift, Waiver, matches_glob
from migguard.diagnostics import RULES, Diagnostic, Severity


@dataclass(frozen=True)
class Policy:
    """`allowed` are codes that `MIGGUARD_ALLOW` lets through once. `today` decides about `until` dates.

    `void` are waivers that came with an earlier change, which upstream has.
    """

    config: Config
    allowed: frozenset[str] = frozenset()
    today: datetime.date = field(default_factory=datetime.date.today)
    void: frozenset[Waiver] = frozenset()

    def apply(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Those that remain, errors first, otherwise in the order in which they were found."""
        kept = [self._weigh(item) for item in diagnostics if not self._is_ignored(item)]
        kept = [item for item in kept if item.severity is not Severity.OFF]
        return tuple(sorted(kept, key=lambda item: (item.waived is not None, item.severity is not Severity.ERROR)))

    def fails(self, item: Diagnostic) -> bool:
        """Whether it makes the check fail: neither left out, nor a warning, nor waived."""
        return any(kept.severity is Severity.ERROR and kept.waived is None for kept in self.apply((item,)))

    def _is_ignored(self, item: Diagnostic) -> bool:
        if item.code in self.config.ignore:
            return True
        path = item.location.path if item.location else None
        return path is not None and any(
            item.code in codes and matches_glob(path, pattern)
            for pattern, codes in self.config.per_file_ignores.items()
        )

    def _weigh(self, item: Diagnostic) -> Diagnostic:
        severity = self.config.severity.get(item.code)
        if severity is None:
            # A rule may itself lower what it found; it never raises it above the rule's own severity.
            severity = (
                Severity.WARNING if Severity.WARNING in (item.severity, RULES[item.code].severity) else item.severity
            )
        return replace(item, severity=severity, waived=self._find_waiver(item))

    def _find_waiver(self, item: Diagnostic) -> str | None:
        if item.code in self.allowed:
            return "MIGGUARD_ALLOW"
        for waiver in self.config.waivers:
            if is_about(waiver, item) and waiver not in self.void:
                return waiver.reason
        return next((drift.reason for drift in self.config.expected_drift if self._is_expected(drift, item)), None)

    def _is_expected(self, drift: ExpectedDrift, item: Diagnostic) -> bool:
        if item.code not in {"MG201", "MG202", "MG210"} or (drift.until is not None and drift.until < self.today):
            return False
        wanted = {"operation": drift.operation, "table": drift.table}
        if drift.column is not None:
            wanted["column"] = drift.column
        return all(value in ("*", item.subject.get(key)) for key, value in wanted.items())


def is_about(waiver: Waiver, item: Diagnostic) -> bool:
    """Whether a waiver is about a finding."""
    return waiver.rule == item.code and waiver.revision == item.subject.get("revision")
