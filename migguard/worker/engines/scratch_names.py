"""Names of databases on a shared server that are ours without a doubt."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Optional

_SCRATCH = re.compile(r"migguard_scratch_([0-9a-f]{8})_([0-9]+)_([0-9a-f]{8})")
_TEMPLATE = re.compile(r"migguard_template_([0-9a-f]{16})_([0-9a-f]{8})")
#: What every name begins with; the digest at its end says that it is not somebody else's who likes the same word.
PREFIX = "migguard_"


def new_run() -> str:
    """The number of a run, by which its lock and its databases are found: eight hexadecimal digits."""
    return secrets.token_hex(4)


def scratch_name(run: str, number: int) -> str:
    """A scratch database: it lives as long as its run."""
    return f"{PREFIX}scratch_{run}_{number}_{_digest(run, str(number))}"


def find_run(name: str) -> Optional[str]:
    """The run that made this scratch database, None where it is none of ours."""
    match = _SCRATCH.fullmatch(name)
    return match[1] if match and match[3] == _digest(match[1], match[2]) else None


def new_template_name() -> str:
    """A replayed state that later runs start from."""
    token = secrets.token_hex(8)
    return f"{PREFIX}template_{token}_{_digest('template', token)}"


def is_template(name: str) -> bool:
    """Whether this is a replayed state of ours."""
    match = _TEMPLATE.fullmatch(name)
    return match is not None and match[2] == _digest("template", match[1])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(("migguard", *parts)).encode()).hexdigest()[:8]
