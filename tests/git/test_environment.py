"""Which variables reach git and which do not."""

from __future__ import annotations

from migguard.git.environment import LOCAL_VARIABLES, base_environment, scrub_environment
from tests.sandbox import GitRepository


def test_every_variable_that_git_calls_local_is_scrubbed(repo: GitRepository) -> None:
    """git's own list is the measure, whatever version is under test."""
    assert set(repo.git("rev-parse", "--local-env-vars").split()) <= LOCAL_VARIABLES


def test_scrubbed_environment_tells_nothing_of_the_operation() -> None:
    """Merge heads, the author of the outer commit and the editor go; all else stays."""
    environ = {
        "GIT_DIR": "/x/.git",
        "GIT_INDEX_FILE": ".git/index.lock",
        "GIT_PREFIX": "sub/",
        "GIT_AUTHOR_NAME": "somebody",
        "GIT_EDITOR": ":",
        "GIT_REFLOG_ACTION": "merge side",
        "GITHEAD_" + "a" * 40: "side",
        "GIT_COMMITTER_NAME": "me",
        "PATH": "/bin",
    }
    assert scrub_environment(environ) == {"GIT_COMMITTER_NAME": "me", "PATH": "/bin"}


def test_users_encoding_survives_english_messages() -> None:
    """A clean filter written in Python must not fall back to ASCII."""
    changes = base_environment({"LC_ALL": "de_DE.UTF-8", "LANG": "C"})
    assert (changes["LC_ALL"], changes["LC_CTYPE"], changes["LC_MESSAGES"]) == ("", "de_DE.UTF-8", "C")


def test_no_locale_at_all_sets_no_encoding() -> None:
    """What the user does not say is not made up."""
    assert "LC_CTYPE" not in base_environment({})
