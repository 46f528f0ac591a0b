"""The command line: parses, calls commands/, and turns errors into exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from migguard import __version__
from migguard.errors import EXIT_BUG, EXIT_CLEAN, EXIT_COULD_NOT_RUN, EXIT_INTERRUPTED, MigguardError
from migguard.report.color import ColorMode, decide_color

# The modules of commands/ are imported by the functions that run them: a hook pays for its own command only.

_COMPLETE_VARIABLE = "_MIGGUARD_COMPLETE"
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass
class _Settings:
    """What holds for every command, given before or after the command's name."""

    color: ColorMode = "auto"
    verbosity: int = 0

    def wants_color(self, stream: Any) -> bool:
        return decide_color(self.color, stream, os.environ)


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of this file, which is the order of use."""
        return list(self.commands)


def _settings(context: click.Context) -> _Settings:
    return context.ensure_object(_Settings)


def _store_color(context: click.Context, _parameter: click.Parameter, value: ColorMode | None) -> None:
    if value is not None:
        _settings(context).color = value


def _start_logging(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    settings = _settings(context)
    if not value or value <= settings.verbosity:
        return
    settings.verbosity = value
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    for name in ("migguard.git", "migguard.worker") if value == 1 else ("migguard",):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG)
        logger.propagate = False


def _common_options(command: _Command) -> _Command:
    verbose = click.option(
        "-v", "--verbose", count=True, expose_value=False, callback=_start_logging,
        help="Show every git command and what the worker does, with their times.",
    )  # fmt: skip
    color = click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), expose_value=False, callback=_store_color,
        help="Colour the output; auto: on a terminal.",
    )  # fmt: skip
    return verbose(color(command))


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="migguard", message="%(prog)s %(version)s")
@click.option("-C", "directory", metavar="DIR", help="Run as if started in DIR.")
@_common_options
@click.pass_context
def migguard(context: click.Context, directory: str | None) -> int:
    """Keeps SQLAlchemy models, Alembic revisions and git history in step."""
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise MigguardError(f"cannot enter `{directory}`: {error.strerror}") from error
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return EXIT_COULD_NOT_RUN
    return EXIT_CLEAN


@migguard.command()
@click.option("--ref", metavar="REF", help="Check a commit, branch or tag instead of the index.")
@click.option("--worktree", is_flag=True, help="Check the files on disk instead of the index.")
@click.option("--against", metavar="REF", help="Check HEAD (or --ref), and what merging it with REF would give.")
@click.option("--environment", "environments", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--format", type=click.Choice(["text", "concise"]), default="text", show_default=True)
@click.option("--graph-only", is_flag=True, help="Only what needs none of the project's code.")
@click.option("--from-ref", metavar="REF", help="With --to-ref: check TO as a change of FROM.")
@click.option("--to-ref", metavar="REF")
@_common_options
@click.pass_context
def check(context: click.Context, /, **options: Any) -> int:
    """Check that models, revisions and git agree."""
    from migguard.commands import check
    from migguard.commands.options import CheckOptions

    if (options["from_ref"] is None) != (options["to_ref"] is None):
        raise click.UsageError("--from-ref and --to-ref go together")
    settings = _settings(context)
    chosen = [name for name in ("ref", "worktree", "to_ref") if options[name]]
    if options["worktree"] and options["against"]:
        # Only commits can be merged.
        chosen = ["worktree", "against"]
    if len(chosen) > 1:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in chosen)
        raise click.UsageError(f"{names} exclude each other")
    return check.run(CheckOptions(color=settings.wants_color(sys.stdout), verbose=settings.verbosity > 0, **options))


@migguard.command()
@click.option("-m", "--message", help="The message; without one it is made from the operations.")
@click.option("--update", is_flag=True, help="Write your own unpublished head again.")
@click.option("--head", metavar="REVISION", help="The head to build on, where there are several.")
@click.option("--version-path", metavar="DIR", help="The versions folder to write to.")
@click.option("--branch-label", metavar="LABEL", help="Give the revision a branch label.")
@click.option("--depends-on", multiple=True, metavar="REVISION", help="A revision it needs; may be repeated.")
@click.option("--splice", is_flag=True, help="Allow a parent that is not a head.")
@click.option("--rev-id", metavar="ID", help="The identifier, instead of a generated one.")
@click.option("-x", multiple=True, metavar="ARG", help="An argument for env.py, as Alembic's -x.")
@click.option("--environment", metavar="NAME", help="The environment, where there are several.")
@click.option("--dry-run", is_flag=True, help="Print the diff, write nothing.")
@click.option("--stage", is_flag=True, help="Also `git add` what is written.")
@click.option("--worktree", is_flag=True, help="Look at the files on disk instead of the index.")
@_common_options
@click.pass_context
def revision(context: click.Context, /, **options: Any) -> int:
    """Write the revision that the staged models lack (with --worktree: those on disk)."""
    from migguard.commands import revision
    from migguard.commands.options import RevisionOptions

    return revision.run(RevisionOptions(color=_settings(context).wants_color(sys.stdout), **options))


@migguard.command()
@click.argument("revisions", nargs=-1)
@click.option("--environment", metavar="NAME", help="The environment, where there are several.")
@click.option("-m", "--message", help="The message of the merge revision.")
@click.option("--dry-run", is_flag=True, help="Print the diff, write nothing.")
@click.option("--stage", is_flag=True, help="Also `git add` what is written.")
@click.option(
    "--commit", type=click.Choice(["new", "fold", "none"]),
    help="Commit it: in a new commit, in the merge commit that HEAD is, or not at all.",
)  # fmt: skip
@_common_options
@click.pass_context
def merge(context: click.Context, /, **options: Any) -> int:
    """Write the merge revision that joins the given heads, or all surplus ones."""
    from migguard.commands import merge
    from migguard.commands.options import MergeOptions

    return merge.run(MergeOptions(color=_settings(context).wants_color(sys.stdout), **options))


@migguard.command()
@click.option("--environment", metavar="NAME", help="Only this one.")
@click.option("--onto", metavar="REF", help="Also leave the revisions of this branch where they are.")
@click.option("--unapplied", is_flag=True, help="No database has applied what is moved.")
@click.option("--dry-run", is_flag=True, help="Print the diff, write nothing.")
@click.option("--stage", is_flag=True, help="Also `git add` what is written.")
@_common_options
@click.pass_context
def rebase(context: click.Context, /, **options: Any) -> int:
    """Put your own unpublished revisions behind upstream's."""
    from migguard.commands import rebase
    from migguard.commands.options import RebaseOptions

    return rebase.run(RebaseOptions(color=_settings(context).wants_color(sys.stdout), **options))


