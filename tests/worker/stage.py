"""Small projects, a tree as the parent materialises it, and the worker started exactly as the parent starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from migguard.worker import protocol
from migguard.worker.protocol import (
    MergeRequest,
    Request,
    Response,
    RevisionRequest,
    WorkerEnvironment,
    dump,
    load_response,
)

#: The project's interpreter: a matrix runs these tests again under others.
PYTHON = os.environ.get("MIGGUARD_TEST_PROJECT_PYTHON", sys.executable)
WORKER = Path(protocol.__file__).parent / "__main__.py"

INI = """\
[alembic]
script_location = migrations
prepend_sys_path = .
sqlalchemy.url = sqlite:///app.db
"""

ENV = """\
from alembic import context
from sqlalchemy import engine_from_config, pool
from models import Base

config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""

MAKO = '''\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

MODELS = """\
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "user"

    id = sa.Column(sa.Integer, primary_key=True)
"""

USER_TABLE = 'op.create_table("user", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))'


def revision(name: str, parent: str | None = None, upgrade: str = "pass", head: str = "") -> str:
    """The text of a revision file."""
    body = upgrade.replace("\n", "\n    ")
    return (
        f'"""{name}"""\nfrom alembic import op\nimport sqlalchemy as sa\n{head}\n'
        f"revision = {name!r}\ndown_revision = {parent!r}\n\n\ndef upgrade():\n    {body}\n\n\n"
        "def downgrade():\n    pass\n"
    )


def plain_project(**changes: str | None) -> dict[str, str | None]:
    """A project in sync; keywords replace a file by its role (models, env, ini, first)."""
    files = {
        "alembic.ini": changes.pop("ini", INI),
        "models.py": changes.pop("models", MODELS),
        "migrations/env.py": changes.pop("env", ENV),
        "migrations/script.py.mako": changes.pop("mako", MAKO),
        "migrations/versions/a1_first.py": changes.pop("first", revision("a1", None, USER_TABLE)),
    }
    assert not changes, changes
    return files


def plain_environment(**changes: Any) -> WorkerEnvironment:
    """The environment of `plain_project`."""
    return replace(
        WorkerEnvironment("ini", "alembic.ini", "alembic", "migrations", ["migrations/versions"], ""), **changes
    )


@dataclass(frozen=True)
class RunAs:
    """Another user without a name, who may read what root may: interpreters and temporary folders are often root's."""

    uid: int = 65534

    @property
    def command(self) -> list[str]:
        """What is put before a command."""
        reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", *reading]

    def own(self, folder: Path) -> None:
        """Give a folder and all that is in it to the user."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.uid, follow_symlinks=False)


@dataclass
class Stage:
    """A work tree in `top`, and what the worker answers about it.

    user: who the worker runs as, where that is not whoever runs the tests (root alone can choose): see `RunAs`.
    """

    top: Path
    environment: WorkerEnvironment = field(default_factory=plain_environment)
    python: str = PYTHON
    output: str = ""
    runs: int = 0
    user: RunAs | None = None

    @property
    def tree(self) -> Path:
        """The snapshot, where the parent puts it."""
        return self.top / ".git" / "migguard" / "tree"

    def write(self, files: Mapping[str, str | None], *, snapshot: bool = True) -> Stage:
        """Write files into the work tree, and the same into the tree unless `snapshot` is false."""
        for name, content in files.items():
            if content is None:
                continue
            for root in (self.top, self.tree) if snapshot else (self.top,):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content, encoding="utf-8")
        return self

    def ask(
        self,
        action: str = "check",
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        revision: RevisionRequest | None = None,
        merge: MergeRequest | None = None,
        paths: list[str] | None = None,
        settings: Mapping[str, str] | None = None,
        **request_fields: Any,
    ) -> Response:
        """Run the worker."""
        work, command = self._prepare(
            action,
            environment_variables=dict(settings or {}),
            network=network,
            revision=revision or (RevisionRequest() if action == "revision" else None),
            merge=merge,
            paths=paths or [],
            **request_fields,
        )
        done = subprocess.run(
            command,
            cwd=self.tree / self.environment.project_dir,
            env={**os.environ, "PYTHONHASHSEED": "0", **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        self.output = (work / "scratch" / "output.txt").read_text(encoding="utf-8")
        answer = load_response((work / "response.json").read_text(encoding="ascii"))
        shutil.rmtree(work)
        return answer

    def start(self, action: str = "check", **request_fields: Any) -> subprocess.Popen[bytes]:
        """Start the worker, for a test that ends it before it has answered."""
        _, command = self._prepare(action, **request_fields)
        environ = {**os.environ, "PYTHONHASHSEED": "0"}
        folder = self.tree / self.environment.project_dir
        return subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _prepare(self, action: str, **request_fields: Any) -> tuple[Path, list[str]]:
        """A folder with the request, and the command that answers it."""
        self.runs += 1
        work = self.top.parent / f"run{self.runs}"
        scratch = work / "scratch"
        scratch.mkdir(parents=True)
        request = Request(
            action=action,
            top=str(self.top),
            git_dir=str(self.top / ".git"),
            tree=str(self.tree),
            scratch=str(scratch),
            response=str(work / "response.json"),
            environment=self.environment,
            **request_fields,
        )
        (work / "request.json").write_text(dump(request), encoding="ascii")
        command = [self.python, str(WORKER), str(work / "request.json")]
        if self.user is None:
            return work, command
        self.user.own(self.top.parent)
        return work, [*self.user.command, *command]


def summary(response: Response) -> list[str]:
    """The verdict as one line an operation; AssertionError where there is none."""
    assert response.failure is None, response.failure
    assert response.not_followed == []
    return [
        " ".join(str(part) for part in (one.kind, one.table, one.column, one.name) if part is not None)
        for one in response.operations
    ]
