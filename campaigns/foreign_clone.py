"""Throw-away copies of other projects' clones, and what is asked of them from outside."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MIGGUARD_ROOT = Path(__file__).resolve().parent.parent
_IDENTITY = ("-c", "user.name=campaign", "-c", "user.email=campaign@example.invalid", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Done:
    """A finished command: status, everything it printed, seconds."""

    status: int
    output: str
    seconds: float


def run(command: list[str], folder: Path, variables: Mapping[str, str] | None = None, seconds: int = 600) -> Done:
    """Run a command, never raising on its status; git variables of the caller do not reach it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), time.perf_counter() - started)


@dataclass(frozen=True)
class Clone:
    """A copy with a work tree of its own; `commit` is the one it was made from, `left_out` what the source lacked."""

    folder: Path
    commit: str
    left_out: int

    def git(self, *arguments: str) -> str:
        """Run git in the copy; RuntimeError where it fails."""
        done = run(["git", *_IDENTITY, *arguments], self.folder)
        if done.status != 0:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.output.strip()}")
        return done.output

    def migguard(self, *arguments: str, python: Path) -> Done:
        """Run this checkout's migguard in the copy, with the project's interpreter."""
        variables = {"MIGGUARD_PYTHON": str(python), "PYTHONPATH": str(MIGGUARD_ROOT)}
        # not `-m`: the project's own folders would come first on sys.path
        code = "import sys; del sys.path[0]; from migguard.__main__ import main; sys.exit(main())"
        return run([sys.executable, "-c", code, *arguments], self.folder, variables)

    def fingerprint(self) -> dict[str, str]:
        """A hash of every file below the copy, ignored ones and databases included, and of git's index and HEAD."""
        found = {"HEAD": self.git("rev-parse", "HEAD"), "index": self.git("ls-files", "-s", "-z")}
        for file in sorted(self.folder.rglob("*")):
            relative = file.relative_to(self.folder)
            if relative.parts[0] != ".git" and file.is_file() and not file.is_symlink():
                found[relative.as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
        return found


def copy_clone(source: Path, folder: Path, commit: str = "") -> Clone:
    """Clone `source` at HEAD or another commit; what a partial copy lacks is left out in a commit of its own."""
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(source), str(folder)], check=True)
    if commit:
        run(["git", "update-ref", "HEAD", commit], folder)
    clone = Clone(folder, run(["git", "rev-parse", "HEAD"], folder).output.strip(), 0)
    clone.git("read-tree", "HEAD")
    listed = [line.split("\t", 1) for line in clone.git("ls-files", "-s", "-z").split("\0") if line]
    blobs = {path: entry.split()[1] for entry, path in listed if not entry.startswith("160000")}
    asked = subprocess.run(
        ["git", "cat-file", "--batch-check=%(objectname) %(objecttype)"],
        cwd=folder,
        input="\n".join(sorted(set(blobs.values()))).encode(),
        capture_output=True,
        check=True,
    )
    missing = {line.split()[0] for line in asked.stdout.decode().splitlines() if line.endswith(" missing")}
    absent = [path for path, blob in blobs.items() if blob in missing]
    for path in absent:
        clone.git("update-index", "--force-remove", "--", path)
    clone.git("checkout-index", "-a")
    for name, value in (("user.name", "campaign"), ("user.email", "campaign@example.invalid")):
        clone.git("config", name, value)
    if absent:
        clone.git("commit", "-q", "--no-verify", "-m", "without blobs that the source lacks")
    return Clone(folder, clone.commit, len(absent))
