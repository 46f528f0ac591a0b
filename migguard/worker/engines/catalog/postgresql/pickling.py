"""A catalog as bytes: its objects refer to each other in circles and long chains, too deep for pickle's recursion."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from . import model

if TYPE_CHECKING:
    from .expressions import Node

_KINDS = (
    model.Enum,
    model.Domain,
    model.Composite,
    model.Sequence,
    model.Column,
    model.Constraint,
    model.Index,
    model.Table,
    model.View,
    model.Trigger,
)


class _Pickler(pickle.Pickler):
    """Objects of the model are left out and noted; their attributes are written one object at a time."""

    def __init__(self, buffer: io.BytesIO) -> None:
        super().__init__(buffer, protocol=4)
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}

    def persistent_id(self, one: Any) -> Any:
        if not isinstance(one, _KINDS):
            return None
        if id(one) not in self.numbers:
            self.numbers[id(one)] = len(self.objects)
            self.objects.append(one)
        return self.numbers[id(one)]


class _Unpickler(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, objects: list[Any]) -> None:
        super().__init__(buffer)
        self.objects = objects

    def persistent_load(self, number: Any) -> Any:
        return self.objects[number]


def copy_onto(node: Node, table: model.Table) -> Node:
    """An expression over one table's columns, over the columns of another that have the same names."""
    buffer = io.BytesIO()
    pickler = _Pickler(buffer)
    pickler.dump(node)
    objects = [table.columns[one.name] if isinstance(one, model.Column) else one for one in pickler.objects]
    copy: Node = _Unpickler(io.BytesIO(buffer.getvalue()), objects).load()
    return copy


def flatten(state: dict[str, Any]) -> dict[str, Any]:
    """A state that pickles without depth."""
    buffer = io.BytesIO()
    pickler = _Pickler(buffer)
    pickler.dump(state)
    written = 0
    while written < len(pickler.objects):
        pickler.dump(pickler.objects[written].__dict__)
        written += 1
    return {"classes": [type(one).__name__ for one in pickler.objects], "bytes": buffer.getvalue()}


def restore(flat: dict[str, Any]) -> dict[str, Any]:
    """What `flatten` was given, as new objects."""
    kinds = {kind.__name__: kind for kind in _KINDS}
    objects = [object.__new__(kinds[name]) for name in flat["classes"]]
    unpickler = _Unpickler(io.BytesIO(flat["bytes"]), objects)
    state: dict[str, Any] = unpickler.load()
    for one in objects:
        one.__dict__.update(unpickler.load())
    return state
