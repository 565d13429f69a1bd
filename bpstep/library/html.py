"""Pictures for notebooks: the very views of the screen, as HTML.

What a view draws is text in roles (`bpstep.view.drawing.roles`); here a role becomes a class, and the two palettes
of the screen become two sets of colours, for light and for dark pages. Text stays text: it can be selected,
searched and read aloud, and without the style sheet it is still all there. Whatever it was made from, a file or a
learner's names, none of it can become markup: every character goes through `escaped`.

    >>> escaped("<b>\\x1b[0m")
    '&lt;b&gt;\\\\x1b[0m'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from bpstep.debugger.session import Session
from bpstep.view.drawing.roles import PALETTES, ROLES
from bpstep.view.say.views import view
from bpstep.visible import visible

__all__ = ["block", "escaped", "of_lines", "of_session"]

#: Rows of text, each a row of (text, role).
Rows = Iterable[Sequence[tuple[str, str]]]
Lines = Iterable[tuple[str, str]]

_WIDTH = 100
_FONTS = "ui-monospace, Menlo, 'DejaVu Sans Mono', Consolas, monospace"


def escaped(text: str) -> str:
    """A text as HTML shows it: safe for a terminal, and no markup."""
    return escape(visible(text))


def block(rows: Rows) -> str:
    """Rows of text in roles, as one picture."""
    text = "\n".join("".join(_span(*run) for run in row).rstrip() for row in rows)
    return f'<div class="bpstep"><style>{_style_sheet()}</style><pre>{text}</pre></div>'


def of_lines(lines: Lines) -> str:
    """Lines of (text, role), as one picture."""
    return block([line] for line in lines)


def of_session(session: Session, lines: Sequence[tuple[str, str]] = ()) -> str:
    """The network (or the graph of the expression) where a session stands, and lines below it."""
    head = ((session.scenario.title, "title"), (f"   step {session.position} of {session.length}", "dim"))
    picture: list[Sequence[tuple[str, str]]] = list(view(session, "network", _WIDTH).rows())
    while picture and not "".join(text for text, _ in picture[-1]).strip():
        picture.pop()
    below: Rows = [(), *((line,) for line in lines)] if lines else ()
    return block([head, (), *picture, *below])


def _span(text: str, role: str) -> str:
    shown = escaped(text)
    return f'<span class="bp-{role}">{shown}</span>' if role in ROLES and role != "text" else shown


@cache
def _style_sheet() -> str:
    """Classes for the roles; their colours are variables, light by default and dark where the page is.

    JupyterLab's own theme, which it states in an attribute of the page, wins over that of the system.
    """
    light, dark = (_colours(theme) for theme in ("light", "dark"))
    rules = [
        f".bpstep{{{light}}}",
        f"@media (prefers-color-scheme: dark){{.bpstep{{{dark}}}}}",
        f'[data-jp-theme-light="true"] .bpstep{{{light}}}',
        f'[data-jp-theme-light="false"] .bpstep{{{dark}}}',
        ".bpstep pre{color:var(--bp-text);background:var(--bp-background);padding:.6em 1em;margin:0;"
        f"overflow-x:auto;white-space:pre;line-height:1.17;font-family:{_FONTS}}}",
    ]
    for name, role in ROLES.items():
        paper = f";background:var(--bp-{role.paper})" if role.paper else ""
        bold = ";font-weight:bold" if role.bold else ""
        rules.append(f".bpstep .bp-{name}{{color:var(--bp-{role.ink}){paper}{bold}}}")
    return "".join(rules)


def _colours(theme: str) -> str:
    return ";".join(f"--bp-{name}:{colour}" for name, colour in PALETTES[theme].items())
