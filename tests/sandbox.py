"""Real git repositories for tests, written as data."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, "str | bytes | None"]


def sealed_environment(home: Path) -> dict[str, str]:
    """Environment variables that make git, pip and Python answer the same on every machine."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TEMPLATE_DIR": "",
        "GIT_AUTHOR_NAME": "Ada Author",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_AUTHOR_DATE": "2026-01-02T03:04:05+00:00",
        "GIT_COMMITTER_NAME": "Cid Committer",
        "GIT_COMMITTER_EMAIL": "cid@example.com",
        "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


class GitRepository:
    """A repository in `path`, driven through the real git."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def init(cls, path: Path, *options: str) -> GitRepository:
        """`git init` with branch `main`; the folder is made."""
        path.mkdir(parents=True, exist_ok=True)
        repository = cls(path)
        repository.git("init", "-q", "-b", "main", *options)
        return repository

    def run(
        self,
        *command: str,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        cwd: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run any command in the repository (or its subfolder `cwd`); stdout and stderr apart, as text."""
        done = subprocess.run(
            command,
            cwd=self.path / cwd,
            env={**os.environ, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def git(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: str = "") -> str:
        """git's standard output without its last newline; AssertionError where git fails."""
        return self.run("git", *arguments, env=env, cwd=cwd).stdout.rstrip("\n")

    def write(self, files: Files) -> None:
        """Write (or with None delete) files by repository path."""
        for name, content in files.items():
            target = self.path / name
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))

    def stage(self, files: Files) -> None:
        """Write files and `git add` them (deletions too)."""
        self.write(files)
        self.git("add", "-A", "--", *files)

    def commit(self, files: Files, message: str = "change", *, hooks: bool = False) -> str:
        """Stage files and commit them; hooks run only where asked. Returns the commit's oid."""
        if files:
            self.stage(files)
        self.git("commit", "-q", "--allow-empty", "-m", message, *([] if hooks else ["--no-verify"]))
        return self.head()

    def head(self) -> str:
        """The oid of HEAD."""
        return self.git("rev-parse", "HEAD")

    def read(self, name: str) -> str:
        """A file of the work tree, as text."""
        return (self.path / name).read_text(encoding="utf-8")

    def state(self) -> dict[str, str]:
        """All that an announced change may touch, digested: HEAD, the index, and every file but .git's."""
        files = {
            str(path.relative_to(self.path)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.path).parts and "__pycache__" not in path.parts
        }
        head = self.run("git", "rev-parse", "--verify", "-q", "HEAD", check=False).stdout
        return {**files, "<HEAD>": head, "<index>": self.git("ls-files", "-s", "-v")}
