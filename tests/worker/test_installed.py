"""A copy of the project that is installed beside it must not be compared in place of the snapshot."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.worker.stage import ENV, MODELS, PYTHON, Stage, plain_environment, plain_project, summary

EMAIL = MODELS + "    email = sa.Column(sa.String(50))\n"
SHOP_ENV = ENV.replace("from models", "from shop.models")


@pytest.fixture
def site(stage: Stage) -> Path:
    """The site-packages of a virtual environment outside of the work tree that shares the installed packages."""
    folder = stage.top.parent / "environment"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
    installed = subprocess.run(
        [PYTHON, "-c", "import alembic, os; print(os.path.dirname(os.path.dirname(alembic.__file__)))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    found = next(folder.glob("lib/python*/site-packages"))
    (found / "shared.pth").write_text(installed + "\n", encoding="utf-8")
    stage.python = str(folder / "bin" / "python")
    return found


def install(site: Path, models: str) -> None:
    """Put a copy of the package `shop` where `pip install .` puts it."""
    (site / "shop").mkdir()
    (site / "shop" / "__init__.py").write_text("", encoding="utf-8")
    (site / "shop" / "_version.py").write_text("version = '1'\n", encoding="utf-8")
    (site / "shop" / "models.py").write_text("from shop import _version\n" + models, encoding="utf-8")


def shop(root: str, models: str) -> dict[str, str | None]:
    """A project whose package is below `root` and that does not put it on sys.path."""
    files = plain_project(
        env=SHOP_ENV, ini="[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///a.db\n"
    )
    del files["models.py"]
    package = {"__init__.py": "", "_version.py": "version = '2'\n", "models.py": "from shop import _version\n" + models}
    return {**files, **{f"{root}shop/{name}": content for name, content in package.items()}}


@pytest.mark.parametrize("root", [pytest.param("", id="flat layout"), pytest.param("src/", id="src layout")])
def test_installed_copy_that_differs_is_no_verdict(stage: Stage, site: Path, root: str) -> None:
    install(site, MODELS)
    answer = stage.write(shop(root, EMAIL)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "installed"
    assert answer.failure.message == f"`shop` was imported from {site / 'shop'}, which differs from the project's own"
    assert answer.failure.place is not None
    assert answer.failure.place.path == f"{root}shop/models.py"
    assert answer.operations == []


def test_editable_install_of_another_checkout_is_no_verdict(stage: Stage, site: Path) -> None:
    other = stage.top.parent / "other"
    other.mkdir()
    install(other, MODELS)
    (site / "shop.pth").write_text(f"{other}\n", encoding="utf-8")
    answer = stage.write(shop("src/", EMAIL)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "installed"
    assert str(other / "shop") in answer.failure.message


def test_installed_copy_that_lacks_a_name_is_told_and_not_the_import_error(stage: Stage, site: Path) -> None:
    install(site, MODELS.replace("Base", "OldBase"))
    answer = stage.write(shop("", MODELS)).ask()
    assert answer.failure is not None
    assert answer.failure.kind == "installed"


def test_installed_copy_of_the_same_sources_is_as_good(stage: Stage, site: Path) -> None:
    install(site, MODELS)
    assert summary(stage.write(shop("src/", MODELS)).ask()) == []


def test_folder_that_has_the_name_of_an_installed_package_is_no_copy(stage: Stage) -> None:
    files = {name.replace("migrations/", "alembic/"): content for name, content in plain_project().items()}
    files["alembic.ini"] = (
        (files["alembic.ini"] or "").replace("migrations", "alembic").replace("prepend_sys_path", "old")
    )
    files["alembic/__init__.py"] = "# ours\n"
    stage.environment = plain_environment(script_location="alembic", version_locations=["alembic/versions"])
    assert summary(stage.write(files).ask()) == []
