"""The project's own Python: found in the order a person would mean, never migguard's by accident."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.config import Config
from migguard.environments import Environment
from migguard.git.repository import Repository
from migguard.schema.candidates import Own
from migguard.schema.interpreter import Interpreter, InterpreterNotFound, find_interpreter
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, make_venv

BASE = Path(os.path.realpath(sys.executable))


def find(
    repo: GitRepository,
    config: Config | None = None,
    *,
    environment: Environment = ENVIRONMENT,
    own: Path | None = None,
    variables: Mapping[str, str] | None = None,
    **environ: str,
) -> Interpreter:
    """Search with a PATH that has nothing but /usr/bin-like folders without Python, as a hook environment at `own`."""
    prefix = own or repo.path.parent / ".cache" / "pre-commit" / "repo1" / "py_env-python3"
    known = {"HOME": str(repo.path.parent), "PATH": str(repo.path.parent / "bin"), **environ, **(variables or {})}
    repository = Repository.discover(repo.path)
    repository.make_state_dir()
    return find_interpreter(
        repository, environment, config or Config(), known, own=Own(prefix, prefix / "bin" / "python")
    )


def test_virtual_environment_in_the_repository_is_found(repo: GitRepository) -> None:
    """With its versions, and as a virtual environment."""
    python = make_venv(repo.path / ".venv")
    found = find(repo)
    assert found.path == python
    assert found.source == "`.venv`"
    assert set(found.versions) == {"python", "alembic", "sqlalchemy"}
    assert found.is_virtual
    assert found.prefix == repo.path / ".venv"


@pytest.mark.parametrize(
    ("project_dir", "place"),
    [
        pytest.param("backend", "backend/.venv", id="in the project's own folder"),
        pytest.param("backend", "venv", id="at the top"),
        pytest.param("services/api", "services/.venv", id="between them"),
    ],
)
def test_virtual_environment_above_the_project_is_found(repo: GitRepository, project_dir: str, place: str) -> None:
    """From the project's folder upwards."""
    (repo.path / project_dir).mkdir(parents=True)
    python = make_venv(repo.path / place)
    assert find(repo, environment=replace(ENVIRONMENT, project_dir=project_dir)).path == python


def test_nearest_environment_wins(repo: GitRepository) -> None:
    """Each service of a repository has its own."""
    make_venv(repo.path / ".venv")
    near = make_venv(repo.path / "backend" / ".venv")
    assert find(repo, environment=replace(ENVIRONMENT, project_dir="backend")).path == near


def test_linked_worktree_uses_the_main_ones_environment(repo: GitRepository, tmp_path: Path) -> None:
    """Nobody installs a second one for a short look at another branch."""
    repo.commit({"a.py": ""})
    python = make_venv(repo.path / ".venv")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert find(GitRepository(tmp_path / "linked")).path == python


def test_environment_without_the_packages_is_passed_over(repo: GitRepository) -> None:
    """The next candidate is asked."""
    make_venv(repo.path / ".venv", packages=False)
    python = make_venv(repo.path / "venv")
    assert find(repo).path == python


def test_folder_named_alembic_is_not_taken_for_the_package(repo: GitRepository) -> None:
    """Most projects have one, and it is found from the project's folder by a plain import."""
    repo.write({"alembic/__init__.py": "__version__ = '99'\n", "sqlalchemy/__init__.py": ""})
    make_venv(repo.path / ".venv", packages=False)
    with pytest.raises(InterpreterNotFound) as caught:
        find(repo, PYTHONPATH=str(repo.path))
    assert "`.venv`: " in caught.value.message
    assert "has no Alembic and no SQLAlchemy" in caught.value.message


def test_active_environment_wins_over_the_repositorys(repo: GitRepository, tmp_path: Path) -> None:
    """Unless it is migguard's own, which a hook runner puts there."""
    inside = make_venv(repo.path / ".venv")
    active = make_venv(tmp_path / "active")
    assert find(repo, VIRTUAL_ENV=str(tmp_path / "active")).path == active
    assert find(repo, VIRTUAL_ENV=str(tmp_path / "active"), own=tmp_path / "active").path == inside


def test_environment_on_path_wins_over_the_repositorys(repo: GitRepository, tmp_path: Path) -> None:
    """An activated one, behind what git and the hook runner put in front of it."""
    make_venv(repo.path / ".venv")
    active = make_venv(tmp_path / "active")
    hook = tmp_path / ".cache" / "pre-commit" / "repo9" / "py_env-python3"
    make_venv(hook)
    path = os.pathsep.join([str(hook / "bin"), "/usr/lib/git-core", str(active.parent)])
    found = find(repo, own=hook, PATH=path, VIRTUAL_ENV=str(hook))
    assert (found.path, found.source) == (active, "PATH")


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        pytest.param("UV_PROJECT_ENVIRONMENT", "envs/here", id="uv's own setting"),
        pytest.param("CONDA_PREFIX", "conda", id="an active conda environment"),
    ],
)
def test_variable_names_the_environment(repo: GitRepository, variable: str, folder: str) -> None:
    """Where other tools were told to look."""
    python = make_venv(repo.path / folder)
    value = folder if variable.startswith("UV") else str(repo.path / folder)
    found = find(repo, variables={variable: value})
    assert (found.path, found.source) == (python, variable)


