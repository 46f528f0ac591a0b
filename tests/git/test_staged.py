"""A commit that cannot matter is told by the paths that it changes."""

from __future__ import annotations

import pytest

from migguard.git.repository import Repository
from migguard.git.staged import INERT_SUFFIXES, is_only_inert
from migguard.schema.relevance import IMPORTED_SUFFIXES
from tests.sandbox import Files, GitRepository


@pytest.mark.parametrize(
    ("files", "inert"),
    [
        pytest.param({"README.md": "new", "docs/a b é.svg": "<svg/>"}, True, id="documents and pictures"),
        pytest.param({"web/app.tsx": ""}, True, id="a script for browsers"),
        pytest.param({"old.md": None}, True, id="a document that goes"),
        pytest.param({"README.md": "new", "models.py": ""}, False, id="code beside a document"),
        pytest.param({"requirements.txt": ""}, False, id="a list of versions"),
        pytest.param({"md": ""}, False, id="a name without a suffix"),
        pytest.param({}, False, id="nothing staged"),
    ],
)
def test_only_inert_paths_are_told_apart(files: Files, inert: bool, repo: GitRepository) -> None:
    """One path that may matter is enough."""
    repo.commit({"old.md": "old"})
    if files:
        repo.stage(files)
    assert is_only_inert(Repository.discover(repo.path)) is inert


def test_initial_commit_always_matters(repo: GitRepository) -> None:
    """Without a HEAD there is nothing to differ from."""
    repo.stage({"README.md": "new"})
    assert is_only_inert(Repository.discover(repo.path)) is False


def test_symbolic_link_with_an_inert_name_matters(repo: GitRepository) -> None:
    """It may lead to code."""
    repo.commit({"models.py": ""})
    (repo.path / "docs.md").symlink_to("models.py")
    repo.git("add", "docs.md")
    assert is_only_inert(Repository.discover(repo.path)) is False


def test_files_that_settings_name_may_matter_by_any_name(repo: GitRepository) -> None:
    """`snapshot` says that the project reads them."""
    repo.commit({"pyproject.toml": '[tool.migguard]\nsnapshot = ["schema/*.md"]\n'})
    repo.stage({"schema/tables.md": "users"})
    assert is_only_inert(Repository.discover(repo.path)) is False


def test_no_suffix_is_both_inert_and_imported() -> None:
    """The two lists never contradict each other."""
    assert not set(INERT_SUFFIXES) & set(IMPORTED_SUFFIXES)
