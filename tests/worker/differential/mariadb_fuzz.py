"""Random DDL on a real MariaDB and on the catalog, statement by statement.

`python -m tests.worker.differential.mariadb_fuzz --statements 5000 --seed 1`
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.worker.differential.mariadb_pair import DOUBTED, FLAGGED, IDENTICAL, REFUSED, SILENT, Pair, open_pair
from tests.worker.differential.mariadb_statements import Maker

DEFAULT_URL = "mysql+pymysql://root@127.0.0.1:3306/"


@dataclass
class Report:
    """counts: outcome → statements. silent: seed, statements of the schema so far, what differs."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)

    def line(self) -> str:
        return ", ".join(f"{name} {self.counts[name]}" for name in (IDENTICAL, REFUSED, FLAGGED, DOUBTED, SILENT))


def run(pair: Pair, statements: int, seed: int, *, stop_at: int = 20, seconds: float = 1e9) -> Report:
    """Schemas of some forty statements each, until so many were accepted by both sides."""
    report, number, start = Report(), 0, time.monotonic()
    while report.counts[IDENTICAL] < statements and time.monotonic() - start < seconds:
        number += 1
        _run_schema(pair, random.Random(f"{seed}/{number}"), report, f"{seed}/{number}")
        if len(report.silent) >= stop_at:
            break
    return report


def _run_schema(pair: Pair, random_: random.Random, report: Report, label: str, kept: int = 12) -> None:
    pair.reset()
    history: list[str] = []
    for _ in range(40):
        sql = Maker(random_, pair.catalog).statement()
        outcome = pair.run(sql)
        report.counts[outcome.kind] += 1
        if outcome.kind in (IDENTICAL, REFUSED, DOUBTED):
            history += [sql] if outcome.kind != REFUSED else []
            continue
        if outcome.kind == FLAGGED:
            report.reasons[outcome.detail.split(" at ")[0]] += 1
        if outcome.kind == SILENT:
            report.silent.append(f"## {label}\n" + ";\n".join([*history[-kept:], sql]) + f"\n=> {outcome.detail}")
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--statements", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop-at", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--only", help="one schema, as SEED/NUMBER")
    options = parser.parse_args()
    url = os.environ.get("MIGGUARD_TEST_MYSQL_URL", DEFAULT_URL)
    with open_pair(url, f"mg_mysqlfuzz_{os.getpid()}_1") as pair:
        if options.only:
            report = Report()
            _run_schema(pair, random.Random(options.only), report, options.only, kept=1000)
            print("\n".join(report.silent), report.line())  # noqa: T201
            return
        report = run(pair, options.statements, options.seed, stop_at=options.stop_at, seconds=options.seconds)
    for one in report.silent:
        print(one)  # noqa: T201
    for reason, count in report.reasons.most_common(25):
        print(f"{count:6} {reason}")  # noqa: T201
    print(f"seed {options.seed}: {report.line()}")  # noqa: T201


if __name__ == "__main__":
    main()
