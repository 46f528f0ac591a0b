"""Globs: what they match, held against git's own reading of `.gitignore`."""

from __future__ import annotations

import pytest

from migguard.config.globs import find_glob_fault, matches_any, matches_glob
from tests.sandbox import GitRepository

PATHS = (
    "alembic.ini",
    "tests/fixtures/alembic.ini",
    "tests/fixtures/deep/er/env.py",
    "src/tests/alembic.ini",
    "docs/a b.py",
    "docs/[x].py",
    "docs/e.py",
    "a/b/c/d.py",
    "a/d.py",
    "templates/{{ name }}/alembic.ini",
    "a*b/file.py",
)
PATTERNS = (
    "alembic.ini",
    "/alembic.ini",
    "tests",
    "tests/",
    "/tests/",
    "tests/**",
    "tests/*",
    "tests/fixtures",
    "**/fixtures",
    "**/alembic.ini",
    "fixtures/**",
    "a/**/d.py",
    "a/*/d.py",
    "a/**",
    "a**d.py",
    "*.py",
    "docs/*.py",
    "docs/[[]x].py",
    "docs/[!a-z]*.py",
    "docs/?.py",
    "docs/a?b.py",
    "docs/a[!x]b.py",
    "docs[/]*.py",
    "templates/{{*",
    "a\\*b/",
    "**",
    "**/",
    "env.py/",
    "[a-c]/**/*.py",
    "[]-a]/d.py",
    "a/d.py/**",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_glob_matches_what_git_ignores_by_the_same_line(pattern: str, repo: GitRepository) -> None:
    """`git check-ignore` is the reference, path by path."""
    (repo.path / ".gitignore").write_text(f"{pattern}\n", encoding="utf-8")
    repo.write(dict.fromkeys(PATHS, ""))

    asked = repo.run("git", "check-ignore", "--no-index", "-z", "--stdin", check=False, stdin="\0".join(PATHS))
    assert asked.returncode in (0, 1)
    ignored = asked.stdout.split("\0")

    assert {path for path in PATHS if matches_glob(path, pattern)} == set(ignored) - {""}


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        pytest.param("", "an empty glob", id="nothing"),
        pytest.param("/", "an empty glob", id="the top itself"),
        pytest.param("!keep", "a glob cannot be negated", id="a negation"),
        pytest.param("a/../b", "a glob cannot leave the repository", id="a way up"),
        pytest.param(
            "./a", "a glob starts at the top of the repository without `./`", id="a leading dot, which matches nothing"
        ),
        pytest.param("docs/[ab", "`[` without `]`", id="an open class"),
        pytest.param("docs/[z-a]", "`[z-a]`: bad character range z-a", id="a range backwards"),
        pytest.param("docs\\", "a glob cannot end with a backslash", id="a lone backslash"),
        pytest.param("docs/[[]x]*", None, id="a bracket for itself"),
        pytest.param("{{cookiecutter.slug}}/**", None, id="braces"),
    ],
)
def test_glob_that_could_never_match_is_explained(pattern: str, fault: str | None) -> None:
    """Faults are told in words; good patterns have none."""
    assert find_glob_fault(pattern) == fault


def test_any_of_several_globs_matches() -> None:
    """One is enough, none matches nothing."""
    assert matches_any("a/b.py", ("x", "*.py"))
    assert not matches_any("a/b.py", ("x", "*.ini"))
    assert not matches_any("a/b.py", ())


def test_question_mark_is_one_character_where_git_counts_bytes() -> None:
    """The settings are text, so a letter is one letter."""
    assert matches_glob("docs/é.py", "docs/?.py")
