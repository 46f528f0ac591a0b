"""Fixtures for every test: a sealed environment, and git repositories made from data."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import GitRepository, sealed_environment

pytest_plugins = ["tests.servers"]


@pytest.fixture(autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the machine's git configuration, home folder or hook environment reaches a test.

    Nor does what `-v` of another test has set up: loggers are as they were before.
    """
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT", "PREK_", "MIGGUARD_")) and not name.startswith("MIGGUARD_TEST_"):
            monkeypatch.delenv(name)
    for name in (
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYTHONPATH",
        "FLASK_APP",
        "NO_COLOR",
        "FORCE_COLOR",
        "DATABASE_URL",
        "PYTHONDONTWRITEBYTECODE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in sealed_environment(home).items():
        monkeypatch.setenv(name, value)
    yield
    for name in ("migguard", "migguard.git", "migguard.worker"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """An empty repository on branch `main`."""
    return GitRepository.init(tmp_path / "project")


@pytest.fixture(scope="session")
def git_version() -> tuple[int, ...]:
    """The version of the git under test, as numbers."""
    words = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()
    return tuple(int(part) for part in words[2].split(".") if part.isdigit())
