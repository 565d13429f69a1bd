"""A whole session as one page, for a file or for a notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path

from bpstep.debugger.session import Session
from bpstep.view.page.whole import MOST_STEPS, page, steps_shown
from bpstep.writing import gives, write_whole

__all__ = ["Page", "page_of"]


class Page:
    """A page of every step: ``html`` is its text.  In a notebook it shows itself, in a frame of its own."""

    def __init__(self, html: str) -> None:
        self.html = html

    def __repr__(self) -> str:
        return f"<Page of {len(self.html.encode()) // 1000} kB>"

    def save(self, path: str | Path) -> None:
        """Write the page to a file, whole or not at all; as elsewhere in Python, what is there is replaced."""
        write_whole(Path(path), gives([self.html]), replace=True)

    def _repr_html_(self) -> str:
        frame = 'sandbox="allow-scripts" style="width:100%;height:48em;border:0" title="bpstep"'
        return f'<iframe srcdoc="{escape(self.html)}" {frame}></iframe>'


def page_of(session: Session, first: int | None = None, last: int | None = None) -> Page:
    """The page of a session, or of the steps from ``first`` to ``last``; `ValueError` where there are none such."""
    if first is None and last is None:
        return Page(page(session, steps_shown(session)))
    begin, end = 1 if first is None else first, session.length if last is None else last
    if not 1 <= begin <= end <= session.length or end - begin >= MOST_STEPS:
        message = f"expected some of the steps 1 to {session.length}, at most {MOST_STEPS}"
        raise ValueError(f"there is no page of the steps {begin} to {end}; {message}")
    return Page(page(session, range(begin - 1, end + 1)))
