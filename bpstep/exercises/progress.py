"""What a learner has done, in one JSON file in the user's state folder.

The file is written whole or not at all; two sessions at once lose nothing, because every answer is added to what the
file says at that moment, under a lock.  It has a version; ids that are not known here are kept.  A file that can not
be read is set aside under another name, never overwritten.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bpstep.debugger.errors import CommandError

__all__ = ["FORMAT", "VERSION", "ProgressError", "Store", "merged", "read_document", "state_file"]

FORMAT, VERSION = "bpstep-progress", 1

#: A lock that is older than this belongs to a program that is gone.
_STALE_SECONDS = 10.0
_MOST_ANSWERS = 200

Document = dict[str, Any]


class ProgressError(CommandError):
    """The file can not be used; the message says why."""


class NewerError(ProgressError):
    """The file is of a bpstep that knows more than this one, and stays as it is."""


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Trouble of the file system with a file is told as a `ProgressError`."""
    try:
        yield
    except OSError as error:
        raise ProgressError(f"{error.filename or path}: {error.strerror}") from None


def state_file() -> Path:
    """Where progress is kept; BPSTEP_STATE names another folder."""
    folder = os.environ.get("BPSTEP_STATE")
    if folder:
        return Path(folder) / "progress.json"
    from platformdirs import user_state_dir

    return Path(user_state_dir("bpstep", appauthor=False)) / "progress.json"


def fresh() -> Document:
    """The progress of somebody who has done nothing yet."""
    return {"format": FORMAT, "version": VERSION, "learner": secrets.randbelow(2**31), "exercises": {}}


def read_document(path: Path) -> Document:
    """The document in a file; `ProgressError` where it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ProgressError(f"{path} can not be read: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ProgressError(f"{path} is no progress of bpstep")
    if not isinstance(document.get("version"), int) or document["version"] > VERSION:
        raise NewerError(f"{path} was written by a newer bpstep (version {document.get('version')!r})")
    exercises = document.get("exercises")
    if not isinstance(exercises, dict) or not all(_is_entry(entry) for entry in exercises.values()):
        raise ProgressError(f"{path} is damaged: expected a table of exercises")
    if not isinstance(document.get("learner"), int):
        raise ProgressError(f"{path} is damaged: expected a learner's number")
    return document


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("items", {}), dict):
        return False
    counts = all(isinstance(entry.get(key, 0), int) for key in ("seed", "begun"))
    return counts and all(_is_item(item) for item in entry.get("items", {}).values())


def _is_item(item: object) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("state", ""), str):
        return False
    answers = item.get("answers", [])
    return (
        all(isinstance(item.get(key, 0), int) for key in ("hints", "tries"))
        and isinstance(answers, list)
        and all(isinstance(answer, dict) and isinstance(answer.get("seed", 0), int) for answer in answers)
    )


class Store:
    """The progress file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_file()
        #: What was wrong with the file, if it was set aside.
        self.message = ""

    def read(self) -> Document:
        """What the file says now; what can not be read is set aside."""
        with _at(self.path):
            if not self.path.exists():
                return fresh()
            try:
                return read_document(self.path)
            except NewerError:
                raise
            except ProgressError as error:
                aside = self._free_name()
                os.replace(self.path, aside)
                self.message = f"{error}; it was set aside as {aside.name}, and progress begins anew"
                return fresh()

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
                document = self.read()
                change(document)
                self._write(document)
        return document

    def write(self, document: Document) -> None:
        """Write a document whole or not at all."""
        with _at(self.path):
            self._write(document)

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
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".progress-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as to:
                json.dump(document, to, ensure_ascii=False, indent=1)
                to.flush()
                os.fsync(to.fileno())
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """A file that only one can make: it works on every system, and over a network."""
        lock = self.path.with_name(f".{self.path.name}.lock")
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                break
            except FileExistsError:
                try:
                    if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                        lock.unlink(missing_ok=True)
                except FileNotFoundError:
                    continue
                time.sleep(0.005)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)

    # --- what is recorded -----------------------------------------------------------------------------

    def begin(self, exercise: str, seed: int) -> None:
        """An exercise is begun with a variant."""

        def change(document: Document) -> None:
            entry = document["exercises"].setdefault(exercise, {})
            entry["seed"] = seed
            entry["begun"] = int(entry.get("begun", 0)) + 1
            entry.setdefault("items", {})

        self.change(change)

    def record(self, exercise: str, item: int, event: Document) -> None:
        """Add an answer, a hint or a look at the solution to an item."""

        def change(document: Document) -> None:
            entry = document["exercises"].setdefault(exercise, {})
            items = entry.setdefault("items", {})
            _add(items.setdefault(str(item), {}), event)

        self.change(change)


def _add(item: Document, event: Document) -> None:
    what = event["what"]
    if what == "hint":
        item["hints"] = int(item.get("hints", 0)) + 1
        return
    if what == "reveal":
        if not str(item.get("state", "")).startswith("solved"):
            item["state"] = "shown"
        return
    answers = item.setdefault("answers", [])
    if len(answers) < _MOST_ANSWERS:
        answers.append(
            {key: event[key] for key in ("answer", "verdict", "seed", "diagnoses") if key in event}
        )
    if event["verdict"] == "not-graded":
        return
    item["tries"] = int(item.get("tries", 0)) + 1
    right = event["verdict"] in ("correct", "carried-forward")
    state = str(item.get("state", ""))
    if right and not state.startswith("solved") and (state != "shown" or event.get("fresh", False)):
        helped = int(item.get("hints", 0)) > 0
        item["state"] = "solved with help" if helped or state == "shown" else "solved"
        item["first_try"] = item["tries"] == 1 and not helped
    elif not right and not state:
        item["state"] = "tried"


_RANK = ("", "tried", "shown", "solved with help", "solved")


def merged(mine: Document, other: Document) -> Document:
    """Two learners' files as one: of every item the better state, and whichever has more answers."""
    result = {**mine, "exercises": dict(mine["exercises"])}
    for name, entry in other["exercises"].items():
        own = result["exercises"].get(name)
        if own is None:
            result["exercises"][name] = entry
            continue
        items = dict(own.get("items", {}))
        for key, item in entry.get("items", {}).items():
            before = items.get(key, {})
            better = _rank(item) > _rank(before) or (
                _rank(item) == _rank(before) and len(item.get("answers", [])) > len(before.get("answers", []))
            )
            items[key] = item if better else before
        result["exercises"][name] = {**own, "items": items}
    return result


def _rank(item: Document) -> int:
    state = str(item.get("state", ""))
    return _RANK.index(state) if state in _RANK else 0
