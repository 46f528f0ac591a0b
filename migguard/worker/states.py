"""The state after a replay, kept by what it was made from: the next replay runs what is new."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Optional

from .engines import Engines
from .engines.catalog.flags import FlagLog
from .purity import Needs, PurityJudge

#: States to keep, all environments and branches together, and their bytes.
MOST_STATES = 40
MOST_BYTES = 64 * 1024 * 1024
MOST_BYTES_EACH = 8 * 1024 * 1024
_SUFFIX = ".state"


@dataclass
class Chain:
    """The revisions in the order in which they run, and the key of the state after each; "" where none is kept."""

    revisions: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def make_chain(base: Optional[str], steps: Iterable[Any], judge: PurityJudge) -> Chain:
    """Keys for scripts in running order. From the first on whose effect its text does not tell, there are none."""
    chain, key = Chain(), base or ""
    for script in steps:
        if key:
            with open(script.path, "rb") as file:
                source = file.read()
            needs = judge.judge(source)
            key = "" if needs is None else _next_key(key, script.revision, source, needs)
        chain.revisions.append(script.revision)
        chain.keys.append(key)
    return chain


def _next_key(key: str, revision: str, source: bytes, needs: Needs) -> str:
    versions = [(name, _version_of(name)) for name in sorted(needs.distributions)]
    parts = [key, revision, hashlib.sha256(source).hexdigest(), versions]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _version_of(module: str) -> str:
    """The version of the distribution with a module; where that cannot be told, the state of its file."""
    import sys

    try:
        return metadata.version(module)
    except metadata.PackageNotFoundError:
        status = os.stat(sys.modules[module].__file__ or "")
        return f"{status.st_size} {status.st_mtime_ns}"


class StateStore:
    """States as files in one folder. Deleting it is always safe; any doubt about a file is a miss."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def load(self, key: str) -> Any:
        """What was kept under the key, or None."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                content = file.read()
            os.utime(path)
            payload = content[32:]
            return pickle.loads(payload) if hashlib.sha256(payload).digest() == content[:32] else None
        except Exception:  # whatever was damaged
            return None

    def has(self, key: str) -> bool:
        """Whether there is a file for the key."""
        return os.path.exists(self._path(key))

    def forget(self, key: str) -> None:
        """Remove what was kept under the key."""
        with contextlib.suppress(OSError):
            os.unlink(self._path(key))

    def keep(self, key: str, value: Any) -> None:
        """Keep something picklable; where that fails nothing is lost but time."""
        try:
            payload = pickle.dumps(value, protocol=4)
            if len(payload) > MOST_BYTES_EACH:
                return
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(dir=self._folder, suffix=".partial")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(hashlib.sha256(payload).digest() + payload)
                os.replace(partial, self._path(key))
            except BaseException:
                os.unlink(partial)
                raise
            self._remove_oldest()
        except (OSError, pickle.PicklingError, TypeError, AttributeError, RecursionError):
            return

    def _remove_oldest(self) -> None:
        """Keep the folder within bounds; partial files of killed runs go after an hour."""
        entries = [(one.stat().st_mtime, one.stat().st_size, one.path) for one in os.scandir(self._folder)]
        newest = max(time for time, _, _ in entries)
        count = size = 0
        for time, bytes_, path in sorted(entries, reverse=True):
            is_state = path.endswith(_SUFFIX)
            count, size = count + is_state, size + bytes_
            if count > MOST_STATES or size > MOST_BYTES or (not is_state and time < newest - 3600):
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, key + _SUFFIX)


class KeptStates:
    """The states of one run's chain of revisions."""

    def __init__(self, store: StateStore, chain: Chain, engines: Engines, flags: FlagLog) -> None:
        self.chain = chain
        self._store = store
        self._engines = engines
        self._flags = flags

    def resume(self) -> int:
        """Put the newest state that is known in place of the empty databases; how many revisions it has behind it."""
        for count in range(len(self.chain.keys), 0, -1):
            key = self.chain.keys[count - 1]
            state = self._store.load(key) if key else None
            if state is None:
                continue
            if self._load(state):
                return count
            # it would keep a new one from taking its place
            self._store.forget(key)
        return 0

    def keep(self, count: int) -> None:
        """Keep the state that is there after so many revisions."""
        key = self.chain.keys[count - 1] if 0 < count <= len(self.chain.keys) else ""
        if not key or self._store.has(key):
            return
        states = self._engines.dump_state()
        if states is not None:
            self._store.keep(key, {"engines": states, "flags": self._flags.dump_state()})

    def _load(self, state: Any) -> bool:
        try:
            self._engines.load_state(state["engines"])
            self._flags.load_state(state["flags"])
        except Exception:  # made by another version, or damaged in a way that the digest does not tell
            self._engines.wipe()
            self._flags.clear()
            return False
        return True
