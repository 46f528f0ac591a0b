"""A private PostgreSQL: on a socket in a folder of our own, without a network, and gone afterwards."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

from .postgres_binaries import PostgresBinaries, clean_environment

USER = "postgres"
#: Small segments of the log: there is less to write, and to copy.
_INITDB = ("-U", USER, "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1")
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "logging_collector": "off",
    "max_connections": "50",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
}
#: sun_path of sockaddr_un holds 108 bytes on Linux and 104 elsewhere.
_LONGEST_SOCKET = 100
_START_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1


class ClusterProblem(Exception):
    """The server does not start; the message says why."""


class Cluster:
    """One server and its folder. `state` is where a note about it is kept while it runs, "" for nowhere."""

    def __init__(self, binaries: PostgresBinaries, scratch: str, state: str) -> None:
        self._binaries = binaries
        self._notes = os.path.join(state, "embedded") if state else ""
        self._note: Optional[int] = None
        self._note_path = ""
        self._process: Optional[subprocess.Popen[bytes]] = None
        # The kernel's signal on the parent's death comes when the thread dies that started the server.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="migguard-postgres")
        self.folder = _make_folder(scratch)

    @property
    def data(self) -> str:
        """The data folder."""
        return os.path.join(self.folder, "data")

    def start(self) -> None:
        """Make the data folder and start the server. Raises ClusterProblem; `stop` is to be called in any case."""
        stop_abandoned(self._notes)
        self._make_data()
        self._take_note()
        self._thread.submit(self._start).result()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server and remove its folder; never raises."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            if self._process is not None and self._process.poll() is None:
                # nothing of it is kept, so there is nothing to write out
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(10)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self._thread.shutdown(wait=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._note is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._note_path)
            os.close(self._note)
            self._note = None

    def _make_data(self) -> None:
        kept = _kept_data(self._binaries)
        if kept is not None and os.path.isdir(kept):
            try:
                shutil.copytree(kept, self.data)
                os.chmod(self.data, 0o700)
                return
            except (OSError, shutil.Error):
                shutil.rmtree(self.data, ignore_errors=True)
        command = [self._binaries.path("initdb"), "-D", self.data, *_INITDB]
        done = subprocess.run(command, env=dict(clean_environment()), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterProblem(f"initdb ends with {done.returncode}: {_last_line(done.stderr or done.stdout)}")
        if kept is not None:
            _keep(self.data, kept)

    def _take_note(self) -> None:
        """Leave word of the folder, locked for as long as this process lives."""
        if not self._notes:
            return
        with contextlib.suppress(OSError):
            os.makedirs(self._notes, exist_ok=True)
            self._note, self._note_path = tempfile.mkstemp(".json", "running-", self._notes)
            fcntl.flock(self._note, fcntl.LOCK_EX)
            os.write(self._note, json.dumps({"folder": self.folder}).encode())

    def _start(self) -> None:
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [self._binaries.path("postgres"), "-D", self.data, "-k", self.folder, *options]
        with open(os.path.join(self.folder, "log"), "wb") as log, warnings.catch_warnings():
            # Python 3.12 and later warn of a fork beside other threads; the child calls nothing but prctl
            warnings.simplefilter("ignore", DeprecationWarning)
            # A session of its own: whoever kills our group must leave the server the time to clean up.
            self._process = subprocess.Popen(
                command,
                env=dict(clean_environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_find_last_will(),
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        assert self._process is not None
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ClusterProblem(f"postgres ends with {self._process.returncode}: {self._read_log()}")
            if _is_ready(self.data):
                return
            time.sleep(0.01)
        raise ClusterProblem(f"postgres is not ready after {_START_SECONDS:g} s: {self._read_log()}")

    def _read_log(self) -> str:
        with contextlib.suppress(OSError), open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
            return _last_line(log.read())
        return ""


def stop_abandoned(notes: str) -> None:
    """Stop servers of runs that were killed, and remove their folders. A live run holds the lock on its note."""
    try:
        names = [name for name in os.listdir(notes) if name.startswith("running-")] if notes else []
    except OSError:
        return
    for name in names:
        path = os.path.join(notes, name)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError), open(path, "r+b") as note:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = str(json.loads(note.read() or b"{}").get("folder", ""))
            if _is_our_folder(folder):
                _stop_server(folder)
                shutil.rmtree(folder, ignore_errors=True)
            os.unlink(path)


def _stop_server(folder: str) -> None:
    """End the server of a folder of ours, if it is really the process that its pid file names."""
    data = os.path.join(folder, "data")
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(os.path.join(data, "postmaster.pid"), encoding="utf-8") as file:
            pid = int(file.readline())
        if pid > 1 and data in _command_of(pid):
            os.kill(pid, signal.SIGQUIT)


def _command_of(pid: int) -> str:
    """The command line of a process, "" where it cannot be read."""
    if os.path.isdir("/proc/self"):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace")
    done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout


_MARKER = "migguard.postgres"
_PREFIX = "migguard-pg-"


def _make_folder(scratch: str) -> str:
    """A folder for data and socket: in the scratch where the socket's path is short enough there."""
    parent: Optional[str] = os.path.realpath(scratch)
    if len(os.fsencode(os.path.join(str(parent), f"{_PREFIX}12345678", ".s.PGSQL.5432"))) > _LONGEST_SOCKET:
        parent = "/tmp" if os.path.isdir("/tmp") else None
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
    with open(os.path.join(folder, _MARKER), "w", encoding="ascii"):
        pass
    return folder


def _is_our_folder(folder: str) -> bool:
    return os.path.basename(folder).startswith(_PREFIX) and os.path.isfile(os.path.join(folder, _MARKER))


def _kept_data(binaries: PostgresBinaries) -> Optional[str]:
    """Where the result of initdb is kept for these programs: always safe to delete."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(cache):
        return None
    try:
        stamp = os.stat(binaries.path("postgres"))
    except OSError:
        return None
    parts: list[Any] = [binaries.folder, binaries.version, stamp.st_mtime_ns, stamp.st_size, os.geteuid(), _INITDB]
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return os.path.join(cache, "migguard", f"postgresql-{digest}")


def _keep(data: str, kept: str) -> None:
    """Keep a fresh data folder; where there is no room or no right for it, nothing is kept."""
    partial = ""
    try:
        os.makedirs(os.path.dirname(kept), mode=0o700, exist_ok=True)
        partial = tempfile.mkdtemp(prefix="postgresql-new-", dir=os.path.dirname(kept))
        shutil.copytree(data, partial, dirs_exist_ok=True)
        os.rename(partial, kept)
    except (OSError, shutil.Error):
        if partial:
            shutil.rmtree(partial, ignore_errors=True)


def _is_ready(data: str) -> bool:
    """The eighth line of the pid file (pidfile.h, LOCK_FILE_LINE_PM_STATUS)."""
    try:
        with open(os.path.join(data, "postmaster.pid"), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _find_last_will() -> Optional[Callable[[], Any]]:
    """For the child, on Linux: SIGQUIT, PostgreSQL's immediate shutdown, when its parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, number = ctypes.CDLL(None).prctl, int(signal.SIGQUIT)
    return lambda: prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (told or lines or [""])[-1]
