"""Audit hooks: which files of the work tree are opened, and no database or network beyond the scratch."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import socket
import sys
from typing import Any, Optional

from .gate import is_gate_open, may_look_up
from .ledger import Ledger, is_below, is_installed
from .protocol import Request

_DATABASE_PROGRAMS = frozenset({"alembic", "psql", "pg_restore", "mysql", "mariadb", "sqlite3"})


class Auditor:
    """Sees every event of this process from `install` on; there is no way to take an audit hook away."""

    def __init__(self, request: Request, ledger: Ledger) -> None:
        self._request = request
        self._ledger = ledger
        self._scratch = os.path.realpath(request.scratch)
        self._opened: set[str] = set()

    def install(self) -> None:
        """Start watching."""
        sys.addaudithook(self._hear)

    def opened_paths(self) -> list[str]:
        """Repository paths of the work tree's files that were opened: sources for bytecode, sorted."""
        top = os.path.realpath(self._request.top)
        ours = [os.path.realpath(self._request.git_dir), os.path.realpath(self._request.tree), self._scratch]
        found = set()
        for name in list(self._opened):
            path = os.path.realpath(_source_of(name))
            if not is_below(path, top) or is_installed(path, top) or os.path.isdir(path):
                continue
            if not any(is_below(path, folder) for folder in ours):
                found.add(os.path.relpath(path, top).replace(os.sep, "/"))
        return sorted(found)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._refuse_bytecode(arguments[0], r"\.pyc\.\d+$")
            self._note_open(arguments[0])
        elif event == "os.mkdir":
            self._refuse_bytecode(arguments[0], r"[/\\]__pycache__$")
        elif event == "import":
            if arguments[1]:
                self._note_open(arguments[1])
        elif event == "sqlite3.connect":
            self._check_sqlite(arguments[0])
        elif event == "subprocess.Popen":
            self._check_program(arguments[1])
        elif event == "os.system":
            self._check_program(["sh", "-c", os.fsdecode(arguments[0])])
        elif event == "socket.connect" and not self._request.network:
            self._check_address(arguments[1])
        elif event == "socket.getaddrinfo" and not self._request.network:
            self._check_lookup(arguments[0], arguments[1])

    def _refuse_bytecode(self, name: Any, pattern: str) -> None:
        """Python writes no bytecode beside modules of the work tree; it takes the refusal for a read-only folder.

        `importlib` writes to a temporary name of digits behind `.pyc` (Python 3.9 to 3.14), and ignores OSError.
        """
        if not isinstance(name, str) or not re.search(pattern, name):
            return
        path, top = os.path.realpath(name), os.path.realpath(self._request.top)
        ours = (os.path.realpath(self._request.git_dir), os.path.realpath(self._request.tree), self._scratch)
        if is_below(path, top) and not is_installed(path, top) and not any(is_below(path, folder) for folder in ours):
            raise PermissionError(errno.EACCES, "bytecode is not written to the work tree", name)

    def _note_open(self, name: Any) -> None:
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if not isinstance(name, str) or name in self._opened:
            return
        if not os.path.isabs(name):
            name = os.path.join(os.getcwd(), name)
        self._opened.add(name)

    def _check_sqlite(self, database: Any) -> None:
        name = os.fsdecode(database) if isinstance(database, (str, bytes, os.PathLike)) else str(database)
        if is_gate_open() or name in {"", ":memory:"} or name.startswith("file::memory:"):
            return
        if name.startswith("file:") and "mode=memory" in name.partition("?")[2]:
            return
        if not is_below(os.path.realpath(name), self._scratch):
            raise self._ledger.note_outside(os.path.abspath(name))

    def _check_program(self, command: Any) -> None:
        """Other programs run outside the redirect: git may, what opens the project's database may not."""
        given = _words(command)
        named = _programs(given)
        if _DATABASE_PROGRAMS & named or ("flask" in named and "db" in given):
            raise self._ledger.note_program(" ".join(given))

    def _check_address(self, address: Any) -> None:
        if is_gate_open():
            return
        if isinstance(address, tuple) and len(address) >= 2:
            raise ConnectionRefusedError(self._ledger.note_refused(f"{address[0]}:{address[1]}"))
        # the system log is no database, and logging handlers expect it
        if address not in {"/dev/log", b"/dev/log"} and isinstance(address, (str, bytes)):
            raise ConnectionRefusedError(self._ledger.note_refused(os.fsdecode(address)))

    def _check_lookup(self, host: Any, port: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name and name != "localhost" and not may_look_up(name) and not _is_number(name):
            address = f"{name}:{port}" if port else str(name)
            raise socket.gaierror(socket.EAI_NONAME, self._ledger.note_refused(address))


def _words(command: Any) -> list[str]:
    """A command as it would be typed; a shell has its own command as one argument."""
    arguments = [command] if isinstance(command, (str, bytes, os.PathLike)) else command
    return [word for argument in arguments for word in os.fsdecode(argument).split()]


def _programs(words: list[str]) -> set[str]:
    """Names of the programs that a command starts: itself, `-m NAME`, `uv run NAME`, anything that a shell is told."""
    names = [os.path.basename(word) for word in words]
    if names and names[0] in {"sh", "bash", "dash", "zsh"}:
        return set(names)
    starters = {"-m", "run", "exec", "env", "sudo"}
    return {name for at, name in enumerate(names) if at == 0 or names[at - 1] in starters}


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _source_of(name: str) -> str:
    if name.endswith(".pyc"):
        source: Optional[str]
        try:
            source = importlib.util.source_from_cache(name)
        except ValueError:
            source = name[:-1]
        if source is not None and os.path.exists(source):
            return source
    return name
