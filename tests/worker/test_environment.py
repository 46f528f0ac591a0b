"""Where the project's code comes from, what it opens, and how its faults are told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.stage import (
    ENV,
    MODELS,
    PYTHON,
    USER_TABLE,
    Stage,
    plain_environment,
    plain_project,
    revision,
    summary,
)

EMAIL = MODELS + "    email = sa.Column(sa.String(50))\n"
NO_PREPEND = "[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///app.db\n"


def test_pythonpath_into_the_work_tree_is_mapped(stage: Stage) -> None:
    files = plain_project(ini=NO_PREPEND)
    files["src/models.py"] = files.pop("models.py")
    stage.write(files).write({"src/models.py": EMAIL}, snapshot=False)
    answer = stage.ask(env={"PYTHONPATH": str(stage.top / "src")})
    assert summary(answer) == []
    assert answer.opened == []


def test_project_run_as_python_m_alembic_finds_its_modules(stage: Stage) -> None:
    assert summary(stage.write(plain_project(ini=NO_PREPEND)).ask()) == []


@pytest.fixture
def venv(stage: Stage) -> Path:
    """A virtual environment inside the work tree that shares the installed packages; git would ignore it."""
    folder = stage.top / ".venv"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
    probe = "import sysconfig, sys; print(sysconfig.get_path('purelib', vars={'base': sys.argv[1]}))"
    site = subprocess.run([PYTHON, "-c", probe, str(folder)], capture_output=True, text=True, check=True).stdout.strip()
    installed = subprocess.run(
        [PYTHON, "-c", "import alembic, os; print(os.path.dirname(os.path.dirname(alembic.__file__)))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (Path(site) / "shared.pth").write_text(installed + "\n", encoding="utf-8")
    stage.python = str(folder / "bin" / "python")
    return Path(site)


def test_pth_file_of_an_in_repository_venv_is_mapped_and_the_venv_kept(stage: Stage, venv: Path) -> None:
    files = plain_project(ini=NO_PREPEND)
    files["src/models.py"] = files.pop("models.py")
    stage.write(files).write({"src/models.py": EMAIL}, snapshot=False)
    (venv / "_project.pth").write_text(f"{stage.top / 'src'}\n", encoding="utf-8")
    (venv / "installed.py").write_text("", encoding="utf-8")
    stage.write({"migrations/env.py": "import installed\n" + ENV})
    answer = stage.ask()
    assert summary(answer) == []
    assert answer.opened == []


def test_editable_finder_is_mapped(stage: Stage, venv: Path) -> None:
    files = plain_project(ini=NO_PREPEND, env=ENV.replace("from models", "from shop.models"))
    files["src/shop/models.py"] = files.pop("models.py")
    files["src/shop/__init__.py"] = ""
    stage.write(files).write({"src/shop/models.py": EMAIL}, snapshot=False)
    finder = f"""
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path

MAPPING = {{"shop": {str(stage.top / "src" / "shop")!r}}}
NAMESPACES = {{"space": [{str(stage.top / "src" / "space")!r}]}}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            folder = Path(MAPPING[fullname])
            return spec_from_file_location(fullname, folder / "__init__.py", submodule_search_locations=[str(folder)])
        return None


def install():
    sys.meta_path.append(_EditableFinder)
    sys.path.append("__editable__.shop-1.finder.__path_hook__")
