"""Rows as HTML: text stays text, and a role becomes a class.

The two palettes of the screen become two sets of colours, for light and for dark pages.  Text can be selected, searched
and read aloud, and without the style sheet it is still all there.  Whatever it was made from, none of it can become
markup: every character goes through `escaped`.

    >>> escaped("<b>\\x1b[0m")
    '&lt;b&gt;\\\\x1b[0m'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from bpstep.view.drawing.roles import PALETTES, ROLES
from bpstep.visible import visible

__all__ = ["FONTS", "Rows", "block", "colours", "escaped", "of_lines", "role_rules", "text_of_rows"]

#: Rows of text, each a row of (text, role).
Rows = Iterable[Sequence[tuple[str, str]]]

#: Fonts in which every character is as wide as every other.
FONTS = "ui-monospace, Menlo, 'DejaVu Sans Mono', Consolas, monospace"


def escaped(text: str) -> str:
    """A text as HTML shows it: safe for a terminal, and no markup."""
    return escape(visible(text))


def text_of_rows(rows: Rows) -> str:
    """Rows of text in roles, as what stands in a ``pre``."""
    return "\n".join("".join(_span(*run) for run in row).rstrip() for row in rows)


def block(rows: Rows) -> str:
    """Rows of text in roles, as one picture that brings its style sheet along."""
    return f'<div class="bpstep"><style>{_style_sheet()}</style><pre>{text_of_rows(rows)}</pre></div>'


def of_lines(lines: Iterable[tuple[str, str]]) -> str:
    """Lines of (text, role), as one picture."""
    return block([line] for line in lines)


def _span(text: str, role: str) -> str:
    shown = escaped(text)
    return f'<span class="bp-{role}">{shown}</span>' if role in ROLES and role != "text" else shown


@cache
def _style_sheet() -> str:
    """Classes for the roles; their colours are variables, light by default and dark where the page is.

    JupyterLab's own theme, which it states in an attribute of the page, wins over that of the system.
    """
    light, dark = (colours(theme) for theme in ("light", "dark"))
    rules = [
        f".bpstep{{{light}}}",
        f"@media (prefers-color-scheme: dark){{.bpstep{{{dark}}}}}",
        f'[data-jp-theme-light="true"] .bpstep{{{light}}}',
        f'[data-jp-theme-light="false"] .bpstep{{{dark}}}',
        ".bpstep pre{color:var(--bp-text);background:var(--bp-background);padding:.6em 1em;margin:0;"
        f"overflow-x:auto;white-space:pre;line-height:1.17;font-family:{FONTS}}}",
    ]
    return "".join([*rules, role_rules()])


@cache
def role_rules() -> str:
    """A rule of a style sheet for each role; its colours are the variables of `colours`."""
    rules = []
    for name, role in ROLES.items():
        paper = f";background:var(--bp-{role.paper})" if role.paper else ""
        bold = ";font-weight:bold" if role.bold else ""
        rules.append(f".bpstep .bp-{name}{{color:var(--bp-{role.ink}){paper}{bold}}}")
    return "".join(rules)


def colours(theme: str) -> str:
    """The colours of a palette, as variables of a style sheet."""
    return ";".join(f"--bp-{name}:{colour}" for name, colour in PALETTES[theme].items())
