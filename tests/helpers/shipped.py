"""The shipped scenarios, by what a test can afford to do with them."""

from __future__ import annotations

from bpstep.scenario.catalogue import builtin_names, entries

__all__ = ["REAL_SIZE", "SMALL", "WALKED"]

#: Of real size: their time is that of a hundred others.
REAL_SIZE = tuple(entry.name for entry in entries() if entry.lesson == "real size")
#: All the others.
SMALL = tuple(name for name in builtin_names() if name not in REAL_SIZE)
#: Those and one of real size, for what has to hold at any size.
WALKED = (*SMALL, "deep-784-128-10")
