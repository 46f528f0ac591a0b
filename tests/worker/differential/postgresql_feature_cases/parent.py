"""What foreign keys of the cases refer to."""

from __future__ import annotations

PARENT = "CREATE TABLE @p (id integer PRIMARY KEY, code varchar(10) UNIQUE, a integer, b integer, UNIQUE (a, b))"
