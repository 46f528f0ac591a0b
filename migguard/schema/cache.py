"""What the models of a tree declare, kept by that tree: most bases were themselves checked when they were made."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from migguard.schema.protocol import Description, Place

#: Trees to remember; one entry is a few kilobytes.
KEPT = 50


class DescriptionCache:
    """Descriptions by tree, surroundings and versions, one JSON file each in `folder`. Deleting it is always safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, tree: str, surroundings: str, versions: Mapping[str, str]) -> list[Description] | None:
        """What was stored, or None; anything unreadable is a miss."""
        try:
            items = json.loads(self._file(tree, surroundings, versions).read_text("utf-8"))
            return [Description(item["table"], item["features"], _place(item["place"])) for item in items]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(
        self, tree: str, surroundings: str, versions: Mapping[str, str], descriptions: Sequence[Description]
    ) -> None:
        """Keep descriptions. A folder that cannot be written to costs time later and nothing else."""
        file = self._file(tree, surroundings, versions)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(".new")
            temporary.write_text(json.dumps([dataclasses.asdict(item) for item in descriptions]), "utf-8")
            temporary.replace(file)
            for old in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            return

    def _file(self, tree: str, surroundings: str, versions: Mapping[str, str]) -> Path:
        key = json.dumps([tree, surroundings, sorted(versions.items())])
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _place(item: Mapping[str, object] | None) -> Place | None:
    if item is None:
        return None
    line = item["line"]
    return Place(str(item["path"]), line if isinstance(line, int) else None)
