"""Esc and the key right behind it.

A terminal sends Esc as the character that its longer keys begin with, and Alt and a key as Esc and that key.  What
comes within a tenth of a second, by a quick hand or over a slow line, is therefore the same for Esc and ``n`` as for
Alt and ``n``; Textual takes it for the latter, and forgets Esc where it has no name for that (a space, a colon).
`BehindEscape` keeps both.  The app takes it for the one key where that does something, by itself or because a user
gave it to something, and else for Esc and then the other key.

Terminals that tell all keys apart (the Kitty protocol) send no such thing, and are taken at their word.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import Key

__all__ = ["BehindEscape", "hearing"]


class BehindEscape(Key):
    """A key right behind an Esc, called as the two are as one key: ``plain`` with Alt, unless it has another name."""

    def __init__(self, plain: Key, name: str = "") -> None:
        super().__init__(name or f"alt+{plain.key}", plain.character)
        self.plain = plain

    @property
    def as_one(self) -> Key:
        """The key that the two are; it writes nothing."""
        return Key(self.key, None)

    @property
    def as_two(self) -> tuple[Key, Key]:
        """Esc, and the other key."""
        return Key("escape", "\x1b"), self.plain


#: What terminals send as Esc and a letter for Alt (Option) and an arrow or the backspace: in a field, by words.
_BY_WORDS = {"ctrl+left", "ctrl+right", "ctrl+w"}


class _Parser(XTermParser):
    """Reads what a terminal sends, and forgets no Esc."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        found = list(super()._sequence_to_key_events(sequence, alt=alt))
        # Textual knows it as another key.
        if found and not alt and len(sequence) == 2 and sequence[0] == "\x1b":
            sequence, alt = sequence[1], True
        if not alt:
            return found
        plain = super()._sequence_to_key_events(sequence)
        return [
            BehindEscape(key, as_one.key if as_one.key in _BY_WORDS or as_one.key.startswith("alt+") else "")
            for key, as_one in zip(plain, found, strict=True)
        ]


def hearing(driver: type[Driver]) -> type[Driver]:
    """A driver that reads with this parser: drivers make theirs by its name in their module."""
    for one in driver.__mro__:
        if hasattr(sys.modules[one.__module__], XTermParser.__name__):
            setattr(sys.modules[one.__module__], XTermParser.__name__, _Parser)
    return driver
