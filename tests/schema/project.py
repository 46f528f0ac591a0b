"""Small projects for the tests of the schema check."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from migguard.config import Config
from migguard.environments import Environment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot, Snapshot
from migguard.schema.tree import MaterialisedTree, materialise
from tests.sandbox import GitRepository

ENVIRONMENT = Environment(
    name="migrations",
    kind="ini",
    config_path="alembic.ini",
    section="alembic",
    script_location="migrations",
    version_locations=("migrations/versions",),
)


@contextmanager
def materialised(
    repo: GitRepository,
    config: Config | None = None,
    *,
    snapshot: Snapshot | None = None,
    environment: Environment = ENVIRONMENT,
    **options: Any,
) -> Iterator[MaterialisedTree]:
    """The index of `repo` (or another snapshot) on disk."""
    repository = Repository.discover(repo.path)
    chosen = snapshot or IndexSnapshot(repository)
    with materialise(repository, chosen, config or Config(), (environment,), **options) as tree:
        yield tree


def list_files(folder: Path) -> dict[str, str]:
    """Every file below a folder with its text, the `.git` file left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".git"
    }


def run_python(directory: Path, source: str, environ: Mapping[str, str] | None = None) -> str:
    """Standard output of Python code that runs in a folder as `python -c` does."""
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=directory,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def make_venv(folder: Path, *, packages: bool = True) -> Path:
    """A virtual environment without pip; with `packages` it sees those that run the tests. Returns its Python."""
    (folder / "bin").mkdir(parents=True)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "lib" / f"python{version}" / "site-packages"
    site.mkdir(parents=True)
    base = Path(os.path.realpath(sys.executable))
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
    (folder / "bin" / "python").symlink_to(base)
    if packages:
        (site / "tests.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return folder / "bin" / "python"


#: A project on SQLite whose models have a column that no revision adds; add `MIGRATED` and they agree.
PROJECT: dict[str, str] = {
    ".gitignore": "*.db\n.env\n.venv/\n_version.py\n",
    "alembic.ini": (
        "[alembic]\nscript_location = migrations\nprepend_sys_path = .\nsqlalchemy.url = sqlite:///app.db\n"
    ),
    "migrations/script.py.mako": textwrap.dedent(
        '''\
        """${message}"""
        revision = ${repr(up_revision)}
        down_revision = ${repr(down_revision)}
        branch_labels = ${repr(branch_labels)}
        depends_on = ${repr(depends_on)}
        from alembic import op
        import sqlalchemy as sa


        def upgrade():
            ${upgrades if upgrades else "pass"}


        def downgrade():
            ${downgrades if downgrades else "pass"}
        '''
    ),
    "migrations/env.py": textwrap.dedent(
        """\
        from alembic import context
        from sqlalchemy import create_engine

        from app.models import metadata

        engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata)
            with context.begin_transaction():
                context.run_migrations()
        """
    ),
    "migrations/versions/a1_users.py": textwrap.dedent(
        """\
        revision = "a1"
        down_revision = None
        from alembic import op
        import sqlalchemy as sa


        def upgrade():
            op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))


        def downgrade():
            op.drop_table("users")
        """
    ),
    "app/__init__.py": "",
    "app/models.py": textwrap.dedent(
        """\
        import sqlalchemy as sa

        metadata = sa.MetaData()
        users = sa.Table(
            "users",
            metadata,
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("email", sa.String(50)),
        )
        """
    ),
}
MIGRATED: dict[str, str] = {
    "migrations/versions/b2_email.py": textwrap.dedent(
        """\
        revision = "b2"
        down_revision = "a1"
        from alembic import op
        import sqlalchemy as sa


        def upgrade():
            op.add_column("users", sa.Column("email", sa.String(50)))


        def downgrade():
            op.drop_column("users", "email")
        """
    ),
}