def test_pdms_note_is_read(repo: GitRepository, tmp_path: Path) -> None:
    """`.pdm-python` holds a path."""
    python = make_venv(tmp_path / "elsewhere")
    repo.write({".pdm-python": f"{python}\n"})
    assert find(repo).path == python


@pytest.mark.parametrize(
    ("tool", "arguments", "marker"),
    [
        pytest.param("poetry", "env info --executable", "poetry.lock", id="poetry"),
        pytest.param("pipenv", "--py", "Pipfile", id="pipenv"),
    ],
)
def test_other_tools_are_asked_only_where_they_are_used(
    repo: GitRepository, tmp_path: Path, tool: str, arguments: str, marker: str
) -> None:
    """The question takes half a second. (The tool is a script that answers as the real one does.)"""
    python = make_venv(tmp_path / "elsewhere")
    program = tmp_path / "bin" / tool
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$*" = "{arguments}" ] && [ -z "$VIRTUAL_ENV" ] && echo {python}\n')
    program.chmod(0o755)
    with pytest.raises(InterpreterNotFound):
        find(repo, VIRTUAL_ENV=str(tmp_path / "none"))
    repo.write({marker: ""})
    assert find(repo, VIRTUAL_ENV=str(tmp_path / "none")).path == python


def test_python_of_the_installed_hook_is_a_candidate(repo: GitRepository, tmp_path: Path) -> None:
    """pre-commit is often a development dependency of the project."""
    python = make_venv(tmp_path / "elsewhere")
    hook = repo.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/usr/bin/env bash\nINSTALL_PYTHON={python}\nARGS=(hook-impl)\n")
    assert find(repo).path == python


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(".cache/pre-commit/repoab/py_env-python3.11", id="pre-commit"),
        pytest.param(".cache/prek/hooks/python-AbCd", id="prek"),
        pytest.param("moved/pre-commit-home/repoab/env", id="PRE_COMMIT_HOME"),
        pytest.param("tools/migguard", id="a tool environment of uv"),
    ],
)
def test_own_python_is_never_a_silent_fallback_where_it_was_made_for_migguard(
    repo: GitRepository, tmp_path: Path, place: str
) -> None:
    """It would compare under other versions. `self` says that it may."""
    own = tmp_path / place
    python = make_venv(own)
    (own / "uv-receipt.toml").write_text("") if "tools" in place else None
    home = str(tmp_path / "moved" / "pre-commit-home")
    with pytest.raises(InterpreterNotFound):
        find(repo, own=own, PRE_COMMIT_HOME=home)
    assert find(repo, Config(python="self"), own=own, PRE_COMMIT_HOME=home).path == python


def test_own_python_counts_where_migguard_is_installed_with_the_project(repo: GitRepository, tmp_path: Path) -> None:
    """As a development dependency, in an environment that nothing else names."""
    python = make_venv(tmp_path / "work")
    found = find(repo, own=tmp_path / "work")
    assert (found.path, found.source) == (python, "migguard's own Python")


def test_repositorys_environment_wins_over_migguards_own(repo: GitRepository, tmp_path: Path) -> None:
    """migguard may be a tool on PATH, with an Alembic that is not the project's."""
    own = make_venv(tmp_path / "work")
    python = make_venv(repo.path / ".venv")
    found = find(repo, own=tmp_path / "work", PATH=str(own.parent), VIRTUAL_ENV=str(tmp_path / "work"))
    assert found.path == python


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("tools/py", id="the folder of a virtual environment"),
        pytest.param("tools/py/bin/python", id="an interpreter, from the top"),
        pytest.param("{top}/tools/py/bin/python", id="an absolute path"),
        pytest.param("ourpython", id="a program on PATH"),
    ],
)
def test_setting_is_the_only_candidate(repo: GitRepository, tmp_path: Path, value: str) -> None:
    """However it is written."""
    make_venv(repo.path / ".venv")
    python = make_venv(repo.path / "tools" / "py")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ourpython").write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    (tmp_path / "bin" / "ourpython").chmod(0o755)
    assert find(repo, Config(python=value.format(top=repo.path))).path == python


def test_order_of_the_settings(repo: GitRepository) -> None:
    """The variable, the environment's own, the repository's."""
    one, two, three = (make_venv(repo.path / name) for name in ("one", "two", "three"))
    config, environment = Config(python="three"), replace(ENVIRONMENT, python="two")
    assert find(repo, config).path == three
    assert find(repo, config, environment=environment).path == two
    assert find(repo, config, environment=environment, MIGGUARD_PYTHON="one").path == one


