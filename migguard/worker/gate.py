"""The one way out: an engine's own connection to its scratch server passes, while everything else stays closed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_is_open: ContextVar[bool] = ContextVar("migguard_gate", default=False)
_hosts: set[str] = set()


@contextlib.contextmanager
def open_gate(host: str | None = None) -> Iterator[None]:
    """Let this context connect, for as long as only an engine's own code and the driver run in it.

    A context and not a flag: other threads and other tasks of an event loop stay shut out. host: its name may be looked
    up from now on, since asyncio asks the resolver in a thread of its own, which has no context.
    """
    if host:
        _hosts.add(host)
    before = _is_open.get()
    _is_open.set(True)
    try:
        yield
    finally:
        # no token: SQLAlchemy's greenlets may leave in another context than they came in
        _is_open.set(before)


def is_gate_open() -> bool:
    """Whether the code that asks is an engine on its way to its server."""
    return _is_open.get()


def may_look_up(host: str | None) -> bool:
    """Whether the address of a host may be asked for."""
    return is_gate_open() or host in _hosts
