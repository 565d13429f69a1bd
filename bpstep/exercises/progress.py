"""What a learner has done, as a document: what is recorded, how it adds up, how two become one.

    {"format": "bpstep-progress", "version": 2, "learner": 1234, "exercises": {
        "hidden-delta": {"seed": 1234, "begun": 1, "count": 3, "items": {
            "0": {"state": "solved", "tries": 2, "hints": 0, "first_try": false, "events": [
                {"n": 1, "at": 1790000000, "what": "answer", "answer": "0.2", "seed": 1, "verdict": "wrong"}, …]}}}}}

In an export there may be a ``name`` and an ``id``; without them it is anonymous.

``events`` are what happened: answers, hints, looks at the solution, in the order of ``n`` within the exercise, ``at``
so many seconds since 1970 (a bpstep of before wrote no times; its files are read as they are).  The rest of an item is
what they add up to (`settle`).  Whoever grades needs the events alone: the answer and its seed, the answers before it
that it may stand on, and of a training the ``commands`` that made the run.

Version 1 kept answers without their order and without commands; it is read, and brought into this form.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bpstep.debugger.errors import CommandError

__all__ = [
    "FORMAT", "MOST_EVENTS", "MOST_NAME", "VERSION", "Document", "NewerError", "ProgressError", "begun", "counts",
    "fresh", "is_solved", "is_taken", "merged", "passed_over", "read_document", "recorded", "settle",
]  # fmt: skip

FORMAT, VERSION = "bpstep-progress", 2

#: Of more events than this at one item, the oldest wrong answers are forgotten.
MOST_EVENTS = 100

#: The name and the id of a learner in an export have no more characters.
MOST_NAME = 200

#: No progress file is larger than this.
_MOST_BYTES = 16 * 2**20

#: A seed is a whole number below this, as at the prompt.
_SEEDS = 10**15

Document = dict[str, Any]


class ProgressError(CommandError):
    """The file can not be used; the message says why."""


class NewerError(ProgressError):
    """The file is of a bpstep that knows more than this one, and stays as it is."""


def fresh() -> Document:
    """The progress of somebody who has done nothing yet."""
    return {"format": FORMAT, "version": VERSION, "learner": secrets.randbelow(2**31), "exercises": {}}


# --- reading ------------------------------------------------------------------------------------------


def read_document(path: Path) -> Document:
    """The document in a file, in the words of this version; `ProgressError` where it is none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ProgressError(
                f"{path} is larger than {_MOST_BYTES >> 20} MB; expected a learner's progress"
            )
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProgressError(f"{path} can not be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ProgressError(f"{path} can not be read: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ProgressError(f"{path} is no progress of bpstep")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= VERSION:
        raise NewerError(f"{path} was written by a newer bpstep (version {version!r})")
    exercises = document.get("exercises")
    if not isinstance(exercises, dict) or not all(_is_entry(entry) for entry in exercises.values()):
        raise ProgressError(f"{path} is damaged: expected a table of exercises")
    if not _is_count(document.get("learner")):
        raise ProgressError(f"{path} is damaged: expected a learner's number")
    if any(
        not isinstance(document.get(key, ""), str) or len(document.get(key, "")) > MOST_NAME
        for key in ("name", "id")
    ):
        raise ProgressError(f"{path} is damaged: expected a name and an id that are texts, if it has them")
    return document if version == VERSION else _upgraded(document)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _SEEDS


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("items", {}), dict):
        return False
    counts = all(_is_count(entry.get(key, 0)) for key in ("seed", "begun", "count"))
    return counts and all(_is_item(item) for item in entry.get("items", {}).values())


def _is_item(item: object) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("state", ""), str):
        return False
    counts = all(_is_count(item.get(key, 0)) for key in ("hints", "tries", "from"))
    return counts and all(
        isinstance(events := item.get(key, []), list) and all(_is_event(event) for event in events)
        for key in ("events", "answers")
    )


def _is_event(event: object) -> bool:
    if not isinstance(event, dict):
        return False
    texts = all(isinstance(event.get(key, ""), str) for key in ("what", "answer", "verdict"))
    lists = (event.get(key, []) for key in ("commands", "diagnoses"))
    return (
        texts
        and all(_is_count(event.get(key, 0)) for key in ("seed", "n", "at"))
        and all(isinstance(words, list) and all(isinstance(word, str) for word in words) for words in lists)
    )


def _upgraded(document: Document) -> Document:
    """A document of version 1: its answers become events, without an order among the items of an exercise."""
    exercises = {}
    for name, entry in document["exercises"].items():
        items = {}
        for key, item in entry.get("items", {}).items():
            events = [{"what": "answer", **answer} for answer in item.get("answers", [])]
            items[key] = {**{k: v for k, v in item.items() if k != "answers"}, "events": events}
        exercises[name] = {**entry, "items": items}
    return {**document, "version": VERSION, "exercises": exercises}


# --- what is recorded ---------------------------------------------------------------------------------


