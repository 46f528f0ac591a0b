"""From the bytes of a `pyproject.toml` to a `Config`; all mistakes are raised together."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, get_args

from migguard.config.engines import EngineConfig, read_engines, report_missing_server
from migguard.config.fields import Problems, Table, describe, find_rule_or_report
from migguard.config.globs import find_glob_fault, matches_any
from migguard.config.model import (
    CommitMode,
    Config,
    DatabaseConfig,
    EnvironmentConfig,
    ExpectedDrift,
    OnCannotCheck,
    OnDivergence,
    OnMissing,
    SchemaAt,
    Waiver,
)
from migguard.diagnostics import Severity, is_cannot_check
from migguard.errors import ConfigError, MigguardError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SETTINGS_FILE = "pyproject.toml"
ALLOW_VARIABLE = "MIGGUARD_ALLOW"
_KEY = "tool.migguard"
_DEFAULTS = Config()
_CONFLICT_MARKER = re.compile(rb"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_OWN_TABLE = re.compile(rb"^\s*\[+\s*tool\s*\.\s*[\"']?migguard\b", re.MULTILINE)


class SnapshotFiles(Protocol):
    """What reading the settings needs of a snapshot."""

    def entries(self) -> Mapping[str, object]:
        """The snapshot's files by repository path."""
        ...

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of those of the files that exist."""
        ...


def load_config(snapshot: SnapshotFiles) -> Config:
    """The settings in the top-level `pyproject.toml` of a snapshot; the defaults where there are none.

    Raises ConfigError with every mistake, among them `[tool.migguard]` in a `pyproject.toml` further down, which
    would otherwise be ignored without a word (unless an `exclude` glob means that file).
    """
    files = snapshot.read_many(path for path in snapshot.entries() if path.rpartition("/")[2] == SETTINGS_FILE)
    errors: list[MigguardError] = []
    config = _DEFAULTS
    if SETTINGS_FILE in files:
        try:
            config = parse_config(files[SETTINGS_FILE], SETTINGS_FILE)
        except ConfigError as error:
            errors.extend(error.problems)
    for path, data in sorted(files.items()):
        if path != SETTINGS_FILE and _OWN_TABLE.search(data) and not matches_any(path, config.exclude):
            errors.append(
                MigguardError(
                    f"`[{_KEY}]` in `{path}`, which is not the top-level {SETTINGS_FILE}",
                    f"move the settings to the {SETTINGS_FILE} at the top of the repository",
                    path=path,
                )
            )
    if errors:
        raise ConfigError(tuple(errors))
    return config


def parse_config(data: bytes, source: str) -> Config:
    """The settings in `[tool.migguard]` of a TOML file; the defaults where there is no such table.

    `source` is the file's repository path. Raises ConfigError with every mistake.
    """
    document = _decode_toml(data, source)
    problems = Problems(source)
    settings = document.get("tool", {})
    settings = settings.get("migguard") if isinstance(settings, dict) else None
    if settings is None:
        return _DEFAULTS
    if not isinstance(settings, dict):
        problems.add(_KEY, f"expected a table, got {describe(settings)}")
        problems.raise_if_any()
    table = Table(settings, _KEY, problems)
    config = _read_settings(table, source)
    table.finish()
    problems.raise_if_any()
    return config


def parse_allow(value: str) -> frozenset[str]:
    """The rule codes in `MIGGUARD_ALLOW`: codes or names with commas between; ConfigError with every unknown one."""
    problems = Problems(None)
    words = [word.strip() for word in value.split(",") if word.strip()]
    rules = [find_rule_or_report(word, ALLOW_VARIABLE, problems) for word in words]
    problems.raise_if_any()
    return frozenset(rule.code for rule in rules if rule is not None)


def _decode_toml(data: bytes, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _toml_error(f"not TOML: line {line} is not UTF-8", None, source) from error
    except tomllib.TOMLDecodeError as error:
        marker = _CONFLICT_MARKER.search(data)
        if marker is not None:
            line = data.count(b"\n", 0, marker.start()) + 1
            message, hint = f"conflict markers from line {line} on", "resolve the conflict and stage the file"
            raise _toml_error(message, hint, source) from error
        raise _toml_error(f"not TOML: {_lower_first(str(error))}", None, source) from error


def _toml_error(message: str, hint: str | None, source: str) -> ConfigError:
    return ConfigError((MigguardError(message, hint, path=source),))


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _read_settings(table: Table, source: str) -> Config:
    engines = read_engines(table)
    environments = _read_environments(table, engines)
    if not environments:
        report_missing_server(table, engines)
    return Config(
        source=source,
        python=table.text("python"),
        env=table.mapping("env"),
        exclude=table.globs("exclude"),
        ignore=_read_rules(table, "ignore"),
        severity=_read_severity(table),
        per_file_ignores=_read_per_file_ignores(table),
        expected_drift=table.tables("expected-drift", _read_expected_drift),
        waivers=_read_waivers(table),
        schema_at=table.choice("schema-at", get_args(SchemaAt), _DEFAULTS.schema_at),
        on_missing=table.choice("on-missing", get_args(OnMissing), _DEFAULTS.on_missing),
        stage=table.flag("stage", default=_DEFAULTS.stage),
        on_divergence=table.choice("on-divergence", get_args(OnDivergence), _DEFAULTS.on_divergence),
        commit=table.choice("commit", get_args(CommitMode), _DEFAULTS.commit),
        on_cannot_check=_read_on_cannot_check(table),
        published=table.texts("published"),
        timeout=table.seconds("timeout", _DEFAULTS.timeout),
        network=table.flag("network", default=_DEFAULTS.network),
        overlay=table.globs("overlay"),
        snapshot=table.globs("snapshot"),
        engines=engines,
        databases=table.tables("databases", _read_database),
        environments=environments,
    )


def _read_rules(table: Table, name: str) -> frozenset[str]:
    """The codes of a list of rules that are to be ignored."""
    codes = set()
    for index, word in table.items(name):
        key = table.key_of(name, index)
        rule = find_rule_or_report(word, key, table.problems)
        if rule is not None:
            _refuse_silence(rule.code, key, table.problems)
            codes.add(rule.code)
    return frozenset(codes)


def _refuse_silence(code: str, key: str, problems: Problems) -> None:
    # What could not be checked must never look clean, so these can only be made warnings, per moment.
    if is_cannot_check(code):
        hint = 'set `on-cannot-check = "warn"` to let commits through'
        problems.add(key, f"{code} says that something could not be checked, and cannot be silenced", hint)


def _read_severity(table: Table) -> Mapping[str, Severity]:
    found: dict[str, Severity] = {}
    severities = table.table("severity")
    for name in severities.names() if severities else ():
        assert severities is not None
        rule = find_rule_or_report(name, severities.key_of(name), table.problems)
        severity = severities.choice(name, [item.value for item in Severity], "")
        if rule is None or not severity:
            continue
        if severity != Severity.ERROR.value:
            _refuse_silence(rule.code, severities.key_of(name), table.problems)
        found[rule.code] = Severity(severity)
    return found


def _read_per_file_ignores(table: Table) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    ignores = table.table("per-file-ignores")
    for pattern in ignores.names() if ignores else ():
        assert ignores is not None
        fault = find_glob_fault(pattern)
        if fault is not None:
            ignores.report(pattern, fault)
        found[pattern] = _read_rules(ignores, pattern)
    return found


def _read_expected_drift(table: Table) -> ExpectedDrift:
    return ExpectedDrift(
        operation=table.required_text("operation"),
        table=table.required_text("table"),
        column=table.text("column"),
        reason=table.required_text("reason"),
        until=table.date("until"),
    )


def _read_waivers(table: Table) -> tuple[Waiver, ...]:
    waivers = table.tables("waivers", _read_waiver)
    named: set[tuple[str, str]] = set()
    for index, waiver in enumerate(waivers):
        what = waiver.rule, waiver.revision
        if all(what) and what in named:
            key = table.key_of("waivers", index)
            table.problems.add(key, f"a second waiver of {waiver.rule} for `{waiver.revision}`")
        named.add(what)
    return waivers


def _read_waiver(table: Table) -> Waiver:
    name = table.required_text("rule")
    rule = find_rule_or_report(name, table.key_of("rule"), table.problems) if name else None
    if rule is not None and not rule.code.startswith("MG4"):
        hint = "other rules: `ignore`, `per-file-ignores` or `expected-drift`"
        table.report("rule", f"{rule.code} is not about published revisions, and cannot be waived here", hint)
    return Waiver(
        rule=rule.code if rule is not None else "",
        revision=table.required_text("revision"),
        reason=table.required_text("reason"),
    )


def _read_on_cannot_check(table: Table) -> Mapping[str, OnCannotCheck]:
    """What to do per moment. One word means every moment but CI, where it always fails."""
    name = "on-cannot-check"
    words: tuple[OnCannotCheck, ...] = get_args(OnCannotCheck)
    moments: tuple[Literal["commit", "merge", "push"], ...] = ("commit", "merge", "push")
    if not isinstance(table.raw(name), dict):
        everywhere = table.choice(name, words, "fail")
        return dict.fromkeys(moments, everywhere) if everywhere != "fail" else {}
    per_moment = table.table(name)
    assert per_moment is not None
    found: dict[str, OnCannotCheck] = {moment: per_moment.choice(moment, words, "fail") for moment in moments}
    if per_moment.choice("ci", words, "fail") != "fail":
        per_moment.report("ci", "CI always fails on what could not be checked")
    per_moment.finish()
    return found


def _read_database(table: Table) -> DatabaseConfig:
    database = DatabaseConfig(
        name=table.required_text("name"),
        url=table.text("url"),
        url_file=table.path("url-file"),
        personal=table.flag("personal", default=False),
        environment=table.text("environment"),
    )
    if (database.url is None) == (database.url_file is None):
        table.report("url", "exactly one of `url` and `url-file` is needed")
    return database


def _read_environments(table: Table, engines: EngineConfig) -> tuple[EnvironmentConfig, ...]:
    environments = table.tables("environments", lambda entry: _read_environment(entry, engines))
    names: set[str] = set()
    for index, environment in enumerate(environments):
        if environment.name and environment.name in names:
            key = f"{table.key_of('environments', index)}.name"
            table.problems.add(key, f"a second environment named `{environment.name}`")
        names.add(environment.name)
    return environments


def _read_environment(table: Table, general: EngineConfig) -> EnvironmentConfig:
    engines = read_engines(table)
    report_missing_server(table, engines.fill(general))
    return EnvironmentConfig(
        name=table.text("name") or "",
        config=table.path("config"),
        section=table.text("section") or "alembic",
        script_location=table.path("script-location"),
        version_locations=table.paths("version-locations"),
        recursive=table.optional_flag("recursive-version-locations"),
        project_dir=table.path("project-dir"),
        heads=_read_heads(table),
        python=table.text("python"),
        flask_app=table.text("flask-app"),
        x=table.texts("x"),
        env=table.mapping("env"),
        engines=engines,
    )


def _read_heads(table: Table) -> int | tuple[str, ...]:
    value = table.raw("heads")
    if isinstance(value, list):
        labels = table.texts("heads")
        if not labels:
            table.report("heads", "an empty list")
        return labels
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        table.report("heads", f"expected a number from 1 on or a list of branch labels, got {describe(value)}")
        return 1
    return value
