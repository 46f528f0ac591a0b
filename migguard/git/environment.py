"""Which environment variables git gets: for this repository, and for any other."""

from __future__ import annotations

from collections.abc import Mapping

#: What ties a process to one repository (`git rev-parse --local-env-vars`, all versions).
LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)

#: What a running git operation tells its hooks, and which must not reach a nested commit or the project's own git.
AUTHOR_VARIABLES = frozenset({"GIT_AUTHOR_DATE", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME"})
OPERATION_VARIABLES = AUTHOR_VARIABLES | {"GIT_EDITOR", "GIT_REFLOG_ACTION"}

#: These would change how we name paths; every path we pass is meant literally.
_PATHSPEC_VARIABLES = ("GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_NOGLOB_PATHSPECS")


def scrub_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that says which repository or operation it belongs to.

    For processes that may call git on their own: the project's code, other repositories.
    """
    return {
        name: value
        for name, value in environ.items()
        if name not in LOCAL_VARIABLES and name not in OPERATION_VARIABLES and not name.startswith("GITHEAD_")
    }


def base_environment(environ: Mapping[str, str]) -> dict[str, str | None]:
    """What we change for every git command; None means unset.

    Optional locks would collide with the user's own git; a read must never fetch from a remote (a partial clone
    would, at any missing blob); messages are in English, while filters and signing programs keep the user's
    encoding. GitPython itself sets LC_ALL=C, which an empty value takes back.
    """
    changes: dict[str, str | None] = {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_LITERAL_PATHSPECS": "1",
        "LC_ALL": "",
        "LC_MESSAGES": "C",
        "LANGUAGE": "C",
    }
    encoding = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG")
    if encoding:
        changes["LC_CTYPE"] = encoding
    changes.update(dict.fromkeys(_PATHSPEC_VARIABLES))
    return changes
