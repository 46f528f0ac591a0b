"""Which changes can alter a verdict: code, settings and versions; not documents, pictures or scripts of a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migguard.config import Config
from migguard.git.repository import Change, Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.schema.relevance import explain_relevance, is_relevant
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT


def change(path: str, mode: str = "100644", status: str = "M") -> Change:
    """One changed path."""
    return Change(path, status, "1" * 40, "2" * 40, mode, mode)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("app/models.py", True, id="code"),
        pytest.param("app/models.pyi", True, id="a stub, which some tools read"),
        pytest.param("alembic.ini", True, id="the environment's configuration"),
        pytest.param("pyproject.toml", True, id="our own configuration"),
        pytest.param("setup.cfg", True, id="settings"),
        pytest.param("migrations/README", True, id="anything in the environment"),
        pytest.param("migrations/versions/notes.txt", True, id="anything among the revisions"),
        pytest.param("templates/x.mako", True, id="a template"),
        pytest.param("sql/views.sql", True, id="SQL that a revision may read"),
        pytest.param("config/settings.yaml", True, id="settings in YAML"),
        pytest.param("config/settings.json", True, id="settings in JSON"),
        pytest.param(".env", True, id="a tracked .env"),
        pytest.param(".env.test", True, id="another .env"),
        pytest.param("requirements.txt", True, id="requirements, which change versions"),
        pytest.param("requirements/base.txt", True, id="a folder of requirements"),
        pytest.param("poetry.lock", True, id="a lock file"),
        pytest.param("Pipfile", True, id="a Pipfile"),
        pytest.param(".gitmodules", True, id="submodules"),
        pytest.param("README.md", False, id="a document"),
        pytest.param("docs/index.rst", False, id="documentation"),
        pytest.param("static/logo.svg", False, id="a picture"),
        pytest.param("frontend/app.ts", False, id="a script of the browser"),
        pytest.param("frontend/package-lock.json", False, id="versions of the browser's scripts"),
        pytest.param(".github/workflows/ci.yml", False, id="what CI does"),
        pytest.param(".pre-commit-config.yaml", False, id="which hooks run"),
        pytest.param("app/templates/page.html", False, id="a page"),
        pytest.param("migrations_old/notes.txt", False, id="a folder whose name only begins like the environment's"),
    ],
)
def test_path_decides(repo: GitRepository, path: str, expected: bool) -> None:
    """A table of names."""
    snapshot = IndexSnapshot(Repository.discover(repo.path))
    assert is_relevant((change(path),), (ENVIRONMENT,), snapshot, Config()) is expected


def test_one_relevant_change_is_enough_and_is_named(repo: GitRepository) -> None:
    """For -v."""
    snapshot = IndexSnapshot(Repository.discover(repo.path))
    changes = (change("README.md"), change("app/models.py", status="D"))
    reason = explain_relevance(changes, (ENVIRONMENT,), snapshot, Config())
    assert reason == "`app/models.py` may be read when the project is imported"
    assert explain_relevance((), (ENVIRONMENT,), snapshot, Config()) is None


@pytest.mark.parametrize("mode", [pytest.param("160000", id="a submodule"), pytest.param("120000", id="a link")])
def test_what_leads_to_other_files_counts(repo: GitRepository, mode: str) -> None:
    """Whatever its name."""
    snapshot = IndexSnapshot(Repository.discover(repo.path))
    assert is_relevant((change("lib", mode),), (ENVIRONMENT,), snapshot, Config())
    assert is_relevant((change("lib", mode, "D"),), (ENVIRONMENT,), snapshot, Config())


def test_settings_name_further_files(repo: GitRepository) -> None:
    """What must be materialised is read by the project."""
    snapshot = IndexSnapshot(Repository.discover(repo.path))
    assert is_relevant((change("data/names.csv"),), (ENVIRONMENT,), snapshot, Config(snapshot=("data/*.csv",)))
    elsewhere = replace(ENVIRONMENT, config_path="deploy/alembic.conf.in")
    assert is_relevant((change("deploy/alembic.conf.in"),), (elsewhere,), snapshot, Config())
