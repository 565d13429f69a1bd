"""How the roles look on paper: an ink, a paper, and whether bold; colours as six hexadecimal digits.

A theme without colours of its own (mono, ansi: there the terminal has them) is black on white: a chip is white on
black, and what is not there yet is grey.  A page of a document is white, so a dark theme is light there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from bpstep.view.drawing.roles import PALETTES, ROLES, Role

__all__ = ["Look", "looks", "on_white"]

_BLACK, _WHITE, _GREY = "#000000", "#ffffff", "#666666"


class Look(NamedTuple):
    """An ink on a paper; "" is the paper of the page."""

    ink: str
    paper: str = ""
    bold: bool = False


@cache
def looks(theme: str) -> Mapping[str, Look]:
    """The look of every role; that of "" is the page's own: its text on its background."""
    palette = PALETTES.get(theme, {})
    if not palette.get("background", "").startswith("#"):
        return {"": Look(_BLACK, _WHITE), **{name: _plain(role) for name, role in ROLES.items()}}
    found = {"": Look(palette["text"], palette["background"])}
    for name, role in ROLES.items():
        found[name] = Look(palette[role.ink], palette[role.paper] if role.paper else "", role.bold)
    return found


def on_white(theme: str) -> str:
    """The theme for a white page: itself, or the light one where its letters are meant for a dark ground.

    >>> [on_white(theme) for theme in ("dark", "light", "high-contrast", "mono")]
    ['light', 'light', 'light', 'mono']
    """
    background = PALETTES.get(theme, {}).get("background", "")
    is_dark = background.startswith("#") and max(bytes.fromhex(background[1:])) < 128
    return "light" if is_dark else theme


def _plain(role: Role) -> Look:
    if "reverse" in role.mono:
        return Look(_WHITE, _BLACK, role.bold)
    return Look(_GREY if "dim" in role.mono else _BLACK, "", role.bold)
