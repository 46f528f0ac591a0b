"""What surrounds a project: its Python, what git ignores, editable installs, and code that does odd things."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import add_revision
from tests.scenarios.whole_state import read_everything
from tests.schema.project import make_venv

Make = Callable[[Kind], Project]
Install = Callable[[Project, str], None]

MISSING = "error[MG201 unmigrated-models]: column `user.email` is in the staged models but in no staged revision"
PACKAGE = "blog/__init__.py"


@pytest.fixture
def blog(make: Make, install: Install) -> Project:
    """A plain project with hooks, whose staged models lack a revision."""
    project = make("plain")
    install(project, "plain hooks")
    project.add_column("User", "email")
    return project


def commit(project: Project) -> str:
    """What a blocked `git commit` says; nothing has changed."""
    project.git("write-tree")
    before = read_everything(project.path)
    done = project.run("git", "commit", "-m", "e-mail", check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert read_everything(project.path) == before
    return done.stdout + done.stderr


def require_passes(project: Project) -> None:
    """With the revision the same commit goes through."""
    add_revision(project, "b" * 12)
    project.run("git", "commit", "-m", "e-mail")


@pytest.fixture
def not_activated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell (or an editor) that no virtual environment was activated in."""
    monkeypatch.delenv("VIRTUAL_ENV")
    own = str(Path(sys.executable).parent)
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if folder != own]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))


@pytest.mark.usefixtures("not_activated")
def test_venv_in_the_repository_is_used(blog: Project) -> None:
    """`.venv` has what the models import; the Python of the hooks does not."""
    make_venv(blog.path / ".venv")
    (site,) = (blog.path / ".venv").glob("lib/*/site-packages")
    (site / "only_in_the_venv.py").write_text("")
    blog.stage({PACKAGE: "import only_in_the_venv\n", ".gitignore": f"{blog.read('.gitignore')}.venv/\n"})

    assert MISSING in commit(blog)
    require_passes(blog)


def test_ignored_files_that_are_read_at_import_are_there(blog: Project) -> None:
    """`.env` and a generated `_version.py`, with their content of now, and never written to."""
    code = """
        from blog._version import version
        assert version == "2"
        with open(".env") as file:
            assert file.read() == "DEBUG=1\\n"
        with open(".env", "w") as file:
            file.write("overwritten")
    """
    blog.stage({PACKAGE: textwrap.dedent(code), ".gitignore": f"{blog.read('.gitignore')}_version.py\n"})
    blog.write({".env": "DEBUG=0\n", "blog/_version.py": "version = '1'\n"})
    assert MISSING not in commit(blog)
    blog.write({".env": "DEBUG=1\n", "blog/_version.py": "version = '2'\n"})

    assert MISSING in commit(blog)


@pytest.mark.usefixtures("not_activated")
@pytest.mark.parametrize("way", ["path", "finder"])
def test_editable_install_does_not_lead_to_unstaged_edits(way: str, make: Make, install: Install) -> None:
    """The verdict is about the index, also where the project is importable through an installed pointer only."""
    project = make("plain")
    ini = project.read("alembic.ini").replace("prepend_sys_path = .", "")
    project.git("mv", "blog", "src")
    project.stage({"src/blog/__init__.py": "", "src/blog/models.py": project.read("src/models.py")})
    project.git("rm", "-q", "-f", "src/models.py", "src/__init__.py")
    project.commit({"alembic.ini": ini, ".gitignore": f"{project.read('.gitignore')}.venv/\n"}, "src layout")
    make_venv(project.path / ".venv")
    (site,) = (project.path / ".venv").glob("lib/*/site-packages")
    source = project.path / "src"
    if way == "path":
        (site / "__editable__.blog-1.pth").write_text(f"{source}\n")
    else:
        template = (
            "from setuptools.command.editable_wheel import _finder_template as make\n"
            f"print(make('blog_finder', {{'blog': {str(source / 'blog')!r}}}, {{}}))\n"
        )
        finder = project.run(sys.executable, "-W", "ignore", "-c", template, check=False)
        if finder.returncode != 0:
            pytest.skip("there is no setuptools that writes such finders")
        (site / "__editable___blog_1_finder.py").write_text(finder.stdout)
        start = "import __editable___blog_1_finder; __editable___blog_1_finder.install()\n"
        (site / "__editable__.blog-1.pth").write_text(start)
    install(project, "plain hooks")
    project.models = "src/blog/models.py"
    project.add_column("User", "email")
    project.write({project.models: project.read(project.models).replace("email =", "not_staged =")})

    said = commit(project)

    assert MISSING in said
    assert "not_staged" not in said
    require_passes(project)


