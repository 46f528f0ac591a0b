"""The project's post_write_hooks, on the final path of a revision in the real work tree."""

from __future__ import annotations

import os
from typing import Any

from alembic.config import Config
from alembic.script import write_hooks


def run_write_hooks(config: Config, paths: list[str]) -> None:
    """Run them on each absolute path; alembic.util.CommandError where a hook is unknown or misconfigured."""
    get_hooks: Any = getattr(config, "get_hooks_list", None)
    # Alembic 1.16 turned the section into a list
    hooks: Any = get_hooks() if get_hooks is not None else config.get_section("post_write_hooks", {})
    if not hooks:
        return
    for path in paths:
        write_hooks._run_hooks(os.path.normpath(path), hooks)
