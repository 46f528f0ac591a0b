"""What helps where the project wants a setting: a variable, the name of its Flask app."""

from __future__ import annotations

import pytest

from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.schema.explain import Explanation, explain_failure
from migguard.schema.protocol import Failure
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, PROJECT, materialised


def explain(repo: GitRepository, failure: Failure) -> Explanation:
    """Notes and helps for a failure in a small project."""
    repo.commit(dict(PROJECT))
    repository = Repository.discover(repo.path)
    with materialised(repo) as tree:
        return explain_failure(repository, tree, IndexSnapshot(repository), ENVIRONMENT, failure)


@pytest.mark.parametrize(
    ("names", "note", "helps"),
    [
        pytest.param(["A"], "`A`", ('set them under [tool.migguard]: env = { A = "…" }',), id="one"),
        pytest.param(["A", "B", "C", "D", "E"], "`A`, `B`, `C` and 2 more", (), id="too many to be the cause"),
    ],
)
def test_absent_variables_name_the_setting(
    repo: GitRepository, names: list[str], note: str, helps: tuple[str, ...]
) -> None:
    """The names are facts, the line of pyproject.toml is the help."""
    told = explain(repo, Failure("environment", "KeyError: 'A'", absent_variables=names))
    assert told.notes == (f"not set in the environment, and asked for: {note}",)
    assert told.helps == helps


def test_missing_flask_app_names_the_setting(repo: GitRepository) -> None:
    """Flask's own message speaks of its command line, which nobody types in a hook."""
    told = explain(repo, Failure("environment", "Could not locate a Flask application.", "NoAppException"))
    assert told.helps == ('set it under [tool.migguard]: env = { FLASK_APP = "module:app" }',)


def test_installed_copy_names_the_editable_install(repo: GitRepository) -> None:
    """The copy is the fact, pip's line the help."""
    told = explain(repo, Failure("installed", "`app` was imported from /x/app"))
    assert told.helps == ("install this checkout in editable mode: pip install --editable .",)
