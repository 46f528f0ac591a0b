"""Random branches, repaired by merge and by rebase: from every state that a database could be in, all is applied."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection

from migguard.fixes.merge import describe_merge, find_surplus
from migguard.revisions.edit import write_parents
from migguard.revisions.graph import RevisionGraph
from migguard.revisions.line import find_line
from migguard.revisions.model import Revision
from migguard.revisions.parse import parse_revision

REVISION = '''"""{id}

Revision ID: {id}
Revises: {revises}
"""
from alembic import op
import sqlalchemy as sa

revision = "{id}"
down_revision = {parents!r}


def upgrade():
    {body}
'''
Files = dict[str, bytes]


def write_revision(id_: str, parents: tuple[str, ...], *, is_merge: bool = False) -> bytes:
    """A revision that makes a table of its own name; a merge revision makes none."""
    body = "pass" if is_merge else f'op.create_table("t_{id_}", sa.Column("id", sa.Integer()))'
    value = parents[0] if len(parents) == 1 else parents or None
    return REVISION.format(id=id_, revises=", ".join(parents), parents=value, body=body).encode()


@st.composite
def branches(draw: st.DrawFn) -> tuple[Files, frozenset[str]]:
    """Upstream's line, and revisions of yours: on any of it, or on each other, with merges among them."""
    length = draw(st.integers(1, 4))
    ids = [f"u{number}" for number in range(length)]
    files = {f"{id_}.py": write_revision(id_, (ids[number - 1],) if number else ()) for number, id_ in enumerate(ids)}
    own = set()
    for number in range(draw(st.integers(1, 4))):
        parents = tuple(draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True)))
        if len(parents) == 2 and _is_below(files, *parents):
            # one parent is above the other: that is no merge
            parents = parents[:1]
        id_ = f"y{number}"
        files[f"{id_}.py"] = write_revision(id_, parents, is_merge=len(parents) == 2)
        ids.append(id_)
        own.add(id_)
    return files, frozenset(own)


def _is_below(files: Files, one: str, other: str) -> bool:
    graph = read_graph(files)
    return one in graph.ancestors(other) or other in graph.ancestors(one)


def read_graph(files: Files) -> RevisionGraph:
    """The graph as migguard reads it."""
    parsed = (parse_revision(f"versions/{name}", source) for name, source in files.items())
    return RevisionGraph([item for item in parsed if isinstance(item, Revision)])


def rebase(files: Files, own: frozenset[str]) -> Files:
    """The files after `migguard rebase`."""
    graph = read_graph(files)
    line = find_line(graph, own, {})
    after = dict(files)
    for move in line.moves:
        name = f"{move.revision}.py"
        after[name] = write_parents(after[name], graph.revisions[move.revision], move.after)
    for id_ in line.dissolved:
        del after[f"{id_}.py"]
    return after


def merge(files: Files) -> Files:
    """The files after `migguard merge`."""
    graph = read_graph(files)
    after = dict(files)
    for group in find_surplus(graph, 1):
        made = describe_merge(graph, group)
        after[f"{made.rev_id}.py"] = write_revision(made.rev_id, made.parents, is_merge=True)
    return after


def list_states(graph: RevisionGraph, ids: frozenset[str]) -> Iterator[frozenset[str]]:
    """Everything that a database can have applied of some revisions: whatever is there, so is all below it."""
    for size in range(len(ids) + 1):
        for chosen in combinations(sorted(ids), size):
            state = frozenset(chosen)
            if all(graph.ancestors(id_) <= state for id_ in state):
                yield state


def upgrade(connection: Connection, files: Files, targets: tuple[str, ...]) -> None:
    """Real Alembic, without an env.py."""
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder) / "versions"
        versions.mkdir()
        for name, source in files.items():
            (versions / name).write_bytes(source)
        config = Config()
        config.set_main_option("script_location", folder)
        script = ScriptDirectory.from_config(config)

        def run(rev: object, context: object) -> object:
            return script._upgrade_revs(targets, rev)  # type: ignore[arg-type]

        with EnvironmentContext(config, script, fn=run) as environment:
            environment.configure(connection=connection)
            with environment.begin_transaction():
                environment.run_migrations()


def find_tables(before: Files, state: frozenset[str], after: Files) -> set[str]:
    """The tables of a database that stood at a state, after `upgrade heads` with the repaired files."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            if state:
                graph = read_graph(before)
                heads = tuple(id_ for id_ in sorted(state) if not graph.descendants(id_) & state)
                upgrade(connection, before, heads)
            upgrade(connection, after, ("heads",))
            return set(inspect(connection).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def expected_tables(files: Files) -> set[str]:
    """The table of every revision but the merges."""
    return {f"t_{item.id}" for item in read_graph(files).revisions.values() if not item.is_merge}


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(branches())
def test_after_a_merge_every_database_gets_all(branch: tuple[Files, frozenset[str]]) -> None:
    """Also one that has applied any of yours."""
    files, _ = branch
    after = merge(files)
    assert len(read_graph(after).heads) == 1
    graph = read_graph(files)
    for state in _pick(list(list_states(graph, frozenset(graph.ids)))):
        assert find_tables(files, state, after) == expected_tables(files)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(branches())
def test_after_a_rebase_every_database_without_yours_gets_all(branch: tuple[Files, frozenset[str]]) -> None:
    """A database that has applied one of yours is taken down first, as the command demands."""
    files, own = branch
    after = rebase(files, own)
    assert len(read_graph(after).heads) == 1
    graph = read_graph(files)
    for state in _pick(list(list_states(graph, frozenset(graph.ids) - own))):
        assert find_tables(files, state, after) == expected_tables(files)


def _pick(states: list[frozenset[str]]) -> list[frozenset[str]]:
    """Not more than eight, spread evenly: each costs an upgrade."""
    step = max(1, len(states) // 8)
    return states[::step]
