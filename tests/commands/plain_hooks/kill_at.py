"""Runs migguard and kills it just before its Nth change to a folder: `python kill_at.py N FOLDER ARGUMENTS…`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

CHANGES = {"os.mkdir", "os.link", "os.symlink", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime"}


def install(number: int, folder: str) -> None:
    """From now on, count the changes that Python makes below `folder`; the last is not made."""
    left = number

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event != "open" and event not in CHANGES:
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        paths = [os.fsdecode(item) for item in arguments if isinstance(item, str | bytes | os.PathLike)]
        if any(path.startswith(folder) for path in paths):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    from migguard.cli import run_cli

    # The interpreter that the hooks are to embed.
    sys.executable = os.environ["HOOK_PYTHON"]
    install(int(sys.argv[1]), sys.argv[2])
    sys.exit(run_cli(sys.argv[3:]))
