"""The record of a learner while they learn: every event goes to the progress file at once.

Where that can not be written (a full disk, a folder that may only be read), what happened is held in memory and
written with the next event that can be; so nothing is lost while the program runs, and the trouble is told once.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from bpstep.exercises.progress import Document, ProgressError, fresh
from bpstep.exercises.store import Store

__all__ = ["Record"]

Change = Callable[[Document], None]


class Record:
    """What a progress file says, and what waits to be written to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._waiting: list[Change] = []
        #: What the file said when it could be read last.
        self._written: Document | None = None
        #: What is wrong with the file, until it has been said; and whether it has been told.
        self.trouble = ""
        self._is_told = False

    def read(self) -> Document:
        """All that happened, written or not."""
        if self._written is None and not self._waiting:
            self.keep(lambda document: None)  # whoever has no number yet is given one, and keeps it
        try:
            self._written = self.store.read()
        except ProgressError as error:
            self._tell(error)
        document = deepcopy(self._written) if self._written is not None else fresh()
        self._apply(document)
        return document

    def keep(self, change: Change) -> None:
        """Write a change, and those that wait; where that fails, it waits, too."""
        self._waiting.append(change)
        try:
            self._written = self.store.change(self._apply)
        except ProgressError as error:
            self._tell(error)
        else:
            self._waiting.clear()
            self._is_told = False

    def _tell(self, error: ProgressError) -> None:
        if not self._is_told:
            self.trouble, self._is_told = f"Progress is not kept: {error}", True

    def _apply(self, document: Document) -> None:
        for change in self._waiting:
            change(document)
