"""Questions to the server itself: its settings, functions and system catalogs."""

from __future__ import annotations

from typing import Optional

from ..answer import Answer
from ..flavour import Query


def answer_system(query: Query) -> Optional[Answer]:
    """Answer what is about the server and not about the project's tables; None where it is the tables' matter."""
    return None
