"""With `on-missing = "generate"` the hook writes the revision itself, and stops the commit for review."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.conftest import RUNNERS, Runner

Make = Callable[[Kind], Project]
Install = Callable[[Project, Runner], None]

GENERATE = '[tool.migguard]\non-missing = "generate"\n'
STAGE = GENERATE + "stage = true\n"


@pytest.mark.parametrize("runner", RUNNERS)
def test_missing_revision_is_written_and_shown(runner: Runner, make: Make, install: Install) -> None:
    """Point 4 without `stage`: the file is there, untracked, and the next commit names it."""
    project = make("plain")
    project.commit({"pyproject.toml": GENERATE}, "settings")
    install(project, runner)
    project.add_column("User", "email")
    index = project.git("ls-files", "-s")

    stopped = project.run("git", "commit", "-m", "e-mail", check=False)

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1
    (path,) = project.git("ls-files", "-o", "--exclude-standard").splitlines()
    assert f"wrote {path}" in said
    assert "op.add_column('user'" in said
    assert f"git add {path}" in said
    assert project.git("ls-files", "-s") == index

    project.git("add", path)
    project.run("git", "commit", "-m", "e-mail")
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize("runner", RUNNERS)
def test_with_stage_the_next_commit_goes_through(runner: Runner, make: Make, install: Install) -> None:
    """Point 4 with `stage = true` in a plain commit."""
    project = make("plain")
    project.commit({"pyproject.toml": STAGE}, "settings")
    install(project, runner)
    project.add_column("User", "email")

    stopped = project.run("git", "commit", "-m", "e-mail", check=False)

    assert stopped.returncode == 1
    assert "staged migrations/versions/" in stopped.stdout + stopped.stderr
    project.run("git", "commit", "-m", "e-mail")
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(("-a",), id="commit -a"), pytest.param(("blog/models.py",), id="commit PATH")],
)
def test_partial_commits_are_never_staged_into(arguments: tuple[str, ...], make: Make, install: Install) -> None:
    """In `-a` and `PATH` commits git would lose or split what a hook stages: the `git add` line is printed."""
    project = make("plain")
    project.commit({"pyproject.toml": STAGE}, "settings")
    install(project, "plain hooks")
    project.add_column("User", "email", stage=False)
    index = project.git("ls-files", "-s")

    stopped = project.run("git", "commit", "-m", "e-mail", *arguments, check=False)

    assert stopped.returncode == 1
    (path,) = project.git("ls-files", "-o", "--exclude-standard").splitlines()
    assert f"git add {path}" in stopped.stdout + stopped.stderr
    assert project.git("ls-files", "-s") == index


@pytest.mark.parametrize("what", ["column", "table"])
def test_a_hook_never_generates_a_drop(what: str, make: Make, install: Install) -> None:
    """A removed column or table blocks, with the reason, and no file is written."""
    project = make("plain")
    project.commit({"pyproject.toml": STAGE}, "settings")
    install(project, "plain hooks")
    text = project.read(project.models)
    if what == "column":
        text = text.replace("    body = Column(Text)\n    author_id", "    summary = Column(Text)\n    author_id")
    else:
        text = text[: text.index("class Comment(Base)")] + text[text.index("class Tag(Base)") :]
        text = text.replace(
            '    comments = relationship("Comment", back_populates="post")\n', "    words = Column(Integer)\n"
        )
    project.stage({project.models: text})
    before = project.state()

    stopped = project.run("git", "commit", "-m", "less", check=False)

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1
    dropped = "column `post.body`" if what == "column" else "table `comment`"
    assert f"no revision was generated, because it would drop {dropped}" in said
    assert "MG202 unmodelled-schema" in said
    assert project.state() == before
