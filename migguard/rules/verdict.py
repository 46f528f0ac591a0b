"""Runs the rules on one check and joins what they say to a verdict."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from migguard.config import Waiver
from migguard.context import CheckContext, EnvironmentView
from migguard.diagnostics import Diagnostic, Severity, is_cannot_check
from migguard.errors import EXIT_CLEAN, EXIT_COULD_NOT_RUN, EXIT_FINDINGS
from migguard.git.moment import IndexKind
from migguard.revisions.state import GraphState
from migguard.rules import (
    duplicate_revision,
    dynamic_revision_id,
    edited_published_revision,
    environment_unavailable,
    merge_not_allowed,
    merge_with_operations,
    missing_parent,
    multiple_heads,
    no_revisions,
    not_compared,
    overlong_revision_id,
    partly_staged_revision,
    publication_unknown,
    removed_published_revision,
    replay_fails,
    replay_unsupported,
    repointed_published_revision,
    revision_cycle,
    stale_revises,
    unmigrated_models,
    unmodelled_schema,
    unreadable_revision,
    unstaged_revision,
)
from migguard.rules.merge_sides import judge_sides
from migguard.rules.movable import find_movable, name_idle_waivers
from migguard.rules.policy import Policy
from migguard.rules.publication import examine
from migguard.rules.upstream import Upstream
from migguard.schema.client import SchemaResult
from migguard.schema.state import SchemaState

GRAPH_RULES = (
    no_revisions,
    unreadable_revision,
    dynamic_revision_id,
    duplicate_revision,
    missing_parent,
    revision_cycle,
    multiple_heads,
    overlong_revision_id,
)
PUBLICATION_RULES = (
    publication_unknown,
    removed_published_revision,
    repointed_published_revision,
    edited_published_revision,
)
SCHEMA_RULES = (environment_unavailable, replay_unsupported, replay_fails, unmigrated_models, unmodelled_schema)

#: With one of these the revisions cannot be replayed: Alembic itself would not load them.
_NO_REPLAY = frozenset({"MG003", "MG004", "MG102", "MG103", "MG104", "MG105"})
#: What a file that mends one fault may bring with it, where it belongs to more than what is staged.
_CONSEQUENCES = frozenset({unmigrated_models.CODE, unmodelled_schema.CODE})
#: So many files are asked one by one which of them mends: each question is a run of the project's code.
_MOST_ASKED = 6


@dataclass(frozen=True)
class Verdict:
    """What a check found. `notes` are facts worth a line that are no findings.

    `engines` are those that answered; empty where the schema was not compared, and then `schema_skipped` says why.
    `is_complete` is False where a waiver let something through without which the rest cannot be checked, and where
    something was left unchecked that no diagnostic tells.
    """

    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    revisions: int = 0
    engines: tuple[str, ...] = ()
    schema_skipped: str | None = None
    is_complete: bool = True

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Those that make the check fail."""
        return tuple(item for item in self.diagnostics if item.severity is Severity.ERROR and item.waived is None)

    @property
    def exit_code(self) -> int:
        """1 where something was found wrong, 2 where the only trouble is that something could not be checked."""
        if not self.errors:
            return EXIT_CLEAN
        return EXIT_COULD_NOT_RUN if all(is_cannot_check(item.code) for item in self.errors) else EXIT_FINDINGS


def judge(
    context: CheckContext,
    policy: Policy,
    *,
    schema: bool,
    schema_skipped: str | None = None,
    publication: bool = True,
) -> Verdict:
    """Run every rule on every environment of the context's snapshot.

    `schema` says whether the models are compared; `schema_skipped` why not; `publication` whether revisions are
    compared with those that are published. Raises MigguardError where the check itself cannot be made (no
    environment at all, unmerged paths, a broken configuration).
    """
    upstream = Upstream(context) if publication else None
    judgements = [_Judgement(context, view, policy, upstream, with_schema=schema) for view in context.views]
    unresolved = context.discovery.unresolved
    found = list(environment_unavailable.check_unresolved(unresolved))
    found += [item for judgement in judgements for item in judgement.diagnostics]
    engines = {judgement.engine for judgement in judgements if judgement.engine}
    void = frozenset(waiver for judgement in judgements for waiver in judgement.void)
    notes = [*context.discovery.notes, *(note for judgement in judgements for note in judgement.notes)]
    notes += name_idle_waivers(context, found, void) if publication else []
    return Verdict(
        diagnostics=_leave_out_consequences(replace(policy, void=void).apply(found)),
        notes=tuple(dict.fromkeys(notes)),
        environments=(*(view.environment.name for view in context.views), *(item.path for item in unresolved)),
        revisions=sum(len(view.parsed) for view in context.views),
        engines=tuple(sorted(engines)),
        schema_skipped=schema_skipped,
        is_complete=not any(judgement.is_cut_short for judgement in judgements),
    )


