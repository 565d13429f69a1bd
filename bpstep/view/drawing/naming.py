"""Long names, shortened so that they stay different.

Of names that begin alike the beginning says nothing; so a name that would be cut to the same text as another one keeps
as much of its end as it takes to tell them apart:

>>> [told_apart(name, ("temperature_inside", "temperature_outside"), 9) for name in ("temperature_inside", "t")]
['tem…nside', 't']
"""

from __future__ import annotations

from functools import lru_cache

from bpstep.view.drawing.layout import cut

__all__ = ["told_apart"]


def told_apart(name: str, names: tuple[str, ...], width: int) -> str:
    """A name in at most ``width`` columns, other than what any other of the ``names`` is shortened to, if there is a
    way to shorten them so."""
    return name if len(name) <= width else _shortened(names, width).get(name, cut(name, width))


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
        for end in range(1, width - 1):
            forms = [_with_end(name, width, end) for name in alike]
            if len(set(forms)) == len(forms) and not set(forms) & set(found.values()):
                found.update(zip(alike, forms, strict=True))
                break
    return found


def _with_end(name: str, width: int, end: int) -> str:
    """A name with something left out before so many characters of its end."""
    return name if len(name) <= width else f"{name[: width - 1 - end]}…{name[-end:]}"
