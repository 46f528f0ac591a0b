"""Two branches each add a revision: the merge leaves one head."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import PAIRS, RUNNERS, Runner

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]


def make_branches(project: Project, *, same_model: bool = False) -> None:
    """`main` and `phone` with a revision each; `same_model` makes the merge conflict in the models."""
    project.git("switch", "-q", "-c", "phone")
    project.add_column("User" if same_model else "Comment", "phone")
    project.revise("add phone")
    project.git("commit", "-q", "--no-verify", "-m", "phone")
    project.git("switch", "-q", "main")
    project.add_column("User", "email")
    project.revise("add email")
    project.git("commit", "-q", "--no-verify", "-m", "email")


@pytest.mark.parametrize(("kind", "runner"), PAIRS)
def test_clean_merge_leaves_one_head_in_a_follow_up_commit(
    kind: Kind, runner: Runner, make: Make, install: Install
) -> None:
    """Point 5 with `commit = "new"`: the merge commit is untouched, the merge revision follows it."""
    project = make(kind)
    install(project, runner)
    make_branches(project)
    assert len(project.heads()) == 1

    merged = project.run("git", "merge", "--no-edit", "phone")

    said = merged.stdout + merged.stderr
    assert "joined " in said
    assert "git reset --keep " in said
    (head,) = project.heads()
    assert len(project.git("rev-parse", "HEAD^@").split()) == 1
    assert len(project.git("rev-parse", "HEAD~1^@").split()) == 2
    assert project.git("diff", "--name-status", "HEAD~1", "HEAD").startswith("A\tmigrations/versions/" + head)
    assert project.git("status", "--porcelain") == ""
    assert f"{head} (head) (mergepoint)" in project.alembic("history").replace(
        "(mergepoint) (head)", "(head) (mergepoint)"
    )
    project.alembic("upgrade", "head")
    assert "email" in project.database_columns("user")
    assert "phone" in project.database_columns("comment")
    assert project.migguard("check").returncode == 0


def test_fold_puts_the_merge_revision_into_the_merge_commit(make: Make, install: Install) -> None:
    """Point 5 with `commit = "fold"`: one merge commit that holds the revision."""
    project = make("plain")
    project.commit({"pyproject.toml": '[tool.migguard]\ncommit = "fold"\n'}, "fold")
    install(project, "plain hooks")
    make_branches(project)

    project.run("git", "merge", "--no-edit", "phone")

    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == ""


def test_none_leaves_the_file(make: Make, install: Install) -> None:
    """Point 5 with `commit = "none"`: HEAD is the merge, the file is untracked, its `git add` is printed."""
    project = make("plain")
    project.commit({"pyproject.toml": '[tool.migguard]\ncommit = "none"\n'}, "none")
    install(project, "plain hooks")
    make_branches(project)

    merged = project.run("git", "merge", "--no-edit", "phone")

    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    (line,) = project.git("status", "--porcelain").splitlines()
    assert line.startswith("?? migrations/versions/")
    assert f"git add {line[3:]}" in merged.stdout + merged.stderr
    assert len(project.heads()) == 1


@pytest.mark.parametrize("runner", RUNNERS)
def test_conflicted_merge_is_mended_by_the_commit_that_concludes_it(
    runner: Runner, make: Make, install: Install
) -> None:
    """The usual case: two columns on one model. The concluding commit stops once, with the revision staged."""
    project = make("plain")
    install(project, runner)
    make_branches(project, same_model=True)
    assert project.run("git", "merge", "phone", check=False).returncode == 1
    text = project.read(project.models)
    resolved = "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
    )
    project.stage({project.models: resolved})

    stopped = project.run("git", "commit", "--no-edit", check=False)

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1
    assert "MG101 multiple-heads" in said
    assert "it joins the heads of this merge" in said
    assert "commit again" in said

    project.run("git", "commit", "--no-edit")

    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain") == ""
    project.alembic("upgrade", "head")
    assert project.database_columns("user") == ["id", "name", "email", "phone"] or project.database_columns("user") == [
        "id",
        "name",
        "phone",
        "email",
    ]


def test_two_people_write_the_same_merge_revision(make: Make) -> None:
    """Merging main into phone, and phone into main, gives the same file byte for byte."""
    project = make("plain")
    make_branches(project)
    files = []
    for onto, other in (("main", "phone"), ("phone", "main")):
        project.git("switch", "-q", "--detach", onto)
        project.git("merge", "-q", "--no-edit", other)
        done = project.migguard("merge")
        assert done.returncode == 0, done.stdout + done.stderr
        path = project.git("ls-files", "-o", "--exclude-standard")
        files.append((path, project.read(path)))
        (project.path / path).unlink()
    assert files[0] == files[1]


def test_merge_by_hand_names_the_revision_that_waits_to_be_staged(make: Make) -> None:
    """After `commit = "none"`, or a kill: nothing to join, and the line that is still missing."""
    project = make("plain")
    make_branches(project)
    project.git("merge", "-q", "--no-edit", "phone")
    assert project.migguard("merge").returncode == 0
    path = project.git("ls-files", "-o", "--exclude-standard")

    again = project.migguard("merge")

    assert again.returncode == 0
    assert again.stdout == (
        f"migrations: 1 head, nothing to join\nhelp: the revision that joins them is not staged: git add {path}\n"
    )


def test_fast_forward_writes_nothing(make: Make, install: Install) -> None:
    """A fast-forward to two heads brings upstream's own commits: it is reported, nothing is written."""
    project = make("plain")
    make_branches(project)
    project.git("switch", "-q", "-c", "broken", "main")
    project.git("merge", "-q", "--no-edit", "phone")
    project.git("switch", "-q", "main")
    install(project, "plain hooks")

    merged = project.run("git", "merge", "--ff-only", "broken")

    assert "MG101 multiple-heads" in merged.stdout + merged.stderr
    assert project.head() == project.git("rev-parse", "broken")
    assert project.git("status", "--porcelain") == ""


def test_merge_with_a_missing_dependency_still_gets_its_revision(make: Make, install: Install) -> None:
    """After a merge new requirements may not be installed yet: that undoes nothing, and it is said."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    project.git("switch", "-q", "phone")
    text = project.read(project.models)
    project.commit(
        {project.models: text.replace("from sqlalchemy import", "import not_installed\nfrom sqlalchemy import", 1)}
    )
    project.git("switch", "-q", "main")

    merged = project.run("git", "merge", "--no-edit", "phone")

    assert "joined" in merged.stdout + merged.stderr
    assert "MG001" in merged.stdout + merged.stderr
    assert len(project.git("rev-parse", "HEAD^@").split()) == 1
    assert project.git("status", "--porcelain") == ""
