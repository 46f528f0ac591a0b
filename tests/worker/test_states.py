"""States of replays: the next run starts behind the newest one that still holds, and gives the same answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migguard.worker.protocol import Response
from migguard.worker.states import MOST_STATES, StateStore
from tests.worker.stage import ENV, INI, MODELS, Stage, plain_project, revision, summary

ADD = 'op.add_column("user", sa.Column("c{}", sa.Integer()))'
DATABASES = [
    pytest.param("sqlite:///app.db", id="SQLite"),
    pytest.param("postgresql://app@db.example/app", id="PostgreSQL"),
]


def added(number: int, **changes: Any) -> dict[str, str | None]:
    """A revision that adds a column, after the one before it."""
    options = {"upgrade": ADD.format(number), **changes}
    return {f"migrations/versions/a{number}_more.py": revision(f"a{number}", f"a{number - 1}", **options)}


class History:
    """A project whose states are kept in a folder beside it."""

    def __init__(self, stage: Stage, url: str, **changes: str | None) -> None:
        self.stage = stage
        self.folder = stage.top.parent / "states"
        stage.write(plain_project(ini=INI.replace("sqlite:///app.db", url), **changes))

    def add(self, *numbers: int, **changes: Any) -> History:
        """Add revisions."""
        for number in numbers:
            self.stage.write(added(number, **changes))
        return self

    def replay(self, **options: Any) -> Response:
        """Check; the answer says how many revisions ran."""
        return self.stage.ask(**{"states": str(self.folder), **options})

    def read(self, name: str) -> str:
        """A file of the tree."""
        return (self.stage.tree / name).read_text("utf-8")

    def count(self, **options: Any) -> int:
        """How many revisions a check runs; its verdict is the same without states."""
        answer = self.replay(**options)
        assert summary(answer) == summary(self.replay(**{**options, "states": ""}))
        return answer.replayed


@pytest.fixture(params=DATABASES)
def history(request: pytest.FixtureRequest, stage: Stage) -> History:
    """Four revisions."""
    return History(stage, request.param).add(2, 3, 4)


def test_one_new_revision_runs_alone(history: History) -> None:
    """What is known is not run again; nothing new, nothing run."""
    assert history.count() == 4
    assert history.count() == 0
    assert history.add(5).count() == 1
    answer = history.add(6).replay()
    assert sorted(str(one.column) for one in answer.operations) == ["c2", "c3", "c4", "c5", "c6"]
    assert answer.replayed == 1


def test_newest_revision_that_changes_runs_alone(history: History) -> None:
    """The one that is written again and again while somebody works on a model."""
    history.replay()
    assert history.add(4, upgrade=ADD.format("other")).count() == 1
    assert "remove_column user cother" in summary(history.replay())


@pytest.mark.parametrize(
    ("change", "ran"),
    [
        pytest.param(lambda it: it.add(2, upgrade=ADD.format("other")), 4, id="an old revision"),
        pytest.param(lambda it: it.stage.write({"models.py": MODELS + "X = 1\n"}), 0, id="the models"),
        pytest.param(lambda it: it.stage.write({"migrations/env.py": ENV + "\n"}), 4, id="env.py"),
        pytest.param(lambda it: it.stage.write({"migrations/tools.py": "\n"}), 4, id="a file beside it"),
        pytest.param(
            lambda it: it.stage.write({"alembic.ini": it.read("alembic.ini") + "x = 1\n"}), 4, id="the configuration"
        ),
    ],
)
def test_what_a_state_was_made_from(history: History, change: Callable[[History], Any], ran: int) -> None:
    """Whatever takes part in a replay is in the key."""
    history.replay()
    change(history)
    assert history.count() == ran


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"settings": {"A": "1"}}, 4, id="a variable that the user sets"),
        pytest.param({"server_versions": {"postgresql": "16"}}, 4, id="a server's version"),
        pytest.param({"env": {"HOME": "/nowhere"}}, 0, id="a variable that env.py does not name"),
    ],
)
def test_settings_take_part(history: History, options: dict[str, Any], ran: int) -> None:
    """The same revisions under other settings are another history."""
    history.replay()
    assert history.count(**options) == ran


def test_variable_that_env_py_names_takes_part(stage: Stage) -> None:
    """Its value may decide what env.py does."""
    history = History(stage, "sqlite:///app.db", env="import os\nos.environ.get('TENANT')\n" + ENV).add(2)
    assert history.count() == 2
    assert history.count() == 0
    assert history.count(env={"TENANT": "b"}) == 2
    assert history.count(env={"TENANT": "b"}) == 0


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("import models", id="the project's code"),
        pytest.param("import os", id="the environment"),
        pytest.param("from pathlib import Path", id="files"),
        pytest.param("x = open(__file__).read()", id="open()"),
        pytest.param("x = lambda: op.get_context().config", id="the configuration"),
        pytest.param("sql = 'SET search_path TO other'", id="what belongs to the connection"),
    ],
)
def test_revision_that_asks_for_more_is_run_again(stage: Stage, head: str) -> None:
    """And all that follow it; those before it are in a state."""
    history = History(stage, "postgresql://app@db.example/app").add(2).add(3, head=head).add(4)
    assert [history.replay().replayed, history.replay().replayed] == [4, 2]


def test_modules_that_tell_nothing_from_outside_do_not_matter(stage: Stage) -> None:
    """Python's own, SQLAlchemy's and Alembic's."""
    head = "import datetime, uuid, json\nfrom alembic import context\nfrom sqlalchemy.dialects import postgresql\n"
    history = History(stage, "sqlite:///app.db").add(2, head=head)
    history.replay()
    assert history.count() == 0


