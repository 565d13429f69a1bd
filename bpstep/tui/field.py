"""A field to write in.  What is pasted into it may hold anything; it shows it, and sends none of it on."""

from __future__ import annotations

from textual.widgets import Input

from bpstep.visible import visible

__all__ = ["Field"]


class Field(Input):
    """One row of text without control characters."""

    def replace(self, text: str, start: int, end: int) -> None:
        super().replace(visible(text), start, end)
