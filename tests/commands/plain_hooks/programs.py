"""Hooks that record what they were given, and the state of a hooks folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import migguard
from tests.sandbox import GitRepository

PACKAGE = Path(migguard.__file__).parents[1]
OLD = 1_500_000_000_123_456_789

#: Tells what it was given, in the file that $LOG names, as `NAME arguments <stdin>`; ends with $NAME_STATUS.
RECORDER = """\
#!/bin/sh
{shift}
printf '%s <%s>\\n' "{name} $*" "$(cat)" >> "$LOG"
exit "${{{name}_STATUS:-0}}"
"""


def write_program(path: Path, content: str, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)
    os.utime(path, ns=(OLD, OLD))
    return path


def write_their_hook(hooks: Path, event: str = "pre-commit", mode: int = 0o755) -> Path:
    return write_program(hooks / event, RECORDER.format(shift="", name="theirs"), mode)


def read_state(hooks: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything about the files of a folder: mode, modification time, content or link target."""
    return {
        path.name: (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes(),
        )
        for path in hooks.iterdir()
    }


def commit(repo: GitRepository, *options: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    repo.stage({"file.txt": os.urandom(8).hex()})
    return repo.run("git", "commit", "-q", "-m", "change", *options, check=False, env=env)


def merge(repo: GitRepository, *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    repo.commit({"file.txt": "base"})
    repo.git("switch", "-q", "-c", "side")
    repo.commit({"side.txt": "side"})
    repo.git("switch", "-q", "main")
    repo.commit({"main.txt": "main"})
    return repo.run("git", "merge", "-q", "--no-edit", "side", check=False, env=env)


def push(repo: GitRepository, *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    hub = f"{repo.path}-hub"
    repo.git("init", "-q", "--bare", hub)
    repo.git("remote", "add", "hub", hub)
    return repo.run("git", "push", "-q", "hub", "main", check=False, env=env)
