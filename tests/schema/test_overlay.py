"""What git ignores, beside the snapshot: enough for an import, never a database, never a real folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from migguard.config import Config
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.schema import overlay as overlay_module
from tests.sandbox import GitRepository
from tests.schema.project import list_files, make_venv, materialised, run_python


def overlay_of(repo: GitRepository, config: Config | None = None) -> set[str]:
    """The paths that were copied, as they are in the tree."""
    with materialised(repo, config) as tree:
        assert all((tree.path / path).is_file() for path in tree.overlay)
        return set(tree.overlay)


def test_dotenv_and_generated_version_reach_the_tree(repo: GitRepository) -> None:
    """The two files without which most projects cannot be imported."""
    repo.commit({".gitignore": ".env\n_version.py\n", "app/__init__.py": "from app._version import version\n"})
    repo.write({".env": "SECRET=1\n", "app/_version.py": "version = '1'\n", "app/untracked.py": ""})
    (repo.path / ".env").chmod(0o600)
    with materialised(repo) as tree:
        files = list_files(tree.path)
        assert files[".env"] == "SECRET=1\n"
        assert files["app/_version.py"] == "version = '1'\n"
        assert "app/untracked.py" not in files
        assert (tree.path / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("path", "is_copied"),
    [
        pytest.param("build/ext.cpython-311-x86_64-linux-gnu.so", True, id="an extension built in place"),
        pytest.param("gen/api_pb2.py", True, id="generated code"),
        pytest.param("app.egg-info/entry_points.txt", True, id="metadata of an editable install"),
        pytest.param("dist/index.html", True, id="a front end that the app mounts"),
        pytest.param("instance/app.db", False, id="a database"),
        pytest.param("instance/APP.SQLITE3", False, id="a database in capitals"),
        pytest.param("instance/app.sqlite-wal", False, id="the journal of a database"),
        pytest.param("node_modules/x/index.js", False, id="packages of a front end"),
        pytest.param("deep/node_modules/x/index.js", False, id="packages of a front end further down"),
        pytest.param(".tox/py311/x.py", False, id="environments of tox"),
        pytest.param("old/module.pyc", False, id="a .pyc without a source, which imports like a module"),
        pytest.param("pkg/__pycache__/module.cpython-311.pyc", False, id="bytecode of the work tree"),
        pytest.param("migrations/versions/local.py", False, id="a revision that is part of no commit"),
    ],
)
def test_kind_of_file_decides(repo: GitRepository, path: str, is_copied: bool) -> None:
    """A table of what projects have lying about."""
    repo.commit({".gitignore": "*\n!.gitignore\n"})
    repo.write({path: "x"})
    assert overlay_of(repo) == ({path} if is_copied else set())


def test_environments_and_other_repositories_are_passed_over(repo: GitRepository) -> None:
    """By what is in them, whatever they are called."""
    repo.commit({".gitignore": "/python/\n/worktrees/\n/kept/\n"})
    make_venv(repo.path / "python")
    GitRepository.init(repo.path / "worktrees" / "other").commit({"x.py": ""})
    repo.write({"kept/x.py": ""})
    assert overlay_of(repo) == {"kept/x.py"}


def test_folder_whose_files_are_passed_over_is_there(repo: GitRepository) -> None:
    """`instance/` must exist for a database to be made in it."""
    repo.commit({".gitignore": "/instance/\n/logs/\n"})
    repo.write({"instance/app.db": "x"})
    (repo.path / "logs").mkdir()
    with materialised(repo) as tree:
        assert [entry.name for entry in (tree.path / "instance").iterdir()] == []
        assert (tree.path / "logs").is_dir()


def test_setting_brings_what_is_passed_over(repo: GitRepository) -> None:
    """By file, by folder, and below a folder that would not be entered."""
    repo.commit({".gitignore": "*\n!.gitignore\n"})
    repo.write({"seed.db": "x", "node_modules/x/data.json": "{}", "node_modules/y.js": "", "other.db": "x"})
    assert overlay_of(repo, Config(overlay=("seed.db", "node_modules/x"))) == {"seed.db", "node_modules/x/data.json"}


def test_budget_leaves_out_the_largest_files_and_says_so(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a setting names does not count."""
    monkeypatch.setattr(overlay_module, "BUDGET", 100)
    repo.commit({".gitignore": "*.bin\n"})
    repo.write({"a.bin": "x" * 101, "b.bin": "x" * 50})
    with materialised(repo) as tree:
        assert tree.overlay == {"b.bin"}
        assert "a.bin" not in tree.overlay
        assert tree.left_out["a.bin"] == "what git ignores is copied up to 50 MiB"
    assert "a.bin" in overlay_of(repo, Config(overlay=("a.bin",)))


