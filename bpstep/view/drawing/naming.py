"""Long names, shortened so that they stay different.

Of names that begin alike the beginning says nothing; so a name that would be cut to the same text as another one keeps
as much of its end as it takes to tell them apart, or of what comes after that beginning:

>>> [told_apart(name, ("temperature_inside", "temperature_outside"), 9) for name in ("temperature_inside", "t")]
['tem…nside', 't']
>>> told_apart("temperature_inside", ("temperature_inside", "temperature_outside"), 5)
'tem…i'

A text that has names in it is as long as its names: where it has no room, they are what is shortened.

>>> fitted("δ(temperature_outside) · f′", ("temperature_inside", "temperature_outside"), 18)
'δ(temp…tside) · f′'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest

__all__ = ["SHORT", "cut", "fitted", "lengths", "shortened", "told_apart"]

#: A name of so many characters is never shortened; what is, keeps as many as this.
SHORT, _LEAST = 5, 3

#: Words, and what stands between them.
_WORDS = re.compile(r"(\w+)")


def cut(text: str, width: int) -> str:
    """Shorten a text to `width` columns, with an ellipsis where something is missing."""
    if len(text) <= width:
        return text
    return text[: width - 1].rstrip("…") + "…" if width > 0 else ""


def told_apart(name: str, names: tuple[str, ...], width: int) -> str:
    """A name in at most ``width`` columns, other than what any other of the ``names`` is shortened to, if there is a
    way to shorten them so."""
    return name if len(name) <= width else _shortened(names, width).get(name, cut(name, width))


def fitted(text: str, names: tuple[str, ...], width: int) -> str:
    """A text in at most ``width`` columns: its names are shortened, as little as it takes and so that they stay
    different from the other ``names``; where that is not enough, its end is cut off."""
    if len(text) <= width:
        return text
    shown = text
    for most in lengths([text], names):
        shown = shortened(text, names, most)
        if len(shown) <= width:
            return shown
    return cut(shown, width)


def lengths(texts: Iterable[str], names: tuple[str, ...]) -> range:
    """How long names may be in some texts that have names in them: one less than the longest there, and so on."""
    known = _set_of(names)
    own = (part for text in texts for part in _WORDS.split(text) if part in known)
    return range(max(map(len, own), default=0) - 1, _LEAST - 1, -1)


def shortened(text: str, names: tuple[str, ...], most: int) -> str:
    """A text with none of its ``names`` longer than ``most``."""
    known = _set_of(names)
    return "".join(told_apart(part, names, most) if part in known else part for part in _WORDS.split(text))


@lru_cache(maxsize=16)
def _set_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


@lru_cache(maxsize=64)
def _shortened(names: tuple[str, ...], width: int) -> dict[str, str]:
    """The names that are too long, in one width."""
    found: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(cut(name, width), []).append(name)
    for alike in groups.values():
        if len(alike) == 1:
            continue
        for forms in _ways(alike, width):
            if len(set(forms)) == len(forms) and not set(forms) & set(found.values()):
                found.update(zip(alike, forms, strict=True))
                break
    return found


def _ways(alike: list[str], width: int) -> Iterator[list[str]]:
    """Ways to shorten names that begin alike, the best first: by their ends; by what comes after what they share."""
    shared = next(at for at, letters in enumerate(zip_longest(*alike)) if len({*letters}) > 1)
    for kept in range(1, width - 1):
        yield [_with(name, width, name[-kept:]) for name in alike]
    for kept in range(1, width - 1):
        yield [_with(name, width, name[shared : shared + kept]) for name in alike]


def _with(name: str, width: int, rest: str) -> str:
    """A name as it begins, with something left out before a part of it."""
    return name if len(name) <= width else f"{name[: width - 1 - len(rest)]}…{rest}"
