"""`migguard check` by hand and in CI: the index, the work tree, any ref."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.projects import KINDS, Kind, Project

Make = Callable[[Kind], Project]


@pytest.mark.parametrize("kind", KINDS)
def test_each_snapshot_gets_its_own_verdict(kind: Kind, make: Make) -> None:
    """Point 7: HEAD is clean, the index lacks a revision, the work tree lacks two, and nothing changes."""
    project = make(kind)
    project.add_column("User", "email")
    project.add_column("User", "phone", stage=False)
    before = project.state()

    ref, index, worktree = (
        project.migguard("check", *arguments) for arguments in (("--ref", "HEAD"), (), ("--worktree",))
    )

    assert (ref.returncode, index.returncode, worktree.returncode) == (0, 1, 1), ref.stdout + ref.stderr
    assert ref.stdout == "clean: 1 environment, 1 revision, engine sqlite\n"
    assert "`user.email`" in index.stdout
    assert "`user.phone`" not in index.stdout
    assert "`user.email`" in worktree.stdout
    assert "`user.phone`" in worktree.stdout
    assert project.state() == before


def test_concise_form_is_one_line_a_finding(make: Make) -> None:
    """`--format concise` for editors and logs."""
    project = make("plain")
    project.add_column("User", "email")
    line = project.read(project.models).splitlines().index("    email = Column(String(120))") + 1

    done = project.migguard("check", "--format", "concise")

    assert done.stdout == (
        f"blog/models.py:{line}: MG201 column `user.email` is in the staged models but in no staged revision\n"
    )


def test_a_repository_without_alembic_is_an_error_not_clean(make: Make) -> None:
    """Finding nothing to check exits 2."""
    project = make("plain")
    project.git("rm", "-q", "-r", "--cached", "migrations", "alembic.ini")

    done = project.migguard("check")

    assert done.returncode == 2
    assert "no Alembic environment in the index" in done.stderr


def test_a_branch_without_alembic_passes_the_hook(make: Make) -> None:
    """Plain hooks are installed for all branches, gh-pages too."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.git("switch", "-q", "--orphan", "gh-pages")
    project.stage({"index.html": "<p>\n", "build.py": "print()\n"})

    done = project.run("git", "commit", "-m", "pages")

    assert "no Alembic environment in this tree" in done.stdout + done.stderr


def test_allowed_once_by_the_environment(make: Make) -> None:
    """`MIGGUARD_ALLOW=MG201` lets one commit through; the next check still finds it."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.add_column("User", "email")

    done = project.run("git", "commit", "-m", "models first", env={"MIGGUARD_ALLOW": "MG201"})

    assert "waived[MG201 unmigrated-models]" in done.stdout + done.stderr
    assert project.migguard("check").returncode == 1


def test_expected_drift_is_shown_as_waived_with_its_reason(make: Make) -> None:
    """A known difference does not fail, and is not hidden."""
    project = make("plain")
    drift = (
        '[[tool.migguard.expected-drift]]\noperation = "add_column"\ntable = "user"\ncolumn = "email"\n'
        'reason = "added by the DBA"\n'
    )
    project.stage({"pyproject.toml": drift})
    project.add_column("User", "email")

    done = project.migguard("check")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "waived: added by the DBA" in done.stdout


def test_cannot_check_may_warn_on_a_colleagues_machine_and_never_in_ci(make: Make) -> None:
    """`on-cannot-check = "warn"`: the commit goes through with a warning; the same hook run in CI exits 2."""
    project = make("plain")
    project.commit({"pyproject.toml": '[tool.migguard]\non-cannot-check = "warn"\n'}, "settings")
    assert project.migguard("install").returncode == 0
    project.stage({project.models: "import not_installed\n" + project.read(project.models)})

    in_ci = project.migguard("hook", "pre-commit", env={"CI": "true"})
    check = project.migguard("check")
    commit = project.run("git", "commit", "-m", "on a plane", env={"CI": "true"})

    assert (in_ci.returncode, check.returncode) == (2, 2)
    assert "error[MG001 environment-unavailable]" in in_ci.stdout
    assert "warning[MG001 environment-unavailable]" in commit.stdout + commit.stderr
    assert "not everything was checked" in commit.stdout + commit.stderr


@pytest.mark.parametrize(
    ("dialect", "status", "said"),
    [
        pytest.param("mssql+pymssql", 2, "error[MG002 replay-unsupported]", id="without an engine"),
        pytest.param("postgresql", 0, "clean: 1 environment, 1 revision, engine catalog", id="with the catalog"),
    ],
)
def test_server_of_another_dialect_is_never_asked(dialect: str, status: int, said: str, make: Make) -> None:
    """A server that listens at the project's URL sees no connection, whatever the answer is."""
    import socket

    project = make("plain")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        ini = project.read("alembic.ini").replace("sqlite:///app.db", f"{dialect}://user@127.0.0.1:{port}/app")
        project.stage({"alembic.ini": ini})

        done = project.migguard("check")

        assert done.returncode == status, done.stdout + done.stderr
        assert said in done.stdout
        with pytest.raises(TimeoutError):
            server.accept()


