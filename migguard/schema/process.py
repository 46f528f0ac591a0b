"""Runs one program with everything it starts: a time limit, its output kept apart, and nothing left running."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Bytes of output that are kept: the first half and the last half of them.
MOST_OUTPUT = 256 * 1024
_SLOW_SECONDS = 1.0
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Ending:
    """How a program ended. `status` is its exit status (negative: killed by that signal), None after the time limit.

    `output` is what it and its children wrote to stdout and stderr, cut in the middle beyond MOST_OUTPUT.
    """

    status: int | None
    output: str
    seconds: float


def run_process(
    command: Sequence[str],
    directory: Path,
    environ: Mapping[str, str],
    timeout: float,
    on_slow: Callable[[], None] | None = None,
) -> Ending:
    """Run a program in a session of its own, for at most `timeout` seconds; `on_slow` is called after one second.

    However it ends (also by an exception here, such as KeyboardInterrupt), every process of its session that did not
    start another one is killed. Raises OSError where it cannot be started.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        list(command),
        cwd=directory,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    output = _Output(process.stdout.fileno())
    try:
        has_ended = _follow(process, output, started, timeout, on_slow)
    finally:
        _kill_session(process)
        output.drain()
        process.stdout.close()
    seconds = time.monotonic() - started
    return Ending(process.returncode if has_ended else None, output.text(), seconds)


def _follow(
    process: subprocess.Popen[bytes],
    output: _Output,
    started: float,
    timeout: float,
    on_slow: Callable[[], None] | None,
) -> bool:
    """Read the output until the program ends (True) or its time is over (False)."""
    pause = 0.002
    while not _has_ended(process):
        elapsed = time.monotonic() - started
        if elapsed >= timeout:
            return False
        if on_slow is not None and elapsed >= _SLOW_SECONDS:
            on_slow()
            on_slow = None
        output.read(min(pause, timeout - elapsed))
        pause = min(pause * 1.5, 0.02)
    return True


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the program has ended, without reaping it: until then nobody else can get its process id."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Output:
    """What was written to a pipe, read without ever waiting for its last writer."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._first = b""
        self._last = b""
        self._cut = 0
        self._is_open = True
        os.set_blocking(descriptor, False)

    def read(self, seconds: float) -> None:
        """Wait up to `seconds` for something to read, and read some of it."""
        if not self._is_open:
            time.sleep(seconds)
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            if selector.select(seconds):
                self._take()

    def drain(self) -> None:
        """Read what is there now; a writer that got away from us is not waited for, however much it writes."""
        for _ in range(64):
            if not self._is_open or not self._take():
                return

    def text(self) -> str:
        """All that was kept."""
        between = f"\n… {self._cut} bytes left out …\n".encode() if self._cut else b""
        return (self._first + between + self._last).decode("utf-8", "replace")

    def _take(self) -> bool:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        self._is_open = bool(data)
        room = MOST_OUTPUT // 2 - len(self._first)
        self._first += data[:room]
        rest = self._last + data[room:]
        self._last = rest[-MOST_OUTPUT // 2 :]
        self._cut += len(rest) - len(self._last)
        return bool(data)
