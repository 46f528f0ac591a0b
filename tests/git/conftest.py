"""Repositories in every form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.git.forms import FORMS
from tests.sandbox import GitRepository


@pytest.fixture(params=list(FORMS))
def form(request: pytest.FixtureRequest, tmp_path: Path) -> GitRepository:
    """A repository with the same files in each of the forms."""
    return FORMS[request.param](tmp_path)
