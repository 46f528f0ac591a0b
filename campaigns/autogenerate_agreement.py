"""Hold a blocked commit and the revision that migguard writes against real Alembic, in clones of other projects.

    python campaigns/autogenerate_agreement.py mealie CLONE PYTHON
    python campaigns/autogenerate_agreement.py ctfd CLONE PYTHON
    python campaigns/autogenerate_agreement.py ctfd-squashed CLONE PYTHON
    python campaigns/autogenerate_agreement.py other CLONE PYTHON --model app/models.py --after 'class User(' \\
        --line '    probe = Column(String(50))' --column user.probe [--folder DIR] [--config INI | --flask]

PYTHON is an interpreter with the project's dependencies. The clone is not touched: all happens in copies of it. A model
gets a column; the commit must be blocked with MG201 at its line and change nothing; `migguard revision` must write what
Alembic's own autogenerate writes on a database that was really upgraded (`Create Date` and write hooks aside); then the
commit must go through. Exit status 1 where anything is otherwise.
"""

from __future__ import annotations

import argparse
import configparser
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from foreign_clone import MIGGUARD_ROOT, Clone, Done, copy_clone, run
from real_alembic import RealAlembic

REV_ID = "probe0000001"


@dataclass(frozen=True)
class Subject:
    """A project, the column that its model gets, and how its migrations are run.

    after: the text after whose line the column's line goes. squashed: its history is replaced by one base revision.
    stops_at: the revision at which SQLite stops both Alembic and migguard, where it does.
    """

    model: str
    after: str
    line: str
    column: str
    folder: str = ""
    config: str = "alembic.ini"
    flask: bool = False
    flask_app: str | None = None
    scripts: str = "migrations"
    variables: dict[str, str] = field(default_factory=dict)
    squashed: bool = False
    stops_at: str | None = None


_CTFD = Subject(
    model="CTFd/models/__init__.py",
    after="    link_target = db.Column(db.String(80), nullable=True)",
    line="    probe = db.Column(db.String(50))",
    column="pages.probe",
    flask=True,
    stops_at="4d3c1b59d011",
)
SUBJECTS = {
    "mealie": Subject(
        model="mealie/db/models/recipe/recipe.py",
        after="    slug: Mapped[str | None] = mapped_column(sa.String, index=True)",
        line="    probe: Mapped[str | None] = mapped_column(sa.String(50))",
        column="recipes.probe",
        variables={"PRODUCTION": "false"},
    ),
    "ctfd": _CTFD,
    "ctfd-squashed": replace(_CTFD, squashed=True, stops_at=None),
}


