"""A merge revision from its parents alone, by the project's script.py.mako; no database, no models."""

from __future__ import annotations

import datetime
import os
import re
from typing import Any, Optional

from alembic import util
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from .configuration import remove_write_hooks
from .protocol import MergeRequest


def write_merge(config: Config, wanted: MergeRequest) -> tuple[str, list[str]]:
    """Write the merge revision into the tree: its path, and the heads after it.

    Where the revision files cannot be loaded (they may import what is not installed), the template is rendered
    without them, and the heads are unknown: an empty list.
    """
    remove_write_hooks(config)
    script = ScriptDirectory.from_config(config)
    created = _create_date(script, wanted.create_date)
    script._generate_create_date = lambda: created  # type: ignore[method-assign]
    arguments: dict[str, Any] = {"config": config}
    if util.asbool(_option(config, "revision_environment")):
        with EnvironmentContext(config, script, fn=lambda rev, context: [], as_sql=False, template_args=arguments):
            script.run_env()
    try:
        script.get_heads()
    except Exception:  # anything that a revision file may raise when it is imported
        return _render_alone(script, wanted, created, arguments), []
    written = script.generate_revision(
        wanted.rev_id,
        wanted.message,
        refresh=True,
        head=tuple(wanted.revisions),
        branch_labels=wanted.branch_label,
        splice=True,
        **arguments,
    )
    assert written is not None
    return str(written.path), sorted(script.get_heads())


def _render_alone(
    script: ScriptDirectory, wanted: MergeRequest, created: datetime.datetime, arguments: dict[str, Any]
) -> str:
    folder = _folder_of(script, wanted.revisions)
    path: Any = script._rev_path(folder, wanted.rev_id, wanted.message, created)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    source: Any = os.path.join(script.dir, "script.py.mako")
    script._generate_template(
        type(path)(source),
        path,
        up_revision=wanted.rev_id,
        down_revision=tuple(wanted.revisions),
        branch_labels=util.to_tuple(wanted.branch_label),
        depends_on=None,
        create_date=created,
        comma=util.format_as_comma,
        message=wanted.message,
        **arguments,
    )
    return str(path)


def _folder_of(script: ScriptDirectory, revisions: list[str]) -> str:
    """The folder of the first parent, as Alembic chooses it, found by the text of the files."""
    folders = [str(folder) for folder in script._version_locations]
    pattern = re.compile(rb"^revision\b[^=\n]*=\s*[\"']" + re.escape(revisions[0].encode()) + rb"[\"']", re.MULTILINE)
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in sorted(names):
                if name.endswith(".py") and pattern.search(_read(os.path.join(parent, name))):
                    return parent if len(folders) > 1 else folder
    return folders[0]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _create_date(script: ScriptDirectory, text: Optional[str]) -> datetime.datetime:
    if text is None:
        return script._generate_create_date()
    date = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if script.timezone is None:
        return date
    here = script._generate_create_date().tzinfo
    return date.astimezone(here) if date.tzinfo is not None else date.replace(tzinfo=here)


def _option(config: Config, name: str) -> Optional[str]:
    get: Any = getattr(config, "get_alembic_option", config.get_main_option)
    value: Optional[str] = get(name)
    return value
