"""How drivers differ before a statement reaches the server, by SQLAlchemy's names of them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class DriverTraits:
    """style: of placeholders, as in `parameters.write_parameters`.

    reads_percent_always: placeholders are looked for also where the driver is given an empty set of parameters.
    binds_itself: parameters are written into the text by the driver, so that they may stand in any statement; others
    send them apart, where only data statements may have them.
    texts: how many statements a text may have: `any`, `unbound` (any where there are no parameters), `one`.
    shows_first: of several statements the first one's result is seen, not the last one's.
    begins_again: after a COMMIT in the text the driver begins a new transaction; others believe theirs goes on.
    errors: the class of error for a refusal: `code` (as the flavour says), `asyncpg` (SQLAlchemy's adapter has three),
    `pg8000` (ProgrammingError but for a key that is there already).
    """

    style: str = "percent"
    reads_percent_always: bool = True
    binds_itself: bool = True
    texts: str = "any"
    shows_first: bool = False
    begins_again: bool = False
    errors: str = "code"


_PLAIN = DriverTraits()
_TRAITS = {
    "psycopg2": _PLAIN,
    "psycopg2cffi": _PLAIN,
    "psycopg": replace(_PLAIN, binds_itself=False, texts="unbound", shows_first=True, begins_again=True),
    "psycopg_async": replace(_PLAIN, binds_itself=False, texts="unbound", shows_first=True, begins_again=True),
    "pg8000": DriverTraits("unquoted-percent", False, False, "unbound", begins_again=True, errors="pg8000"),
    "asyncpg": DriverTraits("numbered", False, False, "one", errors="asyncpg"),
    "mysqlconnector": DriverTraits("percent", False),
    "pymysql": replace(_PLAIN, texts="one"),
    "aiomysql": replace(_PLAIN, texts="one"),
    "asyncmy": replace(_PLAIN, texts="one"),
}


def traits_of(driver: str, paramstyle: str) -> DriverTraits:
    """The traits of a driver; of one that is not known by name, what its paramstyle says."""
    found = _TRAITS.get(driver, _PLAIN)
    if driver == "asyncpg" and paramstyle == "format":
        # SQLAlchemy 1.4 writes $1 itself, by Python's % over the whole text
        return replace(found, style="percent", reads_percent_always=True)
    if driver not in _TRAITS and paramstyle == "qmark":
        return replace(found, style="mark", reads_percent_always=False)
    return found