def test_changed_and_vanished_files_follow(repo: GitRepository) -> None:
    """Also an edit of the same size, and a copy that project code wrote to."""
    repo.commit({".gitignore": "*.env\n"})
    repo.write({"a.env": "1", "b.env": "1", "c.env": "1"})
    with materialised(repo) as tree:
        copied = (tree.path / "c.env").stat().st_mtime_ns
        (tree.path / "b.env").write_text("project")
    repo.write({"a.env": None})
    stamp = (repo.path / "b.env").stat().st_mtime_ns + 1_000_000
    with materialised(repo) as tree:
        assert list_files(tree.path) == {".gitignore": "*.env\n", "b.env": "1", "c.env": "1"}
        assert (tree.path / "c.env").stat().st_mtime_ns == copied
    repo.write({"b.env": "2"})
    os.utime(repo.path / "b.env", ns=(stamp, stamp))
    with materialised(repo) as tree:
        assert list_files(tree.path)["b.env"] == "2"


def test_changed_copy_is_not_hidden_by_a_stale_pyc(repo: GitRepository) -> None:
    """A version file that is generated anew has the same size, and may be as quick."""
    second = int(time.time())
    repo.commit({".gitignore": "_version.py\n", "a.py": ""})
    repo.write({"_version.py": "version = 1\n"})
    with materialised(repo) as tree:
        os.utime(tree.path / "_version.py", (second, second))
        assert run_python(tree.path, "import _version; print(_version.version)") == "1"
        # As the record of a run that project code did not disturb.
        (tree.git_dir / "overlay.json").unlink()
    repo.write({"_version.py": "version = 2\n"})
    with materialised(repo) as tree:
        os.utime(tree.path / "_version.py", (second, second))
        assert run_python(tree.path, "import _version; print(_version.version)") == "2"


def test_writing_to_a_copy_leaves_the_real_file_alone(repo: GitRepository) -> None:
    """Copies, never links; a link to a file is copied as that file, one to a folder is not."""
    repo.commit({".gitignore": "/data/\n/link.env\n/folder\n"})
    repo.write({"data/x.txt": "real"})
    (repo.path / "link.env").symlink_to("data/x.txt")
    (repo.path / "folder").symlink_to("data")
    with materialised(repo) as tree:
        (tree.path / "data" / "x.txt").write_text("changed")
        (tree.path / "link.env").write_text("changed")
        assert not (tree.path / "folder").exists()
        assert tree.left_out == {"folder": "a symbolic link to a folder is not copied"}
    assert (repo.path / "data" / "x.txt").read_text() == "real"


def test_link_that_project_code_put_in_place_of_a_copy_is_not_written_through(
    repo: GitRepository, tmp_path: Path
) -> None:
    """The next run replaces the link itself."""
    repo.commit({".gitignore": "/data/\n.env\n"})
    repo.write({"data/x.txt": "real", ".env": "real"})
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "x.txt").write_text("theirs")
    with materialised(repo) as tree:
        (tree.path / ".env").unlink()
        (tree.path / ".env").symlink_to(tmp_path / "theirs" / "x.txt")
        (tree.path / "data" / "x.txt").unlink()
        (tree.path / "data").rmdir()
        (tree.path / "data").symlink_to(tmp_path / "theirs")
    with materialised(repo) as tree:
        assert list_files(tree.path) == {".gitignore": "/data/\n.env\n", ".env": "real", "data/x.txt": "real"}
        assert not (tree.path / ".env").is_symlink()
    assert list_files(tmp_path / "theirs") == {"x.txt": "theirs"}


def test_snapshot_is_never_covered(repo: GitRepository) -> None:
    """A file that the other commit tracks, and folders where it has files."""
    repo.commit({"conf": "tracked\n", "data/a.txt": "tracked\n", "link.txt": "x"})
    head = repo.head()
    repo.commit({"conf": None, "data/a.txt": None})
    repo.commit({".gitignore": "/conf/\n/data\n"})
    repo.write({"conf/x": "ignored"})
    (repo.path / "data").rmdir()
    (repo.path / "data").write_text("ignored")
    snapshot = TreeSnapshot(Repository.discover(repo.path), head)
    with materialised(repo, snapshot=snapshot) as tree:
        assert list_files(tree.path) == {"conf": "tracked\n", "data/a.txt": "tracked\n", "link.txt": "x"}
        assert tree.overlay == frozenset()


def test_unusual_files_are_passed_over(repo: GitRepository) -> None:
    """A pipe would be waited for; a link may lead nowhere."""
    repo.commit({".gitignore": "/run/\n"})
    (repo.path / "run").mkdir()
    os.mkfifo(repo.path / "run" / "pipe")
    (repo.path / "run" / "dangling").symlink_to("nowhere")
    assert overlay_of(repo) == set()


def test_linked_worktree_brings_its_own_ignored_files(repo: GitRepository, tmp_path: Path) -> None:
    """Not those of the main one."""
    repo.commit({".gitignore": ".env\n"})
    repo.write({".env": "main"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked")
    linked.write({".env": "linked"})
    with materialised(linked) as tree:
        assert list_files(tree.path)[".env"] == "linked"
