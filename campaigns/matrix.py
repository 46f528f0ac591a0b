"""`make matrix`: every template with every driver, under each promised pair of SQLAlchemy and Alembic.

Each pair gets a virtual environment with all drivers under build/matrix, on the newest interpreter that it takes; a
driver that cannot be installed here (mysqlclient wants the headers of its library) is left out and named. The tests
are tests/worker/templates with everything in it. Exit status 1 where one fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRIVERS = (
    "psycopg2-binary",
    "psycopg[binary]",
    "asyncpg",
    "pg8000",
    "pymysql",
    "mysqlclient",
    "mysql-connector-python",
    "aiomysql",
    "asyncmy",
)


@dataclass(frozen=True)
class Pair:
    """What a project may have. python: the interpreters that it takes, the preferred one first."""

    name: str
    sqlalchemy: str
    alembic: str
    pythons: tuple[str, ...]


PAIRS = (
    Pair("oldest", "sqlalchemy==1.4.42", "alembic==1.12.0", ("3.9", "3.10")),
    Pair("1.4", "sqlalchemy>=1.4.54,<2.0", "alembic>=1.16,<1.17", ("3.10", "3.11")),
    Pair("2.0-first", "sqlalchemy==2.0.20", "alembic==1.13.0", ("3.11", "3.10")),
    Pair("2.0", "sqlalchemy>=2.0,<2.1", "alembic>=1.16,<1.17", ("3.12", "3.11")),
    Pair("newest", "sqlalchemy>=2.1", "alembic", ("3.13", "3.12", "3.11")),
)


def find_python(versions: tuple[str, ...]) -> str:
    """The first of the interpreters that starts: on PATH, or pyenv's; the one that runs this otherwise."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for version in versions:
        found = [*home.glob(f"versions/{version}.*/bin/python"), shutil.which(f"python{version}")]
        for candidate in filter(None, found):
            if subprocess.run([str(candidate), "-c", ""], capture_output=True, check=False).returncode == 0:
                return str(candidate)
    return sys.executable


def make_environment(pair: Pair, folder: Path) -> tuple[Path, list[str]]:
    """The pair's interpreter, made where it is missing, and the drivers that it lacks."""
    python = folder / pair.name / "bin" / "python"
    if not python.exists():
        subprocess.run([find_python(pair.pythons), "-m", "venv", str(folder / pair.name)], check=True)
        _install(python, pair.sqlalchemy, pair.alembic, "greenlet", "flask-migrate", "flask-sqlalchemy", check=True)
    missing = [name for name in DRIVERS if not _install(python, name, pair.sqlalchemy, pair.alembic, check=False)]
    return python, missing


def _install(python: Path, *names: str, check: bool) -> bool:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *names]
    return subprocess.run(command, check=check, capture_output=not check).returncode == 0


def run_tests(python: Path, arguments: list[str]) -> tuple[int, str]:
    """The templates under one interpreter: exit status and the last line."""
    variables = {**os.environ, "MIGGUARD_TEST_TEMPLATES": "all", "MIGGUARD_TEST_PROJECT_PYTHON": str(python)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/worker/templates", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout[-6000:], flush=True)
    return done.returncode, done.stdout.strip().splitlines()[-1]


def main() -> int:
    """All pairs, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="PAIR", help=", ".join(pair.name for pair in PAIRS))
    parser.add_argument("--pytest", default="", help="more arguments for pytest")
    given = parser.parse_args()
    folder = ROOT / "build" / "matrix"
    folder.mkdir(parents=True, exist_ok=True)
    worst = 0
    for pair in PAIRS:
        if given.names and pair.name not in given.names:
            continue
        python, missing = make_environment(pair, folder)
        started = time.perf_counter()
        status, line = run_tests(python, given.pytest.split())
        lacking = f"; not installed: {', '.join(missing)}" if missing else ""
        print(
            f"{pair.name:10} {pair.sqlalchemy}, {pair.alembic}: {line}{lacking} ({time.perf_counter() - started:.0f} s)"
        )
        worst = max(worst, status)
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
