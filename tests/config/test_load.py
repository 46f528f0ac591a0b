"""Settings out of a snapshot of a real repository."""

from __future__ import annotations

import pytest

from migguard.config import Config, load_config
from migguard.errors import ConfigError
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from tests.sandbox import GitRepository


def load(repo: GitRepository) -> Config:
    """The settings in the repository's index."""
    return load_config(IndexSnapshot(Repository.discover(repo.path)))


def test_settings_are_read_from_the_snapshot_not_from_disk(repo: GitRepository) -> None:
    """The staged text counts, an unstaged edit does not."""
    repo.stage({"pyproject.toml": "[tool.migguard]\ntimeout = 7\n"})
    repo.write({"pyproject.toml": "[tool.migguard]\ntimeout = 8\n"})

    assert load(repo) == Config(source="pyproject.toml", timeout=7.0)


def test_repository_without_pyproject_has_the_defaults(repo: GitRepository) -> None:
    """No file, no settings, no error."""
    repo.stage({"README": ""})

    assert load(repo) == Config()


def test_settings_in_a_nested_pyproject_are_an_error(repo: GitRepository) -> None:
    """They would be ignored in silence; mistakes of the top-level file are told along with them."""
    repo.stage(
        {
            "pyproject.toml": "[tool.migguard]\nstages = true\n",
            "backend/pyproject.toml": "[tool.migguard]\nstage = true\n",
            "other/pyproject.toml": "[tool.black]\n",
        }
    )

    with pytest.raises(ConfigError) as caught:
        load(repo)

    assert [(problem.message, problem.hint, problem.path) for problem in caught.value.problems] == [
        ("`tool.migguard.stages`: unknown key", "did you mean `stage`?", "pyproject.toml"),
        (
            "`[tool.migguard]` in `backend/pyproject.toml`, which is not the top-level pyproject.toml",
            "move the settings to the pyproject.toml at the top of the repository",
            "backend/pyproject.toml",
        ),
    ]


@pytest.mark.parametrize("table", ["[tool.migguard]", "[[tool.migguard.environments]]", '[ tool . "migguard" ]'])
def test_nested_settings_are_recognised_without_a_top_level_file(table: str, repo: GitRepository) -> None:
    """In any spelling of the table's header."""
    repo.stage({"backend/pyproject.toml": f"{table}\n"})

    with pytest.raises(ConfigError):
        load(repo)


def test_excluded_nested_settings_are_no_error(repo: GitRepository) -> None:
    """A test project may bring its own settings."""
    repo.stage(
        {
            "pyproject.toml": '[tool.migguard]\nexclude = ["tests/data/"]\n',
            "tests/data/pyproject.toml": "[tool.migguard]\nstage = true\n",
        }
    )

    assert load(repo).exclude == ("tests/data/",)
