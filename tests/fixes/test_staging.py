"""A plan in the index, and the commands that are printed for it."""

from __future__ import annotations

import pytest

from migguard.fixes.plan import FileChange, Plan, apply_plan
from migguard.fixes.staging import add_command, prepare_undo, stage_plan
from migguard.git.repository import Repository
from tests.sandbox import GitRepository

NEW = FileChange("versions/n é.py", None, b"new\n")
REPLACED = FileChange("versions/r.py", b"old\n", b"changed\n")
REMOVED = FileChange("versions/-gone.py", b"gone\n", None)

PLANS = [
    pytest.param((NEW,), id="a new file"),
    pytest.param((REPLACED,), id="a replaced file"),
    pytest.param((NEW, REMOVED), id="a renamed file"),
    pytest.param((NEW, REPLACED, REMOVED), id="all three"),
]


@pytest.fixture(params=["", "blog"], ids=["from the top", "from a subfolder"])
def prefix(request: pytest.FixtureRequest) -> str:
    """Where the user stands."""
    return str(request.param)


@pytest.fixture(params=["committed", "staged", "untracked"])
def repository(request: pytest.FixtureRequest, repo: GitRepository, prefix: str) -> Repository:
    """A repository with the files that the plans start from."""
    repo.commit({"blog/models.py": ""})
    repo.write({REPLACED.path: "old\n", REMOVED.path: "gone\n"})
    if request.param != "untracked":
        repo.git("add", "-A")
    if request.param == "committed":
        repo.git("commit", "-q", "-m", "revisions")
    return Repository.discover(repo.path / prefix)


@pytest.mark.parametrize("changes", PLANS)
@pytest.mark.parametrize("stage", [False, True], ids=["not staged", "staged"])
def test_undo_gives_back_files_and_index(
    changes: tuple[FileChange, ...], stage: bool, repository: Repository, repo: GitRepository, prefix: str
) -> None:
    """Whatever was there before: committed, staged or untracked."""
    plan, before = Plan("a plan", changes), repo.state()

    undo = prepare_undo(repository, plan, stage=stage)
    apply_plan(repository, plan)
    if stage:
        stage_plan(repository, plan)
    assert repo.state() != before
    repo.run("sh", "-c", undo, cwd=prefix)

    assert repo.state() == before


@pytest.mark.parametrize("changes", PLANS)
def test_printed_command_stages_what_stage_does(
    changes: tuple[FileChange, ...], repository: Repository, repo: GitRepository, prefix: str
) -> None:
    """New and replaced files are added, the removed one leaves the index."""
    plan = Plan("a plan", changes)
    apply_plan(repository, plan)

    repo.run("sh", "-c", add_command(repository, plan), cwd=prefix)
    printed = repo.git("ls-files", "-s")
    stage_plan(repository, plan)

    assert repo.git("ls-files", "-s") == printed
    kept = set(repo.git("-c", "core.quotePath=false", "ls-files", "versions").splitlines())
    assert set(plan.written_paths) <= kept
    assert not kept & set(plan.removed_paths)


def test_nothing_to_undo_is_no_command(repository: Repository) -> None:
    """A file that was there already, with the same content."""
    assert prepare_undo(repository, Plan("same", (FileChange(REPLACED.path, b"old\n", b"old\n"),)), stage=False) == ""
