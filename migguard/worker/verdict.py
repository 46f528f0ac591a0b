"""In sync, out of sync, or cannot tell: what was recorded on the side settles the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .ledger import Ledger, NotFollowable, UnsupportedDialect, unsupported_text
from .origin import TableChange
from .protocol import Failure, NotFollowed, Response


def settle(
    response: Response, ledger: Ledger, changes: Iterable[TableChange], doubts: Iterable[NotFollowed] = ()
) -> None:
    """Turn what happened on the side into the answer; a verdict stays only where nothing speaks against it."""
    response.dialects = list(ledger.dialects)
    _settle_failure(response, ledger)
    if response.failure is None:
        for reason in ledger.declined:
            note_not_followed(response, reason)
        for name, place in ledger.unsupported.items():
            _add(response, NotFollowed("dialect", unsupported_text(name), place))
        for change in changes:
            _add(response, NotFollowed("foreign-table", change.describe(), change.place))
        for doubt in doubts:
            _add(response, doubt)
    if response.failure is not None or response.not_followed:
        response.operations, response.files, response.blocked_drops = [], [], []
        response.message = None


def note_not_followed(response: Response, error: NotFollowable, revision: Optional[str] = None) -> None:
    """The replay stopped because the comparison cannot be made."""
    _add(response, NotFollowed(error.kind, str(error), error.place, revision))


def _settle_failure(response: Response, ledger: Ledger) -> None:
    failure = response.failure
    if ledger.outside:
        # also where the project's code swallowed the exception: what it did instead is not what it does
        message = f"the project opens the database {ledger.outside[0]} directly, and not through SQLAlchemy"
        old = failure or Failure("redirect", "")
        response.failure = Failure("redirect", message, old.exception, old.frames, old.place)
    elif ledger.programs:
        message = f"the project starts `{ledger.programs[0]}`, which would reach its own database"
        old = failure or Failure("redirect", "")
        response.failure = Failure("redirect", message, old.exception, old.frames, old.place)
    elif failure is not None and (ledger.unsupported or ledger.declined) and failure.kind != "worker":
        response.failure = None
    elif failure is not None and ledger.refused and _may_be_the_network(failure):
        failure.kind = "network"
        failure.message = f"{failure.message} (connection to {', '.join(ledger.refused)} refused)"


def _may_be_the_network(failure: Failure) -> bool:
    """A module that is not installed is missing whatever was tried before."""
    return failure.kind in {"environment", "replay"} and failure.missing_module is None


def _add(response: Response, entry: NotFollowed) -> None:
    if not any(
        (old.kind, old.text, old.place) == (entry.kind, entry.text, entry.place) for old in response.not_followed
    ):
        response.not_followed.append(entry)


def find_not_followable(error: BaseException) -> NotFollowable | None:
    """The reason why the replay stopped, where project code wrapped it in its own exception."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, NotFollowable) and not isinstance(current, UnsupportedDialect):
            return current
        current = current.__cause__ or current.__context__
    return None
