"""A linked work tree shares the main one's virtual environment, whose editable install points into the main one."""

from __future__ import annotations

from pathlib import Path

from migguard.config import Config
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.schema.client import SchemaChecker
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, PROJECT, make_venv


def test_editable_install_of_the_main_work_tree_is_read_from_the_snapshot(repo: GitRepository, tmp_path: Path) -> None:
    """The staged models of the linked work tree are compared, not those that stand in the main one."""
    files = {name.replace("app/", "src/app/"): content for name, content in PROJECT.items()}
    files["alembic.ini"] = files["alembic.ini"].replace("prepend_sys_path = .\n", "")
    repo.commit(files)
    python = make_venv(repo.path / ".venv")
    site = next((repo.path / ".venv").glob("lib/python*/site-packages"))
    (site / "app.pth").write_text(f"{repo.path / 'src'}\n", encoding="utf-8")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked")
    models = files["src/app/models.py"].replace('"email"', '"phone"')
    linked.write({"src/app/models.py": models})
    linked.git("add", "-A")

    repository = Repository.discover(linked.path)
    result = SchemaChecker(repository, Config(python=str(python))).check(IndexSnapshot(repository), ENVIRONMENT)

    assert result.response.failure is None
    assert [item.column for item in result.response.operations] == ["phone"]
