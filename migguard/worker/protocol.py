"""What parent and worker say to each other: JSON files, written once, read once.

Both sides load this file by path, so it uses the standard library only and runs on Python 3.9.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass, field
from typing import Any, Optional

PROTOCOL_VERSION = 1


@dataclass
class WorkerEnvironment:
    """The Alembic environment to run. Paths are relative to `Request.tree`; "" is its top.

    kind: `ini` (an alembic.ini), `pyproject` (`[tool.alembic]`), `flask` (Flask-Migrate).
    """

    kind: str
    config_path: Optional[str]
    section: str
    script_location: str
    version_locations: list[str]
    project_dir: str
    x: list[str] = field(default_factory=list)
    flask_app: Optional[str] = None
    script_location_configured: bool = False


@dataclass
class RevisionRequest:
    """Arguments of `alembic revision --autogenerate`; None where the user gave none."""

    message: Optional[str] = None
    head: Optional[str] = None
    version_path: Optional[str] = None
    branch_label: Optional[str] = None
    depends_on: Optional[list[str]] = None
    splice: bool = False
    rev_id: Optional[str] = None
    allow_drops: bool = True


@dataclass
class MergeRequest:
    """A merge revision, made from its parents alone. `create_date` is ISO 8601 as in a `Create Date:` line."""

    revisions: list[str]
    rev_id: str
    message: str
    create_date: Optional[str]
    branch_label: Optional[str] = None


@dataclass
class Stamp:
    """What a named database says it is at: `revisions` of its version table (none: empty, or no such table).

    problem: why it cannot be told, without a secret; then `revisions` mean nothing.
    """

    revisions: list[str] = field(default_factory=list)
    problem: Optional[str] = None


@dataclass
class OrderResult:
    """What one order of revisions gives: the schema as lines of text, sorted, or the revision that failed and why."""

    schema: list[str] = field(default_factory=list)
    revision: Optional[str] = None
    problem: Optional[str] = None


@dataclass
class Request:
    """One run of the worker.

    action: `check` (replay and compare), `revision` (replay, compare, write the file into the tree), `merge` (write
    the merge revision into the tree, no env.py unless `revision_environment`), `describe` (load the models only),
    `write-hooks` (run the project's post_write_hooks on `paths` in the real work tree), `stamps` (load env.py, and read
    the version table of `databases`, which are SQLAlchemy URLs that the user named to be asked), `orders` (replay from
    empty once for each of `orders`, lists of revisions to upgrade to one after the other, and describe the schemas),
    `checkpoint` (replay up to `revisions`, and write down the schema: one file).
    top: the user's work tree. main: the main work tree where `top` is a linked one, else "". tree: the materialised
    snapshot. scratch: an empty folder for scratch databases. response: where to write the answer. All absolute.
    engine: what stands in for databases other than SQLite: `catalog`, `server`, `embedded`. server_versions: dialect →
    version, those that the user gave. scratch_servers: SQLAlchemy URLs or `$VAR`. states: the folder for states of
    replays, which need not exist yet; "" where none is kept or used.
    """

    action: str
    top: str
    git_dir: str
    tree: str
    scratch: str
    response: str
    environment: WorkerEnvironment
    environment_variables: dict[str, str] = field(default_factory=dict)
    network: bool = False
    engine: str = "catalog"
    server_versions: dict[str, str] = field(default_factory=dict)
    scratch_servers: list[str] = field(default_factory=list)
    revision: Optional[RevisionRequest] = None
    merge: Optional[MergeRequest] = None
    paths: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    orders: list[list[str]] = field(default_factory=list)
    revisions: list[str] = field(default_factory=list)
    main: str = ""
    states: str = ""
    protocol: int = PROTOCOL_VERSION


@dataclass
class Place:
    """A file (relative to the tree where it is inside, absolute elsewhere) and a 1-based line."""

    path: str
    line: Optional[int] = None


@dataclass
class Operation:
    """One operation that autogenerate finds missing in the revisions.

    kind: Alembic's name of the diff: add_table, remove_table, add_column, remove_column, add_index, remove_index,
    add_constraint, remove_constraint, add_fk, remove_fk, modify_nullable, modify_type, modify_default,
    modify_comment, add_table_comment, remove_table_comment, or the class name of an operation that has no diff form.
    detail: one short phrase ("VARCHAR(50) to VARCHAR(80)"), or None. place: where the model says it.
    """

    kind: str
    table: Optional[str] = None
    schema: Optional[str] = None
    column: Optional[str] = None
    name: Optional[str] = None
    detail: Optional[str] = None
    place: Optional[Place] = None


@dataclass
class WrittenFile:
    """A file that Alembic wrote into the tree. `path` is relative to the tree."""

    path: str
    content: str
    revision: str
    down_revisions: list[str]
    message: Optional[str]


@dataclass
class NotFollowed:
    """What the replay could not follow exactly, or what makes the comparison void. kind:

    `dialect` (no engine for this dialect), `foreign-table` (something but a revision made a table), `no-metadata`
    (env.py gives no target_metadata), `no-replay` (env.py ran no migration), `sqlite-alter` (an ALTER that SQLite
    does not have), `driver`; and those of ENGINE_KINDS.
    revision: the one that was running, where it was one. tables: those that it may concern.
    """

    kind: str
    text: str
    place: Optional[Place] = None
    revision: Optional[str] = None
    tables: list[str] = field(default_factory=list)


#: Kinds of NotFollowed that the imitation of a database brings with it: a real one may well tell. `opaque` (a
#: statement that is not followed), `read` and `steer` (rows that the replay does not have decide what a revision does),
#: `inexact` (a text that the server may write otherwise), `comparison` (of defaults), `rejected` (a failure that may
#: be the replay's own), `endless` (a revision that waits for something), `dialect`; and what keeps a real server
#: from it: `engine` (there is none that can be used), `server-statement` (it would reach beyond the scratch database),
#: `server-lack` (a role, an extension or a right that the scratch server does not have).
ENGINE_KINDS = frozenset(
    {
        "opaque",
        "read",
        "steer",
        "inexact",
        "comparison",
        "rejected",
        "endless",
        "dialect",
        "engine",
        "server-statement",
        "server-lack",
    }
)


@dataclass
class Failure:
    """Why there is no answer. kind:

    `environment` (env.py, the app or the models cannot be loaded), `replay` (a revision fails), `redirect` (a
    connection would have left the scratch), `network` (refused), `revision` (Alembic refused to write), `installed` (an
    installed copy of the project was imported in place of the tree), `worker`.
    frames: the project's own frames of the traceback, innermost last, each "path:line in name: source line".
    missing_module / missing_path: what an import or an open did not find. absent_variables: environment variables that
    the project's code asked for, that are not set, and that may be the cause.
    """

    kind: str
    message: str
    exception: str = ""
    frames: list[str] = field(default_factory=list)
    place: Optional[Place] = None
    revision: Optional[str] = None
    missing_module: Optional[str] = None
    missing_path: Optional[str] = None
    absent_variables: list[str] = field(default_factory=list)


@dataclass
class Description:
    """Features of the models that autogenerate does not compare, for one table (MG210); "" for sequences of none.

    features: `columns` → each name → the form of its type, where this env.py compares types; and category (`check`,
    `primary key`, `enum values`, `index options`, … see describe.py) → name → text.
    `type` and `server default` are present only where this env.py does not compare them.
    """

    table: str
    features: dict[str, dict[str, str]]
    place: Optional[Place] = None


@dataclass
class Response:
    """The answer. Exactly one of `failure` and a verdict: `operations` is empty when in sync.

    engine: which one answered: that of the request, or `sqlite` where nothing but SQLite was connected. engine_detail:
    what it is, where it is a real server: "PostgreSQL 15.18 (server db:5432, scratch database)". notes: facts about the
    engine that belong to the answer. replayed: how many revisions really ran; the others were in a state that was kept.
    """

    protocol: int = PROTOCOL_VERSION
    failure: Optional[Failure] = None
    operations: list[Operation] = field(default_factory=list)
    files: list[WrittenFile] = field(default_factory=list)
    not_followed: list[NotFollowed] = field(default_factory=list)
    descriptions: list[Description] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    dialects: list[str] = field(default_factory=list)
    engine: str = ""
    engine_detail: str = ""
    notes: list[str] = field(default_factory=list)
    databases: int = 0
    replayed: int = 0
    version_column_length: int = 32
    heads: list[str] = field(default_factory=list)
    message: Optional[str] = None
    blocked_drops: list[Operation] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    orders: list[OrderResult] = field(default_factory=list)


def dump(value: Any) -> str:
    """The JSON of a Request or Response."""
    return json.dumps(dataclasses.asdict(value), ensure_ascii=True)


def load_request(text: str) -> Request:
    """Read a Request; ValueError where the JSON is not one or of another protocol version."""
    request: Request = _load(Request, json.loads(text))
    if request.protocol != PROTOCOL_VERSION:
        raise ValueError(f"protocol {request.protocol}, expected {PROTOCOL_VERSION}")
    return request


def load_response(text: str) -> Response:
    """Read a Response; ValueError where the JSON is not one or of another protocol version."""
    response: Response = _load(Response, json.loads(text))
    if response.protocol != PROTOCOL_VERSION:
        raise ValueError(f"protocol {response.protocol}, expected {PROTOCOL_VERSION}")
    return response


def _load(kind: Any, value: Any) -> Any:
    """Build dataclasses from decoded JSON by their annotations: Optional, list, dict, nested dataclasses."""
    if value is None:
        return None
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        if not isinstance(value, dict) or not set(value) <= set(hints):
            raise ValueError(f"not a {kind.__name__}: {value!r}")
        return kind(**{name: _load(hints[name], item) for name, item in value.items()})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        return _load(next(item for item in arguments if item is not type(None)), value)
    if origin is list:
        return [_load(arguments[0], item) for item in value]
    if origin is dict:
        return {key: _load(arguments[1], item) for key, item in value.items()}
    return value
