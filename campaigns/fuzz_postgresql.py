"""Long campaigns of random DDL, models and migrations on PostgreSQL, several after each other with new seeds.

`python campaigns/fuzz_postgresql.py --minutes 60` goes on until the time is up; the last line sums up. Each round is a
process of its own, so that neither a crash nor a leak of one spoils the rest.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_ACCEPTED = re.compile(r"^ *(\d+) statements accepted by both$", re.MULTILINE)
_SILENT = re.compile(r"^ *(\d+) facts different and not flagged", re.MULTILINE)


def main() -> int:
    """0 when no round found anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--statements", type=int, default=5000, help="of each round")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    seed, accepted, silent, failed = options.seed, 0, 0, 0
    while time.monotonic() < end:
        text, code = run_round(seed, options.statements)
        accepted += sum(map(int, _ACCEPTED.findall(text)))
        silent += sum(map(int, _SILENT.findall(text)))
        failed += code != 0
        print(text if code else f"seed {seed}: nothing found", flush=True)
        seed += 1000
    print(f"{accepted} statements accepted by both sides, {silent} facts silently different")
    return 1 if failed else 0


def run_round(seed: int, statements: int) -> tuple[str, int]:
    """The report and the exit code of one process."""
    module = "tests.worker.differential.postgresql_fuzz"
    counts = ["--statements", str(statements), "--models", "20", "--migrations", "20"]
    command = [sys.executable, "-m", module, "--seed", str(seed), *counts]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, done.returncode


if __name__ == "__main__":
    sys.exit(main())