def begun(document: Document, exercise: str, seed: int) -> None:
    """An exercise is begun with a variant."""
    entry = document["exercises"].setdefault(exercise, {})
    entry["seed"] = seed
    entry["begun"] = int(entry.get("begun", 0)) + 1
    entry.setdefault("items", {})
    entry.pop("passed", None)


def passed_over(document: Document, exercise: str) -> None:
    """A question was passed over: what comes after it may show its answer, so next time the numbers are others."""
    document["exercises"].setdefault(exercise, {})["passed"] = True


def recorded(
    document: Document,
    exercise: str,
    item: int,
    event: Mapping[str, object],
    *,
    varies: bool,
    most: int | None = None,
) -> None:
    """Add an answer, a hint or a look at the solution to an item; ``varies``: other variants have other numbers;
    ``most``: so many tries count."""
    entry = document["exercises"].setdefault(exercise, {})
    entry["count"] = int(entry.get("count", 0)) + 1
    kept = entry.setdefault("items", {}).setdefault(str(item), {})
    events = kept.setdefault("events", [])
    if len(events) >= MOST_EVENTS:
        wrong = (k for k, old in enumerate(events) if old.get("verdict") in ("wrong", "not-graded"))
        events.pop(next(wrong, 0))
    events.append({"n": entry["count"], **event})
    settle(kept, events, varies=varies, most=most)


def settle(item: Document, events: list[Document], *, varies: bool, most: int | None = None) -> None:
    """What the last of some events makes of an item: its state, its tries and hints.

    Behind the last try that counts nothing is solved any more (`counts`).

    What was shown is not solved; with other numbers it can be, with help.  Nor is what was passed over, and answered
    with the same numbers then: what comes after a question may show its answer.
    """
    event, state = events[-1], str(item.get("state", ""))
    if event["what"] == "hint":
        item["hints"] = int(item.get("hints", 0)) + 1
    elif event["what"] == "reveal":
        item["state"] = state if state.startswith("solved") else "shown"
    elif event["what"] == "answer" and event["verdict"] != "not-graded":
        is_late = not counts(int(item.get("tries", 0)), events, most)
        item["tries"] = int(item.get("tries", 0)) + 1
        if is_late or not is_solved(event["verdict"]):
            item["state"] = state or "tried"
        elif not state.startswith("solved"):
            seen = {old.get("seed") for old in events if old["what"] in ("reveal", "pass")}
            if (varies and event.get("seed") in seen) or (state == "shown" and not varies):
                item["state"] = "shown"
                return
            helped = int(item.get("hints", 0)) > 0
            item["state"] = "solved with help" if helped or state == "shown" else "solved"
            item["first_try"] = item["tries"] == 1 and item["state"] == "solved"


def counts(tries: int, events: list[Document], most: int | None) -> bool:
    """Whether the last of some events, an answer after so many others, may still solve its item: no more than ``most``
    tries do (None: any number), and in an exam the first one alone."""
    if most is not None and tries >= most:
        return False
    return not (events[-1].get("exam") is True and any(is_taken(event) for event in events[:-1]))


def is_taken(event: Document) -> bool:
    """Whether an event is an answer that was taken in an exam."""
    return (
        event.get("exam") is True and event.get("what") == "answer" and event.get("verdict") != "not-graded"
    )


def is_solved(verdict: str) -> bool:
    """Whether an answer with this verdict solves its item."""
    return verdict in ("correct", "carried-forward")


# --- two files ----------------------------------------------------------------------------------------

_RANK = ("", "tried", "shown", "solved with help", "solved")


def merged(mine: Document, other: Document) -> Document:
    """Two files as one: of every item the better state, and of two alike the one with more events.

    What comes from another learner's file is marked with that learner's number, for good.  Somebody who has done
    nothing yet goes on as the learner whose file it is.
    """
    other = {key: value for key, value in other.items() if key not in ("name", "id")}  # those of an export
    if not mine["exercises"]:
        return {**other, "exercises": dict(other["exercises"])}
    result = {**mine, "exercises": dict(mine["exercises"])}
    for name, entry in other["exercises"].items():
        own = result["exercises"].get(name, {"items": {}})
        items = dict(own.get("items", {}))
        for key, item in entry.get("items", {}).items():
            before = items.get(key, {})
            if (_rank(item), len(item.get("events", []))) > (_rank(before), len(before.get("events", []))):
                items[key] = _marked(item, mine["learner"], other["learner"])
        count = max(int(one.get("count", 0)) for one in (own, entry))
        result["exercises"][name] = {**entry, **own, "items": items, "count": count}
    return result


def _rank(item: Document) -> int:
    state = str(item.get("state", ""))
    return _RANK.index(state) if state in _RANK else 0


def _marked(item: Document, mine: int, other: int) -> Document:
    """An item that comes from another file, with the number of whoever did it."""
    whose = item.get("from", other)
    kept = {key: value for key, value in item.items() if key != "from"}
    return kept if whose == mine else {**kept, "from": whose}
