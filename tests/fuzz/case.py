"""A case: some inputs that belong together, how long each took, and what was found.

Time is the processor's, so that a busy machine makes no finding; who waits without working is stopped by the clock on
the wall.  The first input of a case that ends in a traceback or takes too long ends the case: what came after it
would only say that the state is broken.
"""

from __future__ import annotations

import random
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

__all__ = [
    "CONTROL",
    "FALSE",
    "LEAK",
    "LONGEST",
    "TRACEBACK",
    "WAIT",
    "Case",
    "Finding",
    "GivenUpError",
    "SpoiltError",
    "TooSlowError",
]

#: What can be found.
TRACEBACK, FALSE, LEAK, CONTROL, WAIT = "traceback", "false", "leak", "control", "wait"

#: Nobody waits longer for an answer, or to hear how far it is: in seconds of the processor, ten times that on the wall.
LONGEST = 5.0
#: Work that says how far it is may go on for so long; then it has to stop when it is told to.
_PATIENCE = 0.5

_PACKAGE = str(Path(__file__).parents[2] / "bpstep")


class TooSlowError(KeyboardInterrupt):
    """An input takes too long: it is interrupted, as by a user who has lost patience."""

    def __init__(self, frame: FrameType | None) -> None:
        super().__init__()
        self.where = deepest(traceback.walk_stack(frame))
        self.stack = "".join(traceback.format_stack(frame))


class GivenUpError(KeyboardInterrupt):
    """Long work has said how far it is, and nobody wants to see its end: it is stopped, as by Esc."""


class SpoiltError(Exception):
    """The case ends here: its last input brought a finding that leaves nothing to go on with."""


@dataclass(frozen=True)
class Finding:
    """What is wrong: its kind, the place that it is known by, what was put in, and all that there is to say."""

    kind: str
    family: str
    case: int
    where: str
    text: str
    details: str


@dataclass
class Case:
    """One case of a family, and what becomes of it.  ``folder`` is empty and its own."""

    family: str
    number: int
    seed: int
    folder: Path
    inputs: int = 0
    longest: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    #: What was put in so far, for whoever has to see it again.
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = self._heard = 0.0
        self.chance = random.Random(f"{self.seed}/{self.family}/{self.number}")

    @contextmanager
    def input(self, text: str, count: int = 1) -> Iterator[None]:
        """An input, or ``count`` at once: timed, and ended where it takes too long.  An exception that gets here is a
        finding."""
        self.inputs += count
        self.story.append(text)
        self._begun = self._heard = time.process_time()
        slow: list[TooSlowError] = []
        try:
            with _within(LONGEST, slow):
                yield
        except TooSlowError:
            pass
        except SpoiltError:
            raise
        except Exception as error:
            where = f"{type(error).__name__} {deepest(_innermost_first(error))}"
            self.found(TRACEBACK, where, "".join(traceback.format_exception(error)))
            raise SpoiltError from None
        finally:
            self._time_silence()
        if slow:  # also where somebody caught the interruption
            self.found(WAIT, slow[0].where, slow[0].stack)
            raise SpoiltError

    def begin_anew(self) -> None:
        """The next of several things within an input has the time of one."""
        self._time_silence()
        self._begun = self._heard
        signal.setitimer(signal.ITIMER_PROF, LONGEST)

    def hear(self, what: str, done: int, of: int) -> None:
        """Long work says how far it is: the time begins anew, and after a while the work is stopped."""
        self._time_silence()
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        if self._heard - self._begun > _PATIENCE:
            raise GivenUpError

    def _time_silence(self) -> None:
        now = time.process_time()
        self.longest = max(self.longest, now - self._heard)
        self._heard = now

    def found(self, kind: str, where: str, details: str) -> None:
        """Something is wrong with the last input."""
        text = self.story[-1] if self.story else ""
        self.findings.append(Finding(kind, self.family, self.number, where, text, details))

    def hold_safe(self, where: str, text: str) -> None:
        """Nothing that a terminal would obey may stand in what the program prints."""
        bad = next((char for char in text if not char.isprintable() and char != "\n"), None)
        if bad is not None:
            at = text.index(bad)
            self.found(CONTROL, where, f"{bad!a} in {text[max(0, at - 60) : at + 60]!r}")

    def carry_out(self, play: Callable[[Case], None]) -> None:
        """The whole case; its findings are kept, `SpoiltError` ends it."""
        try:
            play(self)
        except (SpoiltError, GivenUpError):  # long work that said how far it was, and could be stopped
            return
        except TooSlowError as error:  # from a loop of events, which knows of no input
            self.found(WAIT, error.where, error.stack)
        except BaseException as error:
            error.add_note(f"the fuzzer's own: --only {self.family} --case {self.number} --seed {self.seed}")
            raise


def _innermost_first(error: BaseException) -> list[tuple[FrameType, int]]:
    return list(traceback.walk_tb(error.__traceback__))[::-1]


def deepest(frames: Iterable[tuple[FrameType, int]]) -> str:
    """The first place within the program, of frames from the innermost outward: file, line and function."""
    for frame, line in frames:
        code = frame.f_code
        if code.co_filename.startswith(_PACKAGE):
            return f"{code.co_filename[len(_PACKAGE) + 1 :]}:{line} {code.co_qualname}"
    return "outside the program"


@contextmanager
def _within(seconds: float, slow: list[TooSlowError]) -> Iterator[None]:
    """Raise `TooSlowError` where the block takes longer, and keep it in ``slow``."""

    def too_slow(number: int, frame: FrameType | None) -> None:
        slow.append(TooSlowError(frame))
        raise slow[-1]

    signal.signal(signal.SIGPROF, too_slow)
    signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
