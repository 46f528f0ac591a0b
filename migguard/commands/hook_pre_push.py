"""The pre-push hook: every commit that is about to be pushed, and what merging it would give. Reads, never writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from migguard.commands.terminal import Terminal
from migguard.context import CheckContext
from migguard.diagnostics import Diagnostic, Severity
from migguard.errors import EXIT_CLEAN, EXIT_FINDINGS, MigguardError
from migguard.git.moment import detect_moment
from migguard.git.predict import Tip
from migguard.git.publish import PublishedRefs
from migguard.git.push import Push, PushedRef, read_push
from migguard.git.push_target import find_default_tips, find_known_commit, find_remote, find_replaced_tip
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules.merge_verdict import judge_merge
from migguard.rules.policy import Policy
from migguard.rules.verdict import Verdict, downgrade_cannot_check, judge


def run(terminal: Terminal, arguments: Sequence[str]) -> int:
    """Look at every ref of the push; 0 lets it through, 1 where something is wrong, 2 where it could not be told."""
    repository = Repository.discover()
    # Run by hand, there is nothing to read, and nobody who types it.
    lines = None if sys.stdin.isatty() else sys.stdin.buffer.read()
    push = read_push(repository, arguments, os.environ, lines)
    statuses = [
        _Check(terminal, repository, push, ref, ref.oid).run()
        for ref in push.refs
        if ref.oid is not None and not ref.is_tag
    ]
    return EXIT_FINDINGS if EXIT_FINDINGS in statuses else max(statuses, default=EXIT_CLEAN)


@dataclass(frozen=True)
class _Problem:
    """A merge that could not be predicted, and whether that matters as much as a finding would."""

    error: MigguardError
    severity: Severity


class _Check:
    """One pushed ref."""

    def __init__(self, terminal: Terminal, repository: Repository, push: Push, ref: PushedRef, oid: str) -> None:
        self.terminal = terminal
        self.repository = repository
        self.push = push
        self.ref = ref
        self.oid = oid
        self.problems: list[_Problem] = []

    def run(self) -> int:
        """Judge and report; the exit status for this ref alone."""
        try:
            return self._check()
        except MigguardError as error:
            self._name_ref()
            self.terminal.error(error)
            return error.exit_code

    def _check(self) -> int:
        commit = self.repository.resolve(self.oid)
        if commit is None:
            return EXIT_CLEAN
        moment = detect_moment(self.repository, "pre-push", os.environ)
        context = CheckContext(self.repository, TreeSnapshot(self.repository, commit, f"`{self._local}`"), moment)
        context.checker.on_slow = self.terminal.tell_progress
        if not context.discovery.environments and not context.discovery.unresolved:
            # Branches without Alembic exist (gh-pages), and other refs too (refs/notes).
            self.terminal.note(f"no Alembic environment in {context.snapshot.label}: nothing to check")
            return EXIT_CLEAN
        published = PublishedRefs.read(self.repository, context.config.published)
        tips = find_default_tips(self.repository, self.push, self.ref, published)
        known = find_known_commit(self.repository, self.push, self.ref, tips)
        context.base = TreeSnapshot(self.repository, known) if known else None
        if not context.is_relevant:
            return EXIT_CLEAN
        return self._report(context, self._judge(context, published, tips))

    def _judge(self, context: CheckContext, published: PublishedRefs, tips: tuple[Tip, ...]) -> Verdict:
        policy = Policy(context.config)
        # Where models are compared at another moment, that is no news here.
        verdict = judge(context, policy, schema=context.config.schema_at == "push")
        found = [
            item for tip, severity in self._targets(published, tips) for item in self._merge(context, tip, severity)
        ]
        verdict = replace(
            verdict,
            diagnostics=policy.apply([*verdict.diagnostics, *found]),
            is_complete=verdict.is_complete and not self.problems,
        )
        if context.config.on_cannot_check.get("push", "fail") == "warn":
            self.problems = [replace(problem, severity=Severity.WARNING) for problem in self.problems]
            return downgrade_cannot_check(verdict)
        return verdict

    def _targets(self, published: PublishedRefs, tips: tuple[Tip, ...]) -> Iterator[tuple[Tip, Severity]]:
        """What the commit will be merged with, and how bad it is if that breaks something.

        A push over a published branch (a forced one: git itself refuses any other) puts the two lines into the same
        databases. With the default branch it is a matter of a merge to come: a hotfix has to leave before that.
        """
        replaced = find_replaced_tip(self.repository, self.push, self.ref)
        if replaced is not None and published.is_published_branch(self.ref.branch):
            yield replaced, Severity.ERROR
        for tip in tips:
            yield tip, Severity.WARNING

    def _merge(self, context: CheckContext, tip: Tip, severity: Severity) -> tuple[Diagnostic, ...]:
        try:
            if self.repository.resolve(tip.oid) is None:
                remote = find_remote(self.repository, self.push.remote)
                raise MigguardError(
                    f"what `{tip.name}` is at was never fetched", f"git fetch {remote}" if remote else "git fetch"
                )
            return judge_merge(context, Tip(self.oid, self._local), tip, severity)
        except MigguardError as error:
            self.problems.append(_Problem(error, severity))
            return ()

    def _report(self, context: CheckContext, verdict: Verdict) -> int:
        is_compared = context.config.schema_at == "push"
        if not (verdict.diagnostics or self.problems or is_compared or self.terminal.verbose):
            return EXIT_CLEAN
        self._name_ref()
        self.terminal.show_verdict(verdict)
        status = verdict.exit_code
        for problem in self.problems:
            if problem.severity is Severity.ERROR:
                self.terminal.error(problem.error)
                status = status or problem.error.exit_code
            else:
                self.terminal.note(f"the merge was not predicted: {problem.error.message}")
                if problem.error.hint:
                    self.terminal.help("", problem.error.hint)
        return status

    @property
    def _local(self) -> str:
        named = (self.repository.branch() or "HEAD") if self.ref.local == "HEAD" else self.ref.local
        return named.removeprefix("refs/heads/")

    def _name_ref(self) -> None:
        remote = find_remote(self.repository, self.push.remote) or self.push.remote
        self.terminal.say(f"push of `{self._local}` to `{remote}/{self.ref.branch}`:")
