"""Which opened files make a verdict void, and what is said about a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.config import Config
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.schema.explain import Explanation, explain_failure, find_worktree_reads
from migguard.schema.protocol import Failure
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, materialised


@pytest.fixture
def mixed(repo: GitRepository, tmp_path: Path) -> GitRepository:
    """One file of every kind that git knows, and a submodule."""
    library = GitRepository.init(tmp_path / "library")
    library.commit({"lib.py": ""})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.path), "lib")
    repo.commit({"tracked.py": "", "deleted.py": "", ".gitignore": "*.log\n"})
    repo.write({"untracked.py": "", "x.log": "", "intent.py": "", "deleted.py": None})
    repo.git("add", "-N", "intent.py")
    (repo.path / "link.py").symlink_to("tracked.py")
    return repo


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("{top}/tracked.py", "tracked.py", id="a tracked file"),
        pytest.param("tracked.py", "tracked.py", id="a tracked file, relative to the top"),
        pytest.param("{top}/app/../tracked.py", "tracked.py", id="a tracked file, on a detour"),
        pytest.param("{top}/deleted.py", "deleted.py", id="a tracked file that is gone from disk"),
        pytest.param("{top}/untracked.py", "untracked.py", id="a file that could be added"),
        pytest.param("{top}/intent.py", "intent.py", id="a file of which only the name was added"),
        pytest.param("{top}/lib/lib.py", "lib/lib.py", id="a file of a submodule"),
        pytest.param("{elsewhere}/way/tracked.py", "tracked.py", id="a tracked file, through a link from outside"),
        pytest.param("{top}/x.log", None, id="a file that git ignores"),
        pytest.param("{top}/.git/config", None, id="git's own"),
        pytest.param("{tree}/tracked.py", None, id="the snapshot"),
        pytest.param("{top}/none.py", None, id="a file that is not there"),
        pytest.param("{elsewhere}/x.py", None, id="a file elsewhere"),
    ],
)
def test_opened_file_decides(mixed: GitRepository, tmp_path: Path, name: str, expected: str | None) -> None:
    """A table of where a file may be."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.py").write_text("")
    (tmp_path / "elsewhere" / "way").symlink_to(mixed.path)
    with materialised(mixed) as tree:
        opened = name.format(top=mixed.path, tree=tree.path, elsewhere=tmp_path / "elsewhere")
        found = find_worktree_reads(Repository.discover(mixed.path), tree, [opened])
    assert found == ((expected,) if expected else ())


def explain(repo: GitRepository, failure: Failure, config: Config | None = None) -> Explanation:
    """What is said of a failure about the index."""
    repository = Repository.discover(repo.path)
    with materialised(repo, config) as tree:
        return explain_failure(repository, tree, IndexSnapshot(repository), ENVIRONMENT, failure)


@pytest.mark.parametrize(
    ("failure", "note", "help_"),
    [
        pytest.param(
            Failure("environment", "", missing_module="untracked"),
            "`untracked.py` exists in the work tree but is not part of this commit",
            "git add untracked.py",
            id="a module at the top",
        ),
        pytest.param(
            Failure("environment", "", missing_module="pkg.deep"),
            "`backend/pkg/deep.py` exists in the work tree but is not part of this commit",
            "git add backend/pkg/deep.py",
            id="a module below a folder that only sys.path knows",
        ),
        pytest.param(
            Failure("environment", "", missing_path="{top}/untracked.py"),
            "`untracked.py` exists in the work tree but is not part of this commit",
            "git add untracked.py",
            id="an absolute path",
        ),
        pytest.param(
            Failure("environment", "", missing_path="node_modules/x.json"),
            "`node_modules/x.json` is ignored by git and was not copied",
            'add `overlay = ["node_modules/x.json"]` under [tool.migguard]',
            id="a file in a folder that is passed over",
        ),
        pytest.param(
            Failure("environment", "", missing_path="uploads"),
            "`uploads/` exists in the work tree, but git keeps no empty folders",
            "touch uploads/.gitkeep",
            id="an empty folder",
        ),
        pytest.param(
            Failure("environment", "", missing_module="lib.more"),
            None,
            None,
            id="a module that is nowhere",
        ),
        pytest.param(Failure("replay", "no such table: x"), None, None, id="a failure that no file explains"),
    ],
)
def test_missing_file_is_explained(mixed: GitRepository, failure: Failure, note: str | None, help_: str | None) -> None:
    """A table of what may be missing."""
    mixed.write({"backend/pkg/deep.py": "", ".gitignore": "*.log\nnode_modules/\n", "node_modules/x.json": ""})
    (mixed.path / "uploads").mkdir()
    if failure.missing_path:
        failure.missing_path = failure.missing_path.format(top=mixed.path)
    assert explain(mixed, failure) == Explanation((note,) if note else (), (help_,) if help_ else ())


def test_submodule_that_is_not_initialised_is_named(mixed: GitRepository) -> None:
    """With git's own command."""
    mixed.git("submodule", "deinit", "-q", "-f", "lib")
    assert explain(mixed, Failure("environment", "", missing_path="lib/lib.py")) == Explanation(
        ("submodule `lib` is not initialised",), ("git submodule update --init -- lib",)
    )


def test_file_beyond_the_budget_is_named(mixed: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that brings it."""
    monkeypatch.setattr("migguard.schema.overlay.BUDGET", 3)
    mixed.write({"x.log": "four"})
    assert explain(mixed, Failure("environment", "", missing_path="x.log")) == Explanation(
        ("`x.log` was not copied: what git ignores is copied up to 50 MiB",),
        ('add `overlay = ["x.log"]` under [tool.migguard]',),
    )


def test_file_left_out_of_a_large_repository_is_named(mixed: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that brings it."""
    monkeypatch.setattr("migguard.schema.tree.MOST_FILES", 2)
    mixed.commit({"data/names.csv": ""})
    failure = Failure("environment", "", missing_path="data/names.csv")
    assert explain(mixed, failure).helps == ('add `snapshot = ["data/names.csv"]` under [tool.migguard]',)
    assert explain(mixed, failure, Config(snapshot=("data/*.csv",))) == Explanation()