@migguard.command()
@click.argument("revision", required=False)
@click.option(
    "--server", metavar="URL", help="Make it on a scratch database of this server (a SQLAlchemy URL or $VAR)."
)
@click.option("--database", metavar="URL", help="Read it, without a change, from a database that is at the revision.")
@click.option("--environment", metavar="NAME", help="The environment, where there are several.")
@click.option("--dry-run", is_flag=True, help="Print the diff, write nothing.")
@click.option("--check", is_flag=True, help="Only say whether the file is what would be written.")
@click.option("--stage", is_flag=True, help="Also `git add` what is written.")
@_common_options
@click.pass_context
def checkpoint(context: click.Context, /, **options: Any) -> int:
    """Record the schema behind a published revision; replays start there."""
    from migguard.commands import checkpoint
    from migguard.commands.options import CheckpointOptions

    return checkpoint.run(CheckpointOptions(color=_settings(context).wants_color(sys.stdout), **options))


@migguard.command()
@click.option("--hook-type", "hook_types", multiple=True, metavar="NAME", help="Only this hook; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Print what would be done.")
@_common_options
def install(**options: Any) -> int:
    """Put migguard's plain git hooks in place; hooks that are there run first."""
    from migguard.commands import install
    from migguard.commands.options import InstallOptions

    return install.run(InstallOptions(**options))


