"""Alembic's own tests for PostgreSQL, batch and operations, on the catalog and on a real server.

    python campaigns/alembic_suite.py [PYTHON] [--driver psycopg2]

PYTHON (default: this one) has Alembic, pytest and the driver. The source distribution of its Alembic is fetched with
pip into a temporary folder, and never kept. A test that passes on the server and not on the catalog is printed with
the reason in EXPLAINED, or as not explained. Exit status 1 where one is not explained.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.servers import POSTGRES

FILES = (
    "test_postgresql.py",
    "test_autogen_*.py",
    "test_batch.py",
    "test_op*.py",
    "test_impl.py",
    "test_version_table.py",
    "test_bulk_insert.py",
)

#: Pattern of test names → why the catalog cannot pass where a server does.
EXPLAINED: dict[str, str] = {
    r"BatchRoundTripPostgresqlTest::test_drop_pk_col_readd_col_also_pk_const": (
        "the server refuses because of NULL in rows; the catalog has no rows"
    ),
    r"BatchRoundTripPostgresqlTest::": "asserts on rows that the test wrote; the catalog has none and flags the read",
    r"test_string_comparisons\[cola10-colb10-False-": (
        "fails where the server's machine lacks the locale en_US; the catalog believes names of collations"
    ),
    r"AutogenInspectorCacheTest::": "counts the calls of the real dialect's methods",
}


def fetch_source(python: str, folder: Path) -> Path:
    """The unpacked source distribution of the interpreter's Alembic."""
    code = "import alembic; print(alembic.__version__)"
    version = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    command = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "alembic", f"alembic=={version}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob("alembic-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / f"alembic-{version}"


def run_suite(python: str, source: Path, url: str, *, is_catalog: bool) -> tuple[dict[str, tuple[str, str]], float]:
    """Test → outcome and text; and the seconds."""
    outcomes = source / f"outcomes-{is_catalog}.json"
    variables = {
        **os.environ,
        "MIGGUARD_SUITE_URL": url,
        "MIGGUARD_SUITE_OUTCOMES": str(outcomes),
        "MIGGUARD_SUITE_CATALOG": "1" if is_catalog else "",
        "PYTHONPATH": str(Path(__file__).resolve().parent),
    }
    files = sorted(str(path.relative_to(source)) for name in FILES for path in (source / "tests").glob(name))
    options = ["-q", "-p", "alembic_suite_plugin", "-p", "no:randomly", "-p", "no:cacheprovider", "--dburi", url]
    started = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", *options, *files],
        cwd=source,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if not outcomes.exists():
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    found: dict[str, tuple[str, str]] = json.loads(outcomes.read_text(encoding="utf-8"))
    # SQLAlchemy's plugin puts driver and version into the names of classes
    plain = {re.sub(r"_postgresql\+\w+?_\d+(_\d+)*(?=::)", "", name): outcome for name, outcome in found.items()}
    return plain, time.perf_counter() - started


def main() -> int:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="?", default=sys.executable)
    parser.add_argument("--driver", default="psycopg2")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, POSTGRES.fresh_database() as database:
        source = fetch_source(given.python, Path(folder))
        url = make_url(database).set(drivername=f"postgresql+{given.driver}").render_as_string(hide_password=False)
        real, real_seconds = run_suite(given.python, source, url, is_catalog=False)
        catalog, catalog_seconds = run_suite(given.python, source, url, is_catalog=True)
        print(f"Alembic  {source.name}, {given.driver}, {POSTGRES.version()}")
    for name, outcomes, seconds in (("server", real, real_seconds), ("catalog", catalog, catalog_seconds)):
        counted = Counter(outcome for outcome, _ in outcomes.values())
        print(f"{name:8} {dict(sorted(counted.items()))} in {seconds:.0f} s")
    return report(real, catalog)


def report(real: dict[str, tuple[str, str]], catalog: dict[str, tuple[str, str]]) -> int:
    """Print each test that passes on the server only; 1 where one has no explanation."""
    unexplained = 0
    for test in sorted({*real, *catalog}):
        theirs, ours = real.get(test, ("absent", "")), catalog.get(test, ("absent", ""))
        if theirs[0] == ours[0]:
            continue
        reason = next((why for pattern, why in EXPLAINED.items() if re.search(pattern, test)), None)
        unexplained += reason is None
        print(f"{test}: server {theirs[0]}, catalog {ours[0]}: {reason or 'NOT EXPLAINED'}")
        if reason is None:
            print("    " + "\n    ".join((ours[1] or theirs[1]).splitlines()[-8:]))
    print(f"{unexplained} not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
