"""`migguard revision` writes what the project's own Alembic settings and hooks ask for."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.projects import Kind, Project
from tests.scenarios.history import add_revision

Make = Callable[[Kind], Project]

SEVERAL_FILES = '''
def several(context, revision, directives):
    """One file for tables, one for indexes, as some projects want."""
    from alembic.operations import ops

    (script,) = directives
    if script.upgrade_ops.is_empty():
        return
    second = ops.MigrationScript("bbbbbbbbbbb2", ops.UpgradeOps([]), ops.DowngradeOps([]), message="second")
    second.head, second.splice = "bbbbbbbbbbb1", True
    script.rev_id = "bbbbbbbbbbb1"
    directives.append(second)


def render(kind, value, autogen_context):
    if kind == "type" and type(value).__name__ == "String":
        autogen_context.imports.add("import sqlalchemy as rendered")
        return f"rendered.String({value.length})"
    return False

'''


def edit_env(project: Project, options: str) -> None:
    """Put hooks before `run_migrations_offline` and options into `context.configure` of the online run."""
    env = project.read("migrations/env.py")
    env = env.replace("def run_migrations_offline", SEVERAL_FILES + "def run_migrations_offline", 1)
    env = env.replace("connection=connection,", f"connection=connection, {options},", 1)
    project.commit({"migrations/env.py": env}, "env")


def test_hooks_of_env_py_are_honoured(make: Make) -> None:
    """`process_revision_directives` may write several files, `render_item` their types."""
    project = make("plain")
    edit_env(project, "process_revision_directives=several, render_item=render")
    project.add_column("User", "email")

    done = project.migguard("revision", "-m", "first")

    assert done.returncode == 0, done.stdout + done.stderr
    assert project.revision_files() == [
        "aaaaaaaaaaaa_the_blog.py",
        "bbbbbbbbbbb1_first.py",
        "bbbbbbbbbbb2_second.py",
    ]
    text = project.read(f"{project.versions}/bbbbbbbbbbb1_first.py")
    assert "import sqlalchemy as rendered" in text
    assert "rendered.String(120)" in text
    assert project.heads() == ["bbbbbbbbbbb2"]
    project.git("add", "migrations")
    assert project.migguard("check").returncode == 0


def test_file_template_and_post_write_hooks_are_honoured(make: Make) -> None:
    """The name comes from `file_template`; hooks run on the file where it finally stands."""
    project = make("plain")
    script = "import sys; p = sys.argv[1]; t = open(p).read(); open(p, 'w').write('# seen at ' + p + '\\n' + t)"
    ini = re.sub(
        r"^#? ?file_template = .*$", "file_template = rev_%%(rev)s", project.read("alembic.ini"), count=1, flags=re.M
    )
    ini = ini.replace(
        "[post_write_hooks]",
        f"[post_write_hooks]\nhooks = mark\nmark.type = exec\nmark.executable = {sys.executable}\n"
        f'mark.options = -c "{script}" REVISION_SCRIPT_FILENAME\n',
        1,
    )
    project.commit({"alembic.ini": ini}, "settings")
    project.add_column("User", "email")

    done = project.migguard("revision", "--rev-id", "bbbbbbbbbbbb")

    assert done.returncode == 0, done.stdout + done.stderr
    first = project.read(f"{project.versions}/rev_bbbbbbbbbbbb.py").splitlines()[0]
    assert first == f"# seen at {project.path}/{project.versions}/rev_bbbbbbbbbbbb.py"


def test_a_failing_post_write_hook_keeps_the_file_and_says_so(make: Make) -> None:
    """The revision is not lost because a formatter is missing."""
    project = make("plain")
    ini = project.read("alembic.ini").replace(
        "[post_write_hooks]",
        "[post_write_hooks]\nhooks = absent\nabsent.type = exec\nabsent.executable = /nonexistent/formatter\n"
        "absent.options = REVISION_SCRIPT_FILENAME\n",
        1,
    )
    project.commit({"alembic.ini": ini}, "settings")
    project.add_column("User", "email")

    done = project.migguard("revision", "--rev-id", "bbbbbbbbbbbb")

    assert done.returncode == 1
    assert "post_write_hooks failed, the file was kept" in done.stdout
    assert "bbbbbbbbbbbb_add_email_to_user.py" in project.revision_files()


def test_branch_options_pass_through(make: Make) -> None:
    """`--head`, `--splice`, `--branch-label`, `--depends-on` and `--rev-id` mean what they mean to Alembic."""
    project = make("plain")
    project.add_column("User", "email")
    project.revise("email", "bbbbbbbbbbbb")
    project.add_column("User", "phone")

    done = project.migguard(
        "revision", "-m", "phone", "--head", "aaaaaaaaaaaa", "--splice", "--branch-label", "contact",
        "--depends-on", "bbbbbbbbbbbb", "--rev-id", "cccccccccccc",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    text = project.read(f"{project.versions}/cccccccccccc_phone.py")
    assert re.search(r"^down_revision: .* = 'aaaaaaaaaaaa'$", text, re.M)
    assert re.search(r"^branch_labels: .* = \('contact',\)$", text, re.M)
    assert re.search(r"^depends_on: .* = '?\(?'?bbbbbbbbbbbb", text, re.M)
    assert "cccccccccccc" in project.heads()


def test_version_path_and_x_pass_through(make: Make) -> None:
    """The file goes to the named versions folder, and env.py sees `-x`."""
    project = make("plain")
    ini = project.read("alembic.ini")
    ini = re.sub(
        r"^#? ?version_locations = .*$",
        "version_locations = %(here)s/migrations/versions:%(here)s/more",
        ini,
        count=1,
        flags=re.M,
    )
    # Alembic 1.12 writes a comment behind the value, and then reads it as part of the value.
    ini = re.sub(r"^version_path_separator = os .*$", "version_path_separator = os", ini, flags=re.M)
    env = project.read("migrations/env.py")
    env += '\nassert context.get_x_argument(as_dictionary=True) in ({}, {"tenant": "one"})\n'
    env = env.replace("fileConfig(", 'print(context.get_x_argument(as_dictionary=True)["tenant"])\n    fileConfig(', 1)
    project.commit({"alembic.ini": ini, "migrations/env.py": env, "more/.keep": ""}, "two locations")
    project.add_column("User", "email")

    refused = project.migguard("revision")
    done = project.migguard("revision", "-x", "tenant=one", "--version-path", "more", "--rev-id", "bbbbbbbbbbbb")

    assert refused.returncode == 2
    assert "MG001" in refused.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project.path / "more/bbbbbbbbbbbb_add_email_to_user.py").exists()


def test_an_existing_id_is_refused(make: Make) -> None:
    """Alembic's own words, exit 2, and nothing written."""
    project = make("plain")
    project.add_column("User", "email")
    before = project.state()

    done = project.migguard("revision", "--head", "nowhere")

    assert done.returncode == 2, done.stdout
    assert "nowhere" in done.stdout + done.stderr
    assert project.state() == before


