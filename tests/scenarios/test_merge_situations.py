"""A merge in every situation: it ends with one head, and with nothing else changed than was announced."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import Runner
from tests.scenarios.history import add_revision, commit_column, make_branches
from tests.scenarios.places import detach, link_worktree, nest, stay

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]

#: Signs anything, as gpg tells git that it does.
SIGNER = """\
#!/bin/sh
cat > /dev/null
printf '\\n[GNUPG:] SIG_CREATED D\\n' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nfake\\n-----END PGP SIGNATURE-----\\n'
"""


def require_mended(project: Project, *, merge: str = "HEAD~1") -> None:
    """One head, in a commit of its own on top of the merge commit, and a database that can be upgraded."""
    assert len(project.heads()) == 1
    assert len(project.git("rev-parse", f"{merge}^@").split()) >= 2
    changed = project.git("diff", "--name-status", merge, "HEAD").splitlines()
    assert [line.split("\t")[0] for line in changed] == ["A"]
    project.alembic("upgrade", "head")


def test_octopus_of_three_heads_is_joined_once(make: Make, install: Install) -> None:
    """One revision with three parents."""
    project = make("plain")
    install(project, "plain hooks")
    for model, column, revision in (("User", "email", "b" * 12), ("Tag", "color", "c" * 12)):
        project.git("switch", "-q", "-c", column, "main")
        commit_column(project, model, column, revision)
    project.git("switch", "-q", "main")
    commit_column(project, "Post", "slug", "d" * 12)

    merged = project.run("git", "merge", "-q", "--no-edit", "email", "color")

    require_mended(project)
    assert len(project.git("rev-parse", "HEAD~1^@").split()) == 3
    said = merged.stdout + merged.stderr
    assert "joined `bbbbbbbbbbbb`, `cccccccccccc`, `dddddddddddd`" in said
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("prepare", "cwd"),
    [
        pytest.param(link_worktree, "", id="in a linked worktree"),
        pytest.param(nest, "", id="in a submodule"),
        pytest.param(stay, "blog", id="from a subfolder"),
        pytest.param(detach, "", id="on a detached HEAD"),
    ],
)
def test_merge_anywhere_is_mended(
    prepare: Callable[[Project], Project], cwd: str, make: Make, install: Install
) -> None:
    """The follow-up commit is made where the merge was."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    if prepare is nest:
        project.git("branch", "other", "phone")
    place = prepare(project)
    other = "origin/other" if prepare is nest else "phone"
    elsewhere = None if place is project else project.state()

    merged = place.run("git", "merge", "-q", "--no-edit", other, cwd=cwd)

    assert "joined" in merged.stdout + merged.stderr
    require_mended(place)
    assert place.git("status", "--porcelain") == ""
    if elsewhere is not None:
        assert project.state() == elsewhere


@pytest.mark.parametrize(
    ("mode", "runner"),
    [
        ("new", "plain hooks"),
        ("fold", "plain hooks"),
        pytest.param("new", "pre-commit", marks=pytest.mark.checkout),
        pytest.param("fold", "prek", marks=pytest.mark.checkout),
    ],
)
def test_other_work_survives(mode: str, runner: Runner, make: Make, install: Install) -> None:
    """What is staged (by another hook), edited, intended to be added or untracked is neither committed nor lost."""
    project = make("plain")
    project.commit({"pyproject.toml": f'[tool.migguard]\ncommit = "{mode}"\n', "docs.md": "docs\n"}, "settings")
    install(project, runner)
    make_branches(project)
    hook = project.path / ".git/hooks/pre-merge-commit"
    hook.write_text("#!/bin/sh\necho staged > staged.txt\ngit add staged.txt\n")
    hook.chmod(0o755)
    project.write({"README.md": "# Edited\n", "notes.txt": "untracked\n"})

    project.run("git", "merge", "-q", "--no-edit", "phone")

    assert len(project.heads()) == 1
    assert project.git("status", "--porcelain").splitlines() == [" M README.md", "A  staged.txt", "?? notes.txt"]
    assert project.read("README.md") == "# Edited\n"
    assert project.git("ls-tree", "--name-only", "HEAD", "staged.txt", "notes.txt") == ""
    assert project.git("diff", "HEAD", "--name-only").splitlines() == ["README.md", "staged.txt"]


def test_autostash_is_put_back_after_the_follow_up(make: Make, install: Install) -> None:
    """Edits, also in the models, come back; git itself says so, and the stash is empty."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    edited = project.read(project.models).replace("The classic blog.", "My blog.")
    project.write({project.models: edited})

    merged = project.run("git", "merge", "-q", "--no-edit", "--autostash", "phone")

    assert "Applied autostash" in merged.stdout + merged.stderr
    assert project.git("status", "--porcelain") == f" M {project.models}"
    assert "My blog." in project.read(project.models)
    assert "phone" in project.read(project.models)
    assert project.git("stash", "list") == ""
    require_mended(project)


def test_second_merge_after_a_first_is_joined_again(make: Make, install: Install) -> None:
    """A third branch, made before the first merge."""
    project = make("plain")
    install(project, "plain hooks")
    project.git("switch", "-q", "-c", "color")
    commit_column(project, "Tag", "color", "d" * 12)
    project.git("switch", "-q", "main")
    make_branches(project)
    project.run("git", "merge", "-q", "--no-edit", "phone")
    (first,) = project.heads()

    project.run("git", "merge", "-q", "--no-edit", "color")

    require_mended(project)
    assert project.heads() != [first]
    assert project.git("status", "--porcelain") == ""
    assert project.migguard("check").returncode == 0


def test_heads_from_before_the_merge_are_joined_too(make: Make, install: Install) -> None:
    """HEAD had two heads (committed without hooks); the merge brings a third."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    commit_column(project, "Post", "slug", "d" * 12)
    assert len(project.heads()) == 2

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    assert "joined `bbbbbbbbbbbb`, `cccccccccccc`, `dddddddddddd`" in merged.stdout + merged.stderr
    require_mended(project)


