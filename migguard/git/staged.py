"""What is staged, by its paths alone: the cheapest question that a pre-commit hook can ask."""

from __future__ import annotations

import os

from migguard.git.repository import Repository

#: What neither an import nor Alembic reads: documents, pictures, fonts, styles, and scripts for browsers.
INERT_SUFFIXES = (
    *(".md", ".rst", ".adoc"),
    *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".pdf"),
    *(".woff", ".woff2", ".ttf", ".eot"),
    *(".css", ".scss", ".sass", ".less", ".js", ".jsx", ".ts", ".tsx", ".vue", ".map"),
)
#: Submodules and symbolic links bring other things than their own name says.
_REGULAR_MODES = frozenset({"000000", "100644", "100755"})


def is_only_inert(repository: Repository) -> bool:
    """Whether the index that is being committed differs from HEAD in inert files only, and in at least one.

    False where there is no HEAD yet, where nothing differs, or where settings name files that the project reads
    (`snapshot`): then the usual path decides.
    """
    status, out, _ = repository.run_status(
        "diff-index", "--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=none", "HEAD", "--"
    )
    fields = out.split(b"\0")[:-1]
    if status != 0 or not fields:
        return False
    for meta, raw in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, *_ = meta.decode("ascii").removeprefix(":").split(" ")
        if not {old_mode, new_mode} <= _REGULAR_MODES or not os.fsdecode(raw).endswith(INERT_SUFFIXES):
            return False
    return b"snapshot" not in repository.run_status("cat-file", "blob", ":pyproject.toml")[1]
