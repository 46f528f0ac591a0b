"""The schema check from end to end: the real worker, in real environments, on what is staged and on nothing else."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.config import Config
from migguard.environments import Environment
from migguard.errors import MigguardError
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot, Snapshot, TreeSnapshot
from migguard.schema.client import MergeRequest, RevisionRequest, SchemaChecker, SchemaResult
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, MIGRATED, PROJECT, list_files, make_venv


@pytest.fixture
def project(repo: GitRepository) -> GitRepository:
    """The project, committed, with its own virtual environment in the repository and a database that is in use."""
    repo.commit(dict(PROJECT))
    make_venv(repo.path / ".venv")
    repo.write({"app.db": "this is the user's database\n"})
    return repo


def check(
    repo: GitRepository,
    config: Config | None = None,
    *,
    snapshot: Snapshot | None = None,
    environment: Environment = ENVIRONMENT,
    environ: Mapping[str, str] | None = None,
) -> SchemaResult:
    """The answer about the index (or another snapshot) of `repo`, with nothing of these tests' own environment."""
    repository = Repository.discover(repo.path)
    path = os.pathsep.join(item for item in os.environ["PATH"].split(os.pathsep) if item != f"{sys.prefix}/bin")
    checker = SchemaChecker(repository, config or Config(), {**os.environ, "PATH": path, **(environ or {})})
    return checker.check(snapshot or IndexSnapshot(repository), environment)


def said(result: SchemaResult) -> tuple[str, str]:
    """Kind and message of the failure that must be there."""
    assert result.response.failure is not None, result
    return result.response.failure.kind, result.response.failure.message


def missing(result: SchemaResult) -> list[str]:
    """What the models have and the revisions do not; there must be a verdict."""
    assert result.response.failure is None, (result.response.failure, result.output)
    return [f"{item.kind} {item.table}.{item.column}" for item in result.response.operations]


def test_staged_column_without_a_revision_is_found_and_nothing_is_touched(project: GitRepository) -> None:
    """Under the Python in the repository; database, work tree and index are byte for byte as before."""
    before = project.state()
    result = check(project)
    assert missing(result) == ["add_column users.email"]
    assert result.interpreter is not None
    assert result.interpreter.path == project.path / ".venv" / "bin" / "python"
    place = result.response.operations[0].place
    assert place is not None
    assert (place.path, place.line) == ("app/models.py", 8)
    assert project.state() == before
    assert project.git("status", "--porcelain") == ""


def test_revision_must_be_staged_to_count(project: GitRepository) -> None:
    """On disk it is not part of the commit."""
    project.write(dict(MIGRATED))
    assert missing(check(project)) == ["add_column users.email"]
    project.git("add", ".")
    assert missing(check(project)) == []


def test_other_commit_is_judged_by_its_own_files(project: GitRepository) -> None:
    """Whatever the index has by now."""
    project.commit(dict(MIGRATED))
    repository = Repository.discover(project.path)
    assert missing(check(project, snapshot=TreeSnapshot(repository, "HEAD~1"))) == ["add_column users.email"]
    assert missing(check(project, snapshot=TreeSnapshot(repository, "HEAD"))) == []


def test_dotenv_and_generated_version_are_there_at_import(project: GitRepository) -> None:
    """Both are ignored by git."""
    project.commit({**MIGRATED, "app/__init__.py": "from app._version import version\nopen('.env').close()\n"})
    project.write({".env": "A=1\n", "app/_version.py": "version = '1'\n"})
    assert missing(check(project)) == []


def test_editable_install_with_an_unstaged_edit_uses_the_snapshot(project: GitRepository) -> None:
    """A .pth file puts the work tree on sys.path, ahead of everything that env.py adds."""
    project.commit({**MIGRATED, "alembic.ini": PROJECT["alembic.ini"].replace("prepend_sys_path = .\n", "")})
    project.git("mv", "app", "src")
    project.stage({"src/__init__.py": None, "src/models.py": None, "src/app/__init__.py": ""})
    project.stage({"src/app/models.py": PROJECT["app/models.py"]})
    (site,) = (project.path / ".venv").glob("lib/*/site-packages")
    (site / "__editable__.app.pth").write_text(f"{project.path}/src\n")
    project.write({"src/app/models.py": "raise RuntimeError('this is the work tree')\n"})
    assert missing(check(project)) == []


