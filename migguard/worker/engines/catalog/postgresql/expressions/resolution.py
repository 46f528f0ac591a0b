"""Which operator or function a name means, as parse_oper.c and parse_func.c choose it (15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, TypeVar, Union

from ...errors import NotUnderstood, Rejected
from ..model import Enum
from .coercion import POLYMORPHIC, Coercions
from .nodes import Type
from .system import TEXT, UNKNOWN, Function, Operator, System

Candidate = TypeVar("Candidate", Operator, "Match")


@dataclass(frozen=True)
class Match:
    """A function with its arguments spread for this call. gathered: how many of them go into a VARIADIC array."""

    function: Function
    arguments: tuple[Type, ...]
    gathered: int = 0


class Resolution:
    """path: the schemas of extensions whose names need no schema before them."""

    def __init__(self, system: System, coercions: Coercions, path: frozenset[str]) -> None:
        self.system = system
        self.coercions = coercions
        self.path = path

    def _is_seen(self, home: str, schema: Optional[str]) -> bool:
        return home == schema if schema is not None else not home or home in self.path

    def operator(self, name: str, left: Optional[Type], right: Type, schema: Optional[str] = None) -> Operator:
        """oper() and left_oper(). schema: "" for pg_catalog, None for any. Rejected 42883: there is none; 42725:
        there are several."""
        candidates = [
            one
            for one in self.system.operators.get(name)
            if (one.left is None) == (left is None) and self._is_seen(one.schema, schema)
        ]
        given = (right,) if left is None else (left, right)
        found = self._exact_operator(candidates, given) or self._choose(candidates, given)
        if found is None:
            shown = " ".join([*([_shown(left)] if left is not None else []), name, _shown(right)])
            raise Rejected(f"operator does not exist: {shown}", "42883")
        return found

    def _exact_operator(self, candidates: list[Operator], given: tuple[Type, ...]) -> Optional[Operator]:
        """binary_oper_exact: an untyped literal is taken to be of the other side's type."""
        wanted = given
        if len(given) == 2 and UNKNOWN in given:
            known = given[0] if given[1] == UNKNOWN else given[1]
            wanted = (known, known)
        exact = _find(candidates, wanted)
        if exact is None and UNKNOWN in given and wanted[0] != UNKNOWN:
            base = self.system.base(wanted[0])
            exact = _find(candidates, (base,) * len(wanted)) if base != wanted[0] else None
        return exact

    def function(self, name: str, given: Sequence[Type], *, is_variadic: bool, schema: Optional[str] = None) -> Match:
        """func_get_detail. schema: "" for pg_catalog, None for any. Rejected 42883, 42725."""
        candidates = self._candidates(name, len(given), is_variadic=is_variadic)
        candidates = [one for one in candidates if self._is_seen(one.function.schema, schema)]
        types = tuple(given)
        found = _exact(candidates, types) or self._choose(candidates, types)
        if found is None:
            shown = ", ".join(map(_shown, given))
            raise Rejected(f"function {name}({shown}) does not exist", "42883")
        return found

    def is_cast(self, target: Type, name: str, given: Type) -> bool:
        """Does `type(value)` mean a cast? Where no function takes just that, and a relabelling or text would do."""
        if _exact(self._candidates(name, 1, is_variadic=False), (given,)) is not None:
            return False
        return given == UNKNOWN or self.coercions.pathway(given, target, "explicit") in ("relabel", "io")

    def _candidates(self, name: str, count: int, *, is_variadic: bool) -> list[Match]:
        """FuncnameGetCandidates: with defaults left out and variadic arguments spread."""
        found: dict[tuple[Type, ...], Match] = {}
        for function in self.system.functions.get(name):
            match = _spread(function, count, is_variadic=is_variadic)
            if match is None:
                continue
            known = found.get(match.arguments)
            if known is None or (known.gathered and not match.gathered):
                found[match.arguments] = match
        return list(found.values())

    def _choose(self, candidates: list[Candidate], given: tuple[Type, ...]) -> Optional[Candidate]:
        """func_match_argtypes and func_select_candidate."""
        fitting = [one for one in candidates if self._fits(given, one.arguments)]
        if len(fitting) <= 1:
            return fitting[0] if fitting else None
        bases = tuple(type_ if type_ == UNKNOWN else self.system.base(type_) for type_ in given)
        fitting = self._best(fitting, bases, with_preferred=False)
        if len(fitting) == 1:
            return fitting[0]
        fitting = self._best(fitting, bases, with_preferred=True)
        if len(fitting) == 1:
            return fitting[0]
        if UNKNOWN in given:
            fitting = self._by_category(fitting, bases)
            if len(fitting) == 1:
                return fitting[0]
            last = self._by_known(fitting, bases)
            if last is not None:
                return last
        raise Rejected("could not choose the best candidate", "42725")

    def _fits(self, given: tuple[Type, ...], wanted: tuple[Type, ...]) -> bool:
        if len(given) != len(wanted):
            return False
        pairs = zip(given, wanted)  # noqa: B905 (3.9 has no strict)
        return all(self.coercions.can_coerce(source, target, "implicit") for source, target in pairs) and (
            resolve_polymorphic(self.system, self.coercions, given, wanted, None) is not None
        )

    def _best(self, candidates: list[Candidate], bases: tuple[Type, ...], *, with_preferred: bool) -> list[Candidate]:
        """Those with the most arguments that need no cast, or (second run) go to a preferred type."""

        def score(candidate: Candidate) -> int:
            points = 0
            for base, type_ in zip(bases, candidate.arguments):  # noqa: B905 (3.9 has no strict)
                if base != UNKNOWN and (
                    base == type_ or (with_preferred and self.system.is_preferred(self.system.category(base), type_))
                ):
                    points += 1
            return points

        best = max(map(score, candidates))
        return [one for one in candidates if score(one) == best]

    def _by_category(self, candidates: list[Candidate], bases: tuple[Type, ...]) -> list[Candidate]:
        """Untyped literals: string if any candidate takes one, else the category that all of them share."""
        wanted: dict[int, tuple[str, bool]] = {}
        for place in [place for place, base in enumerate(bases) if base == UNKNOWN]:
            types = [one.arguments[place] for one in candidates]
            categories = [self.system.category(type_) for type_ in types]
            if "S" not in categories and len(set(categories)) > 1:
                return candidates
            category = "S" if "S" in categories else categories[0]
            wanted[place] = category, any(self.system.is_preferred(category, type_) for type_ in types)
        kept = [
            one
            for one in candidates
            if all(
                self.system.category(one.arguments[place]) == category
                and (not preferred or self.system.is_preferred(category, one.arguments[place]))
                for place, (category, preferred) in wanted.items()
            )
        ]
        return kept or candidates

    def _by_known(self, candidates: list[Candidate], bases: tuple[Type, ...]) -> Optional[Candidate]:
        """If all typed arguments have one type, the untyped ones are tried as that type, too."""
        known = {base for base in bases if base != UNKNOWN}
        if len(known) != 1:
            return None
        assumed = (known.pop(),) * len(bases)
        fitting = [one for one in candidates if self._fits(assumed, one.arguments)]
        return fitting[0] if len(fitting) == 1 else None


