"""The progress file: one JSON file in the user's state folder.

It is written whole or not at all.  Two sessions at once lose nothing, because every answer is added to what the file
says at that moment, under a lock of the operating system, which ends with the program that holds it, however that
ends.  A file that can not be read is set aside under another name, never overwritten.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path

from bpstep.debugger.errors import ExitCode
from bpstep.exercises.progress import Document, NewerError, ProgressError, fresh, read_document
from bpstep.writing import NotWrittenError, write_whole

__all__ = ["Fleeting", "Store", "state_file"]

#: Who waits longer than this for another bpstep, in seconds, is told so.
_PATIENCE = 10.0

#: What a half-written file is called, until it is whole.
_HALF = ".progress-"


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Trouble of the file system with a file is told as a `ProgressError`."""
    try:
        yield
    except OSError as error:
        code = ExitCode.RUNNING if isinstance(error, NotWrittenError) else ExitCode.USAGE
        raise ProgressError(f"{error.filename or path}: {error.strerror or error}", 0, code) from None


def _is_of(path: Path, learner: object) -> bool:
    """Whether a file is what a learner exported."""
    try:
        return bool(read_document(path)["learner"] == learner)
    except ProgressError:
        return False


def state_file() -> Path:
    """Where progress is kept; BPSTEP_STATE names another folder."""
    folder = os.environ.get("BPSTEP_STATE")
    if folder:
        return Path(folder) / "progress.json"
    from platformdirs import user_state_dir

    return Path(user_state_dir("bpstep", appauthor=False)) / "progress.json"


class Store:
    """The progress file, and the clock by which it is written: seconds since 1970."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path, self.clock = path or state_file(), clock
        #: Where a record begins as long as there is no file: with one and the same learner.
        self._beginning = fresh()
        #: What was wrong with the file, if it was set aside.
        self.message = ""

    def read(self) -> Document:
        """What the file says now, or the beginning of a record; what can not be read is set aside."""
        with _at(self.path):
            if not self.path.exists():
                return deepcopy(self._beginning)
            try:
                return read_document(self.path)
            except NewerError:
                raise
            except ProgressError as error:
                aside = self._free_name()
                os.replace(self.path, aside)
                self.message = f"{error}; it was set aside as {aside.name}, and progress begins anew"
                return deepcopy(self._beginning)

    def _free_name(self, what: str = "damaged") -> Path:
        number = 1
        while (found := self.path.with_name(f"{self.path.stem}.{what}-{number}.json")).exists():
            number += 1
        return found

    def change(self, change: Callable[[Document], None]) -> Document:
        """Read, change, write, while nobody else does."""
        with _at(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self._sweep()
                document = self.read()
                change(document)
                self._write(document)
        return document

    def export(self, path: Path, name: str = "", number: str = "", *, force: bool = False) -> None:
        """Write what the file says to another one, with a name and an id, if they are given; it may take the place of
        what the same learner exported before, and of anything else with ``force``."""
        signed = {key: text for key, text in (("name", name), ("id", number)) if text}
        document = {**self.read(), **signed}
        with _at(path):
            is_earlier = path.is_file() and _is_of(path, document["learner"])
            write_whole(path, lambda to: json.dump(document, to, indent=1), replace=force or is_earlier)

    def reset(self) -> str:
        """Begin anew; what there was is kept under another name ("" where there was nothing)."""
        with _at(self.path):
            if not self.path.exists():
                return ""
            with self._locked():
                aside = self._free_name("before-reset")
                os.replace(self.path, aside)
        return str(aside)

    def _write(self, document: Document) -> None:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=_HALF)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as to:
                json.dump(document, to, indent=1)
                to.flush()
                os.fsync(to.fileno())
            os.replace(name, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _sweep(self) -> None:
        """Away with what programs left half-written that were killed; under the lock nobody else is writing."""
        for half in self.path.parent.glob(f"{_HALF}*"):
            with suppress(OSError):
                half.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_PATIENCE, mode=0o600)
        try:
            with lock:
                yield
        except Timeout:
            raise ProgressError(f"{self.path} is in use by another bpstep") from None
        except NotImplementedError as error:  # a file system that knows no locks
            raise ProgressError(f"{self.path}: {error}") from None


class Fleeting(Store):
    """Progress that is kept in memory alone, and ends with whoever holds it: a visitor's."""

    def read(self) -> Document:
        return deepcopy(self._beginning)

    def change(self, change: Callable[[Document], None]) -> Document:
        document = self.read()
        change(document)
        self._beginning = document
        return self.read()

    def reset(self) -> str:
        self._beginning = fresh()
        return ""
