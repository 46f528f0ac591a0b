"""The variables that the project's code sees: those of the user's shell, nothing of git's or the hook runner's."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from migguard.config import Config
from migguard.environments import Environment
from migguard.schema.candidates import Own
from migguard.schema.interpreter import Interpreter
from migguard.schema.surroundings import child_environment
from tests.sandbox import GitRepository
from tests.schema.project import ENVIRONMENT, make_venv

TOP, TREE = Path("/work tree"), Path("/work tree/.git/migguard/tree")


def surround(
    environ: dict[str, str],
    interpreter: Interpreter,
    *,
    config: Config | None = None,
    environment: Environment = ENVIRONMENT,
    top: Path = TOP,
    own: Path = Path("/hooks/env"),
) -> dict[str, str]:
    """The child's variables."""
    return child_environment(
        environ, interpreter, environment, config or Config(), top=top, tree=TREE, own=Own(own, own / "bin" / "python")
    )


def interpreter_in(prefix: str, *, is_virtual: bool = True) -> Interpreter:
    """A Python at a place."""
    return Interpreter(Path(prefix) / "bin" / "python", "a test", {}, Path(prefix), is_virtual)


def test_variables_of_git_and_of_the_hook_runner_do_not_leak(repo: GitRepository) -> None:
    """Everything that git itself calls local, and what it tells hooks beside that."""
    local = repo.git("rev-parse", "--local-env-vars").split()
    foreign = [
        *local,
        "GITHEAD_0123456789",
        "GIT_AUTHOR_DATE",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_DATE",
        "GIT_CONFIG_KEY_0",
        "GIT_CONFIG_VALUE_0",
        "GIT_EDITOR",
        "GIT_EXEC_PATH",
        "GIT_PREFIX",
        "GIT_REFLOG_ACTION",
        "PREK",
        "PREK_HOOK_STAGE",
        "PRE_COMMIT",
        "PRE_COMMIT_FROM_REF",
        "PYTHONHOME",
        "PYTHONPYCACHEPREFIX",
    ]
    child = surround({**dict.fromkeys(foreign, "x"), "KEPT": "1", "GIT_SSH_COMMAND": "ssh -q"}, interpreter_in("/venv"))
    assert sorted(set(foreign) & set(child)) == []
    assert child["KEPT"] == "1"
    assert child["GIT_SSH_COMMAND"] == "ssh -q"


def test_virtual_environment_is_as_if_activated() -> None:
    """The hook's is gone from the front of PATH and from VIRTUAL_ENV."""
    path = "/hooks/env/bin:/usr/lib/git-core:/home/u/bin:/venv/bin:/usr/bin"
    child = surround({"PATH": path, "VIRTUAL_ENV": "/hooks/env"}, interpreter_in("/venv"))
    assert child["PATH"] == "/venv/bin:/home/u/bin:/usr/bin"
    assert child["VIRTUAL_ENV"] == "/venv"


def test_interpreter_outside_of_environments_leaves_none_active(tmp_path: Path) -> None:
    """And keeps the folder that holds the system's programs."""
    make_venv(tmp_path / "hook", packages=False)
    child = surround(
        {"PATH": f"{tmp_path}/hook/bin:/bin:/usr/bin", "VIRTUAL_ENV": str(tmp_path / "hook")},
        interpreter_in("/usr", is_virtual=False),
        own=Path("/usr"),
    )
    assert child["PATH"] == "/usr/bin:/bin"
    assert "VIRTUAL_ENV" not in child


def test_python_path_moves_into_the_snapshot(tmp_path: Path) -> None:
    """An absolute entry in the work tree would import it; an environment in it stays where it is."""
    make_venv(tmp_path / ".venv", packages=False)
    site = tmp_path / ".venv" / "lib"
    entries = [f"{tmp_path}/src", str(tmp_path), "/elsewhere", "relative", str(site)]
    child = surround({"PYTHONPATH": os.pathsep.join(entries)}, interpreter_in("/venv"), top=tmp_path)
    assert child["PYTHONPATH"].split(os.pathsep) == [f"{TREE}/src", str(TREE), "/elsewhere", "relative", str(site)]


def test_settings_come_last() -> None:
    """The repository's, then the environment's own."""
    child = surround(
        {"A": "shell", "B": "shell", "C": "shell"},
        interpreter_in("/venv"),
        config=Config(env={"B": "config", "C": "config"}),
        environment=replace(ENVIRONMENT, env={"C": "environment", "PYTHONHASHSEED": "7"}),
    )
    assert (child["A"], child["B"], child["C"]) == ("shell", "config", "environment")
    assert child["PYTHONHASHSEED"] == "7"


@pytest.mark.parametrize("environ", [pytest.param({}, id="no PATH"), pytest.param({"PATH": ""}, id="an empty PATH")])
def test_lack_of_a_path_is_no_error(environ: dict[str, str]) -> None:
    """The interpreter's own folder is always there."""
    child = surround(environ, interpreter_in("/venv"))
    assert child["PATH"].split(os.pathsep)[0] == "/venv/bin"
    assert child["PYTHONHASHSEED"] == "0"
    assert sys.prefix not in child["PATH"]