class Agreement:
    """One subject, from a copy of its clone to the verdicts."""

    def __init__(self, subject: Subject, source: Path, python: Path, folder: Path) -> None:
        self.subject = subject
        self.python = python
        self.failures = 0
        self._folder = folder
        self.clone = copy_clone(source, folder / "project")
        self.real = RealAlembic(
            python,
            subject.folder,
            subject.config,
            flask=subject.flask,
            flask_app=subject.flask_app,
            scripts=subject.scripts,
            variables=subject.variables,
        )

    def play(self) -> Iterator[str]:
        """Do everything; the lines of the report."""
        yield f"commit   {self.clone.commit}" + (
            f" ({self.clone.left_out} blobs left out)" if self.clone.left_out else ""
        )
        yield f"versions {self._ask_versions()}"
        self._prepare()
        if self.subject.squashed:
            yield self._squash()
        yield self._install()
        if self.subject.stops_at is not None:
            yield from self._expect_stop(self.subject.stops_at)
            return
        yield from self._compare_times()
        self.real.run(self.clone.folder, "upgrade", wipe=True)  # a database that must stay as it is
        number = self._change_model()
        oracle = self._copy("oracle")
        yield from self._expect_block(number)
        yield from self._expect_same_revision(oracle)
        self.clone.git("add", "--", self._versions())
        done = self._commit()
        yield self.judge("commit with the revision goes through", done.status == 0, done.output)

    def judge(self, what: str, agreed: bool, detail: str = "") -> str:
        """One line of the report."""
        self.failures += not agreed
        return f"{'ok      ' if agreed else 'WRONG   '} {what}" + ("" if agreed else f"\n{detail}")

    def _ask_versions(self) -> str:
        code = (
            "import platform, alembic, sqlalchemy, sqlite3; print('Python', platform.python_version(), 'Alembic', "
            "alembic.__version__, 'SQLAlchemy', sqlalchemy.__version__, 'SQLite', sqlite3.sqlite_version)"
        )
        return run([str(self.python), "-c", code], Path("/")).output.strip()

    def _prepare(self) -> None:
        """Settings that the project needs, and no write hooks, in a commit of their own."""
        folder = self.clone.folder
        if self.subject.variables:
            pairs = ", ".join(f'{name} = "{value}"' for name, value in self.subject.variables.items())
            with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
                file.write(f"\n[tool.migguard]\nenv = {{ {pairs} }}\n")
        for ini in {folder / self.subject.folder / self.subject.config, folder / self.subject.scripts / "alembic.ini"}:
            if ini.is_file():
                text = ini.read_text(encoding="utf-8")
                ini.write_text(re.sub(r"(?ms)^\[post_write_hooks\].*?(?=^\[|\Z)", "", text), encoding="utf-8")
        self.clone.git("add", "-u")
        self.clone.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "prepared")

    def _versions(self) -> str:
        """The folder of the revision files."""
        subject = self.subject
        scripts = subject.scripts
        ini = self.clone.folder / subject.folder / subject.config
        if not subject.flask and ini.is_file():
            parser = configparser.ConfigParser(interpolation=None)
            parser.read(ini, encoding="utf-8")
            scripts = parser["alembic"]["script_location"].replace("%(here)s/", "")
        return f"{subject.folder}/{scripts}/versions".lstrip("/")

    def _squash(self) -> str:
        versions = self._versions()
        self.clone.git("rm", "-q", "--", f"{versions}/*.py")
        (self.clone.folder / versions).mkdir(exist_ok=True)
        done = self.real.run(self.clone.folder, "revision", wipe=True, message="base", rev_id="base00000000")
        self.clone.git("add", "--", versions)
        # As a project of its own: where the removed revisions are published, their removal is an error, and rightly.
        self.clone.git("remote", "remove", "origin")
        tree = self.clone.git("write-tree").strip()
        commit = self.clone.git("commit-tree", tree, "-m", "one base revision").strip()
        self.clone.git("update-ref", "HEAD", commit)
        self.clone.git("clean", "-q", "-f", "-x", "-d")
        return self.judge("history squashed by the real tool", done.status == 0, done.output)

    def _install(self) -> str:
        done = self.clone.migguard("install", python=self.python)
        return self.judge("migguard install", done.status == 0, done.output)

    def _commit(self) -> Done:
        variables = {"MIGGUARD_PYTHON": str(self.python), "PYTHONPATH": str(MIGGUARD_ROOT)}
        return run(["git", "commit", "-m", "a column"], self.clone.folder, variables)

    def _copy(self, name: str) -> Clone:
        folder = self._folder / name
        shutil.copytree(self.clone.folder, folder, symlinks=True)
        return Clone(folder, self.clone.commit, 0)

    def _change_model(self) -> int:
        """Add the column's line and stage it; its line number."""
        file = self.clone.folder / self.subject.model
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        index = next(n for n, line in enumerate(lines) if line.startswith(self.subject.after))
        lines.insert(index + 1, self.subject.line + "\n")
        file.write_text("".join(lines), encoding="utf-8")
        self.clone.git("add", "--", self.subject.model)
        return index + 2

    def _compare_times(self) -> Iterator[str]:
        ours = self.clone.migguard("check", "--ref", "HEAD", python=self.python)
        copy = self._copy("timed")
        theirs = self.real.run(copy.folder, "upgrade", "check", wipe=True)
        agreed = (ours.status == 0) == (theirs.status == 0)
        detail = f"migguard {ours.status}:\n{ours.output}\nAlembic {theirs.status}:\n{theirs.output[-2000:]}"
        yield self.judge(f"HEAD: migguard check exits {ours.status}, alembic check {theirs.status}", agreed, detail)
        yield f"times    migguard check {ours.seconds:.2f} s, alembic upgrade + check {theirs.seconds:.2f} s (one run)"

    def _expect_block(self, number: int) -> Iterator[str]:
        before = self.clone.fingerprint()
        done = self._commit()
        place = f"{self.subject.model}:{number}"
        named = f"MG201 unmigrated-models]: column `{self.subject.column}`" in done.output and place in done.output
        yield self.judge(
            f"commit is blocked: MG201, {self.subject.column} at {place}", done.status == 1 and named, done.output
        )
        after = self.clone.fingerprint()
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        databases = sum(name.endswith((".db", ".sqlite", ".sqlite3")) for name in before)
        what = f"work tree, index, HEAD and {databases} database(s) are as before ({len(before)} files)"
        yield self.judge(what, not changed, "\n".join(changed))

    def _expect_same_revision(self, oracle: Clone) -> Iterator[str]:
        done = self.clone.migguard("revision", "-m", "probe", "--rev-id", REV_ID, python=self.python)
        yield self.judge("migguard revision -m probe", done.status == 0, done.output)
        for leftover in (path for path in oracle.folder.rglob("*.db") if not self.subject.flask):
            leftover.unlink()
        real = self.real.run(oracle.folder, "upgrade", "revision", wipe=True, message="probe", rev_id=REV_ID)
        yield self.judge("real upgrade and autogenerate", real.status == 0, real.output[-3000:])
        ours, theirs = self._read_revision(self.clone), self._read_revision(oracle)
        detail = f"--- migguard\n{ours}\n--- Alembic\n{theirs}"
        yield self.judge("both write the same file", ours is not None and ours == theirs, detail)

    def _read_revision(self, clone: Clone) -> str | None:
        found = list((clone.folder / self._versions()).glob(f"*{REV_ID}*.py"))
        if len(found) != 1:
            return None
        return re.sub(r"(?m)^Create Date:.*$", "Create Date:", found[0].read_text(encoding="utf-8"))

    def _expect_stop(self, revision: str) -> Iterator[str]:
        """The history cannot be built on SQLite: Alembic fails there, and migguard could not check."""
        real = self.real.run(self._copy("oracle").folder, "upgrade", wipe=True)
        stopped = real.status != 0 and "No support for ALTER of constraints in SQLite" in real.output
        yield self.judge(f"real upgrade from empty fails (exit {real.status})", stopped, real.output[-2000:])
        yield self.judge(f"it fails in {revision}", revision in real.output, real.output[-2000:])
        number = self._change_model()
        before = self.clone.fingerprint()
        done = self._commit()
        told = f"MG002 replay-unsupported]: revision `{revision}`" in done.output and "batch mode" in done.output
        yield self.judge("commit stops with MG002 at that revision", done.status != 0 and told, done.output)
        yield self.judge("nothing is called wrong or clean", "MG2" not in done.output, done.output)
        yield self.judge("nothing changed", before == self.clone.fingerprint())
        yield f"         (the model's line was {self.subject.model}:{number})"