def _exact(candidates: list[Match], given: tuple[Type, ...]) -> Optional[Match]:
    return next((one for one in candidates if one.arguments == given), None)


def _find(candidates: list[Operator], wanted: tuple[Type, ...]) -> Optional[Operator]:
    return next((one for one in candidates if one.arguments == wanted), None)


def _shown(type_: Optional[Type]) -> str:
    return "" if type_ is None else (type_.user.name if type_.user is not None else type_.key)


def _spread(function: Function, count: int, *, is_variadic: bool) -> Optional[Match]:
    wanted = len(function.arguments)
    if function.is_variadic and not is_variadic and count >= wanted:
        last = function.arguments[-1]
        gathered = count - wanted + 1
        if last.name == "any":
            return Match(function, function.arguments[:-1] + (last,) * gathered)
        element = _element_of(last)
        return Match(function, function.arguments[:-1] + (element,) * gathered, gathered)
    if wanted - function.defaults <= count <= wanted:
        return Match(function, function.arguments[:count])
    return None


def _element_of(type_: Type) -> Type:
    if type_.name == "anyarray":
        return Type("anyelement")
    return Type("anycompatible") if type_.name == "anycompatiblearray" else type_.element


def resolve_polymorphic(
    system: System,
    coercions: Coercions,
    given: Sequence[Type],
    wanted: Sequence[Type],
    result: Optional[Type],
) -> Optional[tuple[list[Type], Optional[Type]]]:
    """check_ and enforce_generic_type_consistency: the argument types and the result with real types in the place of
    polymorphic ones; None where the arguments do not go together."""
    if not any(one.key in POLYMORPHIC for one in [*wanted, *([result] if result else [])]):
        return list(wanted), result
    return _Polymorphism(system, coercions).solve(given, wanted, result)


