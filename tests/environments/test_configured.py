"""`[[tool.migguard.environments]]` over what is found."""

from __future__ import annotations

import pytest

from migguard.environments import Environment
from migguard.errors import ConfigError
from tests.environments.layouts import ENV, FLASK_ENV, discover, discover_one, revision, scripts
from tests.sandbox import GitRepository

INI = "[alembic]\nscript_location = migrations\n"
PROJECT = {"alembic.ini": INI, **scripts("migrations")}


def settings(*entries: str) -> dict[str, str]:
    """A pyproject.toml with these environments."""
    return {"pyproject.toml": "".join(f"[[tool.migguard.environments]]\n{entry}\n" for entry in entries)}


@pytest.mark.parametrize(
    "which",
    [
        pytest.param("", id="the only one"),
        pytest.param('config = "alembic.ini"', id="by its file"),
        pytest.param('script-location = "migrations"', id="by its script location"),
    ],
)
def test_configured_environment_has_the_values_of_its_entry(which: str, repo: GitRepository) -> None:
    """What the entry does not say is found out."""
    values = 'name = "main"\nheads = 2\npython = "py"\nx = ["a=1"]\nproject-dir = "."\nenv = { A = "1" }'
    entry = f"{which}\n{values}"

    assert discover_one(repo, {**PROJECT, **settings(entry)}) == Environment(
        name="main",
        kind="ini",
        config_path="alembic.ini",
        section="alembic",
        script_location="migrations",
        version_locations=("migrations/versions",),
        heads=2,
        python="py",
        x=("a=1",),
        env={"A": "1"},
        configured=True,
    )


def test_configured_version_locations_replace_what_env_chooses(repo: GitRepository) -> None:
    """One entry for each history of one script location; each has its own revisions and nothing is unresolved."""
    files = {
        "alembic.ini": INI,
        "migrations/env.py": ENV,
        "migrations/mysql/a1.py": revision("a1"),
        "migrations/sqlite/b1.py": revision("b1"),
        **settings(
            'name = "mysql"\nconfig = "alembic.ini"\nversion-locations = ["migrations/mysql"]',
            'name = "sqlite"\nconfig = "alembic.ini"\nversion-locations = ["migrations/sqlite"]',
        ),
    }

    discovery = discover(repo, files)

    assert [(found.name, found.version_locations, found.overrides) for found in discovery.environments] == [
        ("mysql", ("migrations/mysql",), frozenset({"version_locations"})),
        ("sqlite", ("migrations/sqlite",), frozenset({"version_locations"})),
    ]
    assert (discovery.unresolved, discovery.notes) == ((), ())


def test_configured_recursion_takes_the_subfolders(repo: GitRepository) -> None:
    """For programs that read folder by folder."""
    files = {
        **PROJECT,
        "migrations/versions/2026/b2.py": revision("b2", "a1"),
        **settings("recursive-version-locations = true"),
    }

    environment = discover_one(repo, files)

    assert environment.owns("migrations/versions/2026/b2.py")
    assert environment.overrides == {"recursive_version_locations"}


def test_configured_number_of_heads_alone_does_not_hide_stray_revisions(repo: GitRepository) -> None:
    """An entry that says nothing of folders leaves the question open."""
    files = {**PROJECT, "migrations/versions/2026/b2.py": revision("b2", "a1"), **settings("heads = 2")}

    assert [found.path for found in discover(repo, files).unresolved] == ["migrations"]


def test_configured_section_is_the_one_of_the_file(repo: GitRepository) -> None:
    """`-n prod`, also where the section only inherits."""
    files = {
        **scripts("db"),
        "alembic.ini": "[DEFAULT]\nscript_location = db\n[alembic]\n[prod]\nx = 1\n",
        **settings('config = "alembic.ini"\nsection = "prod"'),
    }

    assert discover_one(repo, files).section == "prod"


def test_configured_file_may_have_any_name(repo: GitRepository) -> None:
    """`alembic -c db.cfg`."""
    files = {**scripts("migrations"), "db.cfg": INI, **settings('config = "db.cfg"')}

    assert discover_one(repo, files).config_path == "db.cfg"


