"""Pull, squash, rebase, cherry-pick, deletions: what is not a plain commit or merge is judged or left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import FIRST, add_revision, commit_column, make_branches

Make = Callable[[Kind], Project]
Install = Callable[[Project, str], None]


@pytest.fixture
def branched(make: Make, install: Install) -> Project:
    """A project with hooks on `main`, and `phone`, each with a revision that the other has not."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    return project


def test_pull_is_mended_like_a_merge(branched: Project, tmp_path: Path) -> None:
    """`git pull` that makes a merge commit."""
    mine = Project(tmp_path / "mine", "plain")
    branched.git("clone", "-q", str(branched.path), str(mine.path))
    assert mine.migguard("install").returncode == 0

    pulled = mine.run("git", "pull", "-q", "--no-rebase", "--no-edit", "origin", "phone")

    assert "joined" in pulled.stdout + pulled.stderr
    assert len(mine.heads()) == 1
    assert len(mine.git("rev-parse", "HEAD~1^@").split()) == 2
    assert mine.git("status", "--porcelain", "--branch").splitlines()[0].endswith("[ahead 3]")


def test_merge_without_a_commit_is_judged_when_it_is_committed(branched: Project) -> None:
    """`merge --no-commit`: the commit stops once with the merge revision staged, and is a merge commit in the end."""
    branched.run("git", "merge", "-q", "--no-commit", "phone")

    stopped = branched.run("git", "commit", "--no-edit", check=False)

    assert stopped.returncode == 1
    assert "it joins the heads of this merge" in stopped.stdout + stopped.stderr
    branched.run("git", "commit", "--no-edit")
    assert len(branched.git("rev-parse", "HEAD^@").split()) == 2
    assert len(branched.heads()) == 1
    assert branched.git("status", "--porcelain") == ""


def test_squash_is_judged_when_it_is_committed(branched: Project) -> None:
    """`merge --squash` makes no commit, and nothing is written behind its back."""
    before = branched.head()

    branched.run("git", "merge", "-q", "--squash", "phone")

    assert branched.head() == before
    assert branched.git("status", "--porcelain").splitlines() == [
        f"M  {branched.models}",
        f"A  {branched.versions}/{'b' * 12}_add_phone.py",
    ]
    stopped = branched.run("git", "commit", "-m", "squashed", check=False)
    assert stopped.returncode == 1
    assert "error[MG101 multiple-heads]" in stopped.stdout + stopped.stderr
    merged = branched.migguard("merge")
    assert merged.returncode == 0, merged.stdout + merged.stderr
    branched.git("add", branched.versions)
    branched.run("git", "commit", "-m", "squashed")
    assert len(branched.heads()) == 1


def test_ours_strategy_brings_nothing_to_join(branched: Project) -> None:
    """`merge -s ours` keeps the tree: a merge commit, one head, no word."""
    merged = branched.run("git", "merge", "-q", "-s", "ours", "--no-edit", "phone")

    assert "MG" not in merged.stdout + merged.stderr
    assert len(branched.git("rev-parse", "HEAD^@").split()) == 2
    assert branched.heads() == ["c" * 12]


def test_aborted_merge_leaves_nothing(branched: Project) -> None:
    """`merge --abort`, also after the commit stopped with the merge revision staged."""
    before = branched.state()
    branched.run("git", "merge", "-q", "--no-commit", "phone")
    assert branched.run("git", "commit", "--no-edit", check=False).returncode == 1

    branched.run("git", "merge", "--abort")

    assert branched.state() == before


@pytest.mark.parametrize("options", [(), ("--rebase-merges",), ("--apply",)], ids=lambda options: " ".join(options))
def test_rebase_is_not_disturbed(options: tuple[str, ...], branched: Project) -> None:
    """The hooks that run in it write nothing; once it is done, the heads that it left are joined in a commit on top."""
    branched.run("git", "rebase", "-q", *options, "phone")

    assert branched.git("status", "--porcelain") == ""
    assert branched.git("rev-parse", "HEAD~2") == branched.git("rev-parse", "phone")
    assert branched.git("log", "-1", "--format=%s").startswith("Merge Alembic heads ")
    assert len(branched.heads()) == 1


