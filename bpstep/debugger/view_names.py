"""The names of what can be shown and exported, as the tables that hold it have them now.

The debugger draws nothing: a view is a row of the table in `bpstep.view.say.views`, which fills in `VIEWS` when it is
loaded; and that is when somebody first asks for a name, where a face has said by `fill_with` how.  So the command
language knows a view as soon as there is a row for it, and nobody keeps a second list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from bpstep.lazily import dataclass

__all__ = ["EXPORTED", "OTHERS", "PICTURE", "SHOWN", "VIEWS", "Names", "Written", "fill_with"]


class Names(Sequence[str]):
    """The names that some tables have at the moment when one looks."""

    def __init__(self, now: Callable[[], Iterable[str]]) -> None:
        self._now = now

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return list(self._now())[place]

    def __len__(self) -> int:
        return len(list(self._now()))


#: The views, by name: whoever draws them fills this in.
VIEWS: dict[str, Any] = {}

#: What fills it in: all that draws, which is much to load for a script that shows nothing.
_FILL: list[Callable[[], object]] = []


def fill_with(load: Callable[[], object]) -> None:
    """Have the views filled in by ``load`` when the first name is asked for."""
    _FILL[:] = [load]


def _views() -> dict[str, Any]:
    while _FILL:
        _FILL.pop()()
    return VIEWS


@dataclass(frozen=True)
class Written:
    """What is written, and the endings that a name for it may have; a name without one is as good."""

    says: str
    endings: tuple[str, ...]


#: A view: its picture, in the format of the ending (a recording shows it step by step).
PICTURE = Written(
    "text or a picture", (".txt", ".svg", ".html", ".md", ".tex", ".cast", ".text", ".log", ".htm")
)

#: What else there is: every step of the run in the formats of a trace, and the whole session as a page.
OTHERS = {
    "jsonl": Written("JSON lines", (".jsonl", ".ndjson", ".txt")),
    "csv": Written("comma-separated values", (".csv", ".txt")),
    "text": Written("text", (".txt", ".text", ".md", ".log")),
    "html": Written("a page of every step", (".html", ".htm")),
}

#: What `show` can show, and `cmp` compare.
SHOWN = Names(_views)

#: What `export` can write: the views, the run as a trace, and the session as a page.
EXPORTED = Names(lambda: (*_views(), *OTHERS))