ODD_CODE = {
    "asks git": """
        import subprocess
        def git(*words):
            return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()
        assert git("describe", "--always")
        assert git("status", "--porcelain") is not None
        assert __file__.startswith(git("rev-parse", "--show-toplevel"))
        git("add", "-A")
    """,
    "prints everywhere": """
        import os, sys
        print('{"failure": null}')
        print("error: from the project", file=sys.stderr)
        os.write(1, b"\\xff raw\\n" * 20000)
        sys.stdout.close()
    """,
    "starts a thread that never ends": """
        import atexit, threading, time
        threading.Thread(target=time.sleep, args=(3600,)).start()
        atexit.register(time.sleep, 3600)
    """,
    "starts a child that never ends": """
        import subprocess
        with open("/dev/null") as null:
            child = subprocess.Popen(["sleep", "3600"], stdin=null)
        with open({note!r}, "a") as file:
            file.write(f"{{child.pid}}\\n")
    """,
    "changes variables, paths and signals": """
        import os, signal, sys
        os.environ.clear()
        sys.path.reverse()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    """,
    "creates its tables": """
        from sqlalchemy import create_engine
        import blog.models as models
        engine = create_engine("sqlite:///app.db")
        models.Base.metadata.create_all(engine)
    """,
    "writes files": """
        import pathlib
        pathlib.Path("log.txt").write_text("started")
        pathlib.Path(__file__).with_name("models.py").touch()
    """,
}


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in ODD_CODE.items()])
def test_code_at_import_changes_neither_verdict_nor_files(code: str, blog: Project) -> None:
    """The missing column is found, nothing in the project changes, nothing keeps running."""
    note = blog.path.with_name("children")
    text = textwrap.dedent(code)
    blog.stage({PACKAGE: text.format(note=str(note)) if "{note" in text else text})

    started = time.monotonic()
    said = commit(blog)

    assert MISSING in said
    assert said.count("error[") == 1
    assert time.monotonic() - started < 60
    if "{note" in code:
        require_gone(note)


def require_gone(note: Path) -> None:
    """The processes that a file lists have ended."""
    for word in note.read_text().split():
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(word), 0)
            # It may be waited for by nobody: then it is there, and dead.
            assert ") Z " in Path(f"/proc/{word}/stat").read_text()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param("import time\ntime.sleep(3600)\n", "longer than 2 s", id="it hangs"),
        pytest.param(
            "import subprocess\nchild = subprocess.Popen(['sleep', '3600'])\n"
            "open({note!r}, 'a').write(f'{{child.pid}}\\n')\nchild.wait()\n",
            "longer than 2 s",
            id="its child hangs",
        ),
        pytest.param(
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "while True:\n    try:\n        time.sleep(3600)\n    except BaseException:\n        pass\n",
            "longer than 2 s",
            id="it hangs and wants to go on",
        ),
    ],
)
def test_code_that_never_ends_is_could_not_check(code: str, told: str, blog: Project) -> None:
    """After the time limit of the settings: MG001, and nothing keeps running."""
    note = blog.path.with_name("children")
    text = code.format(note=str(note)) if "{note" in code else code
    blog.stage({PACKAGE: text, "pyproject.toml": "[tool.migguard]\ntimeout = 2\n"})

    said = commit(blog)

    assert "error[MG001 environment-unavailable]" in said
    assert told in said
    assert "MG201" not in said
    if "{note" in code:
        require_gone(note)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param(
            {PACKAGE: "import sys\nsys.exit()\n"},
            "the project's code left with sys.exit(None)",
            id="it exits at import",
        ),
        pytest.param({PACKAGE: "import os\nos._exit(0)\n"}, "exited with 0 without an answer", id="it exits at once"),
        pytest.param({PACKAGE: "import os\nos.abort()\n"}, "was killed by signal 6", id="it crashes"),
        pytest.param({PACKAGE: "raise KeyboardInterrupt\n"}, "KeyboardInterrupt", id="it interrupts itself"),
        pytest.param({"migrations/env.py": "this is broken\n"}, "migrations/env.py:1", id="env.py is broken"),
        pytest.param({"migrations/env.py": "1 / 0\n"}, "division by zero", id="env.py fails"),
        pytest.param(
            {"pyproject.toml": "[tool.migguard]\npython = 'nowhere/python'\n"}, "does not exist", id="no interpreter"
        ),
        pytest.param({PACKAGE: "import not_installed\n"}, "not_installed", id="a requirement is not installed"),
    ],
)
def test_project_that_cannot_be_loaded_is_could_not_check(files: dict[str, str], told: str, blog: Project) -> None:
    """MG001 in words that name the cause, never clean, and no traceback of ours."""
    blog.stage(dict(files))

    said = commit(blog)

    assert "error[MG001 environment-unavailable]" in said
    assert told in said
    assert "site-packages" not in said.split("note: the Python is")[0]
    assert "Traceback" not in said


def test_database_that_is_in_use_is_neither_waited_for_nor_touched(blog: Project) -> None:
    """Another process is in the middle of a transaction on the development database."""
    import sqlite3

    connection = sqlite3.connect(blog.path / "app.db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("INSERT INTO user (name) VALUES ('Ada')")
    try:
        assert (blog.path / "app.db-journal").exists()
        assert MISSING in commit(blog)
        require_passes(blog)
    finally:
        connection.close()


def test_table_that_env_py_makes_is_no_proof(blog: Project) -> None:
    """A new model without a revision, and an env.py that makes up for it after the migrations: MG002, never clean."""
    add_revision(blog, "b" * 12)
    badge = """

class Badge(Base):
    __tablename__ = "badge"

    id = Column(Integer, primary_key=True)
"""
    env = blog.read("migrations/env.py")
    last = "            context.run_migrations()\n\n\nif "
    assert env.count(last) == 1
    create = "            context.run_migrations()\n            target_metadata.create_all(connection)\n\n\nif "
    blog.stage({blog.models: blog.read(blog.models) + badge, "migrations/env.py": env.replace(last, create)})

    said = commit(blog)

    assert "error[MG002 replay-unsupported]: table `badge` was created by migrations/env.py" in said
