"""Which values a column's new type takes without being told how."""

from __future__ import annotations

from typing import Optional

from ..catalog import Catalog
from ..expressions.build import scope_of
from ..expressions.coercion import Coercions, split_ref
from ..expressions.system import system_for
from ..expressions.whitelist import Doubts
from ..model import TypeRef


def has_cast(old: TypeRef, new: TypeRef, context: str, catalog: Catalog) -> Optional[bool]:
    """Is there a cast from one type to another? context: implicit or assignment; None: not known."""
    coercions = Coercions(system_for(scope_of(catalog).extensions), Doubts())
    source, target = split_ref(old)[0], split_ref(new)[0]
    if coercions.can_coerce(source, target, context):
        return True
    return None if "cast" in catalog.functions else False
