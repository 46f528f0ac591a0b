"""What the schema rules look at: the worker's answer for one environment, and how to speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migguard.diagnostics import Location

if TYPE_CHECKING:
    from migguard.worker.protocol import Operation, Place, Response


@dataclass(frozen=True)
class SchemaState:
    """One environment's answer.

    `adjective` is `staged ` where the index is judged, empty elsewhere. `notes` are facts about the run (a missing
    file that stands in the work tree); `helps` the commands that go with them. `command` is what writes the revision.
    """

    environment: str | None
    response: Response
    adjective: str = ""
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    command: str = "migguard revision"

    @property
    def operations(self) -> list[Operation]:
        """What autogenerate asks for; nothing where the comparison does not hold (MG002)."""
        return [] if self.response.not_followed else self.response.operations

    def locate(self, place: Place | None) -> Location | None:
        """A place that the worker named as a location, or None."""
        return None if place is None else Location(place.path, place.line)
