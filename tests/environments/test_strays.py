"""Revision files outside every version location."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.environments.layouts import ENV, discover, revision, scripts
from tests.sandbox import GitRepository

INI = "[alembic]\nscript_location = migrations\n"
PROJECT = {"alembic.ini": INI, **scripts("migrations")}
EMPTY_PROJECT = {"alembic.ini": INI, "migrations/env.py": ENV, "migrations/script.py.mako": ""}


@pytest.mark.parametrize(
    ("files", "path", "reason"),
    [
        pytest.param(
            {
                **EMPTY_PROJECT,
                "migrations/mysql_versions/a1.py": revision("a1"),
                "migrations/sqlite_versions/b1.py": revision("b1"),
            },
            "migrations",
            "no revision in `migrations/versions`, but in `migrations/mysql_versions`, `migrations/sqlite_versions` "
            "(2 revision files)",
            id="env.py chooses the folder",
        ),
        pytest.param(
            {
                **PROJECT,
                "migrations/versions/2025/b2.py": revision("b2", "a1"),
                "migrations/versions/2026/c3.py": revision("c3", "b2"),
            },
            "migrations",
            "`migrations/versions` is not all of its history, which goes on in `migrations/versions/2025`, "
            "`migrations/versions/2026` (2 revision files)",
            id="a program reads subfolders, which continue each other",
        ),
        pytest.param(
            {
                **EMPTY_PROJECT,
                **{f"migrations/v{number}/a{number}.py": revision(f"a{number}") for number in range(1, 7)},
            },
            "migrations",
            "no revision in `migrations/versions`, but in `migrations/v1`, `migrations/v2`, `migrations/v3`, "
            "`migrations/v4` and 2 more folders (6 revision files)",
            id="many folders",
        ),
        pytest.param(
            scripts("db/migrations"),
            "db/migrations",
            "`db/migrations/env.py` has 1 revision file, but no configuration file leads to it",
            id="a configuration made by a program",
        ),
    ],
)
def test_environment_whose_revisions_are_elsewhere_is_unresolved(
    files: Mapping[str, str], path: str, reason: str, repo: GitRepository
) -> None:
    """And it is not among the environments: what could be said of it would be about half of it."""
    discovery = discover(repo, files)

    assert discovery.environments == ()
    assert [(found.path, found.reason) for found in discovery.unresolved] == [(path, reason)]


@pytest.mark.parametrize(
    "plugin",
    [
        pytest.param(revision("p1", "a1"), id="follows a revision"),
        pytest.param(revision("p1", depends_on="a1"), id="depends on a revision"),
        pytest.param(revision("p1", depends_on="core"), id="depends on a label"),
        pytest.param('revision = "p1"\ndown_revision = (\n    "x",\n    "a1",\n)\n', id="several parents on lines"),
    ],
)
def test_plugin_that_continues_an_environment_is_unresolved_beside_it(plugin: str, repo: GitRepository) -> None:
    """The environment is whole by its own file, so it is checked; the plugin's revisions are not."""
    labelled = {"migrations/versions/a1.py": revision("a1", label="core")}

    discovery = discover(repo, {**PROJECT, **labelled, "plugins/p/versions/p1.py": plugin})

    assert [found.name for found in discovery.environments] == ["migrations"]
    assert [(found.path, found.reason) for found in discovery.unresolved] == [
        (
            "plugins/p/versions",
            "revisions of `migrations` are followed by 1 revision file outside its version locations, "
            "in `plugins/p/versions`",
        )
    ]


@pytest.mark.parametrize(
    ("files", "notes"),
    [
        pytest.param({"migrations/helper.py": "x = 1\n"}, (), id="a module beside env.py"),
        pytest.param({"app/versions/api.py": "revision = 3\n"}, (), id="a folder called versions of something else"),
        pytest.param(
            {"migrations/versions/old/z1.py": revision("z1"), "migrations/versions/old/a1.py": revision("a1", "z1")},
            ("`migrations/versions/old`: 2 revision files of no environment",),
            id="an archive that ends in the revision that replaced it",
        ),
        pytest.param(
            {"docs/versions/x1.py": revision("x1")},
            ("`docs/versions`: 1 revision file of no environment",),
            id="a lone example",
        ),
        pytest.param(
            {"backup/versions/a1.py": revision("a1"), "backup/versions/b1.py": revision("b1")},
            ("`backup/versions`: 2 revision files of no environment",),
            id="a copy",
        ),
    ],
)
def test_revisions_that_continue_nothing_are_at_most_noted(
    files: Mapping[str, str], notes: tuple[str, ...], repo: GitRepository
) -> None:
    """An archive or an example is no part of the environment."""
    discovery = discover(repo, {**PROJECT, **files})

    assert [found.name for found in discovery.environments] == ["migrations"]
    assert (discovery.unresolved, discovery.notes) == ((), notes)


def test_excluded_revisions_are_not_looked_at(repo: GitRepository) -> None:
    """The user has said that they do not count."""
    settings = {"pyproject.toml": '[tool.migguard]\nexclude = ["migrations/versions/old/", "examples/"]\n'}

    discovery = discover(
        repo,
        {**PROJECT, **settings, "migrations/versions/old/b2.py": revision("b2", "a1"), **scripts("examples/one")},
    )

    assert [found.name for found in discovery.environments] == ["migrations"]
    assert (discovery.unresolved, discovery.notes) == ((), ())


def test_plugin_in_the_version_locations_needs_no_env_of_its_own(repo: GitRepository) -> None:
    """Its own ini file is for making revisions; the environment it belongs to has them."""
    files = {
        **PROJECT,
        "alembic.ini": INI + "version_locations = migrations/versions plugin/migrations/versions\n",
        "plugin/alembic.ini": INI,
        "plugin/migrations/versions/p1.py": revision("p1", depends_on="a1"),
    }

    discovery = discover(repo, files)

    assert [found.name for found in discovery.environments] == ["migrations"]
    assert discovery.unresolved == ()
    assert discovery.notes == ("`plugin/alembic.ini`: it names revision files, but there is no env.py",)
