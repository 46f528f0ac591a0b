"""Other projects with PostgreSQL, MySQL or MariaDB, and how their migrations are run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What stands for parts of the database's URL in the texts below.
#: {url} {driver_url} {host} {port} {user} {password} {database}


@dataclass(frozen=True)
class History:
    """One project on one server.

    repository: owner/name on GitHub; venv: the name of the interpreter's environment; driver: SQLAlchemy's
    `dialect+driver`; folder: where one stands for `alembic`; files: written into the copy before anything runs;
    edits: file → (text, replacement), for what the project would ask of its surroundings.
    """

    repository: str
    venv: str
    driver: str
    folder: str = ""
    config: str = "alembic.ini"
    section: str = "alembic"
    flask_app: str | None = None
    scripts: str = "migrations"
    commit: str = ""
    x: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def is_postgresql(self) -> bool:
        """Which of the two servers."""
        return self.driver.startswith("postgresql")


_CTFD = {"flask_app": "CTFd:create_app()", "variables": {"DATABASE_URL": "{url}", "SECRET_KEY": "x"}}
_ROMM = {
    "DB_HOST": "{host}",
    "DB_PORT": "{port}",
    "DB_USER": "{user}",
    "DB_PASSWD": "{password}",
    "DB_NAME": "{database}",
    "ROMM_AUTH_SECRET_KEY": "x",
    "ROMM_BASE_PATH": "/tmp/romm",
}
_IRONIC_EDIT = {
    "ironic/db/sqlalchemy/alembic/env.py": (
        "from oslo_db.sqlalchemy import enginefacade\n",
        "import os\n\nfrom oslo_config import cfg\nfrom oslo_db import options\n"
        "from oslo_db.sqlalchemy import enginefacade\n"
        'options.set_defaults(cfg.CONF, connection=os.environ["IRONIC_URL"])\n',
    )
}
_WAREHOUSE_INI = "[alembic]\nscript_location = warehouse:migrations\nprepend_sys_path = .\nurl = {url}\n"

HISTORIES = {
    "ctfd-mariadb": History("CTFd/CTFd", "ctfd", "mysql+pymysql", **_CTFD),  # type: ignore[arg-type]
    "ctfd-postgresql": History("CTFd/CTFd", "ctfd", "postgresql+psycopg2", **_CTFD),  # type: ignore[arg-type]
    "fastapi-template": History(
        "fastapi/full-stack-fastapi-template",
        "fastapi",
        "postgresql+psycopg",
        folder="backend",
        commit="f459c20a",  # the last that does not need Python 3.14
        variables={
            "POSTGRES_SERVER": "{host}",
            "POSTGRES_PORT": "{port}",
            "POSTGRES_USER": "{user}",
            "POSTGRES_PASSWORD": "{password}",
            "POSTGRES_DB": "{database}",
            "SECRET_KEY": "x",
            "PROJECT_NAME": "x",
            "FIRST_SUPERUSER": "a@example.com",
            "FIRST_SUPERUSER_PASSWORD": "xxxxxxxx",
        },
    ),
    "mealie-postgresql": History(
        "mealie-recipes/mealie",
        "mealie",
        "postgresql+psycopg2",
        variables={
            "PRODUCTION": "false",
            "DB_ENGINE": "postgres",
            "POSTGRES_USER": "{user}",
            "POSTGRES_PASSWORD": "{password}",
            "POSTGRES_SERVER": "{host}",
            "POSTGRES_PORT": "{port}",
            "POSTGRES_DB": "{database}",
        },
    ),
    "quetz": History(
        "mamba-org/quetz",
        "quetz",
        "postgresql+psycopg2",
        edits={"alembic.ini": ("#sqlalchemy.url = driver://user:pass@localhost/dbname", "sqlalchemy.url = {url}")},
    ),
    "romm-mariadb": History(
        "rommapp/romm", "romm", "mariadb+mariadbconnector", "backend", variables={**_ROMM, "ROMM_DB_DRIVER": "mariadb"}
    ),
    "romm-mysqlconnector": History(
        "rommapp/romm", "romm", "mysql+mysqlconnector", "backend", variables={**_ROMM, "ROMM_DB_DRIVER": "mysql"}
    ),
    "romm-postgresql": History(
        "rommapp/romm", "romm", "postgresql+psycopg", "backend", variables={**_ROMM, "ROMM_DB_DRIVER": "postgresql"}
    ),
    "warehouse": History("pypi/warehouse", "warehouse", "postgresql+psycopg", files={"alembic.ini": _WAREHOUSE_INI}),
    "ironic-mariadb": History(
        "openstack/ironic",
        "ironic",
        "mysql+pymysql",
        config="ironic/db/sqlalchemy/alembic.ini",
        variables={"IRONIC_URL": "{url}"},
        edits=_IRONIC_EDIT,
    ),
    "notifications-api": History(
        "GSA/notifications-api",
        "notify",
        "postgresql+psycopg2",
        flask_app="application:application",
        variables={"DATABASE_URL": "{url}", "NOTIFY_ENVIRONMENT": "test"},
    ),
}
