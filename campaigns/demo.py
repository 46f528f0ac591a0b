"""`make demo`: the main job on a throw-away project, each command as a user types it, each answer as it comes.

A commit is blocked, a revision is generated, and a merge gets its merge revision, with the plain git hooks and SQLite.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.projects import Project, make_project
from tests.sandbox import sealed_environment

#: Only the commit without its migration is stopped.
STATUSES = [0, 1, 0, 0, 0, 0, 0]


@dataclass(frozen=True)
class Step:
    """A heading (may be empty), what is typed, and what the terminal then shows."""

    heading: str
    command: str
    output: str
    status: int


def play(folder: Path) -> Iterator[Step]:
    """Run the demo in an empty folder, step by step."""
    project = make_project("plain", folder / "blog")
    shell = _Shell(project)
    yield shell.type("migguard install", "git hooks in a project that uses Alembic")
    project.add_column("User", "email", stage=False)
    yield shell.type(
        "git commit -am 'users have an e-mail address'", "a model gets a column; the migration is forgotten"
    )
    yield shell.type("git add blog/models.py && migguard revision", "the command that it names writes the revision")
    yield shell.type("git add migrations && git commit -qam 'users have an e-mail address' && git log --oneline")
    project.git("switch", "-q", "-c", "phone", "HEAD~1")
    project.add_column("Comment", "phone")
    # The last of all ids, so that the order of the two is the same in every run.
    project.revise("add phone to comment", "ffff1a79cb05")
    project.git("commit", "-q", "-m", "comments have a phone number")
    project.git("switch", "-q", "main")
    yield shell.type("git merge --no-edit phone", "a colleague's branch added a revision too")
    yield shell.type("alembic history", "one head again, and the merge revision in a commit of its own")
    yield shell.type("alembic upgrade head && migguard check", "the development database follows")


class _Shell:
    """Types commands with migguard, Alembic and git found where this Python is."""

    def __init__(self, project: Project) -> None:
        self.project = project
        binaries = str(Path(sys.executable).parent)
        self.environment = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": "."}

    def type(self, command: str, heading: str = "") -> Step:
        """Run one line in sh; both streams as a terminal would mix them."""
        done = self.project.run("sh", "-c", f"{{ {command}; }} 2>&1", check=False, env=self.environment)
        return Step(heading, command, done.stdout, done.returncode)


def render_screens(steps: list[Step], text: str) -> str:
    """A text whose blocks between `<!-- demo N M -->` and `<!-- /demo -->` show steps N to M.

    Ids and commits differ from run to run, and are shown as the same letters each time.
    """

    def render(match: re.Match[str]) -> str:
        first, last = int(match[1]), int(match[2])
        shown = "".join(f"$ {step.command}\n{step.output}" for step in steps[first - 1 : last])
        return f"<!-- demo {first} {last} -->\n```console\n{_settle_names(steps, shown)}```\n<!-- /demo -->"

    return re.sub(r"<!-- demo (\d+) (\d+) -->\n.*?<!-- /demo -->", render, text, flags=re.DOTALL)


def _settle_names(steps: list[Step], shown: str) -> str:
    """Replace what is random by what it was when the text was written: two revisions and two commits."""
    everything = "".join(step.output for step in steps)
    for slug, settled in (("add_email_to_user", "3d1f0a9b8c7e"), ("merge_", "901ecea3ac83")):
        found = re.search(rf"([0-9a-f]{{12}})_{slug}", everything)
        if found:
            shown = shown.replace(found[1], settled)
    shown = re.sub(r"\b[0-9a-f]{40}\b", "0951e5c6c8bc5cd8fb0758ccd279c5be364976e7", shown)
    return re.sub(r"(?<=of its own, )[0-9a-f]{10}", "7d95ab75a6", shown)


def main() -> int:
    """Play the demo and print it; 1 where a step did not do what the demo promises."""
    parser = argparse.ArgumentParser(description="Show migguard's main job on a throw-away project.")
    parser.add_argument("--write", metavar="FILE", type=Path, help="also put the screens into the blocks of FILE")
    target: Path | None = parser.parse_args().write
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="migguard-demo-"))
    os.environ.update(sealed_environment(folder / "home"))
    os.environ["VIRTUAL_ENV"] = sys.prefix
    steps = []
    try:
        for step in play(folder):
            print(f"\n# {step.heading}\n" * bool(step.heading) + f"$ {step.command}\n{step.output}", end="", flush=True)
            steps.append(step)
    finally:
        shutil.rmtree(folder)
    print(f"\n({time.monotonic() - started:.0f} s)")
    statuses = [step.status for step in steps]
    if statuses != STATUSES:
        print(f"the demo went wrong: statuses {statuses}, expected {STATUSES}", file=sys.stderr)
        return 1
    if target is not None:
        target.write_text(render_screens(steps, target.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