class _Polymorphism:
    def __init__(self, system: System, coercions: Coercions) -> None:
        self.system = system
        self.coercions = coercions

    def solve(
        self, given: Sequence[Type], wanted: Sequence[Type], result: Optional[Type]
    ) -> Optional[tuple[list[Type], Optional[Type]]]:
        simple = self._family(given, wanted, "any")
        compatible = self._family(given, wanted, "anycompatible")
        if simple is None or compatible is None:
            return None
        names = {**simple, **compatible}
        open_names = [one for one in wanted if one.key in POLYMORPHIC and one.key not in names]
        if result is not None and (UNKNOWN in names.values() or open_names):
            raise Rejected("could not determine polymorphic type because input has type unknown", "42804")
        types = [names.get(one.key, one) for one in wanted]
        if result is None:
            return types, None
        if result.key in POLYMORPHIC and result.key not in names:
            raise NotUnderstood(f"the type of a polymorphic result: {result.key}")
        return types, names.get(result.key, result)

    def _family(self, given: Sequence[Type], wanted: Sequence[Type], prefix: str) -> Optional[dict[str, Type]]:
        """What each polymorphic name of a family stands for: {} where none is used."""
        members = {prefix + suffix: suffix for suffix in ("array", "nonarray", "enum", "range", "multirange")}
        members["anyelement" if prefix == "any" else prefix] = "element"
        used = [(members[one.key], type_) for type_, one in zip(given, wanted) if one.key in members]  # noqa: B905 (3.9 has no strict)
        if not used:
            return {}
        elements = self._elements(used)
        if elements is None:
            return None
        element = self._common(elements, is_compatible=prefix != "any")
        if element is None:
            return None
        kinds = {kind for kind, _ in used}
        if not self._is_allowed(kinds, element):
            return None
        return self._names(used, element, members)

    def _elements(self, used: list[tuple[str, Type]]) -> Optional[list[Type]]:
        """The element type that each typed argument speaks for."""
        found = []
        for kind, type_ in used:
            if type_ == UNKNOWN:
                continue
            base = self.system.base(type_)
            element: Optional[Type] = type_
            if kind == "array":
                element = base.element if base.is_array else None
            elif kind == "range":
                element = self.system.subtype(base) if self.system.is_range(base) else None
            elif kind == "multirange":
                span = self.system.subtype(base) if self.system.is_multirange(base) else None
                element = self.system.subtype(span) if span is not None else None
            if element is None:
                return None
            found.append(element)
        return found

    def _common(self, elements: list[Type], *, is_compatible: bool) -> Optional[Type]:
        if not elements:
            return TEXT if is_compatible else UNKNOWN
        if is_compatible:
            common = self.coercions.common_of_types(elements)
            fits = common is not None and all(self.coercions.can_coerce(one, common, "implicit") for one in elements)
            return common if fits else None
        return elements[0] if all(one == elements[0] for one in elements) else None

    def _is_allowed(self, kinds: set[str], element: Type) -> bool:
        if "nonarray" in kinds and element.is_array:
            return False
        return "enum" not in kinds or element == UNKNOWN or (isinstance(element.user, Enum) and not element.is_array)

    def _names(self, used: list[tuple[str, Type]], element: Type, members: dict[str, str]) -> Optional[dict[str, Type]]:
        if element == UNKNOWN:
            return dict.fromkeys(members, UNKNOWN)
        found: dict[str, Type] = {}
        for name, kind in members.items():
            if kind in ("element", "nonarray", "enum"):
                found[name] = element
            elif kind == "array" and not element.is_array:
                found[name] = element.array
            else:
                span = self._span(used, kind)
                if span is not None:
                    found[name] = span
        return found

    def _span(self, used: list[tuple[str, Type]], kind: str) -> Optional[Type]:
        """The range or multirange among the arguments, or the one that goes with the other."""
        for other, type_ in used:
            if type_ == UNKNOWN or other not in ("range", "multirange"):
                continue
            base = self.system.base(type_)
            if other == kind:
                return base
            return self.system.multirange(base) if kind == "multirange" else self.system.subtype(base)
        return None


Resolved = Union[Operator, Match]
