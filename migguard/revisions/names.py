"""The names of a module while its text is followed from top to bottom."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

#: Functions that can set any name of the module that calls them.
REBINDING_BUILTINS = frozenset({"globals", "locals", "vars", "exec", "eval", "setattr", "delattr"})


@dataclass(frozen=True, eq=False)
class Known:
    """A value that the text tells. `parts` maps its strings to the literals they come from."""

    value: object
    parts: Mapping[str, ast.expr] = field(default_factory=dict)

    def agrees(self, other: Value | None) -> bool:
        """Whether both are one value of one type."""
        return isinstance(other, Known) and type(self.value) is type(other.value) and self.value == other.value


@dataclass(frozen=True, eq=False)
class Unknown:
    """A value that only running the file tells, and what it is instead."""

    reason: str

    def agrees(self, other: Value | None) -> bool:
        """Whether both are the very same unknown value."""
        return self is other


Value = Known | Unknown


@dataclass(frozen=True, eq=False)
class Binding:
    """A name's value and the expression or statement that gave it."""

    value: Value
    node: ast.AST | None

    def agrees(self, other: Binding | None) -> bool:
        """Whether both hold the same value."""
        return other is not None and self.value.agrees(other.value)


@dataclass(frozen=True)
class State:
    """All bindings at one moment. `lost` is why a name that is not bound may exist all the same, or None."""

    bindings: Mapping[str, Binding]
    lost: Unknown | None


class Names:
    """The module's names. `find_rebinding` tells the callables whose call may set any of them."""

    def __init__(self, predefined: Mapping[str, Value], find_rebinding: Callable[[], frozenset[str]]) -> None:
        self._bindings = {name: Binding(value, None) for name, value in predefined.items()}
        self._lost: Unknown | None = None
        self._find_rebinding = find_rebinding

    @cached_property
    def rebinding(self) -> frozenset[str]:
        """Callables whose call may set any name. Found on the first call only: most revision files make none."""
        return self._find_rebinding()

    def bind(self, name: str, value: Value, node: ast.AST | None) -> None:
        """An assignment."""
        self._bindings[name] = Binding(value, node)

    def unbind(self, name: str) -> None:
        """`del name`."""
        self._bindings.pop(name, None)

    def binding(self, name: str) -> Binding | None:
        """What the name holds, or None where the module does not have it."""
        found = self._bindings.get(name)
        if found is None and self._lost is not None:
            return Binding(self._lost, None)
        if found is None and "__getattr__" in self._bindings:
            return Binding(Unknown("answered by the module's `__getattr__`"), None)
        return found

    def value(self, name: str) -> Value | None:
        """The value alone."""
        found = self._bindings.get(name)
        return found.value if found is not None else self._lost

    def replace(self, old: Value, new: Value) -> None:
        """One object has changed in place: every name that holds it sees that."""
        for name, binding in self._bindings.items():
            if binding.value is old:
                self._bindings[name] = Binding(new, binding.node)

    def spoil(self, name: str) -> None:
        """The object that `name` holds was handed to code that may change it in place."""
        value = self.value(name)
        if isinstance(value, Known) and isinstance(value.value, list | set | dict):
            self.replace(value, Unknown("a list that is changed after it was made"))

    def lose_all(self, reason: str) -> None:
        """Any name may have been set to anything."""
        self._lost = Unknown(reason)
        self._bindings = {name: Binding(self._lost, binding.node) for name, binding in self._bindings.items()}

    def state(self) -> State:
        """What holds now."""
        return State(dict(self._bindings), self._lost)

    def restore(self, state: State) -> None:
        """Go back (or over) to `state`."""
        self._bindings = dict(state.bindings)
        self._lost = state.lost

    def restore_any(self, states: Iterable[State], reason: str) -> None:
        """Go on from one of several states, nobody can tell which: what they do not agree on is unknown."""
        first, *others = states
        merged: dict[str, Binding] = {}
        names = {name for state in (first, *others) for name in state.bindings}
        for name in sorted(names):
            candidates = [state.bindings.get(name) for state in (first, *others)]
            last = next(binding for binding in reversed(candidates) if binding is not None)
            if all(last.agrees(binding) for binding in candidates):
                merged[name] = last
            else:
                merged[name] = Binding(Unknown(reason), last.node)
        self._bindings = merged
        self._lost = next((state.lost for state in (first, *others) if state.lost is not None), None)
