"""Which templates meet which drivers."""

from __future__ import annotations

import os
from dataclasses import dataclass

#: Everything in the matrix (`make matrix`); otherwise each template and each driver once.
EVERYTHING = os.environ.get("MIGGUARD_TEST_TEMPLATES") == "all"

SYNC = ("generic", "multidb", "pyproject", "flask", "flask-multidb")
ASYNC = ("async", "pyproject_async")


@dataclass(frozen=True)
class Driver:
    """A driver by SQLAlchemy's name; `module` is what Python imports."""

    dialect: str
    name: str
    module: str
    templates: tuple[str, ...]

    @property
    def url_name(self) -> str:
        """As it stands in a URL."""
        return f"{self.dialect}+{self.name}"


@dataclass(frozen=True)
class Combination:
    """One template with one driver."""

    template: str
    driver: Driver

    def __str__(self) -> str:
        return f"{self.template}-{self.driver.name}"

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the dialect."""
        return self.driver.dialect


DRIVERS = {
    driver.name: driver
    for driver in (
        Driver("postgresql", "psycopg2", "psycopg2", SYNC),
        Driver("postgresql", "psycopg", "psycopg", SYNC + ASYNC),
        Driver("postgresql", "pg8000", "pg8000", SYNC),
        Driver("postgresql", "asyncpg", "asyncpg", ASYNC),
        Driver("mysql", "pymysql", "pymysql", SYNC),
        Driver("mysql", "mysqldb", "MySQLdb", SYNC),
        Driver("mysql", "mysqlconnector", "mysql.connector", SYNC),
        Driver("mysql", "aiomysql", "aiomysql", ASYNC),
        Driver("mysql", "asyncmy", "asyncmy", ASYNC),
    )
}

_PAIRWISE = """
    generic-psycopg2 multidb-pg8000 async-asyncpg flask-multidb-psycopg
    generic-pymysql pyproject-mysqlconnector async-aiomysql pyproject_async-asyncmy flask-pymysql
"""


def combinations() -> list[Combination]:
    """All, or the subset in which each template is met, and each driver but mysqlclient, which is built from source."""
    every = [Combination(template, driver) for driver in DRIVERS.values() for template in driver.templates]
    return every if EVERYTHING else [one for one in every if str(one) in _PAIRWISE.split()]
