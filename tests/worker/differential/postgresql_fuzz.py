"""Random DDL on a real PostgreSQL and on the catalog: `python -m tests.worker.differential.postgresql_fuzz --help`."""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import sqlalchemy as sa

from tests.servers import POSTGRES

from .judge import Difference, Verdict
from .minimise import minimise
from .pair import FAULTS, Outcome, Pair, Ran
from .postgresql_fuzz_models import Tally, fuzz_migrations, fuzz_models
from .postgresql_pair import empty, postgresql_pair
from .postgresql_statements import Statements
from .postgresql_world import read_world


@dataclass
class Settings:
    """per_schema: statements tried in one database; compare_every: accepted ones between two comparisons; ask_rejected:
    the share of what the server refused that the catalog is asked about; render_every: databases."""

    per_schema: int = 240
    compare_every: int = 60
    ask_rejected: float = 0.06
    render_every: int = 4


@dataclass
class Finding:
    """A silent difference, or a statement on which the catalog is wrong. history: all accepted statements before."""

    seed: int
    history: list[str]
    ran: Ran | None = None
    difference: Difference | None = None

    @property
    def signature(self) -> str:
        """What findings of one cause have in common, roughly."""
        if self.ran is not None:
            return f"{self.ran.outcome.value}: {_blur(self.ran.message)}: {_blur(self.ran.sql)[:40]}"
        assert self.difference is not None
        return f"{self.difference.key.kind}: {_blur(self.difference.real)[:60]} / {_blur(self.difference.catalog)[:60]}"


@dataclass
class Report:
    """Figures of a campaign."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    only_real: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    findings: list[Finding] = field(default_factory=list)
    schemas: int = 0

    def note(self, ran: Ran) -> None:
        self.outcomes[ran.outcome] += 1
        if ran.outcome is Outcome.FLAGGED:
            self.flagged[_blur(ran.sql)[:70]] += 1
        elif ran.outcome is Outcome.CATALOG_DOUBTS:
            self.doubts[_blur(ran.message)[:50] + " :: " + _blur(ran.sql)[:60]] += 1
        elif ran.outcome is Outcome.REAL_REJECTS:
            self.only_real[_blur(ran.message)[:90]] += 1

    def describe(self) -> str:
        """The figures as text."""
        lines = [f"{self.schemas} schemas"]
        lines += [f"{count:8} statements {outcome.value}" for outcome, count in self.outcomes.most_common()]
        lines.append(f"{self.verdict.identical:8} facts identical ({self.verdict.overflagged} of them flagged)")
        lines.append(f"{len(self.verdict.flagged):8} facts different and flagged")
        lines.append(f"{len(self.verdict.silent):8} facts different and not flagged: silent")
        for title, counter in (
            ("not followed", self.flagged),
            ("doubted", self.doubts),
            ("server only rejects", self.only_real),
        ):
            lines += [f"{title}:", *(f"{count:8} {text}" for text, count in counter.most_common(15))]
        return "\n".join(lines)


def fuzz_schema(pair: Pair, seed: int, settings: Settings, report: Report) -> None:
    """One database from empty: statements, comparisons; it ends at the first finding."""
    empty(pair)
    random = Random(seed)
    statements = Statements(random)
    statements.world = read_world(pair.real)
    history: list[str] = []
    report.schemas += 1
    uncompared = unread = 0
    for _ in range(settings.per_schema):
        is_asked = random.random() < settings.ask_rejected
        ran = pair.run(statements.next(), is_catalog_asked=is_asked)
        report.note(ran)
        if ran.outcome in FAULTS:
            report.findings.append(Finding(seed, history.copy(), ran=ran))
        if ran.outcome is Outcome.ACCEPTED:
            history.append(ran.sql)
            uncompared += 1
            unread += 1
        # reading it costs more than a statement
        if unread >= 5 or "does not exist" in ran.message:
            statements.world, unread = read_world(pair.real), 0
        if uncompared >= settings.compare_every:
            uncompared = 0
            if not _compare(pair, seed, history, report, is_rendered=False):
                return
    _compare(pair, seed, history, report, is_rendered=seed % settings.render_every == 0)


def _compare(pair: Pair, seed: int, history: list[str], report: Report, *, is_rendered: bool) -> bool:
    verdict = pair.compare()
    if is_rendered and not verdict.silent:
        verdict.add(pair.compare_rendered(sa.MetaData()))
    report.verdict.add(verdict)
    report.findings += [Finding(seed, history.copy(), difference=item) for item in verdict.silent]
    return not verdict.silent


def _blur(text: str) -> str:
    """Without the names and numbers that make equal things look different."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|\b(n|item_|thing|a_b_|long_|mixed)?\d+\w*", "_", text, flags=re.IGNORECASE)


