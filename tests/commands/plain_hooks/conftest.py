"""Fixtures for the plain git hooks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.commands.plain_hooks.programs import RECORDER, write_program
from tests.sandbox import GitRepository


@pytest.fixture
def hooks(repo: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The hooks folder of a repository that the test stands in; the interpreter records its calls as `ours`."""
    program = RECORDER.format(shift="shift 2", name="ours")
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "it's a bin/python", program)))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.chdir(repo.path)
    return repo.path / ".git/hooks"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What ran, line by line."""
    path = tmp_path / "log"
    path.touch()
    return path
