"""Where a replay starts: behind the revisions of a state that was kept, else from empty."""

from __future__ import annotations

import os
from typing import Any, Optional

from .engines import Engines
from .engines.catalog.flags import FlagLog
from .influences import Influences
from .ledger import Ledger, ProjectPaths
from .origin import TableWatch
from .protocol import Request
from .purity import PurityJudge
from .states import KeptStates, StateStore, make_chain


class Start:
    """The states of one run. Used only where all revisions are run, to all heads."""

    def __init__(
        self,
        request: Request,
        paths: ProjectPaths,
        engines: Engines,
        flags: FlagLog,
        watch: TableWatch,
        ledger: Ledger,
    ) -> None:
        self._request = request
        self._paths = paths
        self._engines = engines
        self._flags = flags
        self._watch = watch
        self._ledger = ledger
        self._kept: Optional[KeptStates] = None

    def resume(self, run: Any, scripts: list[Any]) -> int:
        """Put the newest state that still holds in place; how many of the scripts it has behind it."""
        location = os.path.join(self._request.tree, self._request.environment.script_location)
        files = {os.path.realpath(script.path) for script in scripts}
        urls = [target.url for target in run.targets]
        base = Influences(self._request, self._paths, location).digest(run.targets, urls, files)
        chain = make_chain(base, scripts, PurityJudge(self._paths, location))
        self._watch.name_own_folder(location)
        self._kept = KeptStates(StateStore(self._request.states), chain, self._engines, self._flags)
        count = self._kept.resume()
        run.progress.ran.update(chain.revisions[:count])
        return count

    def keep(self, count: int) -> None:
        """Keep what is there after so many revisions, unless something else had a part in it."""
        ledger, watch = self._ledger, self._watch
        beside = [ledger.outside, ledger.refused, ledger.unsupported, ledger.programs, ledger.declined]
        if self._kept is not None and not any(beside) and not watch.changes and not watch.is_disturbed:
            self._kept.keep(count)

    def keep_before(self, revision: str, *, is_last: bool) -> None:
        """Keep what is there before a revision runs that may change, or that is run in every replay.

        The last one is written again and again while somebody works on a model.
        """
        if self._kept is None or revision not in self._kept.chain.revisions:
            return
        count = self._kept.chain.revisions.index(revision)
        if is_last or not self._kept.chain.keys[count]:
            self.keep(count)