def test_module_beside_env_py_takes_part(stage: Stage) -> None:
    """Helpers of revisions live there."""
    tools = "from alembic import op\nimport sqlalchemy as sa\n\n"
    tools += "def add(name):\n    op.add_column('user', sa.Column(name, sa.Integer()))\n"
    history = History(stage, "sqlite:///app.db")
    history.stage.write({"migrations/tools.py": tools, "migrations/__init__.py": ""})
    history.add(2, head="from migrations.tools import add", upgrade="add('c2')")
    history.replay()
    assert history.count() == 0
    history.stage.write({"migrations/tools.py": tools + "\nimport models\n"})
    history.replay()
    assert history.count() == 1


def test_tables_that_no_revision_made_are_noticed_again(stage: Stage) -> None:
    """A state never hides what makes a comparison void."""
    env = ENV.replace("run_migrations()", "run_migrations()\n    Base.metadata.create_all(connection)")
    tag = "class Tag(Base):\n    __tablename__ = 'tag'\n    id = sa.Column(sa.Integer, primary_key=True)\n"
    history = History(stage, "sqlite:///app.db", env=env, models=MODELS + "\n\n" + tag)
    for _ in range(2):
        assert [one.kind for one in history.replay().not_followed] == ["foreign-table"]


def test_revision_that_fails_leaves_the_state_before_it(stage: Stage) -> None:
    """Whoever mends it waits for that one only."""
    history = History(stage, "postgresql://app@db.example/app").add(2, 3).add(4, upgrade="raise RuntimeError('x')")
    failure = history.replay().failure
    assert failure is not None
    assert (failure.kind, failure.revision) == ("replay", "a4")
    assert history.add(4).count() == 1


def test_damaged_states_are_missed(history: History) -> None:
    """Cut, changed or foreign files are as if they were not there."""
    history.replay()
    for number, file in enumerate(sorted(history.folder.iterdir())):
        content = file.read_bytes()
        file.write_bytes([content[: len(content) // 2], content[:-1] + b"!", b""][number % 3])
    assert history.count() == 4


def test_killed_while_writing_does_no_harm(history: History) -> None:
    """Whenever it is killed, the next run has a whole state or none."""
    for delay in (0.3, 0.5, 0.7, 0.9):
        process = history.stage.start("check", states=str(history.folder))
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert history.count() in {0, 1, 4}


def test_folder_stays_within_bounds(tmp_path: Path) -> None:
    """The newest are kept; what a killed run left goes."""
    store = StateStore(str(tmp_path))
    left = tmp_path / "x.partial"
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    for number in range(MOST_STATES + 5):
        store.keep(f"{number:04}", number)
        os.utime(tmp_path / f"{number:04}.state", (1000 + number, 1000 + number))
    store.keep("last", "last")
    assert not left.exists()
    assert len(list(tmp_path.iterdir())) == MOST_STATES
    assert store.load("0000") is None
    assert store.load("last") == "last"


def test_state_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    """A few megabytes each."""
    store = StateStore(str(tmp_path))
    store.keep("big", b"x" * (9 * 1024 * 1024))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_costs_time_only(history: History) -> None:
    """A file in its place, here."""
    history.folder.write_text("", "utf-8")
    assert history.count() == 4
