"""SQLAlchemy's Inspector and Alembic's autogenerate on the catalog, as on the real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import api
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url

from tests.worker.catalog.mysql.models import make_metadata
from tests.worker.differential.pair import CatalogSide, open_catalog

QUESTIONS = (
    "get_columns",
    "get_pk_constraint",
    "get_foreign_keys",
    "get_indexes",
    "get_unique_constraints",
    "get_check_constraints",
    "get_table_comment",
    "get_table_options",
)


@pytest.fixture(params=["mysql", "mariadb"])
def engines(request: pytest.FixtureRequest, mysql_url: str) -> Iterator[tuple[sa.Engine, sa.Engine, CatalogSide]]:
    """The real one, the catalog's, and what stands behind it."""
    url = make_url(mysql_url).set(drivername=f"{request.param}+pymysql")
    real = sa.create_engine(url)
    if not getattr(real.connect().dialect, "is_mariadb", False):
        pytest.skip("compared with MariaDB only")
    side = open_catalog(url.render_as_string(hide_password=False))
    settings: Any = side.stage.settings
    object.__setattr__(settings, "given_versions", {"mariadb": (10, 11)})
    catalog = side.make_engine()
    make_metadata().drop_all(real)
    yield real, catalog, side
    make_metadata().drop_all(real)
    real.dispose()


def read_all(engine: sa.Engine) -> dict[str, str]:
    """All answers of the Inspector, as text."""
    inspector = sa.inspect(engine)
    found = {"tables": str(sorted(inspector.get_table_names())), "views": str(inspector.get_view_names())}
    for table in inspector.get_table_names():
        for question in QUESTIONS:
            found[f"{table} {question}"] = repr(getattr(inspector, question)(table))
        found[f"{table} is there"] = str(inspector.has_table(table))
    found["missing is there"] = str(inspector.has_table("missing"))
    return found


def render(engine: sa.Engine, metadata: sa.MetaData) -> str:
    """What Alembic would write."""
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        script = api.produce_migrations(context, metadata)
        assert script.upgrade_ops is not None
        return api.render_python_code(script.upgrade_ops)


def test_created_models_are_reflected_as_by_the_server(engines: tuple[sa.Engine, sa.Engine, CatalogSide]) -> None:
    real, catalog, side = engines
    for engine in (real, catalog):
        make_metadata().create_all(engine)
    assert read_all(catalog) == read_all(real)
    assert side.flags.flags == []


def test_autogenerate_writes_the_same_as_on_the_server(engines: tuple[sa.Engine, sa.Engine, CatalogSide]) -> None:
    real, catalog, side = engines
    for engine in (real, catalog):
        make_metadata().create_all(engine)
    assert render(catalog, sa.MetaData()) == render(real, sa.MetaData())
    assert render(catalog, make_metadata()) == render(real, make_metadata())
    assert side.flags.flags == []
