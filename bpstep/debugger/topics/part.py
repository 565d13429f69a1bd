"""What a topic of the help is made of."""

from __future__ import annotations

from collections import namedtuple

__all__ = ["Part"]


class Part(namedtuple("Part", "sort left right", defaults=("",))):
    """A part of a topic: a ``title``, a ``heading``, a paragraph (``text``), a ``row`` of a table, a line of ``code``.

    ``left`` is all of it, but for a row, which has what it is about there, and what it says in ``right``.
    """

    sort: str
    left: str
    right: str

    __slots__ = ()