@pytest.mark.parametrize("staged", [False, True])
def test_worktree_looks_at_unstaged_models(staged: bool, make: Make) -> None:
    """Without `--worktree` unstaged edits are named and left out; with it they count."""
    project = make("plain")
    project.add_column("User", "email", stage=staged)

    index = project.migguard("revision", "--dry-run")
    worktree = project.migguard("revision", "--worktree", "--dry-run")

    assert "add_column('user'" in worktree.stdout
    if staged:
        assert "add_column('user'" in index.stdout
    else:
        assert "nothing to write" in index.stdout
        assert "the unstaged edits of `blog/models.py` were not looked at" in index.stdout


def test_interrupt_in_a_write_hook_leaves_a_file_that_was_announced(make: Make) -> None:
    """The revision is whole, and its name was said before the project's own hook ran."""
    project = make("plain")
    started = project.path / "started.db"
    script = f"import time; open('{started}', 'w').close(); time.sleep(60)"
    ini = project.read("alembic.ini").replace(
        "[post_write_hooks]",
        f"[post_write_hooks]\nhooks = stop\nstop.type = exec\nstop.executable = {sys.executable}\n"
        f'stop.options = -c "{script}" REVISION_SCRIPT_FILENAME\n',
        1,
    )
    project.commit({"alembic.ini": ini}, "settings")
    project.add_column("User", "email")

    command = [sys.executable, "-m", "migguard", "revision", "--rev-id", "bbbbbbbbbbbb"]
    with subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True) as process:
        while not started.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()

    assert process.returncode == 130
    assert "wrote migrations/versions/bbbbbbbbbbbb_add_email_to_user.py" in said
    assert "op.add_column" in project.read(f"{project.versions}/bbbbbbbbbbbb_add_email_to_user.py")


def test_unstaged_edits_of_a_revision_are_named(make: Make) -> None:
    """They may already hold what is about to be written a second time."""
    project = make("plain")
    project.add_column("User", "email")
    path = add_revision(project, "bbbbbbbbbbbb", column="emial")
    project.write({path: project.read(path).replace("emial", "email")})

    done = project.migguard("revision")

    assert f"note: the unstaged edits of `{path}` were not looked at" in done.stdout