def test_absolute_path_into_the_work_tree_gives_no_verdict(project: GitRepository) -> None:
    """It names the file, and says what to do."""
    models = f"import sys\nsys.path.insert(0, {str(project.path)!r})\n"
    project.commit({**MIGRATED, "other.py": "x = 1\n", "migrations/env.py": models + PROJECT["migrations/env.py"]})
    project.stage({"app/models.py": "import other\n" + PROJECT["app/models.py"]})
    result = check(project)
    assert said(result) == ("worktree-read", "`app/__init__.py` was read from the work tree instead of the index")
    assert result.response.operations == []
    assert result.response.failure is not None
    assert result.response.failure.place is not None
    assert result.helps == ("import it through a path of the project, not through an absolute one",)
    assert "so was `app/models.py`" in result.notes


def test_ignored_file_may_be_read_from_the_work_tree(project: GitRepository) -> None:
    """No commit has it: reading it cannot make a verdict wrong about one."""
    project.commit({**MIGRATED, "app/__init__.py": f"open({str(project.path / '.env')!r}).close()\n"})
    project.write({".env": "A=1\n"})
    assert missing(check(project)) == []


@pytest.mark.parametrize(
    ("files", "staged", "note", "help_"),
    [
        pytest.param(
            {"app/tags.py": ""},
            "import app.tags\n",
            "`app/tags.py` exists in the work tree but is not part of this commit",
            "git add app/tags.py",
            id="a module that was not added",
        ),
        pytest.param(
            {"app/tags.py": ""},
            "from app import tags\n",
            "`app/tags.py` exists in the work tree but is not part of this commit",
            "git add app/tags.py",
            id="a module that was not added, imported from its package",
        ),
        pytest.param(
            {"app/sub dir/x.txt": ""},
            "open('app/sub dir/x.txt')\n",
            "`app/sub dir/x.txt` exists in the work tree but is not part of this commit",
            "git add 'app/sub dir/x.txt'",
            id="a file that was not added",
        ),
        pytest.param(
            {"seed.db": ""},
            "open('seed.db')\n",
            "`seed.db` is ignored by git and was not copied",
            'add `overlay = ["seed.db"]` under [tool.migguard]',
            id="a database that git ignores",
        ),
    ],
)
def test_file_that_is_only_in_the_work_tree_is_named(
    project: GitRepository, files: dict[str, str], staged: str, note: str, help_: str
) -> None:
    """With the command or the setting that helps."""
    project.stage({"app/models.py": staged + PROJECT["app/models.py"]})
    project.write(dict(files))
    result = check(project)
    assert said(result)[0] == "environment"
    assert result.notes[:1] == (note,)
    assert result.helps == (help_,)


def test_file_outside_the_sparse_checkout_is_named(project: GitRepository) -> None:
    """With git's own command."""
    project.commit({"lib/more.py": "", "app/models.py": "import lib.more\n" + PROJECT["app/models.py"]})
    project.git("sparse-checkout", "set", "app", "migrations")
    result = check(project)
    assert result.notes[:1] == ("`lib/more.py` is outside your sparse checkout",)
    assert result.helps == ("git sparse-checkout add lib",)


def test_module_that_is_not_installed_is_told_with_the_python_that_lacks_it(project: GitRepository) -> None:
    """The usual cause is the wrong environment."""
    project.stage({"app/models.py": "import no_such_module_anywhere\n"})
    result = check(project)
    assert said(result)[0] == "environment"
    assert "no_such_module_anywhere" in said(result)[1]
    assert len(result.notes) == 1
    assert result.notes[0].startswith(f"the Python is `{project.path}/.venv/bin/python` (from `.venv`: Python 3")


def test_project_code_that_calls_git_works_and_sees_the_snapshot(project: GitRepository) -> None:
    """With the variables of a hook around it, which would lead it elsewhere."""
    project.git("tag", "v1.0")
    code = """
        import subprocess
        def git(*words):
            return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()
        assert git("describe", "--tags").startswith("v1.0"), git("describe", "--tags")
        assert git("rev-parse", "--show-toplevel").endswith("/.git/migguard/tree"), git("rev-parse", "--show-toplevel")
        assert "staged.py" in git("ls-files").split()
        subprocess.run(["git", "add", "-A"], check=True)
    """
    project.stage({**MIGRATED, "staged.py": "", "app/__init__.py": textwrap.dedent(code)})
    before = project.state()
    environ = {"GIT_DIR": str(project.path / ".git"), "GIT_INDEX_FILE": ".git/index", "GIT_PREFIX": "app/"}
    assert missing(check(project, environ=environ)) == []
    assert project.state() == before


