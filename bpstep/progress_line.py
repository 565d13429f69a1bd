"""How far long work is, in one line of a terminal, that is gone when the work has ended.

    with ProgressLine.here() as line:
        check_path(folder, report=line.show)

Where standard error is no terminal, nothing is shown: a file is not the place for what is true for a moment.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from bpstep.debugger.progress import BETWEEN_REPORTS
from bpstep.engine.progress import Listener
from bpstep.view.panes.timeline import working_line

__all__ = ["ProgressLine"]

#: Work that takes longer than this many seconds says how far it is.
_SHOWN_AFTER = 0.5
#: What the terminal itself shows where work is stopped: ^C, and the cursor.
_RESERVED = 4


class ProgressLine:
    """The line; ``width`` is that of the terminal."""

    def __init__(self, width: int) -> None:
        self.width = width - _RESERVED
        self.is_heard = sys.stderr.isatty()
        self.is_shown = False
        self._begun = time.perf_counter()
        self._told = 0.0

    @classmethod
    def here(cls) -> ProgressLine:
        """The line of this terminal."""
        from shutil import get_terminal_size

        return cls(get_terminal_size().columns)

    @property
    def listener(self) -> Listener | None:
        """What hears of work, where somebody sees the line."""
        return self.show if self.is_heard else None

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *failure: object) -> None:
        if self.is_shown:
            with suppress(KeyboardInterrupt):  # by now the work is done, or has been interrupted already
                print(f"\r{' ' * (self.width + _RESERVED - 1)}\r", end="", file=sys.stderr, flush=True)

    def show(self, what: str, done: int, of: int) -> None:
        """Work is so far: ``done`` of so many ``what``."""
        now = time.perf_counter()
        if not self.is_heard or now - self._begun < _SHOWN_AFTER or now - self._told < BETWEEN_REPORTS:
            return
        self.is_shown, self._told = True, now
        text = working_line(what, done, of, self.width, "Ctrl-C")
        print(f"\r{text:<{self.width}}", end="", file=sys.stderr, flush=True)
