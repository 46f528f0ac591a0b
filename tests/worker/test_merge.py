"""Merge revisions: from their parents alone, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from migguard.worker.protocol import MergeRequest
from tests.worker.stage import ENV, INI, MAKO, Stage, plain_environment, plain_project, revision

WANTED = MergeRequest(["b2", "c3"], "m4", "merge b2 and c3", "2026-01-02 03:04:05.678901")


def two_heads(**changes: str | None) -> dict[str, str | None]:
    heads = {f"migrations/versions/{name}.py": revision(name, "a1") for name in ("b2", "c3")}
    return {**plain_project(**changes), **heads}


def test_merge_revision_depends_on_its_request_alone(stage: Stage) -> None:
    stage.write(two_heads())
    first, second = (stage.ask("merge", merge=WANTED) for _ in range(2))
    assert first.failure is None
    assert first.files == second.files
    (written,) = first.files
    assert written.path == "migrations/versions/m4_merge_b2_and_c3.py"
    assert "Create Date: 2026-01-02 03:04:05.678901\n" in written.content
    assert "down_revision = ('b2', 'c3')" in written.content
    assert written.down_revisions == ["b2", "c3"]
    assert first.heads == ["m4"]
    assert not (stage.tree / written.path).exists()


def test_merge_needs_neither_env_py_nor_models(stage: Stage) -> None:
    answer = stage.write(two_heads(env="raise RuntimeError", models="import flux_capacitor")).ask("merge", merge=WANTED)
    assert answer.failure is None
    assert answer.heads == ["m4"]


def test_revision_files_that_cannot_be_loaded_are_not_needed(stage: Stage) -> None:
    expected = stage.write(two_heads()).ask("merge", merge=WANTED)
    stage.write({"migrations/versions/b2.py": revision("b2", "a1", head="import flux_capacitor")})
    answer = stage.ask("merge", merge=WANTED)
    assert answer.failure is None
    assert answer.files == expected.files
    assert answer.heads == []


def test_unloadable_revision_in_the_second_folder_is_found_by_its_text(stage: Stage) -> None:
    ini = INI + "version_locations = migrations/versions migrations/more\n"
    files = two_heads(ini=ini)
    del files["migrations/versions/b2.py"]
    files["migrations/more/b2.py"] = revision("b2", "a1", head="import flux_capacitor")
    answer = stage.write(files).ask("merge", merge=WANTED)
    assert [one.path for one in answer.files] == ["migrations/more/m4_merge_b2_and_c3.py"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        pytest.param("2026-01-02 03:04:05+00:00", "2026-01-02 04:04:05+01:00", id="aware"),
        pytest.param("2026-01-02 03:04:05", "2026-01-02 03:04:05+01:00", id="naive is in the project's zone"),
    ],
)
def test_timezone_option_is_honoured(stage: Stage, date: str, expected: str) -> None:
    stage.write(two_heads(ini=INI + "timezone = Europe/Paris\n"))
    answer = stage.ask("merge", merge=replace(WANTED, create_date=date))
    if answer.failure is not None and "timezone" in answer.failure.message:
        pytest.skip("this Alembic needs a package for timezones")
    assert f"Create Date: {expected}\n" in answer.files[0].content


def test_revision_environment_runs_env_py(stage: Stage) -> None:
    env = ENV + "open('ran.txt', 'w').close()\n"
    answer = stage.write(two_heads(ini=INI + "revision_environment = true\n", env=env)).ask("merge", merge=WANTED)
    assert answer.failure is None
    assert (stage.tree / "ran.txt").exists()


def test_unknown_parent_is_refused(stage: Stage) -> None:
    answer = stage.write(two_heads()).ask("merge", merge=replace(WANTED, revisions=["b2", "zz"]))
    assert answer.failure is not None
    assert answer.failure.kind == "revision"
    assert "zz" in answer.failure.message


def test_template_that_fails_is_a_failure(stage: Stage) -> None:
    answer = stage.write(two_heads(mako=MAKO.replace("${create_date}", "${nonsense.x}"))).ask("merge", merge=WANTED)
    assert answer.failure is not None
    assert answer.failure.kind == "revision"


def test_flask_merge_does_not_load_the_app(stage: Stage, needs: Callable[..., None]) -> None:
    files = two_heads(ini=None)
    files["migrations/alembic.ini"] = "[alembic]\n# no script_location\n"
    stage.environment = plain_environment(kind="flask", config_path="migrations/alembic.ini", flask_app="missing")
    answer = stage.write(files).ask("merge", merge=WANTED)
    assert answer.failure is None
    assert answer.heads == ["m4"]
