"""English: ordinals, plurals and counts, the one place that makes them.

    >>> ordinal(3), ordinal(11), ordinal(21), ordinal(112)
    ('third', '11th', '21st', '112th')
    >>> counted(1, "problem"), counted(0, "problem"), counted(12000, "step")
    ('1 problem', '0 problems', '12 000 steps')
    >>> counted(2, "try", "tries"), times(1), times(2), times(5)
    ('2 tries', 'once', 'twice', '5 times')
    >>> listed(["h1", "h2", "o1"]), neither("weights", "bias")
    ('h1, h2 and o1', 'neither weights nor bias')

It stands outside of all rooms and imports nothing, so that every room may use it.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["agreed", "counted", "group", "listed", "neither", "ordinal", "plural", "share", "times"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_SHARES = {1: "whole", 2: "half", 3: "third", 4: "quarter"}


def group(n: int) -> str:
    """Write a whole number in groups of three.

    >>> group(103444)
    '103 444'
    """
    return f"{n:,}".replace(",", " ").replace("-", "−")


def ordinal(k: int) -> str:
    """The place k, counted from 1: a word up to ten, then a number with its ending."""
    if 1 <= k <= len(_ORDINALS):
        return _ORDINALS[k - 1]
    ending = "th" if k // 10 % 10 == 1 else _ENDINGS.get(k % 10, "th")
    return f"{group(k)}{ending}"


def share(n: int) -> str:
    """One of n equal parts.

    >>> share(2), share(3), share(21)
    ('half', 'third', '21st part')
    """
    return _SHARES.get(n) or f"{ordinal(n)} part"


def plural(n: int, one: str, many: str = "") -> str:
    """The noun that goes with a count: ``one``, or ``many`` (left out: ``one`` and an s)."""
    return one if n == 1 else many or f"{one}s"


def counted(n: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{group(n)} {plural(n, one, many)}"


def agreed(bad: int, of: int, lost: int = 0) -> str:
    """How many of some things disagree, or that they agree, be it only one; ``lost`` of those that do not agree have
    nothing that could be compared.

    >>> agreed(0, 1), agreed(0, 12), agreed(1, 3), agreed(2, 2, lost=2)
    ('it agrees', 'all 12 agree', '1 of 3 disagrees', '2 of 2 can not be compared')
    """
    if not bad:
        return f"all {group(of)} agree" if of > 1 else "it agrees"
    if lost == bad:
        return f"{group(bad)} of {group(of)} can not be compared"
    return f"{group(bad)} of {group(of)} {plural(bad, 'disagrees', 'disagree')}"


def times(n: int) -> str:
    """How often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(n) or counted(n, "time")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names one after the other, with ``last`` before the last of them."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def neither(*names: str) -> str:
    """None of some things: neither … nor …."""
    return "neither " + " nor ".join(names)
