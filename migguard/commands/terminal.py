"""What commands say: diagnostics and notes to standard output, progress and errors to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import click

from migguard.diagnostics import Diagnostic
from migguard.errors import MigguardError
from migguard.report.color import paint
from migguard.report.concise import render_concise
from migguard.report.errors import render_error
from migguard.report.escape import escape_command, escape_controls
from migguard.report.summary import Coverage, render_summary
from migguard.report.text import render_text
from migguard.rules.verdict import Verdict

#: So many findings fill about a screen; the rest are counted, and `-v` shows them.
SCREEN = 12


@dataclass(frozen=True)
class Terminal:
    """Where a command's words go. `verbose` shows every finding, however many."""

    color: bool = False
    format: Literal["text", "concise"] = "text"
    verbose: bool = False

    def show_diagnostics(self, diagnostics: Iterable[Diagnostic]) -> None:
        """The findings, as many as fit a screen (all in the concise form)."""
        items = tuple(diagnostics)
        if not items:
            return
        if self.format == "concise":
            self._write(render_concise(items))
            return
        shown = items if self.verbose else items[:SCREEN]
        self._write(render_text(shown, color=self.color))
        if len(items) > len(shown):
            self.say(f"… and {len(items) - len(shown)} more: `migguard -v check` shows all")

    def show_findings(self, verdict: Verdict, chosen: Iterable[Diagnostic]) -> None:
        """Some findings of a verdict; their environment is named only where there are several."""
        several = len(verdict.environments) > 1
        self.show_diagnostics(item if several else replace(item, environment=None) for item in chosen)

    def show_verdict(self, verdict: Verdict) -> None:
        """Findings, notes and the last line."""
        self.show_findings(verdict, verdict.diagnostics)
        if self.format == "concise":
            return
        for note in verdict.notes:
            self.note(note)
        if verdict.schema_skipped:
            self.note(f"models and revisions were not compared: {verdict.schema_skipped}")
        coverage = Coverage(len(verdict.environments), verdict.revisions, verdict.engines, complete=verdict.is_complete)
        self._write(render_summary(verdict.diagnostics, coverage, color=self.color))

    def say(self, text: str) -> None:
        """One line of the answer."""
        self._write(f"{escape_controls(text)}\n")

    def show_file(self, text: str) -> None:
        """Text of many lines as it is, but for control characters."""
        lines = ("\t".join(map(escape_controls, line.split("\t"))) for line in text.splitlines())
        self._write("".join(f"{line}\n" for line in lines))

    def note(self, text: str) -> None:
        """A fact beside the findings."""
        self._write(f"{paint('note', 'note', color=self.color)}: {escape_controls(text)}\n")

    def help(self, text: str, command: str | None = None) -> None:
        """What to do next."""
        parts = [escape_controls(text)] if text else []
        words = ": ".join([*parts, *([] if command is None else [escape_command(command)])])
        self._write(f"{paint('help', 'help', color=self.color)}: {words}\n")

    def error(self, error: MigguardError) -> None:
        """An error that does not end the command."""
        self._write(render_error(error, color=self.color))

    def tell_progress(self) -> None:
        """Say what takes long, on standard error, and only to a person who watches."""
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            click.echo("comparing models and revisions …", err=True)

    @staticmethod
    def _write(text: str) -> None:
        click.echo(text, nl=False, color=True)