def test_setting_that_lacks_the_packages_is_an_error_and_not_passed_over(repo: GitRepository) -> None:
    """Another Python than the named one would be a surprise."""
    make_venv(repo.path / ".venv")
    python = make_venv(repo.path / "bare", packages=False)
    with pytest.raises(InterpreterNotFound) as caught:
        find(repo, Config(python="bare"))
    assert caught.value.message == f"`python` under [tool.migguard]: `{python}` has no Alembic and no SQLAlchemy"
    assert caught.value.hint == "install alembic and sqlalchemy there, or change `python` under [tool.migguard]"


def test_everything_that_was_tried_is_listed(repo: GitRepository, tmp_path: Path) -> None:
    """With the reason, and the setting that ends the search."""
    make_venv(repo.path / ".venv", packages=False)
    (repo.path / "venv" / "bin").mkdir(parents=True)
    (repo.path / "venv" / "bin" / "python").write_text("#!/bin/sh\necho hello\n")
    (repo.path / "venv" / "bin" / "python").chmod(0o755)
    with pytest.raises(InterpreterNotFound) as caught:
        find(repo, VIRTUAL_ENV=str(tmp_path / "gone"))
    assert [attempt.describe() for attempt in caught.value.attempts] == [
        f"VIRTUAL_ENV: `{tmp_path}/gone/bin/python` does not exist",
        f"`.venv`: `{repo.path}/.venv/bin/python` has no Alembic and no SQLAlchemy",
        f"`venv`: `{repo.path}/venv/bin/python` is no Python of version 3.9 or later",
    ]
    assert caught.value.hint is not None
    assert "MIGGUARD_PYTHON" in caught.value.hint


@pytest.mark.parametrize(
    ("distribution", "reason"),
    [
        pytest.param("alembic-1.11.3", "has Alembic 1.11.3, and 1.12 is the oldest that works", id="Alembic"),
        pytest.param("sqlalchemy-1.3.24", "has SQLAlchemy 1.3.24, and 1.4 is the oldest that works", id="SQLAlchemy"),
    ],
)
def test_versions_that_are_too_old_are_told(repo: GitRepository, distribution: str, reason: str) -> None:
    """Before anything is run under them."""
    make_venv(repo.path / ".venv", packages=False)
    (site,) = (repo.path / ".venv").glob("lib/*/site-packages")
    for name in ("alembic-1.14.0", "sqlalchemy-2.0.30"):
        chosen = distribution if distribution.partition("-")[0] == name.partition("-")[0] else name
        info = site / f"{chosen}.dist-info"
        info.mkdir()
        project, _, version = chosen.partition("-")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
    with pytest.raises(InterpreterNotFound, match=reason):
        find(repo)


def test_answer_is_remembered_until_something_is_installed(repo: GitRepository) -> None:
    """A probe starts a process; an unchanged environment is not asked twice."""
    python = make_venv(repo.path / ".venv")
    find(repo)
    cache = repo.path / ".git" / "migguard" / "interpreters.json"
    stored = json.loads(cache.read_text())
    ((key, entry),) = stored["answers"].items()
    entry["probe"]["alembic"] = "1.99.0"
    cache.write_text(json.dumps(stored))
    assert find(repo).versions["alembic"] == "1.99.0"
    (site,) = (repo.path / ".venv").glob("lib/*/site-packages")
    (site / "new-1.0.dist-info").mkdir()
    assert find(repo).versions["alembic"] != "1.99.0"
    assert key.startswith(str(python))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut"),
        pytest.param("[]", id="a list"),
        pytest.param('{"version": 99}', id="of another version"),
        pytest.param('{"version": 1, "answers": {"KEY": {}}}', id="an empty answer"),
        pytest.param('{"version": 1, "answers": {"KEY": 7}}', id="an answer that is a number"),
        pytest.param('{"version": 1, "answers": {"KEY": {"probe": {"odd": 1}, "stamps": []}}}', id="unknown fields"),
    ],
)
def test_damaged_memory_is_a_miss(repo: GitRepository, content: str) -> None:
    """It is asked again, and remembered again."""
    python = make_venv(repo.path / ".venv")
    cache = repo.path / ".git" / "migguard" / "interpreters.json"
    cache.parent.mkdir()
    key = json.dumps(f"{python}\0{repo.path}")[1:-1]
    cache.write_text(content.replace("KEY", key))
    assert find(repo).path == python
    assert json.loads(cache.read_text())["answers"]


def test_removed_environment_is_not_remembered(repo: GitRepository) -> None:
    """A cached answer never stands for a Python that is gone."""
    make_venv(repo.path / ".venv")
    find(repo)
    shutil.rmtree(repo.path / ".venv")
    with pytest.raises(InterpreterNotFound):
        find(repo)
