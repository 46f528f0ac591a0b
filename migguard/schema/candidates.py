"""Where the project's own Python may be, in the order in which a person would mean it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migguard.git.repository import Repository

_TOOL_SECONDS = 30
_MARKERS_OF_ISOLATION = ("pipx_metadata.json", "uv-receipt.toml")


@dataclass(frozen=True)
class Candidate:
    """A Python that may be the project's. `source` is where it was found, for people."""

    path: Path
    source: str


@dataclass(frozen=True)
class Own:
    """The Python that runs migguard."""

    prefix: Path = field(default_factory=lambda: Path(sys.prefix))
    executable: Path = field(default_factory=lambda: Path(sys.executable))

    def is_isolated(self, environ: Mapping[str, str]) -> bool:
        """Whether it was made for migguard alone (a hook environment, pipx, `uv tool`): never the project's."""
        home = environ.get("HOME", "~")
        cache = environ.get("XDG_CACHE_HOME") or f"{home}/.cache"
        roots = [environ.get("PRE_COMMIT_HOME"), environ.get("PREK_HOME"), f"{cache}/pre-commit", f"{cache}/prek"]
        if any(root and self.prefix.resolve().is_relative_to(Path(root).resolve()) for root in roots):
            return True
        if self.prefix.name.startswith("py_env-") or {".cache", "prek"} <= set(self.prefix.parts):
            return True
        return any((self.prefix / marker).exists() for marker in _MARKERS_OF_ISOLATION)


@dataclass(frozen=True)
class Search:
    """What is known when the search begins: the repository, where the project stands in it, and the variables."""

    repository: Repository
    project_dir: str
    environ: Mapping[str, str]
    own: Own = field(default_factory=Own)

    @property
    def directory(self) -> Path:
        """The project's folder in the work tree; the top where the work tree does not have it."""
        folder = self.repository.top / self.project_dir
        return folder if folder.is_dir() else self.repository.top

    @property
    def search_path(self) -> list[str]:
        """PATH without the folders that git and a hook environment put in front."""
        kept = []
        for entry in self.environ.get("PATH", os.defpath).split(os.pathsep):
            is_own = self.own.is_isolated(self.environ) and Path(entry) == self.own.prefix / "bin"
            if entry and not is_own and Path(entry).name != "git-core":
                kept.append(entry)
        return kept

    def folders(self) -> Iterator[Path]:
        """The project's folder and those above it up to the top; in a linked worktree then the main one's."""
        tops = [self.repository.top]
        common = self.repository.common_dir
        if common.name == ".git" and common.parent != self.repository.top:
            tops.append(common.parent)
        for top in tops:
            folder = top / self.project_dir
            yield folder
            while folder != top:
                folder = folder.parent
                yield folder


def find_candidates(search: Search) -> Iterator[Candidate]:
    """Every candidate, best first, lazily: the last ones ask other tools, which takes half a second each."""
    environ, own = search.environ, search.own
    active = environ.get("VIRTUAL_ENV")
    if active and Path(active).resolve() != own.prefix.resolve():
        yield Candidate(Path(active) / "bin" / "python", "VIRTUAL_ENV")
    for entry in search.search_path:
        if Path(entry) == own.prefix / "bin":
            # A folder of tools on PATH says nothing about the project, which may have an environment of its own.
            continue
        if (Path(entry).parent / "pyvenv.cfg").is_file() and (Path(entry) / "python").exists():
            yield Candidate(Path(entry) / "python", "PATH")
    yield from _find_in_project(search)
    if environ.get("CONDA_PREFIX"):
        yield Candidate(Path(environ["CONDA_PREFIX"]) / "bin" / "python", "CONDA_PREFIX")
    yield from _ask_tools(search)
    yield from _find_in_hooks(search)
    if not own.is_isolated(environ):
        yield Candidate(own.executable, "migguard's own Python")
    for name in ("python3", "python"):
        found = shutil.which(name, path=os.pathsep.join(search.search_path))
        if found:
            yield Candidate(Path(found), f"`{name}` on PATH")


def find_chosen(search: Search, value: str, source: str) -> Candidate:
    """The Python that a setting names: `self`, a program on PATH, or a file or virtual environment.

    Relative paths are of the project's folder and those above it.
    """
    if value == "self":
        return Candidate(search.own.executable, source)
    if os.sep not in value and not value.startswith((".", "~")):
        found = shutil.which(value, path=os.pathsep.join(search.search_path))
        if found:
            return Candidate(Path(found), source)
    named = Path(value).expanduser()
    places = [folder / named for folder in search.folders()]
    chosen = next((place for place in places if place.exists()), places[0])
    return Candidate(chosen / "bin" / "python" if chosen.is_dir() else chosen, source)


def _find_in_project(search: Search) -> Iterator[Candidate]:
    named = search.environ.get("UV_PROJECT_ENVIRONMENT")
    for folder in search.folders():
        for name in filter(None, (named, ".venv", "venv")):
            python = folder / name / "bin" / "python"
            if python.exists():
                yield Candidate(python, "UV_PROJECT_ENVIRONMENT" if name == named else f"`{name}`")


def _ask_tools(search: Search) -> Iterator[Candidate]:
    for folder in search.folders():
        noted = _read(folder / ".pdm-python").strip()
        if noted:
            yield Candidate(Path(noted), "`.pdm-python`")
    for folder in search.folders():
        if (folder / "poetry.lock").is_file() or "[tool.poetry]" in _read(folder / "pyproject.toml"):
            yield from _ask(search, folder, "poetry", "env", "info", "--executable")
        if (folder / "Pipfile").is_file():
            yield from _ask(search, folder, "pipenv", "--py")


def _ask(search: Search, folder: Path, *command: str) -> Iterator[Candidate]:
    program = shutil.which(command[0], path=os.pathsep.join(search.search_path))
    if program is None:
        return
    # Both tools would answer with the environment that is active, which is not the project's here.
    environ = {name: value for name, value in search.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
    try:
        done = subprocess.run(
            [program, *command[1:]],
            cwd=folder,
            env={**environ, "PIPENV_VERBOSITY": "-1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TOOL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    answer = os.fsdecode(done.stdout).strip()
    if done.returncode == 0 and answer:
        yield Candidate(Path(answer.splitlines()[-1]), f"`{' '.join(command)}`")


def _find_in_hooks(search: Search) -> Iterator[Candidate]:
    """The Python that `pre-commit install` wrote into its hook: often the project's, as a development dependency."""
    for name in ("pre-commit", "pre-push", "post-merge"):
        written = re.search(
            r"^INSTALL_PYTHON=(.+)$", _read(search.repository.common_dir / "hooks" / name), re.MULTILINE
        )
        if written:
            yield Candidate(Path(written[1].strip("'\"")), "pre-commit's installed hook")
            return


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
