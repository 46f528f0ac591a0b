"""Asks a Python, by distribution metadata alone, which Alembic and SQLAlchemy it has; remembers the answer."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_SECONDS = 30
_OLDEST = {"python": (3, 9), "alembic": (1, 12), "sqlalchemy": (1, 4)}
_NAMES = {"python": "Python", "alembic": "Alembic", "sqlalchemy": "SQLAlchemy"}
_CACHE_VERSION = 1

# `find_spec` would take the project's own folder `alembic/` for the package: only metadata tells. -I hides the user's
# site-packages, which the worker will see: they are asked for as well where there is no virtual environment.
_SCRIPT = """
import json, os, site, sys
from importlib import metadata
path = [entry for entry in sys.path if os.path.isdir(entry)]
if sys.prefix == sys.base_prefix and os.path.isdir(site.getusersitepackages()):
    path.append(site.getusersitepackages())
path += [entry for entry in sys.argv[1:] if os.path.isdir(entry)]
def version(name):
    for distribution in metadata.distributions(name=name, path=path):
        return distribution.version
print(json.dumps({
    "executable": sys.executable, "prefix": sys.prefix, "base_prefix": sys.base_prefix, "path": path,
    "python": "%d.%d.%d" % sys.version_info[:3], "alembic": version("alembic"), "sqlalchemy": version("sqlalchemy"),
}))
"""


@dataclass(frozen=True)
class Probe:
    """What one Python said. `path` are the folders that its answer depends on; `problem` is why it will not do."""

    executable: str = ""
    prefix: str = ""
    base_prefix: str = ""
    python: str | None = None
    alembic: str | None = None
    sqlalchemy: str | None = None
    path: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def versions(self) -> dict[str, str]:
        """The versions that were found, by `python`, `alembic` and `sqlalchemy`."""
        found = {name: getattr(self, name) for name in _NAMES}
        return {name: version for name, version in found.items() if version is not None}


def probe_python(python: Path, directory: Path, environ: Mapping[str, str], extra: Sequence[str] = ()) -> Probe:
    """Run `python` in `directory` and judge what it has. Never raises: `problem` says what is wrong.

    `extra` are further folders that the worker will import from (entries of PYTHONPATH).
    """
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", _SCRIPT, *extra],
            cwd=directory,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2])
        probe = Probe(**{**answer, "path": tuple(answer["path"])})
    except (subprocess.TimeoutExpired, OSError) as error:
        return Probe(problem=f"does not run ({error.strerror if isinstance(error, OSError) else 'no answer'})")
    except (ValueError, TypeError, KeyError):
        return Probe(problem="is no Python of version 3.9 or later")
    return Probe(**{**asdict(probe), "path": probe.path, "problem": _judge(probe)})


def _judge(probe: Probe) -> str | None:
    missing = [_NAMES[name] for name in _NAMES if name not in probe.versions]
    if missing:
        return f"has no {' and no '.join(missing)}"
    for name, oldest in _OLDEST.items():
        if _numbers(probe.versions[name]) < oldest:
            wanted = ".".join(map(str, oldest))
            return f"has {_NAMES[name]} {probe.versions[name]}, and {wanted} is the oldest that works"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int("".join(character for character in part if character.isdigit()) or 0) for part in parts)


@dataclass
class ProbeCache:
    """Good answers by candidate, valid while the interpreter and every folder it imports from are unchanged.

    A file that cannot be read or written is a miss, never an error.
    """

    file: Path
    _known: dict[str, dict[str, object]] = field(default_factory=dict)
    _loaded: bool = False

    def find(self, key: str) -> Probe | None:
        """The answer of an earlier run, or None."""
        entry = self._load().get(key)
        try:
            if entry is None or entry["stamps"] != _stamps(key, Probe(**entry["probe"])):  # type: ignore[arg-type]
                return None
            probe = Probe(**entry["probe"])  # type: ignore[arg-type]
            return Probe(**{**asdict(probe), "path": tuple(probe.path)})
        except (KeyError, TypeError, ValueError):
            return None

    def remember(self, key: str, probe: Probe) -> None:
        """Keep a good answer; others are asked for again."""
        if probe.problem is not None:
            return
        entry: dict[str, object] = {"stamps": _stamps(key, probe), "probe": {**asdict(probe), "path": list(probe.path)}}
        self._store({**self._load(), key: entry})

    def _load(self) -> dict[str, dict[str, object]]:
        if not self._loaded:
            self._loaded = True
            try:
                read = json.loads(self.file.read_text(encoding="utf-8"))
                self._known = dict(read["answers"]) if read["version"] == _CACHE_VERSION else {}
            except (OSError, ValueError, KeyError, TypeError):
                self._known = {}
        return self._known

    def _store(self, known: dict[str, dict[str, object]]) -> None:
        self._known = known
        try:
            descriptor, name = tempfile.mkstemp(dir=self.file.parent, prefix=self.file.name)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"version": _CACHE_VERSION, "answers": known}, stream)
            Path(name).replace(self.file)
        except OSError:
            return


def _stamps(key: str, probe: Probe) -> list[list[object]]:
    places = [key.partition("\0")[0], f"{probe.prefix}/pyvenv.cfg", *probe.path]
    return [[place, _modified(place)] for place in places]


def _modified(place: str) -> int | None:
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:
        return None