def test_prints_and_threads_do_not_disturb_the_answer(project: GitRepository, caplog: pytest.LogCaptureFixture) -> None:
    """What is printed is kept for -v; a thread that never ends is not waited for."""
    code = """
        import atexit, os, sys, threading, time
        print("hello from the project")
        os.write(1, b"raw bytes\\n")
        sys.stderr.write("a warning\\n")
        threading.Thread(target=time.sleep, args=(600,)).start()
        atexit.register(time.sleep, 600)
    """
    project.stage({**MIGRATED, "app/__init__.py": textwrap.dedent(code)})
    with caplog.at_level(logging.DEBUG, "migguard.worker"):
        result = check(project)
    assert missing(result) == []
    assert result.seconds < 60
    for line in ("hello from the project", "raw bytes", "a warning"):
        assert line in result.output
        assert line in caplog.messages


def test_project_that_hangs_is_a_failure_after_the_time_limit(project: GitRepository) -> None:
    """With what it printed last."""
    project.stage({"app/__init__.py": "import time\nprint('waiting for the broker', flush=True)\ntime.sleep(600)\n"})
    result = check(project, Config(timeout=1.5))
    assert said(result) == ("timeout", "the project's code took longer than 1.5 s")
    assert result.response.failure is not None
    assert result.response.failure.frames == ["waiting for the broker"]
    assert result.helps == ("raise `timeout` under [tool.migguard]", "see what it printed: migguard -v check")


def test_project_that_kills_its_python_is_a_failure(project: GitRepository) -> None:
    """Never clean."""
    project.stage({"app/__init__.py": "import os\nprint('out of memory', flush=True)\nos.kill(os.getpid(), 9)\n"})
    assert said(check(project)) == ("worker", "the project's Python was killed by signal 9 without an answer")
    project.stage({"app/__init__.py": "import os\nos._exit(0)\n"})
    assert said(check(project)) == ("worker", "the project's Python exited with 0 without an answer")


def test_settings_reach_the_project(project: GitRepository) -> None:
    """`[tool.migguard] env`, and the environment's own."""
    project.stage({**MIGRATED, "app/__init__.py": "import os\nassert os.environ['A'] + os.environ['B'] == '12'\n"})
    environment = replace(ENVIRONMENT, env={"B": "2"})
    assert missing(check(project, Config(env={"A": "1", "B": "1"}), environment=environment)) == []


def test_missing_interpreter_is_a_failure_with_everything_that_was_tried(project: GitRepository) -> None:
    """An answer, not an exception: another environment of the repository may have one."""
    shutil.rmtree(project.path / ".venv")
    result = check(project, Config(python="nowhere/python"))
    assert said(result)[0] == "interpreter"
    assert result.notes == (f"`python` under [tool.migguard]: `{project.path}/nowhere/python` does not exist",)
    assert result.helps == ("install alembic and sqlalchemy there, or change `python` under [tool.migguard]",)


def test_tree_that_cannot_be_written_is_a_failure(project: GitRepository) -> None:
    """ "Could not check", never clean."""
    snapshot = TreeSnapshot(Repository.discover(project.path), "HEAD")
    (project.path / ".git" / "migguard").write_text("in the way")
    result = check(project, snapshot=snapshot)
    assert said(result)[0] == "snapshot"
    assert "cannot be written" in said(result)[1]


def test_revision_and_merge_are_written_by_the_project_and_not_into_the_work_tree(project: GitRepository) -> None:
    """The content comes back; the next check does not see the files."""
    repository = Repository.discover(project.path)
    checker = SchemaChecker(repository, Config())
    before = project.state()
    revised = checker.revise(IndexSnapshot(repository), ENVIRONMENT, RevisionRequest(message="add email", rev_id="c3"))
    (written,) = revised.response.files
    assert written.path == "migrations/versions/c3_add_email.py"
    assert "op.add_column('users', sa.Column('email', sa.String(length=50), nullable=True))" in written.content
    project.commit({"migrations/versions/b3.py": 'revision = "b3"\ndown_revision = "a1"\n', **MIGRATED})
    merge = MergeRequest(["b2", "b3"], "d4", "merge b2 and b3", None)
    (joined,) = checker.merge(IndexSnapshot(repository), ENVIRONMENT, merge)
    assert (joined.revision, sorted(joined.down_revisions)) == ("d4", ["b2", "b3"])
    assert "c3_add_email.py" not in str(project.state().keys() - before.keys())
    project.stage({"migrations/script.py.mako": "${no_such_name}"})
    with pytest.raises(MigguardError):
        checker.merge(IndexSnapshot(repository), ENVIRONMENT, merge)