def test_configured_script_location_needs_no_file(repo: GitRepository) -> None:
    """A program builds Alembic's configuration."""
    files = {**scripts("app/db", env=FLASK_ENV), **settings('script-location = "app/db"\nflask-app = "app:create"')}

    environment = discover_one(repo, files)

    assert (environment.name, environment.kind, environment.config_path) == ("app/db", "flask", None)
    assert (environment.flask_app, environment.overrides) == ("app:create", frozenset({"script_location"}))


@pytest.mark.parametrize(
    ("entry", "config_path"),
    [
        pytest.param('config = "alembic.ini"', "alembic.ini", id="its folder is gone"),
        pytest.param('config = "gone.ini"\nscript-location = "migrations"', "gone.ini", id="its file is gone too"),
        pytest.param('script-location = "migrations"', None, id="named by its folder"),
    ],
)
def test_configured_environment_without_files_is_still_there(
    entry: str, config_path: str | None, repo: GitRepository
) -> None:
    """Whoever checks it finds that its revisions are lost."""
    environment = discover_one(repo, {"alembic.ini": INI, **settings(entry)})

    assert (environment.script_location, environment.config_path) == ("migrations", config_path)
    assert (environment.version_locations, environment.configured) == (("migrations/versions",), True)


@pytest.mark.parametrize(
    ("entry", "path", "reason"),
    [
        pytest.param('config = "gone.ini"', "gone.ini", "the configured `gone.ini` does not exist", id="no such file"),
        pytest.param(
            'config = "alembic.ini"\nsection = "prod"',
            "alembic.ini",
            "the configured `alembic.ini` has no section `[prod]` for Alembic",
            id="no such section",
        ),
        pytest.param('config = "bad.ini"', "bad.ini", "File contains no section headers.", id="no ini file"),
        pytest.param('name = "main"', "pyproject.toml", "no environment for the configured `main`", id="none at all"),
    ],
)
def test_configured_environment_that_leads_nowhere_is_unresolved(
    entry: str, path: str, reason: str, repo: GitRepository
) -> None:
    """Nothing is known of it, so nothing can be checked."""
    discovery = discover(repo, {"alembic.ini": INI, "bad.ini": "oops\n", **settings(entry)})

    assert discovery.environments == ()
    assert [(found.path, found.reason) for found in discovery.unresolved] == [(path, reason)]


def test_configured_list_is_complete(repo: GitRepository) -> None:
    """What else was found is only noted."""
    files = {
        **PROJECT,
        "examples/alembic.ini": INI,
        **scripts("examples/migrations"),
        "half/alembic.ini": INI,
        "half/migrations/versions/h1.py": revision("h1"),
        **scripts("program"),
        **settings('config = "alembic.ini"'),
    }

    discovery = discover(repo, files)

    assert [found.name for found in discovery.environments] == ["migrations"]
    assert discovery.unresolved == ()
    assert discovery.notes == (
        "`examples/migrations` (`examples/alembic.ini`) is not among the configured environments",
        "`half/alembic.ini`: it names revision files, but there is no env.py",
        "`program/versions`: 1 revision file of no environment",
    )


def test_entry_that_could_mean_several_is_an_error(repo: GitRepository) -> None:
    """Every such entry is told."""
    files = {**PROJECT, "b/alembic.ini": INI, **scripts("b/migrations"), **settings("heads = 2", 'name = "b"')}

    with pytest.raises(ConfigError) as caught:
        discover(repo, files)

    several = "neither `config` nor `script-location`, and there are several environments: `migrations`, `b/migrations`"
    assert [(problem.message, problem.hint, problem.path) for problem in caught.value.problems] == [
        (f"`tool.migguard.environments[0]`: {several}", "add `config` or `script-location`", "pyproject.toml"),
        (f"`tool.migguard.environments[1]`: {several}", "add `config` or `script-location`", "pyproject.toml"),
    ]