"""
    (venv / "__editable___shop_1_finder.py").write_text(finder, encoding="utf-8")
    (venv / "__editable__.shop.pth").write_text(
        "import __editable___shop_1_finder; __editable___shop_1_finder.install()\n", encoding="utf-8"
    )
    answer = stage.ask()
    assert summary(answer) == []
    assert answer.opened == []


def test_file_of_the_work_tree_that_is_opened_is_named(stage: Stage) -> None:
    env = f"open({str(stage.top / 'settings.json')!r}).close()\n" + ENV
    stage.write(plain_project(env=env)).write({"settings.json": "{}"}, snapshot=False)
    assert stage.ask().opened == ["settings.json"]


def test_bytecode_of_the_work_tree_is_named_by_its_source(stage: Stage) -> None:
    env = f"import sys\nsys.path.insert(0, {str(stage.top / 'lib')!r})\nimport extra\n" + ENV
    stage.write(plain_project(env=env)).write({"lib/extra.py": "import os\n"}, snapshot=False)
    assert stage.ask().opened == ["lib/extra.py"]
    assert not (stage.top / "lib/__pycache__").exists()
    subprocess.run([PYTHON, "-m", "py_compile", stage.top / "lib/extra.py"], check=True)
    assert (stage.top / "lib/__pycache__").exists()
    assert stage.ask().opened == ["lib/extra.py"]


def test_modules_of_the_worker_do_not_shadow_the_projects(stage: Stage) -> None:
    files = plain_project(
        env=ENV.replace("from models", "import merge, protocol, project, engines\nassert merge.MINE\nfrom models")
    )
    files.update({"merge.py": "MINE = True\n", "protocol.py": "", "project.py": "", "engines.py": ""})
    assert summary(stage.write(files).ask()) == []


def test_missing_module_is_named_with_the_projects_frames(stage: Stage) -> None:
    answer = stage.write(plain_project(models="import flux_capacitor\n" + MODELS)).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.missing_module) == ("environment", "flux_capacitor")
    assert answer.failure.frames == [
        "migrations/env.py:3 in <module>: from models import Base",
        "models.py:1 in <module>: import flux_capacitor",
    ]
    assert answer.failure.place is not None
    assert (answer.failure.place.path, answer.failure.place.line) == ("models.py", 1)


def test_missing_module_is_the_cause_though_a_connection_was_refused(stage: Stage) -> None:
    models = (
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 6379))\nexcept OSError:\n    pass\n"
        "import flux_capacitor\n"
    )
    answer = stage.write(plain_project(models=models + MODELS)).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.message) == ("environment", "No module named 'flux_capacitor'")


def test_missing_file_is_named_relative_to_the_tree(stage: Stage) -> None:
    answer = stage.write(plain_project(models="open('conf/local.toml')\n" + MODELS)).ask()
    assert answer.failure is not None
    assert answer.failure.missing_path == "conf/local.toml"


@pytest.mark.parametrize(
    ("code", "exception", "message"),
    [
        pytest.param("raise ValueError('no SECRET_KEY')", "ValueError", "no SECRET_KEY", id="any exception"),
        pytest.param(
            "import sys; sys.exit(3)", "SystemExit", "the project's code left with sys.exit(3)", id="sys.exit"
        ),
        pytest.param("raise KeyboardInterrupt", "KeyboardInterrupt", "KeyboardInterrupt", id="KeyboardInterrupt"),
        pytest.param("def broken(:", "SyntaxError", "invalid syntax", id="syntax error"),
    ],
)
def test_broken_env_py_is_an_environment_failure(stage: Stage, code: str, exception: str, message: str) -> None:
    answer = stage.write(plain_project(env=f"{code}\n{ENV}")).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.exception) == ("environment", exception)
    assert message in answer.failure.message
    assert answer.failure.place is not None
    assert (answer.failure.place.path, answer.failure.place.line) == ("migrations/env.py", 1)


def test_no_env_py_is_an_environment_failure(stage: Stage) -> None:
    answer = stage.write(plain_project(env=None)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "environment"


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param('op.drop_table("nothing")', id="SQL that fails"),
        pytest.param("raise RuntimeError('stop')", id="exception"),
        pytest.param("import steps\nsteps.fail()", id="exception in a module that the revision calls"),
    ],
)
def test_revision_that_fails_is_a_replay_failure_with_its_place(stage: Stage, upgrade: str) -> None:
    bad = revision("b2", "a1", upgrade)
    files = {
        **plain_project(),
        "migrations/versions/b2_bad.py": bad,
        "steps.py": "def fail():\n    raise OSError('x')\n",
    }
    answer = stage.write(files).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.revision) == ("replay", "b2")
    last = upgrade.splitlines()[-1]
    assert answer.failure.place is not None
    assert answer.failure.place.path == "migrations/versions/b2_bad.py"
    assert answer.failure.place.line == next(n for n, line in enumerate(bad.splitlines(), 1) if last in line)


def test_revision_with_a_missing_import_is_an_environment_failure(stage: Stage) -> None:
    answer = stage.write(plain_project(first=revision("a1", None, USER_TABLE, head="import flux_capacitor"))).ask()
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.missing_module) == ("environment", "flux_capacitor")


def test_output_threads_and_exit_handlers_do_not_touch_the_answer(stage: Stage) -> None:
    noise = """
import atexit, os, subprocess, sys, threading, time, warnings
print("to stdout")
sys.stderr.write("to stderr")
os.write(1, b"to the descriptor")
subprocess.Popen(["sleep", "30"])
threading.Thread(target=time.sleep, args=(60,)).start()
atexit.register(time.sleep, 60)
warnings.warn("old")
"""
    answer = stage.write(plain_project(models=noise + MODELS)).ask()
    assert summary(answer) == []
    assert "to the descriptor" in stage.output


def test_warnings_that_are_errors_and_logging_do_not_matter(stage: Stage) -> None:
    ini = (
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\nsqlalchemy.url = sqlite:///app.db\n"
        "[loggers]\nkeys = root\n[handlers]\nkeys = file\n[formatters]\nkeys =\n[logger_root]\nlevel = DEBUG\n"
        "handlers = file\n[handler_file]\nclass = FileHandler\nargs = ('debug.log',)\n"
    )
    env = ENV.replace(
        "config = context.config",
        "config = context.config\nfrom logging.config import fileConfig\nfileConfig(config.config_file_name)",
    )
    assert summary(stage.write(plain_project(ini=ini, env=env)).ask()) == []
    assert (stage.tree / "debug.log").exists()
    assert not (stage.top / "debug.log").exists()


def test_argv_is_alembics_own(stage: Stage) -> None:
    env = "import sys\nassert sys.argv == ['alembic', 'upgrade', 'heads'], sys.argv\n" + ENV
    assert summary(stage.write(plain_project(env=env)).ask()) == []


def test_cmd_opts_are_those_of_the_command(stage: Stage) -> None:
    env = ENV + "import os\nopen('seen.txt', 'a').write(config.cmd_opts.cmd[0].__name__ + '\\n')\n"
    stage.environment = plain_environment()
    assert summary(stage.write(plain_project(env=env)).ask()) == []
    assert (stage.tree / "seen.txt").read_text().split() == ["upgrade", "upgrade", "revision"]


def test_request_that_is_none_ends_with_an_error(tmp_path: Path) -> None:
    from tests.worker.stage import WORKER

    request = tmp_path / "request.json"
    request.write_text("{}", encoding="ascii")
    done = subprocess.run(
        [sys.executable, str(WORKER), str(request)], capture_output=True, check=False, env=dict(os.environ)
    )
    assert done.returncode != 0