@migguard.command()
@click.option("--dry-run", is_flag=True, help="Print what would be done.")
@_common_options
def uninstall(**options: Any) -> int:
    """Give back the hooks as they were before `migguard install`."""
    from migguard.commands import uninstall
    from migguard.commands.options import UninstallOptions

    return uninstall.run(UninstallOptions(**options))


@migguard.command()
@click.argument("rules", nargs=-1, metavar="[CODE_OR_NAME]...")
@_common_options
def explain(rules: tuple[str, ...]) -> int:
    """Print the page of a rule, or the list of all rules."""
    from migguard.commands import explain

    return explain.run(rules)


@migguard.command(hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--graph-only", is_flag=True, help="Only what needs none of the project's code.")
@_common_options
@click.pass_context
def hook(context: click.Context, /, **options: Any) -> int:
    """Do what belongs to a git hook, with the arguments that git gives it."""
    from migguard.commands import hook
    from migguard.commands.options import HookOptions

    settings = _settings(context)
    return hook.run(HookOptions(color=settings.wants_color(sys.stdout), verbose=settings.verbosity > 0, **options))


@migguard.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@_common_options
def completion(shell: str) -> int:
    """Print the completion script for a shell."""
    from migguard.commands import completion

    return completion.run(migguard, shell, _COMPLETE_VARIABLE)


def run_cli(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status (style: 0 clean, 1 findings, 2 could not run, 3 bug, 130 ^C)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path that is not UTF-8 must not end a report.
            stream.reconfigure(errors="backslashreplace")
    if _COMPLETE_VARIABLE in os.environ:
        migguard.main(prog_name="migguard", complete_var=_COMPLETE_VARIABLE)
    settings = _Settings()
    try:
        status = _invoke(arguments, settings)
        sys.stdout.flush()
        return status
    except MigguardError as error:
        return _report_error(error, settings)
    except click.ClickException as error:
        return _report_error(_explain_usage(error), settings)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever is left is a bug, and becomes a report of it
        if isinstance(error, BrokenPipeError) and _silence_broken_streams():
            return EXIT_COULD_NOT_RUN
        return _report_bug(error, arguments, settings)


def _invoke(arguments: Sequence[str], settings: _Settings) -> int:
    try:
        # Colour is decided by us for each stream; click would strip it from a pipe, FORCE_COLOR or not.
        with migguard.make_context("migguard", list(arguments), obj=settings, color=True) as context:
            return int(migguard.invoke(context))
    except click.exceptions.Exit as request:
        return request.exit_code


def _explain_usage(error: click.ClickException) -> MigguardError:
    message = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return MigguardError(message[:1].lower() + message[1:], f"{context.command_path} --help" if context else None)


def _report_error(error: MigguardError, settings: _Settings) -> int:
    from migguard.report.errors import render_error

    click.echo(render_error(error, color=settings.wants_color(sys.stderr)), err=True, nl=False, color=True)
    return error.exit_code


def _report_bug(error: Exception, arguments: Sequence[str], settings: _Settings) -> int:
    from migguard.report.bug import render_bug

    click.echo(render_bug(error, arguments, color=settings.wants_color(sys.stderr)), err=True, nl=False, color=True)
    return EXIT_BUG


def _silence_broken_streams() -> bool:
    """Whether the reader of our output went away (`migguard check | head -1`); if so, nothing more is written to it."""
    import select

    broken = False
    for stream in (sys.stdout, sys.stderr):
        poll = select.poll()
        try:
            poll.register(stream.fileno(), 0)
        except io.UnsupportedOperation:
            continue
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
            broken = True
            # What is still buffered would fail once more while the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return broken
