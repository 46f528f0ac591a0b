"""Runs under a project's interpreter: its whole history on a real database or on the catalog, and what came of it.

    PYTHON foreign_replay.py ASK.json ANSWER.json

The two runs differ in nothing but `ask["catalog"]`: the same env.py, the same Alembic, the same questions afterwards.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


def install_catalog(root: str, versions: dict[str, list[int]], folder: str) -> Any:
    """Redirect every engine to the catalog; the log of flags."""
    sys.path.append(root)
    from migguard.worker.engines import Engines, Settings, Stage
    from migguard.worker.engines.catalog.flags import FlagLog
    from migguard.worker.ledger import Ledger, ProjectPaths
    from migguard.worker.origin import TableWatch
    from migguard.worker.redirect import install_redirect

    paths = ProjectPaths(folder)
    flags = FlagLog(paths)
    given = {name: tuple(numbers) for name, numbers in versions.items()}
    stage = Stage(
        scratch=folder,
        top=folder,
        tree=folder,
        ledger=Ledger(),
        watch=TableWatch(paths),
        paths=paths,
        flags=flags,
        settings=Settings(given_versions=given),
    )
    install_redirect(Engines(stage))
    return flags


def load_snapshot(root: str) -> Any:
    """tests/worker/differential/snapshot.py, whatever the project calls `tests`."""
    path = Path(root, "tests", "worker", "differential", "snapshot.py")
    spec = importlib.util.spec_from_file_location("migguard_snapshot", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["migguard_snapshot"] = module
    spec.loader.exec_module(module)
    return module


def make_config(ask: dict[str, Any]) -> Any:
    """A function that gives a fresh Alembic Config, as `alembic` or `flask db` would make it."""
    if ask["flask_app"]:
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        sys.argv = ["flask", "db", "upgrade"]
        from flask.cli import ScriptInfo

        app = ScriptInfo(ask["flask_app"]).load_app()
        app.app_context().push()
        migrate = app.extensions["migrate"].migrate
        return lambda: without_hooks(migrate.get_config(ask["scripts"], opts=["autogenerate"]))
    sys.argv = ["alembic", "upgrade", "heads"]
    from argparse import Namespace

    from alembic.config import Config

    options = Namespace(x=ask["x"] or None, cmd=None)
    return lambda: without_hooks(Config(ask["config"], ini_section=ask["section"], cmd_opts=options))


def without_hooks(config: Any) -> Any:
    config.file_config.remove_section("post_write_hooks")
    return config


def run(ask: dict[str, Any], flags: Any) -> dict[str, Any]:
    """Upgrade, ask the Inspector, render everything, write the revision."""
    started = time.perf_counter()
    config = make_config(ask)
    import sqlalchemy as sa
    from alembic import command

    loaded = time.perf_counter()
    command.upgrade(config(), "heads")
    answer: dict[str, Any] = {"load": loaded - started, "upgrade": time.perf_counter() - loaded}
    snapshot = load_snapshot(ask["root"])
    engine = sa.create_engine(ask["url"], poolclass=sa.pool.NullPool, future=True)
    with engine.connect() as connection:
        found = snapshot.read_snapshot(connection)
        answer["snapshot"] = {"|".join((k.schema, k.relation, k.kind, k.name)): v for k, v in found.items()}
        # MySQL's schemas are its databases, the system's own too
        is_postgresql = engine.dialect.name == "postgresql"
        answer["rendered"] = snapshot.render_difference(connection, sa.MetaData(), include_schemas=is_postgresql)
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config())
    answer["revisions"] = len(list(script.walk_revisions()))
    try:
        answer["file"] = write_revision(config(), script, ask["rev_id"])
    except Exception as error:  # noqa: BLE001
        answer["file"] = f"{type(error).__name__}: {error}"
    return answer


def write_revision(config: Any, script: Any, rev_id: str) -> str:
    """The text of the revision file that autogenerate writes now; the file is gone afterwards."""
    from alembic import command

    command.revision(config, message="probe", autogenerate=True, rev_id=rev_id)
    text = ""
    for folder in getattr(script, "_version_locations", None) or script.version_locations:
        for path in Path(folder).glob(f"*{rev_id}*.py"):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            text += "".join(line for line in lines if not line.startswith("Create Date:"))
            path.unlink()
    return text


def main() -> None:
    ask = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    target = sys.argv[2]
    sys.path[0] = ""
    flags = install_catalog(ask["root"], ask["versions"], str(Path.cwd())) if ask["catalog"] else None
    try:
        answer = run(ask, flags)
    except BaseException:  # noqa: BLE001
        answer = {"error": traceback.format_exc()}
    if flags is not None:
        places = [
            (one.kind, str(one.text), [str(name) for name in one.tables or ()], str(one.place)) for one in flags.flags
        ]
        answer["flags"] = places
    Path(target).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
