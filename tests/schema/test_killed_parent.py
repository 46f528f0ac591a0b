"""The worker does not outlive the command that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.projects import make_project

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's notice of a parent's death is Linux's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_killed_command_takes_its_worker_along(number: signal.Signals, tmp_path: Path) -> None:
    """Models that never finish loading are gone soon after `migguard check` is."""
    project = make_project("plain", tmp_path / "blog")
    note = tmp_path / "worker.pid"
    hang = f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    project.stage({project.models: hang + project.read(project.models)})
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, "PYTHONPATH": str(ROOT)}
    command = subprocess.Popen([sys.executable, "-m", "migguard", "check"], cwd=project.path, env=environment)
    worker = int(wait_for(note))

    command.send_signal(number)
    command.wait()

    deadline = time.monotonic() + 10
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)


def wait_for(file: Path) -> str:
    """The content of a file as soon as it has any."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{file} was not written")


def is_running(process: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
