"""Roles: what a character on the screen means, and how each theme lets it look.

Whoever draws says `deriv-chip`, never a colour.  There are four *kinds* of number (`value`, `deriv`, `param`
and `update`), and each can be at rest, read by this step (`-read`) or written by it (`-chip`); so the role of
a number is put together from what is known about it:

    >>> role_for("deriv", "written"), role_for("value", "read"), role_for("param", "known")
    ('deriv-chip', 'value-read', 'param')

A role names an ink and perhaps a paper; a palette gives them colours.  The monochrome theme needs no
palette: a chip is reversed, what is read is bold, what is not yet there is dim.  The screen asks `styles` for
the Rich style of each role in its theme.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from rich.color import Color
from rich.style import Style

from bpstep.lazily import dataclass

__all__ = ["KINDS", "PALETTES", "PHASE_KINDS", "ROLES", "THEMES", "Kind", "Part", "Role", "Theme",
           "active_edge", "on_background", "on_cursor_line", "role_for", "styles"]  # fmt: skip

Kind = Literal["value", "deriv", "param", "update"]
Part = Literal["known", "read", "written", "absent"]
Theme = Literal["dark", "light", "high-contrast", "mono", "ansi"]

KINDS: tuple[Kind, ...] = ("value", "deriv", "param", "update")
THEMES: tuple[Theme, ...] = ("dark", "light", "high-contrast", "mono", "ansi")

#: The kind of number, and so the hue, of each phase.
PHASE_KINDS: dict[str, Kind] = {"forward": "value", "backward": "deriv", "update": "update"}


@dataclass(frozen=True)
class Role:
    """How a role looks: `ink` and `paper` are names in a palette, `mono` is a Rich style without colour."""

    says: str
    ink: str
    paper: str = ""
    bold: bool = False
    mono: str = ""


#: Every role there is. The role "" is nothing: the background.
ROLES: dict[str, Role] = {
    # numbers and their symbols: four kinds, each known, read or written
    "value": Role("a value; flows right", "value"),
    "value-read": Role("a value that this step reads", "value-read", bold=True, mono="bold"),
    "value-chip": Role("the value that this step writes", "value-chip", "value-paper", mono="reverse"),
    "deriv": Role("a derivative; flows left", "deriv"),
    "deriv-read": Role("a derivative that this step reads", "deriv-read", bold=True, mono="bold"),
    "deriv-chip": Role("the derivative that this step writes", "deriv-chip", "deriv-paper", mono="reverse"),
    "param": Role("a weight, a bias, the learning rate", "text"),
    "param-read": Role("a parameter that this step reads", "strong", bold=True, mono="bold"),
    "param-chip": Role("the parameter that this step writes", "update-chip", "update-paper", mono="reverse"),
    "update": Role("a number of the update: optimizer state, a change", "update"),
    "update-read": Role("a number of the update that this step reads", "strong", bold=True, mono="bold"),
    "update-chip": Role("the number that this update step writes", "update-chip", "update-paper",
                        mono="reverse"),
    # text
    "text": Role("text, formulas of executed steps", "text"),
    "strong": Role("names of neurons, the step's number, the chosen tab", "strong", bold=True, mono="bold"),
    "dim": Role("labels, operators, what is not yet there", "dim", mono="dim"),
    "faint": Role("what only repeats what position says: grids of plots, empty bars", "hairline", mono="dim"),
    "step-number": Role("step numbers in the program", "step-number", mono="dim"),
    "brand": Role("the program's name in the title", "value", bold=True, mono="bold"),
    "title": Role("the scenario's title", "strong", bold=True, mono="bold"),
    "stop": Role("a stop: ● in the gutter and on the timeline", "strong", bold=True, mono="bold"),
    "key": Role("a key in the key line", "strong", bold=True, mono="bold"),
    "alarm": Role("wrong, failed: always with a word", "alarm", bold=True, mono="bold"),
    "not-finite": Role("nan! and inf!", "alarm", bold=True, mono="reverse"),
    # strokes
    "edge": Role("wires, brackets and cards at rest", "edge", mono="dim"),
    "edge-active-value": Role("the heavy wire and card of a forward step", "value", mono="bold"),
    "edge-active-deriv": Role("the heavy wire and card of a backward step", "deriv", mono="bold"),
    "edge-active-update": Role("the heavy card of an update step", "update", mono="bold"),
    "hairline": Role("lines that divide panes and blocks", "hairline", mono="dim"),
    # the current line of a list; chips keep their look on it
    "cursor": Role("the current line", "strong", "cursor-paper", bold=True, mono="bold"),
    "cursor-dim": Role("labels on the current line", "dim", "cursor-paper", mono="dim"),
    "cursor-value": Role("a value on the current line", "value-read", "cursor-paper", bold=True, mono="bold"),
    "cursor-deriv": Role("a derivative on the current line", "deriv-read", "cursor-paper", bold=True,
                         mono="bold"),
    "cursor-alarm": Role("a wrong or infinite number on the current line", "alarm", "cursor-paper",
                         bold=True, mono="reverse"),
}  # fmt: skip

#: The inks and papers of each theme; the values are colours as Rich and Textual spell them.
PALETTES: dict[str, dict[str, str]] = {
    "dark": {
        "background": "#11151a", "text": "#d6dbe2", "strong": "#ffffff", "dim": "#8792a0",
        "step-number": "#7d8794", "edge": "#4b5663", "hairline": "#39424d",
        "value": "#69b4ff", "value-read": "#a8d4ff", "value-chip": "#ffffff", "value-paper": "#1d4f86",
        "deriv": "#f5a34a", "deriv-read": "#ffcf94", "deriv-chip": "#ffffff", "deriv-paper": "#8a4b08",
        "update": "#e3e8ee", "update-chip": "#ffffff", "update-paper": "#586473",
        "alarm": "#ff8fa3", "cursor-paper": "#202833",
    },
    "light": {
        "background": "#fcfbf8", "text": "#2b3138", "strong": "#000000", "dim": "#626c77",
        "step-number": "#6a737d", "edge": "#a9b2bc", "hairline": "#d3d7dc",
        "value": "#0a5bb0", "value-read": "#003f85", "value-chip": "#000000", "value-paper": "#cfe4fb",
        "deriv": "#a34700", "deriv-read": "#7a3300", "deriv-chip": "#000000", "deriv-paper": "#ffe0bd",
        "update": "#2b3138", "update-chip": "#000000", "update-paper": "#d3d9e0",
        "alarm": "#b3123e", "cursor-paper": "#edf0f3",
    },
    # For projectors, and for eyes that need it: nothing is written in less than 7 to 1.
    "high-contrast": {
        "background": "#000000", "text": "#ffffff", "strong": "#ffffff", "dim": "#cfd6de",
        "step-number": "#cfd6de", "edge": "#aeb8c4", "hairline": "#aeb8c4",
        "value": "#7cc4ff", "value-read": "#c2e3ff", "value-chip": "#000000", "value-paper": "#8fd0ff",
        "deriv": "#ffb454", "deriv-read": "#ffdca8", "deriv-chip": "#000000", "deriv-paper": "#ffbe66",
        "update": "#ffffff", "update-chip": "#000000", "update-paper": "#ffffff",
        "alarm": "#ff9fb0", "cursor-paper": "#24303f",
    },
    # 16 colours: the terminal's own. Its background is not known, so chips are reversed, not papered.
    "ansi": {
        "background": "default", "text": "default", "strong": "default", "dim": "bright_black",
        "step-number": "bright_black", "edge": "bright_black", "hairline": "bright_black",
        "value": "blue", "value-read": "bright_blue", "value-chip": "blue", "value-paper": "default",
        "deriv": "yellow", "deriv-read": "bright_yellow", "deriv-chip": "yellow", "deriv-paper": "default",
        "update": "default", "update-chip": "default", "update-paper": "default",
        "alarm": "bright_magenta", "cursor-paper": "default",
    },
}  # fmt: skip


def role_for(kind: Kind, part: Part = "known") -> str:
    """Name the role of a number, given its kind and its part in this step (rules 2 and 3 of the screen)."""
    if part == "absent":
        return "dim"
    return {"known": kind, "read": f"{kind}-read", "written": f"{kind}-chip"}[part]


def active_edge(phase: str) -> str:
    """Name the role of the heavy strokes of a step in this phase."""
    return f"edge-active-{PHASE_KINDS[phase]}"


def on_cursor_line(role: str) -> str:
    """Give the role that a role takes on the current line (for `Canvas.restyle`)."""
    if role.endswith("-chip") or role.startswith("cursor"):
        return role
    if role in ("alarm", "not-finite"):
        return "cursor-alarm"
    if role.startswith(("value", "deriv")):
        return f"cursor-{role.partition('-')[0]}"
    return "cursor-dim" if ROLES.get(role, ROLES["text"]).mono == "dim" else "cursor"


@cache
def styles(theme: Theme) -> dict[str, Style]:
    """Give the Rich style of every role in a theme. Plain text keeps the terminal's own background."""
    return {name: _style(role, theme) for name, role in ROLES.items()}


@cache
def on_background(theme: Theme) -> dict[str, Style]:
    """Give the Rich style of every role as it stands on the theme's own background; "" is that background."""
    palette = PALETTES.get(theme, {"text": "default", "background": "default"})
    if palette["background"] == "default":
        base = Style(color=Color.default(), bgcolor=Color.default())
    else:
        base = Style(color=palette["text"], bgcolor=palette["background"])
    return {"": base, **{name: base + style for name, style in styles(theme).items()}}


def _style(role: Role, theme: Theme) -> Style:
    if theme == "mono":
        return Style.parse(role.mono)
    palette = PALETTES[theme]
    if theme == "ansi":
        return Style(color=palette[role.ink], bold=role.bold or None, reverse="reverse" in role.mono or None)
    paper = palette[role.paper] if role.paper else None
    return Style(color=palette[role.ink], bgcolor=paper, bold=role.bold or None)
