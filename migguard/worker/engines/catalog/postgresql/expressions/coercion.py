"""From one type to another, as parse_coerce.c does it (15): which casts there are, and what they leave in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from ...errors import Rejected
from ..model import Composite, Domain, TypeRef
from .literals import read_literal
from .nodes import (
    ArrayTree,
    CaseOp,
    CaseTest,
    ChoiceOp,
    Coercion,
    CollateOp,
    Const,
    DomainValueOf,
    Func,
    SpecialValue,
    SubscriptOp,
    Tree,
    Type,
    Var,
    words,
)
from .system import BOOLEAN, RECORD, TEXT, UNKNOWN, System, type_of
from .whitelist import Doubts

_RANK = {"implicit": 0, "assignment": 1, "explicit": 2}
_CONTEXT = {"i": 0, "a": 1, "e": 2}
POLYMORPHIC = words(
    "anyelement anyarray anynonarray anyenum anyrange anymultirange anycompatible anycompatiblearray "
    "anycompatiblenonarray anycompatiblerange anycompatiblemultirange"
)


class Coercions:
    """The rules of one server, and a record of what was used of them."""

    def __init__(self, system: System, doubts: Doubts) -> None:
        self.system = system
        self.doubts = doubts

    # ---- which casts there are

    def pathway(self, source: Type, target: Type, context: str) -> Optional[str]:
        """find_coercion_pathway: relabel, function, io or array; None where there is no cast."""
        source, target = self.system.base(source), self.system.base(target)
        if source == target:
            return "relabel"
        rank = _RANK[context]
        cast = None
        if not source.user and not target.user:
            cast = self.system.casts.get((source.key, target.key))
        if cast is not None:
            allowed = rank >= _CONTEXT[cast.context]
            return {"f": "function", "b": "relabel", "i": "io"}[cast.method] if allowed else None
        if source.is_array and target.is_array:
            found = self.pathway(source.element, target.element, context)
            if found is not None:
                return "io" if found == "io" else "array"
        if rank >= 1 and self.system.category(target) == "S":
            return "io"
        if rank >= 2 and self.system.category(source) == "S":
            return "io"
        return None

    def can_coerce(self, source: Type, target: Type, context: str) -> bool:
        """can_coerce_type for one argument; polymorphic targets are checked together by the caller."""
        if source in (target, UNKNOWN) or target.name == "any" or target.key in POLYMORPHIC:
            return True
        if self.pathway(source, target, context) is not None:
            return True
        is_row = isinstance(target.user, Composite) and target.user.kind == "composite" and not target.is_array
        if source == RECORD and is_row:
            return True
        return target == RECORD and isinstance(source.user, Composite) and source.user.kind == "composite"

    def has_length_coercion(self, target: Type) -> bool:
        """find_typmod_coercion_function: is there a cast of the (element) type to itself?"""
        return target.user is None and (target.name, target.name) in self.system.casts

    # ---- what they leave

    def coerce(self, tree: Tree, target: Type, modifiers: str, context: str, cast: str) -> Tree:
        """coerce_type: the caller has seen that it can be done."""
        source = tree.type
        if source == target or target.name == "any" or target.key in POLYMORPHIC:
            return tree
        if source == UNKNOWN and isinstance(tree, Const):
            return self._literal(tree, target, modifiers, context, cast)
        if isinstance(tree, CollateOp):
            inner = self.coerce(tree.argument, target, modifiers, context, cast)
            return replace(tree, argument=inner, type=inner.type) if self.system.is_collatable(target) else inner
        path = self.pathway(source, target, context)
        if path is None:
            self.doubts.add("row types")
            return Coercion("row", tree, target, "", cast)
        self.doubts.check_cast(self.system, source, target, context)
        if path == "relabel":
            relabelled = self.to_domain(tree, self.system.base(target), target, context, cast, hide=False)
            return Coercion("relabel", tree, target, "", cast) if relabelled is tree else relabelled
        base = self.system.base(target)
        base_modifiers = modifiers if base == target else self.system.base_modifiers(target)
        made = self._convert(tree, path, base, base_modifiers, cast)
        return self.to_domain(made, base, target, context, cast, hide=True) if base != target else made

    def coerce_to_target(self, tree: Tree, target: Type, modifiers: str, context: str, cast: str) -> Optional[Tree]:
        """coerce_to_target_type: with the length; None where there is no cast."""
        if not self.can_coerce(tree.type, target, context):
            return None
        inner, collations = tree, []
        while isinstance(inner, CollateOp):
            collations.append(inner)
            inner = inner.argument
        made = self.coerce(inner, target, modifiers, context, cast)
        is_hidden = made is not inner and not isinstance(made, Const)
        made = self.to_length(made, target, modifiers, cast, hide=is_hidden)
        if collations and self.system.is_collatable(target):
            made = CollateOp(made, collations[0].collation, made.type)
        return made

    def to_length(self, tree: Tree, target: Type, modifiers: str, cast: str, *, hide: bool) -> Tree:
        """coerce_type_typmod: the length coercion that a modifier asks for, or a relabelling that forgets one."""
        if modifiers == modifiers_of(tree):
            return tree
        if hide:
            tree = hide_cast(tree)
        if modifiers and not self.has_length_coercion(target):
            self.doubts.add("a modifier of a type without length coercion")
        if not modifiers or not self.has_length_coercion(target):
            return _relabel(tree, target, modifiers, cast)
        return self._convert(tree, "array" if target.is_array else "function", target, modifiers, cast)

    def to_domain(self, tree: Tree, base: Type, target: Type, context: str, cast: str, *, hide: bool) -> Tree:
        """coerce_to_domain: the value, of the base type, made a value of the domain."""
        if target == base:
            return tree
        if hide:
            tree = hide_cast(tree)
        inner = self.to_length(tree, base, self.system.base_modifiers(target), "implicit", hide=False)
        return Coercion("domain", inner, target, "", cast)

    def _convert(self, tree: Tree, path: str, target: Type, modifiers: str, cast: str) -> Tree:
        """build_coercion_expression: only a function with more than one argument carries the modifier."""
        if path == "function":
            known = self.system.casts.get((tree.type.key, target.key)) or self.system.casts.get(
                (self.system.base(tree.type).key, target.key)
            )
            carries = known is not None and known.arguments > 1
            return Func("", "", (tree,), target, cast, modifiers if carries else "")
        return Coercion(path, tree, target, modifiers if path == "array" else "", cast)

    def _literal(self, tree: Const, target: Type, modifiers: str, context: str, cast: str) -> Tree:
        """An untyped literal is read by the type's input function, without the length except for intervals."""
        base = self.system.base(target)
        kept = (modifiers or self.system.base_modifiers(target)) if base == Type("interval") else ""
        if tree.value is None:
            made: Tree = Const(base, None, kept)
        else:
            assert isinstance(tree.value, str)
            value = read_literal(tree.value, base, kept, self.system)
            if value is None:
                self.doubts.add(f"a literal of type {base.key}")
            made = Const(base, tree.value if value is None else value, kept, value is not None)
        return made if base == target else self.to_domain(made, base, target, context, cast, hide=False)

    def to_boolean(self, tree: Tree, what: str) -> Tree:
        """coerce_to_boolean: for assignment."""
        if tree.type == BOOLEAN:
            return tree
        made = self.coerce_to_target(tree, BOOLEAN, "", "assignment", "implicit")
        if made is None:
            raise Rejected(f"argument of {what} must be type boolean", "42804")
        return made

    # ---- common types

    def common_type(self, trees: Sequence[Tree], what: str) -> Type:
        """select_common_type."""
        found = self.common_of_types([tree.type for tree in trees])
        if found is None:
            raise Rejected(f"{what} types cannot be matched", "42804")
        return found

    def common_of_types(self, types: Sequence[Type]) -> Optional[Type]:
        """select_common_type_from_oids: text where all are untyped literals; None where the categories differ."""
        if types[0] != UNKNOWN and all(one == types[0] for one in types):
            return types[0]
        chosen = self.system.base(types[0])
        for one in map(self.system.base, types[1:]):
            if one in (UNKNOWN, chosen):
                continue
            if chosen == UNKNOWN:
                chosen = one
                continue
            category = self.system.category(chosen)
            if category != self.system.category(one):
                return None
            if (
                not self.system.is_preferred(category, chosen)
                and self.can_coerce(chosen, one, "implicit")
                and not self.can_coerce(one, chosen, "implicit")
            ):
                chosen = one
        return TEXT if chosen == UNKNOWN else chosen

    def to_common(self, tree: Tree, target: Type, what: str) -> Tree:
        """coerce_to_common_type."""
        if tree.type == target:
            return tree
        if not self.can_coerce(tree.type, target, "implicit"):
            raise Rejected(f"{what} could not convert type", "42846")
        return self.coerce(tree, target, "", "implicit", "implicit")


