"""A program with a time limit: nothing that it started is left, and its output is kept apart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from migguard.schema.process import MOST_OUTPUT, Ending, run_process


def run(source: str, directory: Path, timeout: float = 20, **options: object) -> Ending:
    """Python code as a program of its own."""
    command = [sys.executable, "-c", textwrap.dedent(source)]
    return run_process(command, directory, os.environ, timeout, **options)  # type: ignore[arg-type]


def is_running(pid: int) -> bool:
    """Whether a process lives and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> bool:
    """A killed process takes a moment."""
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def test_output_of_both_streams_is_kept(tmp_path: Path) -> None:
    """And the status told."""
    ending = run("import os, sys; print('out', flush=True); sys.stderr.write('err\\n'); sys.exit(3)", tmp_path)
    assert (ending.status, ending.output) == (3, "out\nerr\n")


def test_standard_input_is_empty(tmp_path: Path) -> None:
    """A question ends the program instead of hanging it."""
    assert "EOFError" in run("input('Continue? ')", tmp_path).output


def test_endless_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    """The first and the last lines are those that tell something; nothing blocks."""
    ending = run("print('first'); print('x' * 5_000_000); print('last')", tmp_path)
    assert ending.status == 0
    assert ending.output.startswith("first\n")
    assert ending.output.endswith("x\nlast\n")
    assert "bytes left out" in ending.output
    assert len(ending.output) < MOST_OUTPUT + 100


HANGS = """
    import subprocess, sys, threading, time
    child = subprocess.Popen([sys.executable, "-c", "import time; print('grandchild', flush=True); time.sleep(600)"])
    open("pid", "w").write(str(child.pid))
    threading.Thread(target=time.sleep, args=(600,)).start()
    print("hanging", flush=True)
    time.sleep({sleep})
"""


def test_time_limit_kills_grandchildren(tmp_path: Path) -> None:
    """A server or a watcher that the project starts must not stay behind."""
    started = time.monotonic()
    ending = run(HANGS.format(sleep=600), tmp_path, timeout=1)
    assert time.monotonic() - started < 10
    assert ending.status is None
    assert "hanging" in ending.output
    assert wait_until_gone(int((tmp_path / "pid").read_text()))


def test_what_is_left_running_after_the_end_is_killed(tmp_path: Path) -> None:
    """The worker leaves with os._exit; what holds the pipe open is not waited for."""
    started = time.monotonic()
    ending = run(HANGS.format(sleep=0) + "    import os; os._exit(0)\n", tmp_path)
    assert ending.status == 0
    assert time.monotonic() - started < 10
    assert wait_until_gone(int((tmp_path / "pid").read_text()))


def test_process_that_got_away_is_not_waited_for(tmp_path: Path) -> None:
    """It started a session of its own, and still holds the pipe."""
    source = """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], start_new_session=True)
        open("pid", "w").write(str(child.pid))
    """
    started = time.monotonic()
    assert run(source, tmp_path).status == 0
    assert time.monotonic() - started < 10
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_closed_output_is_not_the_end(tmp_path: Path) -> None:
    """A program may close its streams and work on."""
    ending = run("import os, time; os.close(1); os.close(2); time.sleep(0.2); open('done', 'w')", tmp_path)
    assert ending.status == 0
    assert (tmp_path / "done").exists()


def test_signal_that_ended_it_is_told(tmp_path: Path) -> None:
    """A crash in an extension, or a lack of memory."""
    assert run("import os; os.kill(os.getpid(), 11)", tmp_path).status == -signal.SIGSEGV


def test_slow_program_is_announced_once(tmp_path: Path) -> None:
    """After a second, not before."""
    calls: list[str] = []
    run("pass", tmp_path, on_slow=lambda: calls.append("quick"))
    run("import time; time.sleep(1.4)", tmp_path, on_slow=lambda: calls.append("slow"))
    assert calls == ["slow"]


def test_interrupt_kills_everything(tmp_path: Path) -> None:
    """Ctrl-C reaches only us: the program is in a session of its own."""
    script = textwrap.dedent(
        f"""
        import os, sys
        from pathlib import Path
        from migguard.schema.process import run_process
        source = {textwrap.dedent(HANGS.format(sleep=600))!r}
        try:
            run_process([sys.executable, "-c", source], Path({str(tmp_path)!r}), os.environ, 60)
        except KeyboardInterrupt:
            sys.exit(130)
        """
    )
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        deadline = time.monotonic() + 20
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert wait_until_gone(int((tmp_path / "pid").read_text()))


def test_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """For the caller to explain."""
    with pytest.raises(FileNotFoundError):
        run_process([str(tmp_path / "none")], tmp_path, os.environ, 5)
