"""Work in turns: a long command and the screen take turns, so that neither waits for the other to end.

A command is one call that goes through many functions, and any of them may be the one that takes long.  It runs in a
thread of its own, but never at the same time as the screen: each of the two hands over to the other and waits until it
is handed back.  The command hands over where it reports how far it is (`Session.report`); so what the screen draws in
between is a session between two steps of the work, and nothing needs a lock.

    turns = Turns(session, lambda: session.execute("rcontinue"))
    while turns.go_on():            it works until it reports, or ends
        print(turns.progress)       ... draw, look at keys, perhaps turns.stop()
    answer = turns.result()         or raises what it raised; Stopped where it was stopped
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from bpstep.debugger.console import Console

__all__ = ["Stopped", "TooLong", "Turns", "at_once"]

T = TypeVar("T")


class Stopped(BaseException):  # it is what was asked for, not an error
    """The work was stopped; nobody on the way takes it for a fault of theirs."""


class TooLong(BaseException):  # it says how work went, and is no error
    """The work was not done before it had to report how far it is; nobody on the way takes it for a fault of theirs."""


def at_once(session: Console, work: Callable[[], T]) -> T:
    """What comes of work that takes a moment; `TooLong`, and the session as it was, where it takes longer.

    Nearly all commands are done before they report: they need no thread, whose start would cost as much as they do.
    """

    def give_up(what: str, done: int, of: int) -> None:
        raise TooLong

    before, session.listener = session.listener, give_up
    try:
        return work()
    finally:
        session.listener = before


class Turns(Generic[T]):
    """Work on a session that is done a little at a time."""

    def __init__(self, session: Console, work: Callable[[], T]) -> None:
        self.session, self.work = session, work
        #: What is counted, how many of them are done, and of how many.
        self.progress: tuple[str, int, int] = ("", 0, 0)
        self._found: list[T] = []
        self._failed: BaseException | None = None
        self._is_stopped = False
        self._works, self._waits = threading.Semaphore(0), threading.Semaphore(0)
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    def go_on(self) -> bool:
        """Let it work until it reports; whether there is more to do."""
        if self.has_ended:
            return False
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._works.release()
        self._waits.acquire()
        return not self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether there is a result, or a failure."""
        return bool(self._found) or self._failed is not None

    def stop(self) -> None:
        """When it goes on, it shall end at once."""
        self._is_stopped = True

    def join(self) -> None:
        """Wait for its thread."""
        self._thread.join()

    def result(self) -> T:
        """What came of it, when it has ended."""
        if self._failed is not None:
            raise self._failed
        return self._found[0]

    def _run(self) -> None:
        before, self.session.listener = self.session.listener, self._hand_over
        try:
            self._found.append(self.work())
        except BaseException as error:
            self._failed = error
        finally:
            self.session.listener = before
            self._waits.release()

    def _hand_over(self, what: str, done: int, of: int) -> None:
        self.progress = what, done, of
        self._waits.release()
        self._works.acquire()
        if self._is_stopped:
            raise Stopped