def test_merge_of_unrelated_work_onto_two_heads_is_told(make: Make, install: Install) -> None:
    """The merge did not cause it and does not touch it; by hand it is found."""
    project = make("plain")
    install(project, "plain hooks")
    project.git("switch", "-q", "-c", "docs")
    project.commit({"docs.md": "docs\n"})
    project.git("switch", "-q", "main")
    make_branches(project)
    commit_column(project, "Post", "slug", "d" * 12)

    project.run("git", "merge", "-q", "--no-edit", "docs")

    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    assert project.migguard("check").returncode == 1


def test_untracked_file_in_the_way_is_not_overwritten(make: Make, install: Install) -> None:
    """The merge stays as git made it; the file is named. The very same content is taken."""
    project = make("plain")
    install(project, "plain hooks")
    make_branches(project)
    project.run("git", "merge", "-q", "--no-edit", "phone")
    path = project.git("diff", "--name-only", "HEAD~1", "HEAD")
    content = project.read(path)
    project.git("reset", "-q", "--hard", "HEAD~2")
    project.write({path: "# mine\n"})

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    assert f"`{path}`" in merged.stdout + merged.stderr
    assert project.read(path) == "# mine\n"
    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    assert project.git("status", "--porcelain") == f"?? {path}"

    project.git("reset", "-q", "--hard", "HEAD~1")
    project.write({path: content})

    project.run("git", "merge", "-q", "--no-edit", "phone")

    require_mended(project)
    assert project.git("status", "--porcelain") == ""


def make_two_lineages(project: Project) -> None:
    """An environment that is meant to have two heads, `expand` and `contract`, each with a base of its own."""
    settings = '[[tool.migguard.environments]]\nconfig = "alembic.ini"\nheads = 2\n'
    contract = add_revision(project, "e" * 12, down=None, table="comment", column="mood")
    project.add_column("Comment", "mood")
    # What it alters is the other lineage's.
    project.write({contract: project.read(contract).replace("depends_on = None", f'depends_on = "{"a" * 12}"')})
    project.commit({"pyproject.toml": settings, contract: project.read(contract)}, "two lineages")


def test_two_heads_on_purpose_are_left(make: Make, install: Install) -> None:
    """A merge that brings the second lineage forward has the number of heads that is configured."""
    project = make("plain")
    make_two_lineages(project)
    install(project, "plain hooks")
    project.git("switch", "-q", "-c", "phone")
    commit_column(project, "Comment", "phone", "b" * 12, down="e" * 12)
    project.git("switch", "-q", "main")
    commit_column(project, "User", "email", "c" * 12)

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    assert len(project.git("rev-parse", "HEAD^@").split()) == 2
    assert sorted(project.heads()) == ["b" * 12, "c" * 12]
    assert "MG" not in merged.stdout + merged.stderr
    assert project.migguard("check").returncode == 0


def test_third_head_is_joined_within_its_lineage(make: Make, install: Install) -> None:
    """Two branches of one lineage become one again, the other lineage is not touched."""
    project = make("plain")
    make_two_lineages(project)
    install(project, "plain hooks")
    make_branches(project)

    merged = project.run("git", "merge", "-q", "--no-edit", "phone")

    said = merged.stdout + merged.stderr
    heads = project.heads()
    assert len(heads) == 2, said
    assert "e" * 12 in heads
    assert len(project.git("rev-parse", "HEAD^@").split()) == 1
    assert project.migguard("check").returncode == 0


@pytest.mark.parametrize("mode", ["new", "fold"])
def test_signing_is_kept(mode: str, make: Make, install: Install) -> None:
    """With commit.gpgSign the merge commit and the follow-up are both signed; folded in, it is signed again."""
    project = make("plain")
    project.commit({"pyproject.toml": f'[tool.migguard]\ncommit = "{mode}"\n'}, "settings")
    install(project, "plain hooks")
    make_branches(project)
    signer = project.path.with_name("signer")
    signer.write_text(SIGNER)
    signer.chmod(signer.stat().st_mode | stat.S_IXUSR)
    project.git("config", "gpg.program", str(signer))
    project.git("config", "commit.gpgSign", "true")

    project.run("git", "merge", "-q", "--no-edit", "phone")

    assert len(project.heads()) == 1
    commits = ["HEAD"] if mode == "fold" else ["HEAD", "HEAD~1"]
    assert all("gpgsig -----BEGIN" in project.git("cat-file", "commit", commit) for commit in commits)
    assert len(project.git("rev-parse", f"{commits[-1]}^@").split()) == 2
