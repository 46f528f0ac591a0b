"""The environment variables of the project's code: those of the user's own shell, standing in the snapshot."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from migguard.config import Config
from migguard.environments import Environment
from migguard.git.environment import scrub_environment
from migguard.schema.candidates import Own
from migguard.schema.interpreter import Interpreter

#: What git, a hook runner or our own process set for themselves. A prefix stands for all names that begin with it.
_FOREIGN = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    "GIT_EXEC_PATH",
    "PRE_COMMIT",
    "PREK_",
    "PYTHONHOME",
    # .pyc files anywhere but in the tree would outlive the sources that they were made from.
    "PYTHONPYCACHEPREFIX",
    "__PYVENV_LAUNCHER__",
)
_OF_PREK = frozenset({"PREK"})
#: These change from one command to the next, and between a shell and a hook.
_OF_THE_TERMINAL = frozenset({"PATH", "PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES", "TERM", "VIRTUAL_ENV"})


def child_environment(
    environ: Mapping[str, str],
    interpreter: Interpreter,
    environment: Environment,
    config: Config,
    *,
    top: Path,
    tree: Path,
    own: Own | None = None,
) -> dict[str, str]:
    """The variables for code that runs under `interpreter` in `tree`, the snapshot of the work tree `top`.

    `[tool.migguard] env` and the environment's own `env` come last. Hashes are not random, so that sets of names
    come out in the same order every time.
    """
    child = {name: value for name, value in scrub_environment(environ).items() if not _is_foreign(name)}
    _activate(child, interpreter, own or Own())
    if child.get("PYTHONPATH"):
        child["PYTHONPATH"] = _move(child["PYTHONPATH"], top, tree)
    child["PYTHONHASHSEED"] = "0"
    # What was printed before the time limit is not lost in a buffer.
    child["PYTHONUNBUFFERED"] = "1"
    child.update(config.env)
    child.update(environment.env)
    return child


def digest_surroundings(environ: Mapping[str, str], environment: Environment, config: Config) -> str:
    """What beside the snapshot decides what the models declare: settings, and the variables that the user has set."""
    variables = {name: value for name, value in scrub_environment(environ).items() if not _is_foreign(name)}
    variables = {name: value for name, value in variables.items() if name not in _OF_THE_TERMINAL}
    engines = environment.engines.fill(config.engines)
    settings = [repr(environment), repr(engines), config.python]
    parts = [*settings, sorted(variables.items()), sorted(config.env.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _is_foreign(name: str) -> bool:
    return name.startswith(_FOREIGN) or name in _OF_PREK


def _activate(child: dict[str, str], interpreter: Interpreter, own: Own) -> None:
    """What the activation script of the interpreter's environment would have done."""
    folders = [entry for entry in child.get("PATH", os.defpath).split(os.pathsep) if entry]
    previous = child.pop("VIRTUAL_ENV", None)
    child.pop("VIRTUAL_ENV_PROMPT", None)
    unwanted = {str(own.prefix / "bin")} | ({str(Path(previous) / "bin")} if previous else set())
    if interpreter.is_virtual:
        child["VIRTUAL_ENV"] = str(interpreter.prefix)
        unwanted.add(str(interpreter.prefix / "bin"))
        first = [str(interpreter.prefix / "bin")]
    else:
        first = [str(interpreter.path.parent)]
        # An environment's folder is left; one that holds the system's programs is not.
        unwanted = {folder for folder in unwanted if (Path(folder).parent / "pyvenv.cfg").exists()}
    kept = [folder for folder in folders if folder not in unwanted and Path(folder).name != "git-core"]
    child["PATH"] = os.pathsep.join(first + [folder for folder in kept if folder not in first])


def _move(entries: str, top: Path, tree: Path) -> str:
    """PYTHONPATH with what lies in the work tree moved into the snapshot. Relative entries move with the folder."""
    moved = []
    for entry in entries.split(os.pathsep):
        inside = Path(entry).is_absolute() and Path(entry).is_relative_to(top)
        is_environment = any((folder / "pyvenv.cfg").exists() for folder in (Path(entry), *Path(entry).parents))
        moved.append(str(tree / Path(entry).relative_to(top)) if inside and not is_environment else entry)
    return os.pathsep.join(moved)
