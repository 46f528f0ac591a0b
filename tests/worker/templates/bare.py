"""A virtual environment without database drivers, and ways to run a command away from every network."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

#: What a project needs to load its models and revisions; drivers are nobody's requirement, so none comes along.
NEEDED = ("alembic", "sqlalchemy", "greenlet", "flask-migrate", "flask-sqlalchemy", "python-dotenv", "tomli")

#: Runs under the interpreter that has them: the top-level files and folders of the named distributions and what they
#: require, as absolute paths.
_COLLECT = """
import importlib.metadata as metadata, json, os, re, sys

found, wanted = {}, list(json.loads(sys.argv[1]))
while wanted:
    name = wanted.pop().lower().replace("_", "-")
    if name in found:
        continue
    try:
        one = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        continue
    found[name] = sorted({str(one.locate_file(file.parts[0])) for file in one.files or () if file.parts[0] != ".."})
    for line in one.requires or ():
        if "extra" not in line:
            wanted.append(re.match(r"[A-Za-z0-9._-]+", line)[0])
print(json.dumps(sorted({path for paths in found.values() for path in paths if os.path.exists(path)})))
"""

#: Each use of a socket is written down.
_WATCH = """
import os, sys

_target = os.environ.get("MIGGUARD_TEST_WATCH")
if _target:

    def _note(event, arguments):
        if event.startswith("socket."):
            words = " ".join([event, *(repr(one) for one in arguments[1:])]) + "\\n"
            line = os.open(_target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(line, words.encode("ascii", "backslashreplace"))
            os.close(line)

    sys.addaudithook(_note)
"""


def make_bare_environment(python: str, folder: Path) -> Path:
    """A virtual environment of `python` whose packages are links to those of NEEDED there; its interpreter."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    listed = subprocess.run(
        [python, "-c", _COLLECT, json.dumps(NEEDED)], capture_output=True, text=True, check=True
    ).stdout
    (packages,) = folder.glob("lib/python*/site-packages")
    for path in json.loads(listed):
        if Path(path).name != "__pycache__":
            (packages / Path(path).name).symlink_to(path)
    (packages / "sitecustomize.py").write_text(_WATCH, encoding="utf-8")
    return folder / "bin" / "python"


@functools.cache
def find_isolation() -> Sequence[str] | None:
    """The words before a command that put it into a network namespace without interfaces; None where forbidden."""
    for options in (["-n"], ["-r", "-n"]):
        prefix = ["unshare", *options]
        if (
            shutil.which("unshare")
            and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
        ):
            return tuple(prefix)
    return None


class Watch:
    """Sees what a command and its children ask of the network: by strace where there is one, and by audit events."""

    def __init__(self, folder: Path) -> None:
        self._events = folder / "events.txt"
        self._trace = folder / "trace.txt"
        #: The interpreter of `make_bare_environment` writes down its audit events.
        self.variables = {"MIGGUARD_TEST_WATCH": str(self._events)}
        #: Words before the command.
        self.tracer = (*_TRACER, str(self._trace)) if _has_tracer() else ()

    def list_network_use(self) -> list[str]:
        """Each audit event and each system call that could reach anybody."""
        events = self._events.read_text(encoding="utf-8").splitlines() if self._events.exists() else []
        calls = self._trace.read_text(encoding="utf-8", errors="replace").splitlines() if self.tracer else []
        return [line for line in events if not _is_local_event(line)] + [
            line for line in calls if not _LOCAL_CALL.match(line)
        ]


#: Follows children; a filter in the kernel keeps everything else at full speed.
_TRACER = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=%network", "-e", "signal=none", "-o")
#: A pair of sockets has no address; the rest acts on sockets that are open.
_LOCAL_CALL = re.compile(
    r"\d+ +(<... )?"
    r"(socketpair|recvfrom|sendto|recvmsg|sendmsg|sendfile|shutdown|[gs]etsockopt|getsockname|getpeername)\b"
)


def _is_local_event(line: str) -> bool:
    """An event loop makes a pair of unnamed sockets to wake itself up; Python names its family."""
    return line.startswith("socket.__new__") and ("AF_UNIX" in line or line.split()[1:2] == ["1"])


@functools.cache
def _has_tracer() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*_TRACER, "/dev/null", "true"], capture_output=True, check=False).returncode == 0