def _relabel(tree: Tree, target: Type, modifiers: str, cast: str) -> Tree:
    """applyRelabelType: one relabelling on another replaces it, and a literal takes the modifier itself."""
    while isinstance(tree, Coercion) and tree.kind == "relabel":
        tree = tree.argument
    if isinstance(tree, Const):
        return replace(tree, type=target, modifiers=modifiers)
    return Coercion("relabel", tree, target, modifiers, cast)


def hide_cast(tree: Tree) -> Tree:
    """hide_coercion_node: an outer cast says it all."""
    return replace(tree, cast="implicit") if isinstance(tree, (Func, Coercion)) else tree


def strip_implicit(tree: Tree) -> Tree:
    """strip_implicit_coercions."""
    if isinstance(tree, Func) and tree.cast == "implicit":
        return strip_implicit(tree.arguments[0])
    if isinstance(tree, Coercion) and tree.cast == "implicit":
        return strip_implicit(tree.argument)
    return tree


def modifiers_of(tree: Tree) -> str:
    """exprTypmod: the modifier that the value is known to have."""
    if isinstance(tree, (Var, Const, Func, Coercion, SpecialValue, CaseTest, DomainValueOf)):
        return tree.modifiers
    if isinstance(tree, CollateOp):
        return modifiers_of(tree.argument)
    if isinstance(tree, SubscriptOp):
        return modifiers_of(tree.argument)
    found: set[str] = set()
    if isinstance(tree, CaseOp):
        found = _shared(
            [*(result for _, result in tree.whens), *([tree.otherwise] if tree.otherwise else [])], tree.type
        )
    elif isinstance(tree, ChoiceOp) and tree.word != "nullif":
        found = _shared(tree.arguments, tree.type)
    elif isinstance(tree, ChoiceOp):
        found = {modifiers_of(tree.arguments[0])}
    elif isinstance(tree, ArrayTree) and tree.elements:
        found = {modifiers_of(one) for one in tree.elements}
    return found.pop() if len(found) == 1 else ""


def _shared(trees: Sequence[Tree], type_: Type) -> set[str]:
    return {modifiers_of(one) if one.type == type_ else "" for one in trees}


def split_ref(ref: TypeRef) -> tuple[Type, str]:
    """A written type as type and modifier; of a domain the modifier is its own business."""
    return type_of(ref), "" if isinstance(ref.user, Domain) else ref.modifiers