def test_models_are_described_without_a_replay(project: GitRepository) -> None:
    """For what autogenerate does not compare."""
    repository = Repository.discover(project.path)
    result = SchemaChecker(repository, Config()).describe(IndexSnapshot(repository), ENVIRONMENT)
    assert [item.table for item in result.response.descriptions] == ["users"]


def test_runs_at_once_each_have_their_own_answer(project: GitRepository) -> None:
    """One waits for the other, or takes a tree of its own."""
    repository = Repository.discover(project.path)
    project.commit(dict(MIGRATED))
    answers: dict[str, list[str]] = {}

    def ask(ref: str) -> None:
        answers[ref] = missing(check(project, snapshot=TreeSnapshot(repository, ref)))

    threads = [threading.Thread(target=ask, args=(ref,)) for ref in ("HEAD", "HEAD~1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"HEAD": [], "HEAD~1": ["add_column users.email"]}


def test_nothing_is_left_behind(project: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch folders are private, removed, and those of a killed run are removed by the next."""
    from migguard.schema import folders

    monkeypatch.setattr(folders, "_fast_folder", lambda: tmp_path / "scratch")
    (tmp_path / "scratch").mkdir()
    script = """
        import os, sys
        from pathlib import Path
        from migguard.schema.folders import run_folder
        with run_folder(Path(sys.argv[1])) as folder:
            assert folder.stat().st_mode & 0o777 == 0o700
            (folder / "scratch.db").write_text("x")
            os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "scratch")], check=False)
    (tmp_path / "scratch" / "migguard-run-theirs").mkdir()
    assert len(list((tmp_path / "scratch").iterdir())) == 2
    check(project)
    assert [entry.name for entry in (tmp_path / "scratch").iterdir()] == ["migguard-run-theirs"]
    assert sorted(list_files(project.path / ".git" / "migguard" / "tree")) == sorted(
        path for path in [*PROJECT, *_pyc(project.path / ".git" / "migguard" / "tree")]
    )


def _pyc(tree: Path) -> list[str]:
    return [path.relative_to(tree).as_posix() for path in tree.rglob("*.pyc")]


def test_slow_project_is_announced(project: GitRepository) -> None:
    """So that the command line can show a line."""
    project.stage({**MIGRATED, "app/__init__.py": "import time\ntime.sleep(1.2)\n"})
    repository = Repository.discover(project.path)
    calls: list[float] = []
    checker = SchemaChecker(repository, Config(), on_slow=lambda: calls.append(time.monotonic()))
    assert missing(checker.check(IndexSnapshot(repository), ENVIRONMENT)) == []
    assert len(calls) == 1


def test_write_hooks_run_on_the_file_in_the_work_tree(project: GitRepository) -> None:
    """Formatters look for their settings beside the real file; variables of a hook do not reach them."""
    hook = project.path / "format.py"
    hook.write_text(
        "import os, sys\nassert 'GIT_DIR' not in os.environ\nopen(sys.argv[1], 'a').write('# formatted\\n')\n"
    )
    ini = PROJECT["alembic.ini"] + textwrap.dedent(
        f"""
        [post_write_hooks]
        hooks = fmt
        fmt.type = exec
        fmt.executable = {sys.executable}
        fmt.options = format.py REVISION_SCRIPT_FILENAME
        """
    )
    project.write({"alembic.ini": ini, "migrations/versions/c3.py": "revision = 'c3'\ndown_revision = 'a1'\n"})
    checker = SchemaChecker(Repository.discover(project.path), Config(), {**os.environ, "GIT_DIR": "elsewhere"})
    result = checker.run_write_hooks(ENVIRONMENT, ["migrations/versions/c3.py"])
    assert result.response.failure is None, (result.response.failure, result.output)
    assert project.read("migrations/versions/c3.py").endswith("# formatted\n")
