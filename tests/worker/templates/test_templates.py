"""Each template with each driver: the revision is written as on a real server, without server, driver or network."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.servers import MYSQL, POSTGRES, MakeDatabase
from tests.worker.stage import PYTHON
from tests.worker.templates.bare import Watch, find_isolation, make_bare_environment
from tests.worker.templates.combinations import EVERYTHING, Combination, combinations
from tests.worker.templates.shop import FIRST, SECOND, VERSIONS, Shop, Surroundings, has_template, is_importable

MakeShop = Callable[[Combination], Shop]


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter like the project's, without a driver."""
    python = make_bare_environment(PYTHON, tmp_path_factory.mktemp("bare") / "venv")
    for driver in {one.driver.module for one in combinations()}:
        assert not is_importable(str(python), driver)
    return python


@pytest.fixture(scope="module")
def postgresql(make_postgres_database: MakeDatabase) -> list[str]:
    """Two databases."""
    return [make_postgres_database(), make_postgres_database()]


@pytest.fixture(scope="module")
def mysql(make_mysql_database: MakeDatabase) -> list[str]:
    """Two databases."""
    return [make_mysql_database(), make_mysql_database()]


@pytest.fixture
def make_shop(request: pytest.FixtureRequest, tmp_path: Path) -> MakeShop:
    """A shop whose databases are empty; skipped where the driver, the template or the server is not there."""

    def make(combination: Combination) -> Shop:
        if not is_importable(PYTHON, combination.driver.module):
            pytest.skip(f"the project's interpreter has no {combination.driver.module}")
        if not combination.template.startswith("flask") and not has_template(PYTHON, combination.template):
            pytest.skip(f"this Alembic has no template {combination.template}")
        count = 2 if combination.template.endswith("multidb") else 1
        urls: list[str] = request.getfixturevalue(combination.dialect)[:count]
        server = {"postgresql": POSTGRES, "mysql": MYSQL}[combination.dialect]
        for url in urls:
            server.empty(url)
        shop = Shop(tmp_path / "shop", combination, PYTHON, urls)
        shop.found(server.version())
        return shop

    return make


@pytest.fixture(scope="module")
def isolation() -> Sequence[str]:
    """Words before a command that take every network from it."""
    found = find_isolation()
    if found is not None:
        return found
    pytest.skip("no network namespaces here (unshare -n)")


@pytest.mark.parametrize("combination", combinations(), ids=str)
def test_written_file_is_the_one_that_alembic_writes_on_a_real_server(
    combination: Combination, make_shop: MakeShop, bare_python: Path, isolation: Sequence[str], tmp_path: Path
) -> None:
    """The same name and the same text, from a process that has no driver and no network, and asks for none."""
    shop = make_shop(combination)
    watch = Watch(tmp_path)
    alone = Surroundings(bare_python, [*isolation, *watch.tracer], watch.variables)
    if EVERYTHING:
        first = _write_ours(shop, FIRST, alone)
    shop.run_real(("revision", *FIRST), ("upgrade", "heads"))
    if EVERYTHING:
        _assert_same(first, shop.read_revision(FIRST[0]))
    shop.git("add", VERSIONS)
    shop.commit({}, "the first revision")
    shop.grow()

    second = _write_ours(shop, SECOND, alone)
    shop.run_real(("revision", *SECOND), ("upgrade", "heads"), ("check",))

    _assert_same(second, shop.read_revision(SECOND[0]))
    shop.git("add", VERSIONS)
    status, said = shop.migguard(alone, "check")
    assert status == 0, said
    assert watch.list_network_use() == []


def _write_ours(shop: Shop, revision: tuple[str, str], alone: Surroundings) -> tuple[str, str]:
    """What migguard writes; the file is gone again."""
    status, said = shop.migguard(alone, "revision", "--rev-id", revision[0], "-m", revision[1])
    assert status == 0, said
    written = shop.read_revision(revision[0])
    shop.remove_revision(revision[0])
    return written


def _assert_same(ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    assert ours[0] == theirs[0]
    difference = difflib.unified_diff(theirs[1].splitlines(), ours[1].splitlines(), "Alembic", "migguard", lineterm="")
    assert ours[1] == theirs[1], "\n".join(difference)