class _Judgement:
    """The rules on one environment."""

    def __init__(
        self,
        context: CheckContext,
        view: EnvironmentView,
        policy: Policy,
        upstream: Upstream | None,
        *,
        with_schema: bool,
    ) -> None:
        self.context = context
        self.view = view
        self.policy = policy
        self.with_schema = with_schema
        self.upstream = upstream
        self.void: frozenset[Waiver] = frozenset()
        self.notes: list[str] = list(no_revisions.notes(self._graph_state(view)))
        self.engine: str | None = None
        self.is_cut_short = False
        #: Files that are reported as missing from the commit.
        self.named: set[str] = set()

    @cached_property
    def unstaged(self) -> dict[str, bytes]:
        """Revision files of the work tree that the snapshot lacks, or has otherwise."""
        return dict(self.context.unstaged_revisions(self.view.environment))

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings of this environment, most basic first."""
        found = self._find(self.context, self.view)
        found += self._compare_descriptions(found)
        found += self._compare_sides(found)
        found = self._name_unstaged(found)
        edited = [path for path in self.unstaged if path in self.context.snapshot.entries()]
        changed = {change.path for change in self.context.changes} if edited else set()
        edited = [path for path in edited if path not in self.named]
        found += partly_staged_revision.check(
            edited, changed, environment=self.view.environment.name, prefix=self.context.repository.prefix
        )
        return tuple(found)

    def _find(self, context: CheckContext, view: EnvironmentView) -> list[Diagnostic]:
        found = [item for rule in GRAPH_RULES for item in rule.check(self._graph_state(view))]
        found += self._compare_published(context, view)
        if not self.with_schema:
            return found
        if not view.revisions and not view.environment.configured:
            # `alembic init` has just been run; whatever the models have is not compared with anything.
            self.is_cut_short = True
            return found
        if self._is_replay_hopeless(found):
            return found
        result = context.schema(view.environment)
        if self.engine is None:
            self.engine = result.response.engine or None
        self.notes += self._name_engine_notes(result)
        length = result.response.version_column_length
        if result.response.failure is None and length != view.state.version_column_length:
            # The project's own version table may be wider than Alembic's.
            found = [item for item in found if item.code != overlong_revision_id.CODE]
            found += overlong_revision_id.check(replace(view.state, version_column_length=length))
        state = self._state(result)
        return [*found, *(item for rule in SCHEMA_RULES for item in rule.check(state))]

    def _name_engine_notes(self, result: SchemaResult) -> list[str]:
        """Which server answered, where one did; with its environment where there are several."""
        several = f"`{self.view.environment.name}`: " if len(self.context.views) > 1 else ""
        return [several + note for note in result.response.notes]

    def _graph_state(self, view: EnvironmentView) -> GraphState:
        """The revisions of a snapshot, and whether there must be some."""
        base, environment = self.context.base, view.environment
        is_known = bool(self.unstaged) or (base is not None and environment.env_path in base.entries())
        return replace(view.state, is_established=is_known, prefix=self.context.repository.prefix)

    def _is_replay_hopeless(self, found: Sequence[Diagnostic]) -> bool:
        """Whether Alembic could not load the revisions, and this is said.

        Where the settings leave such a finding out, the replay is tried nevertheless: its failure cannot be left out.
        """
        known = self.policy.apply(item for item in found if item.code in _NO_REPLAY)
        said = [item for item in known if item.severity is Severity.ERROR]
        if said and all(item.waived is not None for item in said):
            self.is_cut_short = True
        return bool(said)

    def _compare_published(self, context: CheckContext, view: EnvironmentView) -> list[Diagnostic]:
        if self.upstream is None:
            return []
        publication = examine(self.upstream if context is self.context else Upstream(context), view)
        if context is self.context:
            self.notes += publication.notes
            self.void = publication.void
        found = [item for rule in PUBLICATION_RULES for item in rule.check(publication)]
        found += stale_revises.check(view.state, find_movable(context, stale_revises.find_stale(view.state)))
        merges = find_movable(context, (revision for revision in view.graph.revisions.values() if revision.is_merge))
        found += merge_with_operations.check(view.state, merges)
        if merge_not_allowed.CODE in context.config.severity:
            found += merge_not_allowed.check(view.state, merges)
        return found

    def _state(self, result: SchemaResult) -> SchemaState:
        several = len(self.context.views) > 1
        name = self.view.environment.name
        return SchemaState(
            environment=name,
            response=result.response,
            adjective=self.context.adjective(),
            notes=tuple(result.notes),
            helps=tuple(result.helps),
            command=self.context.revision_command + (f" --environment {shlex.quote(name)}" if several else ""),
        )

    def _name_unstaged(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """Where files of the work tree would mend what was found, report the files instead."""
        faults = [item for item in found if self.policy.fails(item)]
        files, mended = self._find_mending(found, faults) if faults and self.unstaged else ({}, [])
        recorded = self.context.snapshot.entries()
        self.notes += [
            f"`{path}` is not part of this commit"
            for path in self.unstaged
            if path not in recorded and path not in files
        ]
        if not files:
            return found
        self.named.update(files)
        report = unstaged_revision.report(
            files,
            mended,
            tracked=recorded.keys(),
            ignored=self.context.repository.ignored_paths(files),
            environment=self.view.environment.name,
            prefix=self.context.repository.prefix,
            is_partial=self.context.moment.index_kind is IndexKind.PARTIAL,
        )
        if any(item.severity is Severity.ERROR for item in self.policy.apply((report,))):
            return [report, *(item for item in found if item not in mended)]
        # Settings that silence this rule do not silence the faults themselves.
        return [*found, report]

    def _find_mending(
        self, found: Sequence[Diagnostic], faults: Sequence[Diagnostic]
    ) -> tuple[dict[str, bytes], list[Diagnostic]]:
        """As few of the files as mend all that they mend together, and what that is."""
        files = self.unstaged
        mended = self._list_mended(files, found, faults)
        if len(files) > _MOST_ASKED:
            return (files, mended) if mended else ({}, [])
        if not mended:
            # One file that breaks something hides what another one mends.
            alone = (({path: files[path]}) for path in files if len(files) > 1)
            answers = ((one, self._list_mended(one, found, faults)) for one in alone)
            return next((answer for answer in answers if answer[1]), ({}, []))
        for path in tuple(files) if len(files) > 1 else ():
            fewer = {other: source for other, source in files.items() if other != path}
            if self._list_mended(fewer, found, faults) == mended:
                files = fewer
        return files, mended

    def _list_mended(
        self, files: Mapping[str, bytes], found: Sequence[Diagnostic], faults: Sequence[Diagnostic]
    ) -> list[Diagnostic]:
        """The faults that vanish with the files; none where the files bring faults that hide others."""
        if not files:
            return []
        other = self.context.overlaid(files)
        after = self._find(other, EnvironmentView(self.view.environment, other.snapshot))
        known = {(item.code, item.message) for item in found}
        new = [item for item in after if self.policy.fails(item) and (item.code, item.message) not in known]
        if any(item.code not in _CONSEQUENCES for item in new):
            return []
        remaining = {(item.code, item.message) for item in after}
        return [item for item in faults if (item.code, item.message) not in remaining]

    def _compare_sides(self, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """MG208, where a merge is judged whose revisions can be replayed."""
        if not self.with_schema or any(is_cannot_check(item.code) or item.code in _NO_REPLAY for item in found):
            return []
        return judge_sides(self.context, self.view)

    def _compare_descriptions(self, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """MG210: only where the models could be loaded, and a Python file outside the versions folders changed."""
        environment = self.view.environment
        if not self.with_schema or self.engine is None or any(is_cannot_check(item.code) for item in found):
            return []
        if self.context.base is None or not any(
            change.path.endswith(".py") and not environment.owns(change.path) for change in self.context.changes
        ):
            return []
        before = self.context.describe_base(environment)
        if before is None:
            self.notes.append(
                "what autogenerate does not compare was not checked: the models before the change do not load"
            )
            return []
        added = [
            self.context.snapshot.read(change.path)
            for change in self.context.changes
            if environment.owns(change.path) and change.path in self.context.snapshot.entries()
        ]
        response = self.context.schema(environment).response
        name, operations = environment.name, response.operations
        return list(not_compared.check(before, response.descriptions, added, environment=name, found=operations))


def _leave_out_consequences(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Without the revisions that follow one whose removal is reported: they come back with it."""
    errors = [item for item in found if item.severity is Severity.ERROR and item.waived is None]
    gone = {
        item.subject["revision"]
        for item in errors
        if item.code in (removed_published_revision.CODE, repointed_published_revision.CODE)
    }
    return tuple(
        item for item in found if item.code != missing_parent.CODE or item.subject.get("reference") not in gone
    )


def downgrade_cannot_check(verdict: Verdict) -> Verdict:
    """The same verdict with "could not check" as warnings, for a moment where `on-cannot-check = "warn"`."""
    return replace(
        verdict,
        diagnostics=tuple(
            replace(item, severity=Severity.WARNING) if is_cannot_check(item.code) else item
            for item in verdict.diagnostics
        ),
    )