def explain(pair: Pair, finding: Finding, *, is_minimised: bool) -> str:
    """A finding as text, with the statements that it takes."""
    subject = finding.ran or finding.difference
    history = minimise(pair, empty, finding.history, subject) if is_minimised and subject else finding.history
    left_out = len(history) - 25
    shown = history[-25:]
    statements = f"    … {left_out} more\n" if left_out > 0 else ""
    statements += "".join(f"    {statement};\n" for statement in shown)
    last = (
        f"    {finding.ran.sql};\n  {finding.ran.outcome.value}: {finding.ran.message}"
        if finding.ran
        else str(finding.difference)
    )
    return f"seed {finding.seed}\n{statements}{last}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until so many statements were accepted by both sides; 1 where there was a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=2000, help="accepted by both sides, at least")
    parser.add_argument("--models", type=int, default=0, help="models, six changed forms of each")
    parser.add_argument("--migrations", type=int, default=0, help="histories of six migrations")
    parser.add_argument("--seed", type=int, default=1, help="the first; the next ones count on")
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--per-schema", type=int, default=240)
    parser.add_argument("--compare-every", type=int, default=60)
    parser.add_argument("--keep-history", action="store_true", help="do not minimise what was found")
    parser.add_argument("--show", type=int, default=12, help="findings of different signatures to explain")
    options = parser.parse_args(arguments)
    with POSTGRES.fresh_database() as url, postgresql_pair(url) as pair:
        report = _fuzz_statements(pair, options)
        _show_findings(pair, report, options)
        tallies = _fuzz_others(pair, options)
    return 1 if report.findings or any(tally.silent or tally.faults for tally in tallies) else 0


def _fuzz_statements(pair: Pair, options: argparse.Namespace) -> Report:
    settings = Settings(options.per_schema, options.compare_every)
    report = Report()
    start = time.monotonic()
    seed = options.seed
    # interrupted or stopped, it tells what it has found so far
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end = start + options.minutes * 60
    with contextlib.suppress(KeyboardInterrupt):
        while report.outcomes[Outcome.ACCEPTED] < options.statements and time.monotonic() < end:
            fuzz_schema(pair, seed, settings, report)
            seed += 1
    _write(f"seeds {options.seed} to {seed - 1}, {time.monotonic() - start:.0f} s")
    _write(report.describe())
    return report


def _show_findings(pair: Pair, report: Report, options: argparse.Namespace) -> None:
    signatures = Counter(finding.signature for finding in report.findings)
    _write(f"{len(report.findings)} findings, {len(signatures)} signatures")
    for signature, count in signatures.most_common():
        _write(f"{count:6} {signature}")
    explained = {finding.signature: finding for finding in reversed(report.findings)}
    for signature, _ in signatures.most_common(options.show):
        _write("\n" + explain(pair, explained[signature], is_minimised=not options.keep_history))


def _fuzz_others(pair: Pair, options: argparse.Namespace) -> list[Tally]:
    models, migrations = Tally(), Tally()
    for seed in range(options.seed, options.seed + options.models):
        fuzz_models(pair, seed, 6, models)
    for seed in range(options.seed, options.seed + options.migrations):
        fuzz_migrations(pair, seed, 6, migrations)
    for what, tally in (("mutated models", models), ("migrations", migrations)):
        if tally.total or tally.faults:
            _write(tally.describe(what))
        for text in [*tally.silent, *tally.faults][: options.show]:
            _write("\n" + text)
    return [models, migrations]


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