def test_environments_that_cannot_be_told_are_named_all_and_the_others_are_checked(make: Make) -> None:
    """A plugin's revisions without a configuration: MG001 for each, exit 2, and the main environment is judged."""
    project = make("plain")
    revision = "revision = {!r}\ndown_revision = None\n\n\ndef upgrade():\n    pass\n"
    project.stage(
        {
            "plugins/one/env.py": "from alembic import context\n",
            "plugins/one/versions/1f_one.py": revision.format("1f"),
            "plugins/two/env.py": "from alembic import context\n",
            "plugins/two/versions/2f_two.py": revision.format("2f"),
        }
    )

    clean = project.migguard("check")

    assert clean.returncode == 2, clean.stdout + clean.stderr
    for name in ("one", "two"):
        assert f"error[MG001 environment-unavailable]: `plugins/{name}/env.py` has 1 revision file" in clean.stdout
    assert "2 errors in 2 of 3 environments; not everything was checked" in clean.stdout

    project.add_column("User", "email")
    changed = project.migguard("check")

    assert changed.returncode == 1, changed.stdout + changed.stderr
    assert "`user.email`" in changed.stdout
    assert changed.stdout.count("error[MG001 environment-unavailable]") == 2


def test_environment_that_cannot_be_told_may_be_a_warning_in_a_commit(make: Make) -> None:
    """`on-cannot-check = "warn"` holds for what discovery could not tell too."""
    project = make("plain")
    assert project.migguard("install").returncode == 0
    project.stage(
        {
            "pyproject.toml": '[tool.migguard]\non-cannot-check = { commit = "warn" }\n',
            "plugins/one/env.py": "from alembic import context\n",
            "plugins/one/versions/1f_one.py": "revision = '1f'\ndown_revision = None\n",
        }
    )

    done = project.run("git", "commit", "-m", "a plugin")

    assert "warning[MG001 environment-unavailable]" in done.stdout + done.stderr
    assert project.git("log", "-1", "--format=%s").strip() == "a plugin"


def test_models_before_the_change_are_kept_for_the_same_surroundings_only(make: Make) -> None:
    """A variable that the models read changed between two checks, and the commit changes none of them."""
    project = make("plain")
    text = project.read(project.models)
    text = text.replace("from sqlalchemy import", "import os\nfrom sqlalchemy import CheckConstraint,", 1)
    limit = '    __table_args__ = (CheckConstraint("length(name) < " + os.environ["LIMIT"], name="ck"),)\n'
    text = text.replace('    __tablename__ = "user"\n', '    __tablename__ = "user"\n' + limit)
    project.commit({project.models: text}, "a limit")
    project.migguard("check", env={"LIMIT": "10"})
    project.stage({"blog/other.py": ""})

    done = project.migguard("check", env={"LIMIT": "20"})

    assert done.stdout == "clean: 1 environment, 1 revision, engine sqlite\n"
