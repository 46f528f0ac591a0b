"""From the files of a snapshot to its environments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from migguard.config import Config
from migguard.environments import Environment, UnresolvedEnvironment, discover_environments
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot, TreeSnapshot
from tests.environments.layouts import ENV, FLASK_ENV, discover, discover_one, revision, scripts
from tests.sandbox import GitRepository

INI = "[alembic]\nscript_location = migrations\n"
HERE_INI = "[alembic]\nscript_location = %(here)s/migrations\n"
PLAIN = Environment("migrations", "ini", "alembic.ini", "alembic", "migrations", ("migrations/versions",))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"alembic.ini": INI, **scripts("migrations")}, PLAIN, id="plain"),
        pytest.param({"alembic.ini": HERE_INI, **scripts("migrations")}, PLAIN, id="here"),
        pytest.param(
            {"alembic.ini": INI, "migrations/env.py": ENV, "migrations/script.py.mako": ""},
            PLAIN,
            id="just initialised",
        ),
        pytest.param(
            {"backend/alembic.ini": INI, **scripts("backend/migrations")},
            Environment(
                "backend/migrations",
                "ini",
                "backend/alembic.ini",
                "alembic",
                "backend/migrations",
                ("backend/migrations/versions",),
                project_dir="backend",
            ),
            id="in a subfolder, run there",
        ),
        pytest.param(
            {"etc/db/alembic.ini": INI, **scripts("migrations")},
            replace(PLAIN, config_path="etc/db/alembic.ini"),
            id="a file further down, run from the top with -c",
        ),
        pytest.param(
            {"etc/alembic.ini": INI.replace("mig", "../mig"), **scripts("migrations")},
            replace(PLAIN, config_path="etc/alembic.ini", project_dir="etc"),
            id="a way up",
        ),
        pytest.param(
            {"config/db.ini": INI, **scripts("migrations")},
            replace(PLAIN, config_path="config/db.ini"),
            id="an ini file of any name",
        ),
        pytest.param(
            {"alembic.ini": INI.replace("[alembic]", "[main]"), **scripts("migrations")},
            replace(PLAIN, section="main"),
            id="a section of any name",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = .\n", "env.py": ENV, "versions/a1.py": revision("a1")},
            replace(PLAIN, name=".", script_location="", version_locations=("versions",)),
            id="the script location is the top",
        ),
        pytest.param(
            {
                "app/db/__init__.py": "",
                "app/__init__.py": "",
                "app/db/alembic.ini": HERE_INI,
                **scripts("app/db/migrations"),
            },
            Environment(
                "app/db/migrations",
                "ini",
                "app/db/alembic.ini",
                "alembic",
                "app/db/migrations",
                ("app/db/migrations/versions",),
            ),
            id="an ini file inside a package, run from where the package is imported",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = app.db:migrations\n", **scripts("app/db/migrations")},
            Environment(
                "app/db/migrations",
                "ini",
                "alembic.ini",
                "alembic",
                "app/db/migrations",
                ("app/db/migrations/versions",),
            ),
            id="a package at the top",
        ),
        pytest.param(
            {
                "alembic.ini": "[alembic]\nscript_location = app:db\nversion_locations = app:db/v plug:v\n",
                "src/app/db/env.py": ENV,
                "src/app/db/v/a1.py": revision("a1"),
                "plugins/plug/v/b1.py": revision("b1"),
            },
            Environment(
                "src/app/db",
                "ini",
                "alembic.ini",
                "alembic",
                "src/app/db",
                ("src/app/db/v", "plugins/plug/v"),
            ),
            id="packages in src and in a folder of their own",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/migrations"\n', **scripts("migrations")},
            replace(PLAIN, kind="pyproject", config_path="pyproject.toml"),
            id="pyproject.toml",
        ),
        pytest.param(
            {
                "pyproject.toml": '[tool.alembic]\nscript_location = "migrations"\n',
                "alembic.ini": "[alembic]\nsqlalchemy.url = x\nrecursive_version_locations = true\n",
                **scripts("migrations"),
            },
            replace(PLAIN, kind="pyproject", config_path="pyproject.toml", recursive=True),
            id="pyproject.toml with the rest in alembic.ini",
        ),
        pytest.param(
            {
                "pyproject.toml": '[tool.alembic]\nscript_location = "x"\nrecursive_version_locations = true\n',
                "alembic.ini": INI,
                **scripts("migrations"),
            },
            replace(PLAIN, recursive=True),
            id="alembic.ini with the rest in pyproject.toml",
        ),
        pytest.param(
            {"migrations/alembic.ini": "[alembic]\n", **scripts("migrations", env=FLASK_ENV)},
            replace(
                PLAIN,
                kind="flask",
                config_path="migrations/alembic.ini",
                overrides=frozenset({"script_location"}),
            ),
            id="Flask-Migrate",
        ),
        pytest.param(
            {
                "shop/__init__.py": "",
                "shop/migrations/alembic.ini": "[alembic]\n",
                **scripts("shop/migrations", env=FLASK_ENV),
            },
            Environment(
                "shop/migrations",
                "flask",
                "shop/migrations/alembic.ini",
                "alembic",
                "shop/migrations",
                ("shop/migrations/versions",),
                overrides=frozenset({"script_location"}),
            ),
            id="Flask-Migrate inside the package",
        ),
        pytest.param(
            {"api/migrations/alembic.ini": INI, **scripts("api/migrations", env=FLASK_ENV)},
            Environment(
                "api/migrations",
                "flask",
                "api/migrations/alembic.ini",
                "alembic",
                "api/migrations",
                ("api/migrations/versions",),
                project_dir="api",
            ),
            id="Flask-Migrate with a script location all the same",
        ),
        pytest.param(
            {"db/alembic.ini": "[alembic]\n", **scripts("db")},
            Environment(
                "db",
                "ini",
                "db/alembic.ini",
                "alembic",
                "db",
                ("db/versions",),
                overrides=frozenset({"script_location"}),
            ),
            id="no script location, no Flask: a program sets it",
        ),
        pytest.param(
            {"grün/alembic.ini": INI, **scripts("grün/migrations")},
            Environment(
                "grün/migrations",
                "ini",
                "grün/alembic.ini",
                "alembic",
                "grün/migrations",
                ("grün/migrations/versions",),
                project_dir="grün",
            ),
            id="letters beyond ASCII",
        ),
    ],
)
def test_environment_is_found(files: Mapping[str, str], expected: Environment, repo: GitRepository) -> None:
    """Every layout gives its one environment, whole."""
    assert discover_one(repo, files) == expected


def test_relative_version_locations_tell_where_the_user_stands(repo: GitRepository) -> None:
    """With `%(here)s` in the script location, they are the only thing that does."""
    files = {
        "db/alembic.ini": "[alembic]\nscript_location = %(here)s/scripts\nversion_locations = db/revisions\n",
        "db/scripts/env.py": ENV,
        "db/revisions/a1.py": revision("a1"),
    }

    environment = discover_one(repo, files)

    assert (environment.project_dir, environment.version_locations) == ("", ("db/revisions",))


def test_several_environments_are_found_each_with_a_name(repo: GitRepository) -> None:
    """Sections with version locations of their own are environments of their own."""
    files = {
        "alembic.ini": "[one]\nscript_location = db\nversion_locations = v1\n"
        "[two]\nscript_location = db\nversion_locations = v2\n",
        "db/env.py": ENV,
        "v1/a1.py": revision("a1"),
        "v2/b1.py": revision("b1"),
        "billing/alembic.ini": INI,
        **scripts("billing/migrations"),
    }

    environments = discover(repo, files).environments

    assert [(found.name, found.section, found.version_locations) for found in environments] == [
        ("billing/migrations", "alembic", ("billing/migrations/versions",)),
        ("db", "one", ("v1",)),
        ("db:two", "two", ("v2",)),
    ]


def test_environment_that_two_configurations_mean_is_one(repo: GitRepository) -> None:
    """The file that plain `alembic` reads is taken; sections with the same folders are one as well."""
    files = {
        "alembic-prod.ini": INI,
        "alembic.ini": INI + "[prod]\nscript_location = %(here)s/migrations\n",
        **scripts("migrations"),
    }

    discovery = discover(repo, files)

    assert discovery.environments == (PLAIN,)
    assert discovery.notes == ("`alembic-prod.ini` configures the same environment as `alembic.ini`",)


@pytest.mark.parametrize(
    ("files", "notes"),
    [
        pytest.param({"README": ""}, (), id="nothing of Alembic"),
        pytest.param({"tox.ini": "[tox]\n", "pyproject.toml": "[tool.black]\n"}, (), id="other tools' files"),
        pytest.param(
            {"alembic.ini": INI},
            ("`alembic.ini`: its script_location `migrations` is not in the repository",),
            id="no folder",
        ),
        pytest.param(
            {"alembic.ini": INI, "migrations/001.sql": ""},
            ("`alembic.ini`: no env.py in its script_location `migrations`",),
            id="a folder of something else",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = {{ app }}/migrations\n"},
            ("`alembic.ini` is a template: its script_location is `{{ app }}/migrations`",),
            id="a template",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = installed:migrations\n"},
            ("`alembic.ini`: its script_location `installed:migrations` is not in the repository",),
            id="a package from elsewhere",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = /srv/migrations\n"},
            ("`alembic.ini`: its script_location `/srv/migrations` is not in the repository",),
            id="an absolute path",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = %(here)s/../../x\n"},
            ("`alembic.ini`: its script_location `%(here)s/../../x` is not in the repository",),
            id="a way out of the repository",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\nscript_location = %(DIR)s\n"},
            ("`alembic.ini`: `script_location = %(DIR)s` has a value that only running Alembic can tell",),
            id="a variable",
        ),
        pytest.param(
            {"alembic.ini": "[alembic]\n"},
            ("`alembic.ini` names no script_location, and no env.py is beside it",),
            id="bare",
        ),
        pytest.param(
            {"alembic.ini": "oops\n"}, ("`alembic.ini` cannot be read: File contains no section headers.",), id="no ini"
        ),
    ],
)
def test_what_is_no_environment_is_noted(files: Mapping[str, str], notes: tuple[str, ...], repo: GitRepository) -> None:
    """With the reason, and never a crash."""
    discovery = discover(repo, files)

    assert (discovery.environments, discovery.unresolved) == ((), ())
    assert discovery.notes == notes


@pytest.mark.parametrize("pattern", ["tests/", "alembic.ini", "migrations/", "tests/data/migrations/env.py"])
def test_excluded_environment_is_only_noted(pattern: str, repo: GitRepository) -> None:
    """A glob may mean the configuration file or the script location."""
    files = {
        "pyproject.toml": f'[tool.migguard]\nexclude = ["{pattern}"]\n',
        "tests/data/alembic.ini": INI,
        **scripts("tests/data/migrations"),
    }

    discovery = discover(repo, files)

    assert (discovery.environments, discovery.unresolved) == ((), ())
    assert discovery.notes == ("`tests/data/alembic.ini` is excluded",)


def test_discovery_reads_the_snapshot_and_not_the_disk(repo: GitRepository) -> None:
    """What is only in the work tree does not exist; what was deleted there only, does."""
    repo.stage({"alembic.ini": INI, **scripts("migrations")})
    repo.write({"alembic.ini": None, "other/alembic.ini": INI, **scripts("other/migrations")})
    snapshot = IndexSnapshot(Repository.discover(repo.path))

    assert discover_environments(snapshot, Config()).environments == (PLAIN,)


def test_symbolic_link_to_an_ini_file_is_not_read_as_one(repo: GitRepository) -> None:
    """Its blob is a path, not settings."""
    (repo.path / "linked").mkdir()
    (repo.path / "linked/alembic.ini").symlink_to("../alembic.ini")
    repo.git("add", "linked")

    discovery = discover(repo, {"alembic.ini": INI, **scripts("migrations")})

    assert (discovery.environments, discovery.notes) == ((PLAIN,), ())


def test_revision_paths_are_those_of_the_version_locations(repo: GitRepository) -> None:
    """Only direct children, only names that Alembic takes."""
    names = [
        "a1.py",
        "b 2.py",
        "__init__.py",
        "__init__x.py",
        ".#c.py",
        "README",
        "d.pyc",
        "sub/e.py",
        "__pycache__/f.py",
    ]
    repo.commit({f"migrations/versions/{name}": "" for name in names})
    snapshot = TreeSnapshot(Repository.discover(repo.path), "HEAD")
    folder = "migrations/versions"

    assert PLAIN.revision_paths(snapshot) == (f"{folder}/a1.py", f"{folder}/b 2.py")
    assert replace(PLAIN, recursive=True).revision_paths(snapshot) == (
        f"{folder}/a1.py",
        f"{folder}/b 2.py",
        f"{folder}/sub/e.py",
    )


@pytest.mark.parametrize(
    ("files", "path", "reason"),
    [
        pytest.param(
            {"alembic.ini": INI, "migrations/versions/a1.py": revision("a1")},
            "migrations",
            "`alembic.ini`: it names revision files, but there is no env.py",
            id="env.py is gone",
        ),
        pytest.param(
            {"alembic.ini": INI + "version_locations = %(DIR)s\n", **scripts("migrations")},
            "migrations",
            "`alembic.ini`: `version_locations = %(DIR)s` has a value that only running Alembic can tell",
            id="a variable in the version locations",
        ),
        pytest.param(
            {"alembic.ini": INI + "version_locations = migrations/versions plugin:versions\n", **scripts("migrations")},
            "migrations",
            "`alembic.ini`: its version location `plugin:versions` is not in the repository",
            id="revisions of an installed package",
        ),
    ],
)
def test_environment_that_files_do_not_tell_is_unresolved(
    files: Mapping[str, str], path: str, reason: str, repo: GitRepository
) -> None:
    """It must not look as if there were nothing to check."""
    discovery = discover(repo, files)

    assert discovery.environments == ()
    assert discovery.unresolved == (
        UnresolvedEnvironment(
            path,
            reason,
            "describe it in pyproject.toml as `[[tool.migguard.environments]]`, or leave it out with `exclude`",
        ),
    )