def main() -> int:
    """Play one subject; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"one of {', '.join(SUBJECTS)}, or any name with --model …")
    parser.add_argument("clone", type=Path)
    parser.add_argument("python", type=Path)
    for option in ("--model", "--after", "--line", "--column", "--flask-app"):
        parser.add_argument(option)
    parser.add_argument("--folder", default="", help="where one stands for `alembic`, below the clone")
    parser.add_argument("--config", default="alembic.ini")
    parser.add_argument("--scripts", default="migrations")
    parser.add_argument("--flask", action="store_true")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    subject = SUBJECTS.get(given.name)
    if subject is None:
        if not (given.model and given.after and given.line and given.column):
            parser.error("--model, --after, --line and --column describe a project that is not known")
        subject = Subject(
            given.model,
            given.after,
            given.line,
            given.column,
            folder=given.folder,
            config=given.config,
            flask=given.flask,
            flask_app=given.flask_app,
            scripts=given.scripts,
            variables=dict(pair.partition("=")[::2] for pair in given.env),
        )
    with tempfile.TemporaryDirectory() as folder:
        agreement = Agreement(subject, given.clone.resolve(), given.python.absolute(), Path(folder).resolve())
        print(f"project  {given.name}")
        for line in agreement.play():
            print(line, flush=True)
    print(f"{'all agreed' if not agreement.failures else f'{agreement.failures} disagreements'}")
    return 1 if agreement.failures else 0


if __name__ == "__main__":
    sys.exit(main())
