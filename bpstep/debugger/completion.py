"""Completion: what the word at the end of a line may become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bpstep.debugger.commands import COMMANDS, SHOWN
from bpstep.engine.schedule import PHASES
from bpstep.engine.timeline import LEVELS

if TYPE_CHECKING:
    from bpstep.debugger.session import Session

__all__ = ["complete"]

_LAST_WORD = re.compile(r"[\w\[\]()>\-]*$")


def complete(session: Session, line: str) -> tuple[str, list[str]]:
    """The line with its last word completed as far as it is clear, and the words that it may become."""
    found = _LAST_WORD.search(line)
    word = found.group() if found is not None else ""
    before = line[: len(line) - len(word)]
    choices = sorted({name for name in _candidates(session, before) if name.startswith(word)})
    if not choices:
        return line, []
    # What the first and the last of sorted words share, all of them share.
    first, last = choices[0], choices[-1]
    same = next(
        (k for k, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first)
    )
    shared = first[:same]
    return before + shared + (" " if len(choices) == 1 and not before.strip() else ""), choices


def _candidates(session: Session, before: str) -> list[str]:
    words = before.split()
    if not words:
        return list(COMMANDS)
    first = words[0]
    if first in ("step", "back"):
        return list(LEVELS)
    if first == "show":
        return list(SHOWN)
    if first == "help":
        return list(COMMANDS)
    if first == "goto":
        return ["start", "end", "epoch"]
    cells = session.known_cells()
    return [*PHASES, "note", *cells] if first == "until" else cells