def test_commit_at_a_stop_of_a_rebase_is_judged_and_nothing_is_generated(branched: Project) -> None:
    """Although the settings ask for it: what a hook wrote there would end in the wrong commit."""
    branched.commit({"pyproject.toml": '[tool.migguard]\non-missing = "generate"\nstage = true\n'}, "settings")
    branched.run("git", "rebase", "-q", "-i", "HEAD~1", env={"GIT_SEQUENCE_EDITOR": "sed -i s/^pick/edit/"})
    branched.add_column("Post", "slug")
    before = branched.state()

    stopped = branched.run("git", "commit", "-m", "slug", check=False)

    assert stopped.returncode == 1
    assert "error[MG201 unmigrated-models]: column `post.slug`" in stopped.stdout + stopped.stderr
    assert branched.state() == before
    add_revision(branched, "d" * 12, down="c" * 12, table="post", column="slug")
    branched.run("git", "commit", "-m", "slug")
    branched.run("git", "rebase", "--continue", env={"GIT_EDITOR": "true"})
    assert branched.migguard("check", "--ref", "HEAD").returncode == 0


def test_cherry_pick_with_a_conflict_is_judged_when_it_continues(branched: Project) -> None:
    """It brings a second head: `--continue` runs the hook, which blocks and writes nothing."""
    branched.git("switch", "-q", "phone")
    commit_column(branched, "User", "fax", "d" * 12, down="b" * 12)
    branched.git("switch", "-q", "main")
    assert branched.run("git", "cherry-pick", "phone", check=False).returncode == 1
    text = branched.read(branched.models)
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))]
    branched.stage({branched.models: "".join(kept)})
    before = branched.state()

    stopped = branched.run("git", "cherry-pick", "--continue", check=False, env={"GIT_EDITOR": "true"})

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode != 0
    assert "error[MG102 missing-parent]" in said
    assert branched.state() == before
    branched.run("git", "cherry-pick", "--abort")
    assert branched.git("status", "--porcelain") == ""


def test_unrelated_histories_are_joined(branched: Project) -> None:
    """The other side has a base of its own."""
    branched.git("switch", "-q", "--orphan", "other")
    add_revision(branched, "e" * 12, down=None, table="user", column="fax")
    branched.git("commit", "-q", "--no-verify", "-m", "another beginning")
    branched.git("switch", "-q", "main")

    merged = branched.run("git", "merge", "-q", "--no-edit", "--allow-unrelated-histories", "other")

    said = merged.stdout + merged.stderr
    assert len(branched.git("rev-parse", "HEAD~1^@").split()) == 2, said
    assert len(branched.heads()) == 1
    # The revision adds a column that no model has: that was so before the heads were joined.
    assert branched.migguard("check").returncode == 1


def test_deleted_revision_is_missed(branched: Project) -> None:
    """A commit that only deletes: the models have what no revision makes any more."""
    path = f"{branched.versions}/{'c' * 12}_add_email.py"
    branched.git("rm", "-q", path)
    before = branched.state()

    stopped = branched.run("git", "commit", "-m", "tidy up", check=False)

    assert stopped.returncode == 1
    assert "column `user.email` is in the staged models but in no staged revision" in stopped.stdout + stopped.stderr
    assert branched.state() == before

    branched.git("reset", "-q", "--hard")
    branched.git("rm", "-q", f"{branched.versions}/{FIRST}_the_blog.py")
    stopped = branched.run("git", "commit", "-m", "tidy up", check=False)
    said = stopped.stdout + stopped.stderr
    # The removal is the cause of the missing parent, and is told instead of it.
    assert f"error[MG402 removed-published-revision]: the published revision `{FIRST}` was removed" in said
    assert "MG102" not in said


def test_renamed_revision_is_the_same_revision(branched: Project) -> None:
    """Its name says nothing: the commit goes through."""
    path = f"{branched.versions}/{'c' * 12}_add_email.py"
    branched.git("mv", path, f"{branched.versions}/0002_email.py")

    branched.run("git", "commit", "-m", "rename")

    assert branched.git("status", "--porcelain") == ""


def test_moved_project_is_found_again(branched: Project) -> None:
    """Everything goes into a subfolder in one commit."""
    (branched.path / "backend").mkdir()
    for name in ("alembic.ini", "migrations", "blog"):
        branched.git("mv", name, f"backend/{name}")

    branched.run("git", "commit", "-m", "move")

    checked = branched.migguard("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "clean: 1 environment, 2 revisions" in checked.stdout


def test_all_of_alembic_deleted_passes_with_a_word(branched: Project) -> None:
    """A project that gives up migrations, with nothing configured that would miss them."""
    branched.git("rm", "-q", "-r", "migrations", "alembic.ini")

    done = branched.run("git", "commit", "-m", "no more migrations")

    assert "no Alembic environment in this tree" in done.stdout + done.stderr
