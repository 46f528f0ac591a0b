"""Paths in printed commands mean the same file wherever the user stands."""

from __future__ import annotations

import shlex

import pytest

from migguard.git.shell import quote_paths
from tests.sandbox import GitRepository


@pytest.mark.parametrize(
    ("path", "prefix", "words"),
    [
        pytest.param("versions/a.py", "", "versions/a.py", id="at the top"),
        pytest.param("versions/a.py", "blog", "../versions/a.py", id="from another folder"),
        pytest.param("versions/a.py", "versions/old", "../a.py", id="from a folder below"),
        pytest.param("versions/a b é.py", "versions", "'a b é.py'", id="a space and an accent"),
        pytest.param("-f.py", "", "./-f.py", id="what looks like an option"),
        pytest.param(":(top)a.py", "", "'./:(top)a.py'", id="what looks like pathspec magic"),
    ],
)
def test_path_is_relative_to_where_the_user_stands(path: str, prefix: str, words: str, repo: GitRepository) -> None:
    """And `git add` with these words, typed there, adds that file."""
    repo.write({path: "", f"{prefix or '.'}/.keep": ""})

    assert quote_paths([path], prefix) == words
    repo.git("add", *shlex.split(quote_paths([path], prefix)), cwd=prefix)
    assert repo.git("-c", "core.quotePath=false", "ls-files") == path
