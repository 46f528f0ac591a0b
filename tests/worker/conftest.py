"""Fixtures for the worker's tests."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worker.stage import PYTHON, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty work tree, with a folder in the place of its git directory."""
    top = tmp_path / "project"
    (top / ".git" / "migguard" / "tree").mkdir(parents=True)
    return Stage(top)


@pytest.fixture(scope="session")
def needs() -> Callable[..., None]:
    """Skip where the project's interpreter lacks a module."""

    def check(*modules: str) -> None:
        code = "; ".join(f"import {name}" for name in modules)
        if subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode:
            pytest.skip(f"the project's interpreter has no {' or '.join(modules)}")

    return check
