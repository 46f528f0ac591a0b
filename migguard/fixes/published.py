"""Which revisions others may have, by id: a file may have been renamed since it was published."""

from __future__ import annotations

from migguard.context import CheckContext, EnvironmentView
from migguard.git.objects import read_blobs
from migguard.revisions.model import Revision
from migguard.revisions.parse import parse_revision


def find_published_ids(context: CheckContext, view: EnvironmentView) -> set[str]:
    """The ids of all revisions of the environment that a published ref has, under whatever name."""
    environment = view.environment
    files = context.published.list_files(environment.version_locations, recursive=environment.recursive)
    owned = [file for file in files if environment.owns(file.path)]
    blobs = read_blobs(context.repository, [file.oid for file in owned])
    parsed = (parse_revision(file.path, blobs[file.oid]) for file in owned)
    return {item.id for item in parsed if isinstance(item, Revision)}
