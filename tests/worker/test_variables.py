"""Environment variables that the project wants and does not get are told by their names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.worker.stage import ENV, MODELS, Stage, plain_environment, plain_project, summary


@pytest.mark.parametrize(
    ("code", "names"),
    [
        pytest.param('import os\nos.environ["SHOP_URL"]', ["SHOP_URL"], id="environ[…]"),
        pytest.param(
            'import os\ntry:\n    os.environ["SHOP_URL"]\nexcept KeyError:\n    raise RuntimeError("no URL")',
            ["SHOP_URL"],
            id="turned into an exception of the project",
        ),
        pytest.param('import os\nos.getenv("SHOP_URL").lower()', ["SHOP_URL"], id="getenv gives None"),
        pytest.param(
            'import os, sqlalchemy\nsqlalchemy.create_engine(os.environ.get("SHOP_URL"))', ["SHOP_URL"], id="no URL"
        ),
        pytest.param(
            'import os\nos.getenv("SHOP_A"); os.getenv("SHOP_B"); os.getenv("SHOP_A")\nraise ValueError("incomplete")',
            ["SHOP_A", "SHOP_B"],
            id="several",
        ),
        pytest.param(
            'import os\nos.getenv("SHOP_A"); os.getenv("SHOP_B")\nraise ValueError("SHOP_B is not set")',
            ["SHOP_B"],
            id="the one that the message names",
        ),
        pytest.param('import os\nos.getenv("SHOP_URL", "x")\nraise ValueError("y")', [], id="one with a default"),
        pytest.param('import os\nos.getenv("SHOP_URL")\nimport flux_capacitor', [], id="another cause"),
        pytest.param('import os\nos.environ["HOME"]\nraise KeyError("SHOP_URL")', [], id="another KeyError"),
    ],
)
def test_variable_that_the_project_lacks_is_named(stage: Stage, code: str, names: list[str]) -> None:
    answer = stage.write(plain_project(models=f"{code}\n{MODELS}")).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "environment"
    assert answer.failure.absent_variables == names


def test_import_that_fails_in_a_flask_app_is_no_matter_of_variables(stage: Stage, needs: Callable[..., None]) -> None:
    needs("flask_migrate")
    stage.environment = plain_environment(kind="flask", config_path="migrations/alembic.ini", flask_app="shop")
    answer = stage.write(plain_project()).write({"shop.py": 'import os\nos.getenv("X")\nimport flux_capacitor\n'}).ask()
    assert answer.failure is not None
    assert (answer.failure.missing_module, answer.failure.absent_variables) == ("flux_capacitor", [])


def test_key_error_says_that_it_is_one(stage: Stage) -> None:
    answer = stage.write(plain_project(models=f'import os\nos.environ["SHOP_URL"]\n{MODELS}')).ask()
    assert answer.failure is not None
    assert answer.failure.message == "KeyError: 'SHOP_URL'"


def test_variable_that_is_set_is_read(stage: Stage) -> None:
    models = f'import os\nassert os.environ["SHOP_URL"] == os.getenv("SHOP_URL") == "x"\n{MODELS}'
    assert summary(stage.write(plain_project(models=models)).ask(settings={"SHOP_URL": "x"})) == []


def test_settings_class_names_its_fields_and_no_values(stage: Stage, needs: Callable[..., None]) -> None:
    needs("pydantic_settings")
    settings = """
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="shop_")
    secret: str
    url: str
    number: int


Settings()
"""
    stage.write(plain_project(env="import config\n" + ENV)).write({"config.py": settings})
    answer = stage.ask(settings={"SHOP_SECRET": "hush", "SHOP_NUMBER": "many"})
    assert answer.failure is not None
    assert answer.failure.absent_variables == ["SHOP_URL"]
    assert answer.failure.message == (
        "`Settings`: `url`: Field required; `number`: Input should be a valid integer, "
        "unable to parse string as an integer"
    )


def test_message_of_many_lines_is_told_on_one(stage: Stage) -> None:
    answer = stage.write(plain_project(env='raise ValueError("first\\n  second\\n\\nthird")\n' + ENV)).ask()
    assert answer.failure is not None
    assert answer.failure.message == "first second third"


def test_message_names_files_of_the_project_and_not_of_the_tree(stage: Stage) -> None:
    answer = stage.write(plain_project(models="from models import nothing\n" + MODELS)).ask()
    assert answer.failure is not None
    assert str(stage.tree) not in answer.failure.message
    assert "(models.py)" in answer.failure.message
