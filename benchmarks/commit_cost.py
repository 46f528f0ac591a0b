"""What a commit costs, as ratios of one run: the hook beside Python's own start, and beside Alembic's commands.

`python benchmarks/commit_cost.py [--revisions N] [--runs N]`; absolute times are printed for orientation only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.projects import Project, make_project
from tests.sandbox import sealed_environment

MIGGUARD = [sys.executable, "-m", "migguard"]
ALEMBIC = [sys.executable, "-m", "alembic"]

Action = Callable[[], None]


def run(project: Project, *command: str, env: dict[str, str] | None = None, ok: tuple[int, ...] = (0,)) -> None:
    """Run a command in the project, output thrown away."""
    done = subprocess.run(
        command,
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": ".", **(env or {})},
        capture_output=True,
        check=False,
    )
    if done.returncode not in ok:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")


def measure(actions: Sequence[tuple[str, Action]], runs: int) -> dict[str, float]:
    """The median seconds of each action; they take turns, so that the machine's moods hit all alike."""
    times: dict[str, list[float]] = {name: [] for name, _ in actions}
    for turn in range(runs + 1):
        for name, action in actions:
            started = time.perf_counter()
            action()
            if turn:
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in times.items()}


def grow_history(project: Project, revisions: int) -> None:
    """Revisions that each add and drop a table, on top of the first one."""
    parent = "aaaaaaaaaaaa"
    files = {}
    for number in range(revisions):
        name = f"{number:012x}"
        files[f"{project.versions}/{name}_step.py"] = (
            f'"""step {number}"""\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{name}"\n'
            f'down_revision = "{parent}"\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n'
            f'    op.create_table("step_{number}", sa.Column("id", sa.Integer, primary_key=True))\n'
            f'    op.drop_table("step_{number}")\n\n\ndef downgrade():\n    pass\n'
        )
        parent = name
    project.commit(files, "history")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=100)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="migguard-benchmark-"))
    os.environ.update(sealed_environment(folder / "home"))
    os.environ["VIRTUAL_ENV"] = sys.prefix
    try:
        project = make_project("plain", folder / "blog")
        grow_history(project, arguments.revisions)
        index = {"GIT_INDEX_FILE": ".git/index"}

        def change_document() -> None:
            project.stage({"README.md": f"{time.time()}\n"})

        def change_model() -> None:
            project.add_column("User", "email")

        def upgrade_and_check() -> None:
            (project.path / "app.db").unlink(missing_ok=True)
            run(project, *ALEMBIC, "upgrade", "head")
            run(project, *ALEMBIC, "check")

        change_document()
        inert = measure(
            [
                ("python -c pass", lambda: run(project, sys.executable, "-c", "pass")),
                ("hook, a document", lambda: run(project, *MIGGUARD, "hook", "pre-commit", env=index)),
            ],
            arguments.runs,
        )
        full = measure(
            [
                ("alembic upgrade head + alembic check", upgrade_and_check),
                ("migguard check", lambda: run(project, *MIGGUARD, "check")),
            ],
            arguments.runs,
        )
        states = project.path / ".git" / "migguard" / "states"

        def check_from_empty() -> None:
            shutil.rmtree(states, ignore_errors=True)
            run(project, *MIGGUARD, "check")

        kept = measure(
            [
                ("migguard check, no state", check_from_empty),
                ("migguard check, state kept", lambda: run(project, *MIGGUARD, "check")),
            ],
            arguments.runs,
        )
        change_model()
        blocked = measure(
            [("hook, a model", lambda: run(project, *MIGGUARD, "hook", "pre-commit", env=index, ok=(1,)))],
            arguments.runs,
        )
    finally:
        shutil.rmtree(folder)
    for name, seconds in {**inert, **full, **kept, **blocked}.items():
        print(f"{seconds * 1000:7.0f} ms  {name}")
    print(f"a commit of a document: {inert['hook, a document'] / inert['python -c pass']:.1f} times Python's own start")
    ratio = full["migguard check"] / full["alembic upgrade head + alembic check"]
    print(f"migguard check: {ratio:.2f} times Alembic's own upgrade and check ({arguments.revisions} revisions)")
    ratio = kept["migguard check, state kept"] / kept["migguard check, no state"]
    print(f"migguard check with the state of the last replay: {ratio:.2f} times one from empty")
    return 0


if __name__ == "__main__":
    sys.exit(main())
