"""Hooks that write down the moment they run in, as seen from inside."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from tests.sandbox import GitRepository

_SCRIPT = """
import json, os, sys
sys.path.insert(0, {root!r})
from migguard.errors import MigguardError
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot

hook = sys.argv[1]
repository = Repository.discover()
moment = detect_moment(repository, hook, os.environ, sys.argv[2:])
try:
    tree = IndexSnapshot(repository).tree()
except MigguardError as error:
    tree = error.message
record = {{
    "hook": hook,
    "operation": moment.operation.value,
    "index": moment.index_kind.value,
    "merge_heads": moment.merge_heads,
    "squash": moment.is_squash,
    "real": moment.is_real_commit,
    "autostash": moment.has_autostash,
    "may_write": moment.may_write,
    "may_edit": moment.may_edit,
    "may_stage": moment.may_stage,
    "tree": tree,
    "head": repository.head(),
    "prefix": repository.prefix,
    "top": str(repository.top),
}}
with open({log!r}, "a", encoding="utf-8") as log:
    log.write(json.dumps(record) + "\\n")
"""


class Recorder:
    """What the hooks of one repository saw."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "record.py"
        self._log = folder / "moments.jsonl"
        root = str(Path(__file__).parents[2])
        self._script.write_text(_SCRIPT.format(root=root, log=str(self._log)), encoding="utf-8")

    def install(self, repo: GitRepository, *hooks: str) -> None:
        """Let the repository's hooks write down what they see; they let everything through."""
        folder = repo.path / repo.git("rev-parse", "--git-path", "hooks")
        folder.mkdir(exist_ok=True)
        for hook in hooks:
            command = shlex.join([sys.executable, str(self._script), hook])
            (folder / hook).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            (folder / hook).chmod(0o755)

    def moments(self, hook: str | None = None) -> list[dict[str, Any]]:
        """Everything that was written down, or by one hook, in order."""
        if not self._log.exists():
            return []
        found = [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]
        return [moment for moment in found if hook in (None, moment["hook"])]

    def only(self, hook: str) -> dict[str, Any]:
        """The one thing that a hook wrote down."""
        (moment,) = self.moments(hook)
        return moment
