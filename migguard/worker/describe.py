"""What autogenerate does not compare, as deterministic text, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Sequence
from sqlalchemy.types import Enum

from .locate import ModelPlaces
from .operations import default_text, type_text
from .protocol import Description


def describe_targets(targets: Iterable[Any], places: ModelPlaces) -> list[Description]:
    """One description for each model table that has such features, sorted by table."""
    found: dict[str, Description] = {}
    for target in targets:
        for metadata in target.metadata:
            for table in metadata.tables.values():
                features = _describe_table(table, target)
                if features:
                    found[table.fullname] = Description(table.fullname, features, places.find_in_table(table, []))
    return [found[name] for name in sorted(found)]


def _describe_table(table: Any, target: Any) -> dict[str, dict[str, str]]:
    dialect, opts = target.dialect, target.opts
    features: dict[str, dict[str, str]] = {
        "columns": {column.name: "" for column in table.columns},
        "check": _checks(table, dialect),
        "primary key": _primary_key(table),
        "enum values": {},
        "sequence": {},
    }
    for column in table.columns:
        kind = getattr(column.type, "item_type", column.type)
        if isinstance(kind, Enum):
            features["enum values"][column.name] = ", ".join(kind.enums)
        if isinstance(column.default, Sequence):
            features["sequence"][column.name] = _sequence_text(column.default)
    if not opts.get("compare_type", True):
        features["type"] = {column.name: type_text(column.type, dialect) for column in table.columns}
    if not opts.get("compare_server_default", False):
        features["server default"] = {
            column.name: default_text(column.server_default, dialect)
            for column in table.columns
            if column.server_default is not None
        }
    return {category: dict(sorted(texts.items())) for category, texts in features.items() if texts}


def _checks(table: Any, dialect: Any) -> dict[str, str]:
    texts = {}
    for constraint in table.constraints:
        # those that come with a type (Enum, Boolean) are told by the type
        if isinstance(constraint, CheckConstraint) and not getattr(constraint, "_type_bound", False):
            text = default_text(constraint, dialect)
            texts[str(constraint.name) if isinstance(constraint.name, str) else text] = text
    return texts


def _primary_key(table: Any) -> dict[str, str]:
    names = [column.name for column in table.primary_key.columns]
    name = table.primary_key.name
    return {str(name) if isinstance(name, str) else "": ", ".join(names)} if names else {}


def _sequence_text(sequence: Any) -> str:
    parts = [str(sequence.name)]
    for name in ("start", "increment", "minvalue", "maxvalue", "cycle", "cache"):
        value = getattr(sequence, name, None)
        if value is not None:
            parts.append(f"{name} {value}")
    return " ".join(parts)
